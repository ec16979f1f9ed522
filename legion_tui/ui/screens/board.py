"""The board with its header and footer: keys become commands here, each on the row that was painted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from legion_tui.present.board import Row
from legion_tui.present.header import order_words
from legion_tui.present.line import printable
from legion_tui.present.rows import Look
from legion_tui.state import EMPTY, Snapshot
from legion_tui.ui.command import Command
from legion_tui.ui.commands import COMMANDS, bindings
from legion_tui.ui.doing import Doing
from legion_tui.ui.ports import Collector
from legion_tui.ui.preferences import Preferences
from legion_tui.ui.reasons import Context
from legion_tui.ui.screens.beside import Beside
from legion_tui.ui.screens.commanding import BOARD, CommandScreen, Found
from legion_tui.ui.screens.filtering import Filtering
from legion_tui.ui.widgets.board import Board
from legion_tui.ui.widgets.footer import Footer, board_hints
from legion_tui.ui.widgets.header import Header, Notices

if TYPE_CHECKING:
    from legion_tui.ui.acting import Acting
    from legion_tui.ui.bulk import Bulk
    from legion_tui.ui.inboxing import Inboxing
    from legion_tui.ui.piloting import Piloting


class BoardScreen(CommandScreen):
    """Shows snapshots and has the keys of the declared commands do what those say."""

    HAS: ClassVar[tuple[Command, ...]] = COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = [*bindings()]

    def __init__(
        self,
        collector: Collector,
        acting: Acting,
        *,
        piloting: Piloting,
        bulk: Bulk,
        inboxing: Inboxing,
        look: Look,
        preferences: Preferences,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        super().__init__(look)
        self._collector = collector
        self._acting = acting
        self._piloting = piloting
        self._now = now
        self._monotonic = monotonic
        self.snapshot = EMPTY
        self.filters = preferences.filters
        self._preferences = preferences
        self._problem = ""
        self._beside = Beside(self, collector, look, now, held=piloting.held)
        self._filtering = Filtering(self)
        self._doing = Doing(
            self,
            acting,
            collector,
            piloting=piloting,
            bulk=bulk,
            inboxing=inboxing,
            beside=self._beside,
            filtering=self._filtering,
        )
        self._looked_at: Row | None = None

    def compose(self) -> ComposeResult:
        """Lay out header, notices, board and footer."""
        yield Header(self._look)
        yield Notices(self._look)
        with Horizontal(id="main"):
            yield Board(
                self._look,
                self._now,
                monotonic=self._monotonic,
                id=BOARD,
            )
        yield Footer(self._look)

    def on_mount(self) -> None:
        """Begin to read; one tick for all ages."""
        self.set_interval(1.0, self.tick)
        self.board.ways.begin(self._preferences.sort, compact=self._preferences.compact)
        self.show_bars()
        self._acting.restart()

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        self.snapshot = snapshot
        self._problem = ""
        self.board.update_snapshot(snapshot)
        self.show_bars()
        self._beside.show(self.board.row, self.snapshot)

    def fail(self, problem: str) -> None:
        """Say that reading broke off; what was read stays."""
        self._problem = problem
        self.show_bars()

    def tick(self) -> None:
        """Let ages grow, and take note of who works; what is not read now says nothing of that."""
        if not self._doing.paused:
            self.board.observe()
        if self.is_current:
            self.board.tick()
            self.show_bars()

    # What is shown around the board

    def on_resize(self) -> None:
        """Fit the bars again."""
        self.call_after_refresh(self.show_bars)

    @on(Board.Selected)
    def _selected(self) -> None:
        row = self.board.row
        if self.board.steered and self._looked_at is not None and (row is None or row.key != self._looked_at.key):
            self.have_seen(self._looked_at)
        self._looked_at = row
        self._collector.select(row.target if row is not None else None)
        self._show_footer()
        self._beside.show(self.board.row, self.snapshot)

    def have_seen(self, row: Row) -> None:
        """An ended turn waits for a person only until they looked at it."""
        if row.issue is not None and row.needs_you and row.question is None:
            self._collector.seen(row.target)

    def show_bars(self) -> None:
        """Show header, notices and footer as they are now."""
        width, now = self.size.width, self._now()
        paused, standing = self._doing.paused, self._piloting.standing
        self.query_one(Header).tell(
            self.snapshot,
            width,
            now,
            paused=paused,
            standing=standing,
            ordered=order_words(self.board.ways.view.name, self.board.ways.sort),
        )
        self.query_one(Notices).tell(self.snapshot, width, now, paused=paused, problem=self._problem, standing=standing)
        self._show_footer()

    def _show_footer(self) -> None:
        hints = board_hints(self.context(), self._look, away=self.board.away)
        self.query_one(Footer).tell(hints, self.size.width)

    # Commands

    def context(self) -> Context:
        """What a command would act on now."""
        return Context(
            snapshot=self.snapshot,
            row=self.board.row,
            group=self.board.folded_group,
            marked=self.board.marked,
            autopilot=self._piloting.standing,
            filters=tuple(self.filters),
            no_undo=self._acting.undoing.reason,
        )

    def finds(self) -> Iterable[Found]:
        """Every row by its name, and the filters that are saved."""
        for row in self.board.rows:
            if row.target:
                title = row.issue.issue.title if row.issue is not None else ""
                name = printable(f"{row.shown_id} {title}")
                yield Found(name, "go there", self.key_of("goto"), partial(self.board.ways.go_to, row.key))
        for name, text in self.filters.items():
            run = partial(self._doing.hold_filter, text)
            yield Found(printable(f"Filter: {name}"), printable(text), self.key_of("filters"), run)

    @property
    def runner(self) -> Doing:
        """What runs the commands."""
        return self._doing

    @on(Board.StepPressed)
    def _step_pressed(self) -> None:
        self.run_command("advance")

    @on(Board.Opened)
    def _opened(self) -> None:
        self.run_command("detail")

    # The filter

    def on_input_changed(self) -> None:
        """Filter while it is typed."""
        self._filtering.apply()

    def on_filter_line_kept(self) -> None:
        """Back to the board."""
        self._filtering.keep()

    def on_filter_line_ended(self) -> None:
        """Show all rows again."""
        self._filtering.end()
