"""The journal of what was done: append-only, on the disk before the effect and again after it."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import anyio

from legion_tui.act.ledger_file import LedgerFile
from legion_tui.act.ledger_sum import Dispatched, Sum
from legion_tui.act.lives import made, transitions_after
from legion_tui.act.records import Entry, Kind, Phase, decode, encode
from legion_tui.act.retention import needed
from legion_tui.errors import LegionError
from legion_tui.files import file_error
from legion_tui.processes import process_facts
from legion_tui.state.journal import Journal, QueuedMessage
from legion_tui.state.life import Life, LifeState, Transition
from legion_tui.state.names import Mode

if TYPE_CHECKING:
    from legion_tui.state.lifecycle import Wanted

T = TypeVar("T")


class Ledger:
    """One project's `ledger.ndjson`, written by any number of programs at once. All file work is in a thread.

    Reading is incremental: an unchanged file costs one `stat`.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], datetime], user: str = "", program: str = "") -> None:
        """Keep the ledger in `folder`, which is made when it is first needed; `user` and `program` are who acts."""
        self._file = LedgerFile(folder)
        self._clock = clock
        self._user = user
        self._program = program
        self._guard = threading.Lock()
        self._unreadable = 0
        self._sum = Sum()

    @cached_property
    def _by(self) -> Mapping[str, Any]:
        started = process_facts(os.getpid())  # blocks, so it is asked where the first record is written
        return {
            "user": self._user,
            "program": self._program,
            "pid": os.getpid(),
            "started": round(started.started_at, 2) if started else 0.0,
        }

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    async def intend(self, kind: str, issue: str, **data: Any) -> str:
        """Write what is about to be done, and return its id once it is on the disk."""
        entry_id = secrets.token_hex(8)
        await self._write(entry_id, Phase.INTENT, kind, issue, data)
        return entry_id

    async def conclude(self, entry_id: str, kind: str, issue: str, outcome: str, reason: str = "", **data: Any) -> None:
        """Write what came of an intent."""
        await self._write(entry_id, Phase.OUTCOME, kind, issue, {"outcome": outcome, "reason": reason, **data})

    async def note(self, kind: str, issue: str, **data: Any) -> str:
        """Write what stands by itself, and return its id once it is on the disk."""
        entry_id = secrets.token_hex(8)
        await self._write(entry_id, Phase.NOTE, kind, issue, data)
        return entry_id

    async def live(self, life: Life, wanted: Wanted) -> None:
        """Take a life on, as it was read, by what was observed; IllegalTransitionError, and nothing is written.

        For one who holds the issue's lock, so that nobody else moves it meanwhile.
        """
        await self.move(life.state, [wanted], session_id=life.session_id, issue=life.issue, mode=life.mode)

    async def move(
        self, state: LifeState | None, wanted: Sequence[Wanted], *, session_id: str, issue: str, mode: Mode
    ) -> Sequence[Transition]:
        """Take a life that stands at `state` (None: not begun) on, for the one program that moves it.

        Returns its steps once they are on the disk; IllegalTransitionError, and nothing is written.
        """
        steps = made(state, wanted)
        at = self._clock()

        def write() -> None:
            self._file.append(b"".join(map(encode, self._notes(steps, session_id, issue, mode, at))))

        await self._in_thread(write)
        return steps

    async def lives(self) -> Mapping[str, Life]:
        """Return where the life of each session stands."""
        return await self._ask(lambda known: dict(known.lives))

    async def trim(self, *, older_than: datetime) -> int:
        """Move records that nothing depends on any more to the archive beside the file; return how many."""

        def trim() -> int:
            return self._file.trim(lambda lines: needed(lines, older_than=older_than))

        try:
            return await anyio.to_thread.run_sync(trim)
        except OSError as error:
            raise self._error("the ledger could not be trimmed", error) from error

    async def queue(self) -> tuple[QueuedMessage, ...]:
        """Return the messages that wait for their workers, oldest first."""
        return await self._ask(lambda known: known.queue())

    async def history(self, issue: str | None = None) -> tuple[Entry, ...]:
        """Return all entries, or those of one issue (without regard to case), oldest first."""
        folded = issue.casefold() if issue is not None else None
        return await self._ask(
            lambda known: tuple(e for e in known.entries if folded is None or e.issue.casefold() == folded)
        )

    async def unreadable(self) -> int:
        """Return how many lines could not be read, a torn last one included."""
        return await self._ask(lambda _: self._unreadable + bool(self._file.rest.strip()))

    async def unresolved(self) -> tuple[Entry, ...]:
        """Return the intents without an outcome whose program is gone: what they announced may have happened."""
        return await self._ask(lambda known: tuple(e for e in known.open.values() if not _writer_lives(e)))

    async def dispatched(self, issue: str, mode: Mode | None = None) -> tuple[Dispatched, ...]:
        """Return the dispatches of an issue, in one mode or in all, oldest first."""
        return await self._ask(
            lambda known: tuple(d for d in known.dispatches() if d.issue == issue and mode in (None, d.mode))
        )

    async def starts(self, program: str) -> Mapping[tuple[str, Mode], int]:
        """Return how often a program has set out to start, or to prompt, a worker of each mode for each issue."""
        return await self._ask(lambda known: known.starts(program))

    async def labels_of(self, issue: str) -> frozenset[str]:
        """Return the labels that are kept here because the tracker takes none."""
        return await self._ask(lambda known: known.labels_of(issue))

    async def journal(self) -> Journal:
        """Return the facts for the decision; the same object while nothing was written."""
        return await self._ask(lambda known: known.journal)

    async def _write(self, entry_id: str, phase: Phase, kind: str, issue: str, data: Mapping[str, Any]) -> None:
        at = self._clock()

        def write() -> None:
            entry = Entry(id=entry_id, phase=phase, kind=kind, at=at, issue=issue, by=self._by, data=dict(data))
            self._file.append(b"".join(map(encode, (entry, *self._life_of(entry)))))

        await self._in_thread(write)

    async def _in_thread(self, write: Callable[[], None]) -> None:
        try:
            await anyio.to_thread.run_sync(write)
        except OSError as error:
            raise self._error("the ledger could not be written", error) from error

    def _life_of(self, entry: Entry) -> Sequence[Entry]:
        """Return what an entry makes of the life of its session: it goes into the file together with it, or not."""
        if entry.phase is Phase.NOTE and entry.kind != Kind.REQUEST:
            return ()
        with self._guard:
            self._catch_up()
            intent = self._sum.open.get(entry.id)
            about = intent if entry.phase is Phase.OUTCOME else entry
            session_id = about.data.get("session_id") if about is not None else None
            if about is None or not isinstance(session_id, str):
                return ()
            life = self._sum.lives.get(session_id)
        mode = about.data.get("mode") if life is None else life.mode
        if mode not in list(Mode):
            return ()
        steps = transitions_after(entry, intent, life)
        return self._notes(steps, session_id, about.issue if life is None else life.issue, Mode(mode), entry.at)

    def _notes(
        self, steps: Sequence[Transition], session_id: str, issue: str, mode: Mode, at: datetime
    ) -> Sequence[Entry]:
        return [
            Entry(
                id=secrets.token_hex(8),
                phase=Phase.NOTE,
                kind=Kind.LIFE,
                at=at,
                issue=issue,
                by=self._by,
                data={
                    "session_id": session_id,
                    "mode": mode.value,
                    "event": step.event.value,
                    "from": step.source.value if step.source is not None else "",
                    "to": step.target.value,
                    "reason": step.reason,
                    "evidence": step.evidence,
                },
            )
            for step in steps
        ]

    async def _ask(self, question: Callable[[Sum], T]) -> T:
        def ask() -> T:
            with self._guard:
                self._catch_up()
                return question(self._sum)

        try:
            return await anyio.to_thread.run_sync(ask)
        except OSError as error:
            raise self._error("the ledger could not be read", error) from error

    def _error(self, title: str, error: OSError) -> LegionError:
        told = file_error(title, error, self._file.path)
        return LegionError(title, told.message, "; ".join(filter(None, (told.remedy, "nothing is done without it"))))

    def _catch_up(self) -> None:
        void, lines = self._file.news()
        if void:
            self._unreadable, self._sum = 0, Sum()
        for line in lines:
            entry = decode(line)
            if entry is None:
                self._unreadable += 1
            else:
                self._sum.add(entry)


def _writer_lives(entry: Entry) -> bool:
    pid, started = entry.by.get("pid"), entry.by.get("started")
    if not isinstance(pid, int) or not isinstance(started, int | float):
        return False
    facts = process_facts(pid)
    return facts is not None and abs(facts.started_at - started) < 1
