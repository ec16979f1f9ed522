"""What the ledger tells of an issue."""

from __future__ import annotations

from collections.abc import Sequence

from textual import work

from legion_tui.present.detail import log_lines
from legion_tui.present.prose import Line, Role, text_line
from legion_tui.ui.ports import Collector
from legion_tui.ui.widgets.reader import Reader


class LogScreen(Reader):
    """Shows the ledger's lines of `target`, the newest last and in view."""

    def __init__(self, collector: Collector, target: str) -> None:
        super().__init__(f"log of {target}", _loading)
        self._collector = collector
        self._target = target

    def on_mount(self) -> None:
        """Read the ledger."""
        self._read_log()

    @work(group="log")
    async def _read_log(self) -> None:
        log = [(line.at, line.text) for line in await self._collector.log(self._target)]
        self.show_lines(lambda width: log_lines(log, width - 1))
        self.call_after_refresh(self.action_bottom)


def _loading(width: int) -> Sequence[Line]:
    return (text_line("Loading…"[:width], Role.MUTED),)
