"""One who acts on an issue at a time, over all dashboards and commands of this user."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
from filelock import FileLock, Timeout

from legion_tui.errors import LegionError, RefusedError
from legion_tui.files import private_folder
from legion_tui.state import is_issue_id


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
        lock = await anyio.to_thread.run_sync(self._lock, name)
        try:
            await self._acquire(lock, name)
            yield
        finally:
            if lock.is_locked:
                with anyio.CancelScope(shield=True):
                    await anyio.to_thread.run_sync(lock.release)

    def _lock(self, name: str) -> FileLock:
        # Some file systems know no difference of case; two ids that differ in it alone share a lock, to no harm.
        path = private_folder(self._folder) / f"{name.casefold()}.lock"
        # Taken in one thread and given back in another.
        return FileLock(path, mode=0o600, thread_local=False)

    async def _acquire(self, lock: FileLock, name: str) -> None:
        deadline = anyio.current_time() + self._wait_seconds
        while not await anyio.to_thread.run_sync(_try, lock):
            if anyio.current_time() >= deadline:
                raise RefusedError(
                    f"another dashboard is acting on {name}",
                    f"its lock was not free within {self._wait_seconds:g} s",
                    "look what it did, then try again",
                )
            await anyio.sleep(self._retry_seconds)


def _try(lock: FileLock) -> bool:
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return False
    except OSError as error:
        raise LegionError("the lock could not be taken", f"{lock.lock_file}: {error.strerror or error}") from error
    return True
