"""The newest snapshot, made of what is known, and told to whoever looks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import anyio

from legion_tui.fetch.health import Clock
from legion_tui.state import EMPTY, Snapshot, Source
from legion_tui.state.assemble import Assembler
from legion_tui.state.known import Known


class Joining:
    """Joins what is known into a snapshot; what did not change is not joined again."""

    def __init__(self, clock: Clock) -> None:
        """Begin with `EMPTY`."""
        self._clock = clock
        self._assembler = Assembler()
        self._known: Known | None = None
        self._answered: frozenset[Source] = frozenset()
        self._published = anyio.Event()
        self.snapshot = EMPTY

    def publish(self, known: Known) -> None:
        """Make it the newest snapshot."""
        # Equal healths may differ in whether there ever was an answer, which decides whether anything is decided.
        answered = frozenset(source for source, health in known.sources.items() if health.known)
        same = known == self._known and answered == self._answered
        assembled = replace(self.snapshot, sources=known.sources) if same else self._assembler.assemble(known)
        self._known, self._answered = known, answered
        self.snapshot = replace(assembled, collected_at=self._clock(), sequence=self.snapshot.sequence + 1)
        self._published.set()
        self._published = anyio.Event()

    async def snapshots(self) -> AsyncIterator[Snapshot]:
        """Yield the newest snapshot whenever there is a newer one than the last; those between are left out."""
        seen = EMPTY
        while True:
            published = self._published
            if self.snapshot is not seen:
                seen = self.snapshot
                yield seen
            else:
                await published.wait()
