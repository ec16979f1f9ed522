"""How the board is looked at: in which order, grouped by what, how dense; and where a row is gone to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from legion_tui.present.sheet import Sheet
from legion_tui.present.sorting import Sort
from legion_tui.present.views import View
from legion_tui.state import EMPTY

if TYPE_CHECKING:
    from legion_tui.ui.widgets.board import Board


class Ways:
    """Changes what `sheet` shows of its snapshot; on `board` what is selected stays so, and in sight."""

    def __init__(self, board: Board, sheet: Sheet) -> None:
        self._board = board
        self._sheet = sheet

    def begin(self, sort: Sort, *, compact: bool) -> None:
        """Begin so, before anything is shown."""
        self._sheet.sort = sort
        self._sheet.compact = compact

    @property
    def sort(self) -> Sort:
        """In which order the rows of a group are."""
        return self._sheet.sort

    def sort_by(self, sort: Sort) -> None:
        """Have the rows of each group in another order; what is selected stays so."""
        self._board.touch()
        self._sheet.sort = sort
        if self._sheet.snapshot is not EMPTY:
            self._sheet.adopt(self._sheet.snapshot)
            self._board.settle()
            self._board.reveal()

    def go_to(self, key: str) -> bool:
        """Select a row wherever it is: its group is opened, a filter that hides it ends; False where it is gone."""
        self._board.touch()
        found = False

        def uncover() -> None:
            nonlocal found
            found = self._sheet.uncover(key, self._board.line_width)

        self._board.rearrange(uncover)
        self._board.select(key)
        return found

    @property
    def compact(self) -> bool:
        """Whether every row has one line only."""
        return self._sheet.compact

    def squeeze(self, compact: bool) -> None:
        """Give every row one line, or those that need a person two again."""
        self._board.touch()
        self._sheet.compact = compact
        self._board.settle()
        self._board.reveal()

    @property
    def view(self) -> View:
        """How the rows are grouped."""
        return self._sheet.view

    def look_at(self, view: View) -> None:
        """Group the rows in another way; what is selected stays so, in sight, its group open."""
        self._board.touch()
        selected = self._board.selected if self._board.row is not None else ""
        self._sheet.view = view
        if self._sheet.snapshot is not EMPTY:
            self._sheet.adopt(self._sheet.snapshot)
            if not selected or not self.go_to(selected):
                self._board.settle()
            self._board.reveal()
