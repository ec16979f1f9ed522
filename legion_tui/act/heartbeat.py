"""The heartbeat: at a pace of its own it finds idle, silent and vanished workers, and parks those long finished."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import anyio

from legion_tui.act.ledger import Ledger
from legion_tui.act.locks import Locks
from legion_tui.act.room import Room
from legion_tui.errors import LegionError, RefusedError
from legion_tui.state import Snapshot, Source
from legion_tui.state.life import Life, LifeEvent
from legion_tui.state.pulse import Thresholds, came_to_nothing, observed
from legion_tui.state.snapshot import IssueState
from legion_tui.state.workers import Worker

_NEEDED = (Source.TRACKER, Source.TMUX, Source.AGENTS)
_TRIM_EVERY = timedelta(days=1)
_Wanted = tuple[LifeEvent, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """What one beat found: a step of a life, in words that a person reads."""

    issue: str
    text: str


class Heartbeat:
    """Beats in one program of a project at a time; the others stand by. What it does not know it leaves alone."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        locks: Locks,
        room: Room,
        settle: Callable[[], Awaitable[None]],
        latest: Callable[[], Snapshot],
        clock: Callable[[], datetime],
        thresholds: Thresholds,
        every_seconds: float = 10.0,
        park_after: timedelta | None = None,
        keep_records: timedelta | None = None,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        """Take the parts. `settle` concludes what a crash left open; `park_after`: None parks nobody.

        `keep_records`: for so long the ledger keeps what nothing depends on; None keeps it for ever.
        """
        self._keep_records = keep_records
        self._trimmed_at: datetime | None = None
        self._ledger = ledger
        self._locks = locks
        self._room = room
        self._settle = settle
        self._latest = latest
        self._clock = clock
        self._thresholds = thresholds
        self._every_seconds = every_seconds
        self._park_after = park_after
        self._sleep = sleep

    async def run(self, tell: Callable[[Beat], None] | None = None) -> None:
        """Beat until cancelled; while another program does it, stand by. What cannot be read or written waits."""
        while True:
            try:
                async with self._locks.hold_heartbeat():
                    while True:
                        for beat in await self._try():
                            if tell is not None:
                                tell(beat)
                        await self._sleep(self._every_seconds)
            except LegionError:
                await self._sleep(self._every_seconds)

    async def _try(self) -> tuple[Beat, ...]:
        try:
            return await self.beat(self._latest())
        except LegionError:  # its source says so on the board; the next beat tries again
            return ()

    async def beat(self, snapshot: Snapshot) -> tuple[Beat, ...]:
        """Take every life on by what the snapshot shows, and return the steps that were made.

        A snapshot in which a source is failing shows nothing: nobody is called gone because tmux was not read.
        """
        if not all((health := snapshot.sources.get(one)) is not None and health.ok and health.known for one in _NEEDED):
            return ()
        await self._settle()
        lives = await self._ledger.lives()
        beats = [beat for row in snapshot.issues for beat in await self._row(row, lives)]
        for life in await self._never_seen(snapshot, lives):
            wanted = came_to_nothing(life, self._clock(), self._thresholds)
            beats += await self._move(life, wanted)
        if self._park_after is not None:
            await self._room.retire(rested_since=self._clock() - self._park_after)
        await self._trim()
        return tuple(beats)

    async def _trim(self) -> None:
        """Once a day, and when the program has just begun to watch."""
        now = self._clock()
        if self._keep_records is None or (self._trimmed_at is not None and now - self._trimmed_at < _TRIM_EVERY):
            return
        self._trimmed_at = now
        await self._ledger.trim(older_than=now - self._keep_records)

    async def _row(self, row: IssueState, lives: Mapping[str, Life]) -> list[Beat]:
        beats: list[Beat] = []
        for worker in _workers(row):
            life = lives.get(worker.session_id)
            if life is not None:
                beats += await self._move(life, observed(row, worker, life, self._clock(), self._thresholds))
        return beats

    async def _never_seen(self, snapshot: Snapshot, lives: Mapping[str, Life]) -> list[Life]:
        seen = {worker.session_id for row in snapshot.issues for worker in _workers(row) if worker.live}
        waiting = {request.session_id for request in (await self._ledger.journal()).requests}
        return [life for life in lives.values() if life.session_id not in seen | waiting]

    async def _move(self, life: Life, wanted: _Wanted | None) -> list[Beat]:
        """Make one step, for which the issue's lock is needed: what somebody is acting on waits for the next beat."""
        if wanted is None:
            return []
        try:
            async with self._locks.hold_now(life.issue):
                now = (await self._ledger.lives()).get(life.session_id)
                if now != life:
                    return []
                await self._ledger.live(life, life.session_id, life.issue, life.mode, [wanted])
        except RefusedError:
            return []
        event, reason, _ = wanted
        return [Beat(issue=life.issue, text=f"{life.mode} worker {life.state} → {event}: {reason}")]


def _workers(row: IssueState) -> tuple[Worker, ...]:
    return (*((row.worker,) if row.worker is not None else ()), *row.other_workers)
