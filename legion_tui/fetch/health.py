"""A source's last good value and how the source is, kept apart from what it reads."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from legion_tui.errors import LegionError, SourceError
from legion_tui.state import Source, SourceHealth
from legion_tui.state.diagnostics import Timing

T = TypeVar("T")
Clock = Callable[[], datetime]
# So many readings are what the figures of a source are of.
_READINGS = 200


class Watched(Generic[T]):
    """The last good value of a source. A failure changes its health, never its value."""

    def __init__(self, source: Source, clock: Clock, initial: T) -> None:
        """Start with `initial`, not yet read."""
        self.source = source
        self.value = initial
        self.health = SourceHealth(ok=True)
        self._clock = clock
        self._taken: deque[float] = deque(maxlen=_READINGS)
        self._readings = self._failures = 0

    @property
    def timing(self) -> Timing:
        """How long its last readings took, failed ones too."""
        return Timing.of(self._taken, readings=self._readings, failures=self._failures)

    async def refresh(self, read: Callable[[], Awaitable[T]]) -> bool:
        """Read once and return whether it worked; only errors of ours are a failure, anything else is a defect."""
        began = time.perf_counter()
        self._readings += 1
        try:
            value = await read()
        except LegionError as error:
            self._failures += 1
            rest = error.retry_seconds if isinstance(error, SourceError) else None
            self.health = SourceHealth(
                ok=False,
                error=f"{error.title}: {error.message}" if error.message else error.title,
                remedy=error.remedy,
                read_at=self.health.read_at,
                took_ms=self._note(began),
                failing_since=self.health.failing_since or self._clock(),
                retry_at=self._clock() + timedelta(seconds=rest) if rest is not None else None,
            )
            return False
        self.value = value
        self.health = SourceHealth(ok=True, read_at=self._clock(), took_ms=self._note(began))
        return True

    def _note(self, began: float) -> float:
        took_ms = round((time.perf_counter() - began) * 1000, 1)
        self._taken.append(took_ms)
        return took_ms
