"""The board with its header and footer: keys become commands here, each on the row that was painted."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

import anyio
from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from legion_tui.present.board import Row
from legion_tui.present.line import printable
from legion_tui.present.rows import Look
from legion_tui.present.steps import browser_url, step_of
from legion_tui.state import EMPTY, Problem, Snapshot
from legion_tui.ui.commands import BY_ID, Context, bindings
from legion_tui.ui.ports import Collector
from legion_tui.ui.screens.beside import Beside
from legion_tui.ui.screens.filtering import Filtering
from legion_tui.ui.widgets.board import Board
from legion_tui.ui.widgets.footer import Footer
from legion_tui.ui.widgets.header import Header, Notices
from legion_tui.ui.widgets.toned import TONE_CLASSES

if TYPE_CHECKING:
    from legion_tui.ui.acting import Acting

# From this width on the detail stands beside the board.
_BESIDE = 140

# So long a key at the most waits for what the key before it opens.
_TYPED_AHEAD_SECONDS = 2.0

# The id of the widget that takes the keys.
BOARD = "board"

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


def _takes_keys(screen: Screen[Any], *, beside: Screen[Any]) -> bool:
    """Whether another screen is on top and ready for what is typed."""
    return screen is not beside and screen.is_mounted and (screen.AUTO_FOCUS == "" or screen.focused is not None)


class BoardScreen(Screen[None]):
    """Shows snapshots and turns keys into commands: `run_NAME` for each command that is declared."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings()]
    COMPONENT_CLASSES: ClassVar[set[str]] = {*TONE_CLASSES}
    AUTO_FOCUS: ClassVar[str | None] = "Board"

    board = getters.query_one(Board)

    def __init__(
        self,
        collector: Collector,
        acting: Acting,
        look: Look,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        super().__init__()
        self._collector = collector
        self._acting = acting
        self._look = look
        self._now = now
        self._monotonic = monotonic
        self._snapshot = EMPTY
        self._paused = False
        self._problem = ""
        self._beside = Beside(self, collector, look, now)
        self._filtering = Filtering(self)
        self._looked_at: Row | None = None
        # What the last command does beside the keys.
        self._opening: Worker[object] | None = None

    def compose(self) -> ComposeResult:
        """Lay out header, notices, board and footer."""
        yield Header(self._look)
        yield Notices(self._look)
        with Horizontal(id="main"):
            yield Board(self._look, self._now, monotonic=self._monotonic, id=BOARD)
        yield Footer(self._look)

    def on_mount(self) -> None:
        """Begin to read; one tick for all ages."""
        self.set_interval(1.0, self.tick)
        self._show_bars()
        self._acting.restart()

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        self._snapshot = snapshot
        self._problem = ""
        self.board.update_snapshot(snapshot)
        self._show_bars()
        self._beside.show(self.board.row, self._snapshot)

    def fail(self, problem: str) -> None:
        """Say that reading broke off; what was read stays."""
        self._problem = problem
        self._show_bars()

    def tick(self) -> None:
        """Let ages grow."""
        if self.is_current:
            self.board.tick()
            self._show_bars()

    # What is shown around the board

    def on_resize(self) -> None:
        """Fit the bars again."""
        self.call_after_refresh(self._show_bars)

    @on(Board.Selected)
    def _selected(self) -> None:
        row = self.board.row
        if self.board.steered and self._looked_at is not None and (row is None or row.key != self._looked_at.key):
            self._have_seen(self._looked_at)
        self._looked_at = row
        self._show_footer()
        self._beside.show(self.board.row, self._snapshot)

    def _have_seen(self, row: Row) -> None:
        """An ended turn waits for a person only until they looked at it."""
        if row.issue is not None and row.needs_you and row.question is None:
            self._collector.seen(row.target)

    def _show_bars(self) -> None:
        width, now = self.size.width, self._now()
        self.query_one(Header).tell(self._snapshot, width, now, paused=self._paused)
        self.query_one(Notices).tell(self._snapshot, width, now, paused=self._paused, problem=self._problem)
        self._show_footer()

    def _show_footer(self) -> None:
        self.query_one(Footer).tell(self.context(), self.size.width, away=self.board.away)

    @on(Footer.Pressed)
    def _footer_pressed(self, event: Footer.Pressed) -> None:
        self.run_command(event.command)

    # Commands

    def context(self) -> Context:
        """What a command would act on now."""
        return Context(snapshot=self._snapshot, row=self.board.row, group=self.board.folded_group)

    def reason(self, command_id: str) -> str:
        """Return why a command cannot act now, an empty string when it can."""
        return BY_ID[command_id].reason(self.context())

    def key_of(self, command_id: str) -> str:
        """Return the key of a command as it is shown."""
        return self._look.key(command_id)

    async def action_run(self, command_id: str, *arguments: int) -> None:
        """Run a command, or say why it cannot act. What is typed ahead waits for the dialog that a command opens."""
        self.run_command(command_id, *arguments)
        if self._opening is None:
            return
        with anyio.move_on_after(_TYPED_AHEAD_SECONDS):
            # A screen has no event to wait on for when it has its focus.
            while not self._opening.is_finished and not _takes_keys(self.app.screen, beside=self):  # noqa: ASYNC110
                await anyio.sleep(0.002)

    def run_command(self, command_id: str, *arguments: int) -> None:
        """Run a command, or say why it cannot act."""
        self._opening = None
        self.board.touch()
        if reason := self.reason(command_id):
            self.notify(reason, severity="warning", timeout=4, markup=False)
            return
        if (move := MOVES.get(command_id)) is not None:
            move(self.board)
        else:
            getattr(self, f"run_{command_id}")(*arguments)

    def _work(self, coroutine: Coroutine[Any, Any, object]) -> None:
        self._opening = self.run_worker(coroutine, group="commands", exit_on_error=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A command that broke is told, and the board goes on."""
        if event.state is WorkerState.ERROR:
            self.log.error(event.worker.error)
            self.notify(f"that failed: {event.worker.error!r}", severity="error", timeout=10, markup=False)

    def run_answer(self) -> None:
        """Open the question of the row."""
        if (row := self.board.row) is not None:
            self._work(self._acting.answer(row))

    def run_choose(self, choice: int) -> None:
        """Open the question of the row with a choice marked."""
        if (row := self.board.row) is not None:
            self._work(self._acting.answer(row, choice=choice))

    def run_advance(self) -> None:
        """Do what the row suggests; open a folded group."""
        row = self.board.row
        if self.board.unfold() or row is None:
            return
        command = step_of(row).command
        if command == "advance":
            self._work(self._acting.advance(row))
        else:
            self.run_command(command)

    def run_dispatch(self) -> None:
        """Start or resume the worker of the row."""
        if (row := self.board.row) is not None:
            self._work(self._acting.dispatch(row))

    def run_attach(self) -> None:
        """Go to the worker's window."""
        if (row := self.board.row) is not None:
            self._work(self._acting.attach(row.target))

    def run_open(self) -> None:
        """Open the row's page in the browser."""
        self._work(self._acting.browse(browser_url(self.board.row)))

    def run_copy(self) -> None:
        """Copy the row's id; of a record that could not be read, what is wrong with it."""
        row = self.board.row
        if row is None:
            return
        text = str(row.subject) if isinstance(row.subject, Problem) else row.target
        self.app.copy_to_clipboard(text)
        self.notify(f"copied {printable(text)}", timeout=3, markup=False)

    def run_detail(self) -> None:
        """Show everything about the row: beside the board where there is room, else instead of it."""
        if self.board.unfold():
            return
        if self._beside.is_open:
            self._beside.close()
        elif self.size.width >= _BESIDE:
            self._work(self._beside.open(self.board.row, self._snapshot))
        elif (row := self.board.row) is not None:
            self._work(self._look_at(row))

    def run_why(self) -> None:
        """Show why the suggested action is the one."""
        row = self.board.row
        if self.size.width >= _BESIDE:
            self._work(self._beside.open(row, self._snapshot, why=True))
        elif row is not None:
            self._work(self._look_at(row, why=True))

    def run_log(self) -> None:
        """Show what was done on the row."""
        if (row := self.board.row) is not None:
            self._work(self._acting.log(row))

    def run_new(self) -> None:
        """Add an issue."""
        self._work(self._acting.new())

    def run_help(self) -> None:
        """Show what the keys do."""
        self._work(self._acting.help())

    def run_palette(self) -> None:
        """Open the command palette."""
        self.app.action_command_palette()

    def run_quit(self) -> None:
        """Leave."""
        self.app.exit()

    def run_refresh(self) -> None:
        """Ask every source now; a reading that broke off is begun anew."""
        self._acting.restart()
        self._collector.refresh()
        self.notify("asking every source", timeout=2, markup=False)

    def run_pause(self) -> None:
        """Stop reading, or take it up again."""
        self._paused = not self._paused
        self._collector.pause(self._paused)
        self._show_bars()

    # Moving about

    def run_next_needing(self) -> None:
        """Go to the next row that needs a person."""
        if not self.board.move_to_needing():
            self.notify("nothing needs you", timeout=2, markup=False)

    @on(Board.StepPressed)
    def _step_pressed(self) -> None:
        self.run_command("advance")

    @on(Board.Opened)
    def _opened(self) -> None:
        self.run_command("detail")

    # The filter

    def run_filter(self) -> None:
        """Type a filter."""
        self._work(self._filtering.open())

    def run_cancel(self) -> None:
        """End the filter, else close the pane beside the board."""
        if self._filtering.is_open:
            self._filtering.end()
        elif self._beside.is_open:
            self._beside.close()

    def on_input_changed(self) -> None:
        """Filter while it is typed."""
        self._filtering.apply()

    def on_filter_line_kept(self) -> None:
        """Back to the board."""
        self._filtering.keep()

    def on_filter_line_ended(self) -> None:
        """Show all rows again."""
        self._filtering.end()

    # The detail beside the board

    async def _look_at(self, row: Row, *, why: bool = False) -> None:
        self._have_seen(row)
        command = await self._acting.detail(row, self._snapshot, why=why)
        if command is None:
            return
        self.board.select(row.key)
        if self.board.selected == row.key:
            self.run_command(command)
        else:
            self.notify(f"{row.shown_id} is not on the board any more", severity="warning", markup=False)
