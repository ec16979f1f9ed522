"""One who acts on an issue at a time, over all dashboards and commands of this user."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
from filelock import FileLock, Timeout

from legion_tui.errors import LegionError, RefusedError
from legion_tui.files import private_folder
from legion_tui.state import is_issue_id
from legion_tui.state.text import clean_line

# No id begins with a dot.
_SLOTS = ".slots"
_AUTOPILOT = ".autopilot"
_PORTER = ".porter"
# Each who starts a worker holds it for one look at the server and one new window.
_SLOTS_WAIT_SECONDS = 20.0


class Locks:
    """A lock file per issue or session; a dead holder's lock is free by itself, so none is ever removed."""

    def __init__(self, folder: Path, *, wait_seconds: float = 2.0, retry_seconds: float = 0.1) -> None:
        """Keep the files in `folder`, which is made when it is first needed."""
        self._folder = folder
        self._wait_seconds = wait_seconds
        self._retry_seconds = retry_seconds

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[None]:
        """Hold the lock of an issue id or session id; RefusedError when another has it for all of the wait."""
        if not is_issue_id(name):
            raise RefusedError("no lock", f"{name!r} is no id")
        async with self._held(name.casefold(), f"acting on {name}", self._wait_seconds):
            yield

    @asynccontextmanager
    async def hold_slots(self) -> AsyncIterator[None]:
        """Hold what keeps two from taking the last free slot at once; taken after an issue's lock, for a moment."""
        async with self._held(_SLOTS, "starting a worker", _SLOTS_WAIT_SECONDS):
            yield

    @asynccontextmanager
    async def hold_autopilot(self, who: str = "another program") -> AsyncIterator[None]:
        """Hold what lets one autopilot run in a project; RefusedError at once when there is one, and who has it.

        `who` is what the next one is told.
        """
        holder = self._folder / f"{_AUTOPILOT}.holder"
        held = False
        try:
            async with self._held(_AUTOPILOT, "running the autopilot", 0.0):
                held = True
                await anyio.to_thread.run_sync(_sign, holder, f"{who} (process {os.getpid()})")
                yield
        except _TakenError as taken:
            if held:
                raise
            name = await anyio.to_thread.run_sync(_signature, holder)
            raise RefusedError(
                "the autopilot runs already",
                f"{name} has it" if name else "another program has it",
                "there is one at a time in a project: end that one first",
            ) from taken

    @asynccontextmanager
    async def hold_porter(self) -> AsyncIterator[None]:
        """Hold what lets one at a time deliver the messages that wait; RefusedError at once when another does."""
        async with self._held(_PORTER, "delivering messages", 0.0):
            yield

    @asynccontextmanager
    async def _held(self, file: str, doing: str, wait_seconds: float) -> AsyncIterator[None]:
        lock = await anyio.to_thread.run_sync(self._lock, file)
        try:
            await self._acquire(lock, doing, wait_seconds)
            yield
        finally:
            if lock.is_locked:
                with anyio.CancelScope(shield=True):
                    await anyio.to_thread.run_sync(lock.release)

    def _lock(self, file: str) -> FileLock:
        # Some file systems know no difference of case; two ids that differ in it alone share a lock, to no harm.
        path = private_folder(self._folder) / f"{file}.lock"
        # Taken in one thread and given back in another.
        return FileLock(path, mode=0o600, thread_local=False)

    async def _acquire(self, lock: FileLock, doing: str, wait_seconds: float) -> None:
        deadline = anyio.current_time() + wait_seconds
        while not await anyio.to_thread.run_sync(_try, lock):
            if anyio.current_time() >= deadline:
                raise _TakenError(
                    f"another dashboard is {doing}",
                    f"its lock was not free within {wait_seconds:g} s" if wait_seconds else "its lock is not free",
                    "look what it did, then try again",
                )
            await anyio.sleep(self._retry_seconds)


class _TakenError(RefusedError):
    """Another has the lock."""


def _sign(path: Path, who: str) -> None:
    # It only helps to say who it is: where it cannot be written, the lock holds all the same.
    with contextlib.suppress(OSError):
        path.write_text(f"{who}\n", "utf-8")


def _signature(path: Path) -> str:
    try:
        return clean_line(path.read_text("utf-8", errors="replace"), limit=120)
    except OSError:
        return ""


def _try(lock: FileLock) -> bool:
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return False
    except OSError as error:
        raise LegionError("the lock could not be taken", f"{lock.lock_file}: {error.strerror or error}") from error
    return True
