"""Everything about one issue or session, in tabs: beside the board, or as a screen of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import IntEnum
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.reactive import var

from legion_tui.present import detail as pages
from legion_tui.present.glyphs import UNICODE, Glyphs
from legion_tui.present.prose import Line, Part, Role, crop, text_line
from legion_tui.present.why import why_lines
from legion_tui.state import EMPTY, IssueState, Snapshot, Worker
from legion_tui.ui.ports import Collector, LogLine
from legion_tui.ui.widgets.live_screen import LiveScreen
from legion_tui.ui.widgets.prose import Prose


class Tab(IntEnum):
    """The pages, by the digit that opens them."""

    SCREEN = 1
    ISSUE = 2
    PULL_REQUEST = 3
    LOG = 4
    WHY = 5

    @property
    def title(self) -> str:
        """The tab's word."""
        return {1: "Screen", 2: "Issue", 3: "PR", 4: "Log", 5: "Why"}[self.value]


def held_by_nobody(issue: str) -> str:
    """Return that no autopilot holds an issue back."""
    return ""


class DetailPane(Vertical):
    """Shows `target` as the newest snapshot has it. `show` is to be called with every snapshot and selection.

    `held` says why the autopilot leaves an issue alone, where it does.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(tab.value), f"tab({tab.value})", tab.title, id=f"detail.{tab.value}", show=False) for tab in Tab),
        Binding("tab,right_square_bracket", "turn(1)", "next tab", id="detail.next", show=False),
        Binding("shift+tab,left_square_bracket", "turn(-1)", "previous tab", id="detail.previous", show=False),
    ]
    tab: var[Tab] = var(Tab.SCREEN)

    def __init__(
        self,
        collector: Collector,
        *,
        now: Callable[[], datetime],
        glyphs: Glyphs = UNICODE,
        held: Callable[[str], str] = held_by_nobody,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._collector = collector
        self._now = now
        self._glyphs = glyphs
        self._held = held
        self._target: str | None = None
        self._snapshot = EMPTY
        # None: not read yet.
        self._log_lines: Sequence[LogLine] | None = None

    def compose(self) -> ComposeResult:
        """Lay out the head, the tabs and the page."""
        yield Prose(self._head, classes="detail-head")
        yield Prose(lambda width: (crop(self._tabs(), width),), classes="detail-tabs")
        yield LiveScreen(self._collector.screen)
        with VerticalScroll(classes="detail-page"):
            yield Prose(self._page)

    def on_mount(self) -> None:
        """Ages tick."""
        self.set_interval(1.0, self._tick)

    @property
    def target(self) -> str | None:
        """Which issue or session is shown."""
        return self._target

    @property
    def live(self) -> LiveScreen:
        """The worker's screen."""
        return self.query_one(LiveScreen)

    def show(self, target: str | None, snapshot: Snapshot) -> None:
        """Show an issue or a session as this snapshot has it; None where nothing is selected."""
        changed = target != self._target
        new = changed or snapshot is not self._snapshot
        self._target, self._snapshot = target, snapshot
        if changed:
            self._log_lines = None
            self.query_one(VerticalScroll).scroll_home(animate=False)
        self.live.target = target
        if new:
            self._refresh_page()
            self._read_log()

    def watch_tab(self) -> None:
        """Show another page."""
        if not self.is_mounted:
            return
        screen = self.tab is Tab.SCREEN
        focused = self.has_focus_within
        self.live.display = screen
        page = self.query_one(VerticalScroll)
        page.display = not screen
        page.scroll_home(animate=False)
        self._refresh_page()
        self._read_log()
        if screen:
            self.live.hurry()
        if focused:
            self.take_focus()

    def take_focus(self) -> None:
        """Give the keys to the page that is shown."""
        (self.live if self.tab is Tab.SCREEN else self.query_one(VerticalScroll)).focus()

    def action_tab(self, number: int) -> None:
        """Open a page by number."""
        self.tab = Tab(number)

    def action_turn(self, step: int) -> None:
        """Open the next or the previous page, round the ends."""
        self.tab = Tab((self.tab - 1 + step) % len(Tab) + 1)

    @on(Prose.Clicked, ".detail-tabs")
    def _tab_clicked(self, event: Prose.Clicked) -> None:
        column = 0
        for tab, (text, _) in zip(Tab, self._tabs()[::2], strict=False):
            column += len(text) + 1
            if event.column < column:
                self.tab = tab
                return

    @work(group="detail-log", exclusive=True)
    async def _read_log(self) -> None:
        if self.tab is not Tab.LOG or self._target is None:
            return
        target = self._target
        log = tuple(await self._collector.log(target))
        if target == self._target and log != self._log_lines:
            self._log_lines = log
            self._refresh_page()

    def _tick(self) -> None:
        self.query_one(".detail-head", Prose).show(self._head)
        if self.tab is Tab.WHY:
            self._refresh_page()

    def _refresh_page(self) -> None:
        self.query_one(".detail-head", Prose).show(self._head)
        self.query_one(".detail-tabs", Prose).show(lambda width: (crop(self._tabs(), width),))
        self.query_one(VerticalScroll).query_one(Prose).show(self._page)

    def _issue(self) -> IssueState | None:
        return self._snapshot.issue(self._target) if self._target is not None else None

    def _worker(self) -> Worker | None:
        return self._snapshot.worker_of(self._target) if self._target is not None else None

    def _head(self, width: int) -> Sequence[Line]:
        return (pages.head_line(self._issue(), self._worker(), self._now(), width, self._glyphs),)

    def _tabs(self) -> Line:
        parts: list[Part] = []
        for tab in Tab:
            role = Role.TAB_ON if tab is self.tab else Role.TAB
            parts += [(f" {tab.value} {tab.title} ", role), (" ", Role.TEXT)]
        return tuple(parts)

    def _page(self, width: int) -> Sequence[Line]:
        # A column is left for the scroll bar, so that it never covers a letter.
        width -= 1
        issue, worker = self._issue(), self._worker()
        if issue is None and worker is None:
            gone = "This is not on the board any more." if self._target is not None else "Nothing is selected."
            return (text_line(gone, Role.MUTED),)
        match self.tab:
            case Tab.ISSUE:
                return pages.issue_lines(issue, worker, self._now(), width)
            case Tab.PULL_REQUEST:
                return pages.pull_request_lines(issue, width, self._glyphs)
            case Tab.LOG:
                if self._log_lines is None:
                    return (text_line("Loading…", Role.MUTED),)
                return pages.log_lines([(line.at, line.text) for line in self._log_lines], width)
            case Tab.WHY:
                return why_lines(issue, worker, self._now(), width, held=self._held(issue.id) if issue else "")
            case _:
                return ()
