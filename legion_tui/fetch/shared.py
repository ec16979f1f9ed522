"""One reading for all who ask for it at the same time, kept for those who accept an older one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio
from async_lru import alru_cache


class _FailedError(Exception):
    """The reading did not work: it is kept for nobody."""


class SharedReading:
    """Reads never twice at a time. Who is cancelled takes the reading from nobody else who waits for it.

    One instance serves one event loop. What `read` raises reaches everybody who waits.
    """

    def __init__(self, read: Callable[[], Awaitable[bool]], *, keep_seconds: float) -> None:
        """Take what reads, and returns whether that worked: one that did not is kept for nobody."""
        self._read = read
        self._alone = anyio.Lock()
        # Which reading is the newest that was asked for, and whether it has begun.
        self._number = 0
        self._begun = True
        self._readings = alru_cache(maxsize=2, ttl=keep_seconds)(self._take)

    async def fresh(self) -> bool:
        """Return whether a reading worked that begins after this call."""
        self.forget()
        return await self._join()

    async def kept(self) -> bool:
        """Return whether the newest reading worked, which may be under way, or as old as it is kept."""
        return await self._join()

    def forget(self) -> None:
        """Let nobody be given what was read up to now: something of ours has changed what is read."""
        if self._begun:
            self._number += 1
            self._begun = False

    async def _join(self) -> bool:
        try:
            await self._readings(self._number)
        except _FailedError:
            return False
        return True

    async def _take(self, number: int) -> None:
        async with self._alone:
            if number == self._number:
                self._begun = True
            if not await self._read():
                raise _FailedError
