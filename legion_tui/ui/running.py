"""Runs the commands of a screen on what is selected when they are run."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from textual.worker import Worker

if TYPE_CHECKING:
    from legion_tui.ui.acting import Acting
    from legion_tui.ui.ports import Collector
    from legion_tui.ui.screens.commanding import CommandScreen
    from legion_tui.ui.widgets.board import Board

# What moves about and asks nobody, by the id of the command.
MOVES: Mapping[str, Callable[[Board], object]] = {
    "down": lambda board: board.move(1),
    "up": lambda board: board.move(-1),
    "top": lambda board: board.move_to_end(last=False),
    "bottom": lambda board: board.move_to_end(last=True),
    "page_down": lambda board: board.move_page(1),
    "page_up": lambda board: board.move_page(-1),
    "fold": lambda board: board.fold(),
    "unfold": lambda board: board.unfold(),
}


class Runner:
    """What the commands of every screen of rows do: one method for each, named after the command's id."""

    def __init__(self, screen: CommandScreen, acting: Acting, collector: Collector) -> None:
        self._screen = screen
        self._acting = acting
        self._collector = collector
        # What the last command does beside the keys.
        self.opening: Worker[object] | None = None

    @property
    def _board(self) -> Board:
        return self._screen.board

    def run(self, command_id: str, *arguments: int) -> None:
        """Run a command, or say why it cannot act."""
        self.opening = None
        self._board.touch()
        if reason := self._screen.reason(command_id):
            self._screen.notify(reason, severity="warning", timeout=4, markup=False)
            return
        if (move := MOVES.get(command_id)) is not None:
            move(self._board)
        else:
            getattr(self, f"run_{command_id.replace('.', '_')}")(*arguments)

    def work(self, coroutine: Coroutine[Any, Any, object]) -> None:
        """Do something beside the keys."""
        self.opening = self._screen.work(coroutine)

    def run_answer(self) -> None:
        """Open the question of the row."""
        if (row := self._board.row) is not None:
            self.work(self._acting.asking.answer(row))

    def run_choose(self, choice: int | None = None) -> None:
        """Open the question of the row, with a choice marked where a digit was pressed."""
        if (row := self._board.row) is not None:
            self.work(self._acting.asking.answer(row, choice=choice))

    def run_attach(self) -> None:
        """Go to the worker's window."""
        if (row := self._board.row) is not None:
            self.work(self._acting.attach(row.target))

    def run_snooze(self) -> None:
        """Put the row, or all marked rows, to sleep, or wake them."""
        row = self._board.row
        if rows := self._board.marked or ((row,) if row is not None else ()):
            self.work(self._acting.snoozing.switch(rows))

    def run_refresh(self) -> None:
        """Ask every source now; a reading that broke off is begun anew."""
        self._acting.restart()
        self._collector.refresh()
        self._screen.notify("asking every source", timeout=2, markup=False)

    def run_help(self) -> None:
        """Show what the keys do here."""
        self.work(self._acting.help(self._screen.HAS))

    def run_manual(self) -> None:
        """Show the manual."""
        self.work(self._acting.manual())

    def run_palette(self) -> None:
        """Open the command palette."""
        self._screen.app.action_command_palette()
