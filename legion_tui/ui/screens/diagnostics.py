"""What the program itself costs, as it goes on; and in which order it reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from legion_tui.present.diagnostics import diagnostics_lines
from legion_tui.present.prose import Line
from legion_tui.state import Strategy
from legion_tui.ui.ports import Collector
from legion_tui.ui.widgets.reader import Reader

_EVERY_SECONDS = 1.0
_STRATEGIES = tuple(Strategy)


class DiagnosticsScreen(Reader):
    """Shows the figures of `collector`, anew every second."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "next_strategy", "strategy", id="diagnostics.strategy", show=False)
    ]
    KEYS: ClassVar[Sequence[tuple[str, str]]] = (("s", "strategy"), *Reader.KEYS)

    def __init__(self, collector: Collector) -> None:
        super().__init__("diagnostics", self._lines)
        self._collector = collector

    def on_mount(self) -> None:
        """Begin to show them."""
        self.set_interval(_EVERY_SECONDS, self._show)

    def action_next_strategy(self) -> None:
        """Read in the next order from now on."""
        at = _STRATEGIES.index(self._collector.strategy)
        self._collector.follow(_STRATEGIES[(at + 1) % len(_STRATEGIES)])
        self._show()

    def _show(self) -> None:
        self.show_lines(self._lines)

    def _lines(self, width: int) -> Sequence[Line]:
        return diagnostics_lines(self._collector.diagnostics(), width - 1)
