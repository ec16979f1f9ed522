"""The filter of the board: a line above the footer while it is typed, and as long as it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.screen import Screen

    from legion_tui.ui.widgets.board import Board
    from legion_tui.ui.widgets.filter import FilterBar


class Filtering:
    """Owned by the board's screen, which hands it the messages of the line."""

    def __init__(self, screen: Screen[None]) -> None:
        self._screen = screen

    @property
    def is_open(self) -> bool:
        """Whether the line is there."""
        return self._bar is not None

    async def open(self) -> None:
        """Type a filter, or change the one that holds."""
        (await self._opened(self._board.needle)).take_keys()

    async def hold(self, needle: str) -> None:
        """Have a filter hold that was written before."""
        bar = await self._opened(needle)
        bar.needle = needle
        self.apply()
        self._board.focus()

    def apply(self) -> None:
        """Show what matches the text as it is now, and what of it is not understood."""
        if (bar := self._bar) is not None:
            self._board.filter(bar.needle)
            bar.show_problems()

    def keep(self) -> None:
        """Back to the rows that match; an empty filter is none."""
        if (bar := self._bar) is not None and not bar.needle:
            self.end()
        self._board.focus()

    def end(self) -> None:
        """Show all rows again."""
        bar = self._bar
        self._board.filter("")
        self._board.focus()
        if bar is not None:
            bar.remove()

    async def _opened(self, needle: str) -> FilterBar:
        from legion_tui.ui.widgets.filter import FilterBar

        bar = self._bar
        if bar is None:
            bar = FilterBar(needle)
            await self._screen.mount(bar, before="#footer")
        return bar

    @property
    def _board(self) -> Board:
        from legion_tui.ui.widgets.board import Board

        return self._screen.query_one(Board)

    @property
    def _bar(self) -> FilterBar | None:
        from legion_tui.ui.widgets.filter import FilterBar

        return self._screen.query_one_optional("#filter-bar", FilterBar)
