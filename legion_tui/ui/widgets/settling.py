"""When rows may change their places: once nobody has pressed a key or moved the mouse for a moment."""

from __future__ import annotations

from collections.abc import Callable

from textual.timer import Timer
from textual.widget import Widget

# Rows keep their places until nobody pressed a key or moved the mouse for this long.
SETTLE_SECONDS = 1.5


class Settling:
    """Remembers when a widget was last touched, and calls `settle` when it was left alone."""

    def __init__(self, widget: Widget, monotonic: Callable[[], float], settle: Callable[[], object]) -> None:
        self._widget = widget
        self._monotonic = monotonic
        self._settle = settle
        self._touched = float("-inf")
        self._timer: Timer | None = None

    @property
    def is_left_alone(self) -> bool:
        """Whether rows may change their places now."""
        return self._idle_seconds() >= SETTLE_SECONDS

    def touch(self) -> None:
        """Remember that a key was pressed or the mouse moved."""
        self._touched = self._monotonic()

    def later(self) -> None:
        """Settle as soon as it is left alone."""
        if self._timer is None:
            wait = max(SETTLE_SECONDS - self._idle_seconds(), 0.05)
            self._timer = self._widget.set_timer(wait, self._try)

    def _idle_seconds(self) -> float:
        return self._monotonic() - self._touched

    def _try(self) -> None:
        self._timer = None
        if self.is_left_alone:
            self._settle()
        else:
            self.later()
