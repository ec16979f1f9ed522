"""A service that fails time and again is left alone for a while: each question to it costs three tries of seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from legion_tui.errors import SourceError

FAILURES: Final = 5
OPEN_SECONDS: Final = 60.0


class Circuit:
    """Counts questions that failed one after the other; any answer, even a refusal, closes it."""

    def __init__(self, name: str, *, monotonic: Callable[[], float]) -> None:
        """Take the service's name and a clock that only goes forward."""
        self._name = name
        self._monotonic = monotonic
        self._failed = 0
        self._until = 0.0
        self._why = ""

    def check(self) -> None:
        """Raise SourceError, with the seconds that are left, while the service is left alone."""
        left = self._until - self._monotonic()
        if left > 0:
            why = f"{self._why}; it failed {self._failed} times one after the other, retry after {left:.0f} s"
            raise SourceError(self._name, why, "the last values stay; it is asked again", retry_seconds=left)

    def failed(self, why: str) -> None:
        """Note a question that got no answer, after all its tries."""
        self._failed += 1
        self._why = why
        if self._failed >= FAILURES:
            self._until = self._monotonic() + OPEN_SECONDS

    def answered(self) -> None:
        """Note that the service is there."""
        self._failed, self._until = 0, 0.0
