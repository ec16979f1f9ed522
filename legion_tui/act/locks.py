"""One who acts on an issue at a time, over all dashboards and commands of this user."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import anyio
from filelock import FileLock, Timeout

from legion_tui.errors import RefusedError
from legion_tui.files import file_error, private_folder, write_durably
from legion_tui.state import is_issue_id
from legion_tui.state.text import clean_line

# No id begins with a dot.
_SLOTS = ".slots"
_AUTOPILOT = ".autopilot"
_PORTER = ".porter"
_HEARTBEAT = ".heartbeat"
_STARTER = ".starter"
# Each who starts a worker holds it for one look at the server and one new window.
_SLOTS_WAIT_SECONDS = 20.0


class Locks:
    """A lock file per issue or session; a dead holder's lock is free by itself, so none is ever removed."""

    def __init__(
        self,
        folder: Path,
        *,
        wait_seconds: float = 2.0,
        retry_seconds: float = 0.1,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Keep the files in `folder`, which is made when it is first needed."""
        self._folder = folder
        self._clock = clock
        self._wait_seconds = wait_seconds
        self._retry_seconds = retry_seconds

    @asynccontextmanager
    async def hold(self, name: str, *, wait_seconds: float | None = None) -> AsyncIterator[None]:
        """Hold the lock of an issue id or session id; RefusedError when another has it for all of the wait.

        `wait_seconds`: 0 where it can as well be done another time.
        """
        if not is_issue_id(name):
            raise RefusedError("no lock", f"{name!r} is no id")
        wait_seconds = self._wait_seconds if wait_seconds is None else wait_seconds
        async with self._held(name.casefold(), f"acting on {name}", wait_seconds):
            yield

    async def tell(self, name: str, what: str) -> None:
        """Note what takes its time now, for one who holds the lock of `name`; others who want it are told so."""
        # Beside the lock: that file is emptied by whoever tries to take it.
        note = json.dumps({"what": what, "since": self._clock().timestamp()}).encode()
        with contextlib.suppress(OSError):  # it only tells
            await anyio.to_thread.run_sync(write_durably, self._note(name.casefold()), note)

    @asynccontextmanager
    async def hold_slots(self) -> AsyncIterator[None]:
        """Hold what keeps two from taking the last free slot at once; taken after an issue's lock, for a moment."""
        async with self._held(_SLOTS, "starting a worker", _SLOTS_WAIT_SECONDS):
            yield

    @asynccontextmanager
    async def hold_autopilot(self, who: str = "another program") -> AsyncIterator[None]:
        """Hold what lets one autopilot run in a project; RefusedError at once when there is one.

        `who` is what the next one is told.
        """
        async with self._held(_AUTOPILOT, "running the autopilot", 0.0):
            await self.tell(_AUTOPILOT, f"{who} (process {os.getpid()}) has it")
            yield

    @asynccontextmanager
    async def hold_heartbeat(self) -> AsyncIterator[None]:
        """Hold what lets one program of a project watch the workers; RefusedError at once when another does."""
        async with self._held(_HEARTBEAT, "watching the workers", 0.0):
            yield

    @asynccontextmanager
    async def hold_starter(self) -> AsyncIterator[None]:
        """Hold what lets one program of a project start the workers that wait; RefusedError when another does."""
        async with self._held(_STARTER, "starting the workers that wait", 0.0):
            yield

    async def is_started_for(self) -> bool:
        """Whether a program is there that starts the workers that wait."""
        try:
            async with self.hold_starter():
                return False
        except RefusedError:
            return True

    @asynccontextmanager
    async def hold_porter(self) -> AsyncIterator[None]:
        """Hold what lets one at a time deliver the messages that wait; RefusedError at once when another does."""
        async with self._held(_PORTER, "delivering messages", 0.0):
            yield

    @asynccontextmanager
    async def _held(self, file: str, doing: str, wait_seconds: float) -> AsyncIterator[None]:
        lock = await anyio.to_thread.run_sync(self._lock, file)
        try:
            await self._acquire(lock, file, doing, wait_seconds)
            # One who was killed has left its own.
            await anyio.to_thread.run_sync(_remove, self._note(file))
            yield
        finally:
            if lock.is_locked:
                with anyio.CancelScope(shield=True):
                    await anyio.to_thread.run_sync(_remove, self._note(file))
                    await anyio.to_thread.run_sync(lock.release)

    def _note(self, file: str) -> Path:
        return self._folder / f"{file}.doing"

    def _told(self, file: str) -> str:
        """Return what the holder told that it does, and for how long; empty where it told nothing. Blocks."""
        try:
            note = json.loads(self._note(file).read_bytes())
            since = datetime.fromtimestamp(float(note["since"]), UTC)
            what = clean_line(str(note["what"]), limit=300)
        except (OSError, ValueError, KeyError, TypeError, OverflowError):  # none, or another version's
            return ""
        seconds = max(0, int((self._clock() - since).total_seconds()))
        took = f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
        return f"{what}, since {since:%H:%M:%S} UTC ({took})"

    def _lock(self, file: str) -> FileLock:
        # Some file systems know no difference of case; two ids that differ in it alone share a lock, to no harm.
        try:
            path = private_folder(self._folder) / f"{file}.lock"
        except OSError as error:
            raise file_error("the lock could not be taken", error, self._folder) from error
        # Taken in one thread and given back in another.
        return FileLock(path, mode=0o600, thread_local=False)

    async def _acquire(self, lock: FileLock, file: str, doing: str, wait_seconds: float) -> None:
        deadline = anyio.current_time() + wait_seconds
        while not await anyio.to_thread.run_sync(_try, lock):
            if anyio.current_time() >= deadline:
                told = await anyio.to_thread.run_sync(self._told, file)
                if told:
                    raise RefusedError(f"another dashboard is {doing}", told, "wait until it is through")
                raise RefusedError(
                    f"another dashboard is {doing}",
                    f"its lock was not free within {wait_seconds:g} s" if wait_seconds else "its lock is not free",
                    "look what it did, then try again",
                )
            await anyio.sleep(self._retry_seconds)


def _remove(note: Path) -> None:
    with contextlib.suppress(OSError):
        note.unlink(missing_ok=True)


def _try(lock: FileLock) -> bool:
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return False
    except OSError as error:
        raise file_error("the lock could not be taken", error, Path(lock.lock_file)) from error
    return True
