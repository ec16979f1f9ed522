"""What each command of the board does: one method for each, named after the command's id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from legion_tui.present.line import printable
from legion_tui.present.sorting import TOLD as SORTS
from legion_tui.present.steps import browser_url, step_of
from legion_tui.present.views import BOARD, BY_STATUS
from legion_tui.state import Problem
from legion_tui.ui.running import Runner

if TYPE_CHECKING:
    from legion_tui.present.board import Row
    from legion_tui.ui.acting import Acting
    from legion_tui.ui.bulk import Bulk
    from legion_tui.ui.inboxing import Inboxing
    from legion_tui.ui.piloting import Piloting
    from legion_tui.ui.ports import Collector
    from legion_tui.ui.screens.beside import Beside
    from legion_tui.ui.screens.board import BoardScreen
    from legion_tui.ui.screens.filtering import Filtering

# From this width on the detail stands beside the board.
_BESIDE = 140


class Doing(Runner):
    """The commands of the board. It shows nothing by itself."""

    def __init__(
        self,
        screen: BoardScreen,
        acting: Acting,
        collector: Collector,
        *,
        piloting: Piloting,
        bulk: Bulk,
        inboxing: Inboxing,
        beside: Beside,
        filtering: Filtering,
    ) -> None:
        super().__init__(screen, acting, collector)
        self._screen: BoardScreen = screen
        self._piloting = piloting
        self._bulk = bulk
        self._inboxing = inboxing
        self._beside = beside
        self._filtering = filtering
        self.paused = False

    def run_advance(self) -> None:
        """Do what the row suggests; open a folded group."""
        row = self._board.row
        if self._board.unfold() or row is None:
            return
        command = step_of(row).command
        if command == "advance":
            self.work(self._acting.advance(row))
        else:
            self.run(command)

    def run_dispatch(self) -> None:
        """Start or resume the worker of the row, or those of all marked rows."""
        if marked := self._board.marked:
            self.work(self._bulk.dispatch(marked))
        elif (row := self._board.row) is not None:
            self.work(self._acting.dispatch(row))

    def run_message(self) -> None:
        """Write to the worker of the row, or to those of all marked rows."""
        if marked := self._board.marked:
            self.work(self._bulk.message(marked))
        elif (row := self._board.row) is not None:
            self.work(self._acting.message(row))

    def run_take_back(self) -> None:
        """Take back what waits for the worker of the row, or for those of all marked rows."""
        row = self._board.row
        rows = self._board.marked or ((row,) if row is not None else ())
        self.work(self._bulk.take_back([row for row in rows if row.queued]))

    def run_mark(self) -> None:
        """Mark the row, or take its mark away."""
        self._board.toggle_mark()

    def run_unmark(self) -> None:
        """Take every mark away."""
        self._board.unmark()

    def run_interrupt(self) -> None:
        """Stop what the worker of the row does."""
        if (row := self._board.row) is not None:
            self.work(self._acting.interrupt(row))

    def run_stop(self) -> None:
        """End the worker of the row."""
        if (row := self._board.row) is not None:
            self.work(self._acting.stop(row))

    def run_clean(self) -> None:
        """Clear away what merged issues have left."""
        self.work(self._acting.clean())

    def run_open(self) -> None:
        """Open the row's page in the browser."""
        self.work(self._acting.browse(browser_url(self._board.row)))

    def run_copy(self) -> None:
        """Copy the row's id; of a record that could not be read, what is wrong with it."""
        row = self._board.row
        if row is None:
            return
        text = str(row.subject) if isinstance(row.subject, Problem) else row.target
        self._screen.app.copy_to_clipboard(text)
        self._screen.notify(f"copied {printable(text)}", timeout=3, markup=False)

    def run_detail(self) -> None:
        """Show everything about the row: beside the board where there is room, else instead of it."""
        if self._board.unfold():
            return
        if self._beside.is_open:
            self._beside.close()
        elif self._screen.size.width >= _BESIDE:
            self.work(self._beside.open(self._board.row, self._screen.snapshot))
        elif (row := self._board.row) is not None:
            self.work(self._look_at(row))

    def run_inbox(self) -> None:
        """Show all that waits for an answer."""
        self.work(self._inboxing.open())

    def run_why(self) -> None:
        """Show why the suggested action is the one."""
        row = self._board.row
        if self._screen.size.width >= _BESIDE:
            self.work(self._beside.open(row, self._screen.snapshot, why=True))
        elif row is not None:
            self.work(self._look_at(row, why=True))

    def run_log(self) -> None:
        """Show what was done on the row."""
        if (row := self._board.row) is not None:
            self.work(self._acting.log(row))

    def run_new(self) -> None:
        """Add an issue."""
        self.work(self._acting.new())

    def run_link(self) -> None:
        """Link the session of the row to an issue, or take the link of the issue's worker away."""
        if (row := self._board.row) is not None:
            self.work(self._acting.link(row, lambda: self._board.rows))

    def run_undo(self) -> None:
        """Take the last change of the tracker back."""
        self.work(self._acting.undoing.undo())

    def run_quit(self) -> None:
        """Leave."""
        self._screen.app.exit()

    def run_autopilot(self) -> None:
        """Switch the autopilot on, after a look at what it would do, or off."""
        self.work(self._piloting.switch())

    def run_autopilot_pause(self) -> None:
        """Have the autopilot start nothing new, or go on."""
        self._piloting.pause()
        self._screen.show_bars()

    def run_pause(self) -> None:
        """Stop reading, or take it up again."""
        self.paused = not self.paused
        self._collector.pause(self.paused)
        self._screen.show_bars()

    def run_diagnostics(self) -> None:
        """Show what reading takes and costs."""
        from legion_tui.ui.screens.diagnostics import DiagnosticsScreen

        self._screen.app.push_screen(DiagnosticsScreen(self._collector))

    def run_next_needing(self) -> None:
        """Go to the next row that needs a person."""
        if not self._board.move_to_needing():
            self._screen.notify("nothing needs you", timeout=2, markup=False)

    def run_filter(self) -> None:
        """Type a filter."""
        self.work(self._filtering.open())

    def hold_filter(self, text: str) -> None:
        """Have a filter hold."""
        self.work(self._filtering.hold(text))

    def run_filters(self) -> None:
        """Choose one of the filters that are saved."""
        self.work(self._choose_filter())

    def run_sort(self) -> None:
        """Choose in which order rows are."""
        self.work(self._choose_sort())

    def run_by_status(self) -> None:
        """Group the rows by status, or by attention again."""
        self._board.ways.look_at(BY_STATUS if self._board.ways.view is BOARD else BOARD)
        self._screen.show_bars()

    def run_compact(self) -> None:
        """Give every row one line, or those that need a person two again."""
        self._board.ways.squeeze(not self._board.ways.compact)

    def run_goto(self) -> None:
        """Go to a row by its id or title."""
        self.work(self._go_to())

    def run_cancel(self) -> None:
        """End the filter, else close the pane beside the board."""
        if self._filtering.is_open:
            self._filtering.end()
        elif self._beside.is_open:
            self._beside.close()

    async def _choose_filter(self) -> None:
        from legion_tui.ui.screens.choosing import Choice

        filters = self._screen.filters
        choices = [Choice(printable(name), printable(text)) for name, text in filters.items()]
        chosen = await self._acting.choose("saved filters", choices)
        if chosen is not None:
            await self._filtering.hold(list(filters.values())[chosen])

    async def _choose_sort(self) -> None:
        from legion_tui.ui.screens.choosing import Choice

        choices = [Choice(sort.value, told) for sort, told in SORTS.items()]
        chosen = await self._acting.choose("sort", choices, marked=list(SORTS).index(self._board.ways.sort))
        if chosen is not None:
            self._board.ways.sort_by(list(SORTS)[chosen])
            self._screen.show_bars()

    async def _go_to(self) -> None:
        key = await self._acting.goto(lambda: self._board.rows)
        if key is not None and not self._board.ways.go_to(key):
            self._screen.notify("that is not on the board any more", severity="warning", markup=False)

    async def _look_at(self, row: Row, *, why: bool = False) -> None:
        self._screen.have_seen(row)
        command = await self._acting.detail(row, self._screen.snapshot, why=why)
        if command is None:
            return
        self._board.select(row.key)
        if self._board.selected == row.key:
            self.run(command)
        else:
            self._screen.notify(f"{row.shown_id} is not on the board any more", severity="warning", markup=False)
