"""A source's last good value and how the source is, kept apart from what it reads."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from legion_tui.errors import LegionError, SourceError
from legion_tui.state import Source, SourceHealth

T = TypeVar("T")
Clock = Callable[[], datetime]


class Watched(Generic[T]):
    """The last good value of a source. A failure changes its health, never its value."""

    def __init__(self, source: Source, clock: Clock, initial: T) -> None:
        """Start with `initial`, not yet read."""
        self.source = source
        self.value = initial
        self.health = SourceHealth(ok=True)
        self._clock = clock

    async def refresh(self, read: Callable[[], Awaitable[T]]) -> bool:
        """Read once and return whether it worked; only errors of ours are a failure, anything else is a defect."""
        began = time.perf_counter()
        try:
            value = await read()
        except LegionError as error:
            rest = error.retry_seconds if isinstance(error, SourceError) else None
            self.health = SourceHealth(
                ok=False,
                error=f"{error.title}: {error.message}" if error.message else error.title,
                remedy=error.remedy,
                read_at=self.health.read_at,
                took_ms=_since(began),
                failing_since=self.health.failing_since or self._clock(),
                retry_at=self._clock() + timedelta(seconds=rest) if rest is not None else None,
            )
            return False
        self.value = value
        self.health = SourceHealth(ok=True, read_at=self._clock(), took_ms=_since(began))
        return True


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 1)
