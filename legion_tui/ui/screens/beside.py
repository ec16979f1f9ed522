"""The detail beside the board, where the terminal is wide enough for both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from textual.screen import Screen

from legion_tui.present.board import Row
from legion_tui.present.rows import Look
from legion_tui.state import Snapshot
from legion_tui.ui.ports import Collector

if TYPE_CHECKING:
    from legion_tui.ui.widgets.detail_pane import DetailPane


class Beside:
    """Opens and closes the pane in `#main` of a screen, and has it follow the selection."""

    def __init__(
        self,
        screen: Screen[None],
        collector: Collector,
        look: Look,
        now: Callable[[], datetime],
        *,
        held: Callable[[str], str],
    ) -> None:
        self._screen = screen
        self._collector = collector
        self._look = look
        self._now = now
        self._held = held
        self._pane: DetailPane | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is there."""
        return self._pane is not None

    async def open(self, row: Row | None, snapshot: Snapshot, *, why: bool = False) -> None:
        """Show a row: why its step is the next one, its worker's screen, or else the issue."""
        from legion_tui.ui.widgets.detail_pane import DetailPane, Tab

        pane = self._pane
        if pane is None:
            pane = DetailPane(self._collector, now=self._now, glyphs=self._look.glyphs, held=self._held, id="detail")
            self._pane = pane
            await self._screen.query_one("#main").mount(pane)
        has_screen = row is not None and row.worker is not None
        pane.tab = Tab.WHY if why else Tab.SCREEN if has_screen else Tab.ISSUE
        self.show(row, snapshot)

    def show(self, row: Row | None, snapshot: Snapshot) -> None:
        """Show another row, or another snapshot; closed, nothing is shown."""
        if self._pane is not None and self._pane.is_mounted:
            self._pane.show(row.target if row is not None and row.target else None, snapshot)

    def close(self) -> None:
        """Give the board the whole width again, and the keys."""
        if self._pane is not None:
            self._pane.remove()
            self._pane = None
        self._screen.set_focus(self._screen.query_one("#board"))
