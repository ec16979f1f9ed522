"""The journal of what was done: append-only, on the disk before the effect and again after it."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import anyio

from legion_tui.act.records import Dispatched, Entry, Phase, Sum, decode, encode
from legion_tui.errors import LegionError
from legion_tui.files import file_error, private_folder, sync_folder
from legion_tui.processes import process_facts
from legion_tui.state.journal import Journal, QueuedMessage
from legion_tui.state.names import Mode

T = TypeVar("T")
_NAME = "ledger.ndjson"
_LOCK_SECONDS = 2.0


class Ledger:
    """One project's `ledger.ndjson`, written by any number of programs at once. All file work is in a thread.

    Reading is incremental: an unchanged file costs one `stat`.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], datetime], user: str = "", program: str = "") -> None:
        """Keep the ledger in `folder`, which is made when it is first needed; `user` and `program` are who acts."""
        self._folder = folder
        self._path = folder / _NAME
        self._clock = clock
        self._user = user
        self._program = program
        self._guard = threading.Lock()
        self._read_to = 0
        self._inode = 0
        self._rest = b""
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
        return self._path

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
        return await self._ask(lambda _: self._unreadable + bool(self._rest.strip()))

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
            self._append(encode(entry))

        try:
            await anyio.to_thread.run_sync(write)
        except OSError as error:
            raise self._error("the ledger could not be written", error) from error

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
        told = file_error(title, error, self._path)
        return LegionError(title, told.message, "; ".join(filter(None, (told.remedy, "nothing is done without it"))))

    def _append(self, line: bytes) -> None:
        private_folder(self._folder)
        is_new = not self._path.exists()
        descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            # Alone, the end of the file tells whether a writer was cut off in its line. Not alone, it may change
            # meanwhile: then an empty line more does no harm.
            alone = _locked(descriptor)
            size = os.fstat(descriptor).st_size
            if not alone or (size and os.pread(descriptor, 1, size - 1) != b"\n"):
                line = b"\n" + line
            written = os.write(descriptor, line)
            if written != len(line):
                raise OSError(errno.ENOSPC, f"{written} of {len(line)} bytes were written")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            sync_folder(self._folder)

    def _catch_up(self) -> None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            self._forget()
            return
        if found.st_ino != self._inode or found.st_size < self._read_to:
            self._forget()
            self._inode = found.st_ino
        if found.st_size == self._read_to:
            return
        with self._path.open("rb") as file:
            file.seek(self._read_to)
            data = file.read()
        self._read_to += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if not line.strip():
                continue
            entry = decode(line)
            if entry is None:
                self._unreadable += 1
            else:
                self._sum.add(entry)

    def _forget(self) -> None:
        self._read_to, self._inode, self._rest, self._unreadable = 0, 0, b"", 0
        self._sum = Sum()


def _locked(descriptor: int) -> bool:
    """Whether this process is the only writer now; a stopped one is not waited for longer than 2 s."""
    deadline = time.monotonic() + _LOCK_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(BlockingIOError):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno in (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP):
                    return False
                raise
            return True
        time.sleep(0.005)
    return False


def _writer_lives(entry: Entry) -> bool:
    pid, started = entry.by.get("pid"), entry.by.get("started")
    if not isinstance(pid, int) or not isinstance(started, int | float):
        return False
    facts = process_facts(pid)
    return facts is not None and abs(facts.started_at - started) < 1
