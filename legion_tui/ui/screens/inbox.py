"""All pending questions, what waits longest first; beside the list, where it is wide, all that is asked."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.worker import Worker

from legion_tui.present.footer import Hint
from legion_tui.present.inbox import alike, inbox_rows
from legion_tui.present.inbox_context import context_lines
from legion_tui.present.prose import Line
from legion_tui.present.rows import Look
from legion_tui.present.views import INBOX
from legion_tui.state import EMPTY, Snapshot
from legion_tui.ui.command import Command
from legion_tui.ui.commands import BY_ID, INBOX_COMMANDS, INBOX_FOOTER, bindings
from legion_tui.ui.ports import Collector
from legion_tui.ui.reasons import Context
from legion_tui.ui.running import Runner
from legion_tui.ui.screens.commanding import BOARD, CommandScreen
from legion_tui.ui.widgets.board import Board
from legion_tui.ui.widgets.footer import Footer, hint
from legion_tui.ui.widgets.header import Header
from legion_tui.ui.widgets.prose import Prose

if TYPE_CHECKING:
    from legion_tui.ui.acting import Acting
    from legion_tui.ui.app import LegionApp
    from legion_tui.ui.inboxing import Inboxing

# From this width on what is asked stands beside the list.
_BESIDE = 100


class InboxRunner(Runner):
    """The commands of the inbox."""

    def __init__(self, screen: InboxScreen, acting: Acting, collector: Collector, inboxing: Inboxing) -> None:
        super().__init__(screen, acting, collector)
        self._screen: InboxScreen = screen
        self._inboxing = inboxing

    def run_answer(self) -> None:
        """Open the question of the row, and go on to the next once it is answered."""
        self._answer(None)

    def run_choose(self, choice: int | None = None) -> None:
        """Open the question of the row with a choice marked, and go on to the next once it is answered."""
        self._answer(choice)

    def run_inbox_open(self) -> None:
        """Open the question of the row."""
        self.run_answer()

    def run_inbox_alike(self) -> None:
        """Give all that ask the same one answer."""
        if (row := self._board.row) is not None:
            self.work(self._inboxing.answer_alike(row))

    def run_inbox_further(self) -> None:
        """Scroll what is asked."""
        self._screen.scroll_context(1)

    def run_inbox_back(self) -> None:
        """Scroll what is asked back."""
        self._screen.scroll_context(-1)

    def run_leave(self) -> None:
        """Back to the board."""
        self._screen.dismiss(None)

    def _answer(self, choice: int | None) -> None:
        if (row := self._board.row) is not None:
            go_on = partial(self._screen.go_on_from, row.key)
            self.work(self._acting.asking.answer(row, choice=choice, confirmed=go_on))


class InboxScreen(CommandScreen):
    """Shows the questions of every snapshot that it is shown; gives nothing when it is left."""

    HAS: ClassVar[tuple[Command, ...]] = INBOX_COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(INBOX_COMMANDS)]

    def __init__(
        self,
        snapshot: Snapshot,
        collector: Collector,
        acting: Acting,
        inboxing: Inboxing,
        *,
        look: Look,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        super().__init__(look)
        self.snapshot = snapshot
        self._now = now
        self._monotonic = monotonic
        self._looked_at = ""
        self._runner = InboxRunner(self, acting, collector, inboxing)

    def compose(self) -> ComposeResult:
        """Lay out the header, the list with what is asked beside it, and the keys."""
        yield Header(self._look)
        with Horizontal(id="main"):
            yield Board(self._look, self._now, monotonic=self._monotonic, view=INBOX, id=BOARD)
            with VerticalScroll(id="inbox-context", can_focus=False):
                yield Prose(self._asked)
        yield Footer(self._look)

    def on_mount(self) -> None:
        """Show what is known; one tick for all ages."""
        self.set_interval(1.0, self.tick)
        self._take()

    @property
    def runner(self) -> InboxRunner:
        """What runs the commands."""
        return self._runner

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot."""
        self.snapshot = snapshot
        if self.is_mounted:
            self._take()

    def _take(self) -> None:
        if self.snapshot is not EMPTY:
            self.board.update_snapshot(self.snapshot)
        self._show_bars()

    def tick(self) -> None:
        """Let ages grow."""
        if self.is_current:
            self.board.tick()
            self._show_bars()

    def go_on_from(self, key: str) -> None:
        """Select the next question after the one that was answered, if nobody has selected another meanwhile."""
        if self.board.selected == key:
            self.board.move_to_needing()

    def scroll_context(self, pages: int) -> None:
        """Scroll what is asked by pages."""
        scroll = self.query_one("#inbox-context", VerticalScroll)
        scroll.scroll_relative(y=pages * max(scroll.size.height - 1, 1), animate=False)

    def context(self) -> Context:
        """What a command would act on now."""
        return Context(snapshot=self.snapshot, row=self.board.row)

    def work(self, coroutine: Coroutine[Any, Any, object]) -> Worker[object]:
        """Do something beside the keys that goes on when this is left."""
        app: LegionApp = self.app  # type: ignore[assignment]
        return app.work(coroutine)

    def on_resize(self) -> None:
        """Fit again."""
        self.query_one("#inbox-context").display = self.size.width >= _BESIDE
        self.call_after_refresh(self._show_bars)

    @on(Board.Selected)
    def _selected(self) -> None:
        # That the same row has changed is no reason to lose one's place.
        if self.board.selected != self._looked_at:
            self._looked_at = self.board.selected
            self.query_one("#inbox-context", VerticalScroll).scroll_home(animate=False)
        self._show_bars()

    @on(Board.StepPressed)
    @on(Board.Opened)
    def _opened(self) -> None:
        self.run_command("inbox.open")

    def _show_bars(self) -> None:
        self.query_one(Header).tell(self.snapshot, self.size.width, self._now(), paused=False)
        self.query_one("#inbox-context Prose", Prose).show(self._asked)
        self.query_one(Footer).tell(self._hints(), self.size.width)

    def _asked(self, width: int) -> list[Line]:
        row = self.board.row
        same = len(alike(row, inbox_rows(self.snapshot)))
        # A column is left for the scroll bar.
        return context_lines(row, self._now(), width - 1, same=same, key=self._look.key("inbox.alike"))

    def _hints(self) -> list[Hint]:
        context = self.context()
        hints = [hint(command, self._look) for command in INBOX_FOOTER if not BY_ID[command].reason(context)]
        same = alike(context.row, inbox_rows(self.snapshot))
        return [hint("inbox.alike", self._look, f"answer {len(same)} alike"), *hints] if same else hints
