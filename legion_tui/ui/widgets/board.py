"""The board: a sheet painted line by line, only the lines that changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import ClassVar

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from legion_tui.present.arrange import Kind, Stop
from legion_tui.present.board import Row
from legion_tui.present.rows import Look
from legion_tui.present.scrolling import anchors, away, held, revealed
from legion_tui.present.sheet import Sheet
from legion_tui.present.views import BOARD, View
from legion_tui.state import EMPTY, Snapshot
from legion_tui.ui.widgets.board_strips import BoardStrips
from legion_tui.ui.widgets.board_ways import Ways
from legion_tui.ui.widgets.settling import Settling
from legion_tui.ui.widgets.toned import Toned


class Board(Toned, ScrollView, can_focus=True, inherit_bindings=False):
    """Shows snapshots. What is selected is an id: no refresh, sort or resize selects something else."""

    ALLOW_SELECT: ClassVar[bool] = False

    class Selected(Message):
        """Another row or folded group is selected, or what it shows has changed."""

    class StepPressed(Message):
        """The next step of the selected row was pressed with the mouse."""

    class Opened(Message):
        """The selected row was pressed twice."""

    def __init__(
        self,
        look: Look,
        now: Callable[[], datetime],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        view: View = BOARD,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._sheet = Sheet(look, view)
        self._now = now
        self.ways = Ways(self, self._sheet)
        self._strips = BoardStrips(self, self._sheet, now)
        self._settling = Settling(self, monotonic, self._settle_left_alone)
        # Whether somebody has pressed a key or moved the mouse here yet.
        self.steered = False
        self._fitting = False
        self._pressed: Stop | None = None
        self._pressed_step = False

    @property
    def selected(self) -> str:
        """The key of what is selected; empty where there is nothing to select."""
        return self._sheet.selected

    @property
    def row(self) -> Row | None:
        """The selected row, as it was painted."""
        return self._sheet.row

    @property
    def folded_group(self) -> str | None:
        """The group that is selected, where it is a folded one."""
        return self._sheet.folded_group

    @property
    def marked(self) -> tuple[Row, ...]:
        """The rows that are marked, in sight or not."""
        return self._sheet.marked_rows

    @property
    def needle(self) -> str:
        """The text that is filtered for."""
        return self._sheet.needle

    @property
    def away(self) -> str:
        """Where the selected row is, `above` or `below`, when it is out of sight; empty where it is in sight."""
        return away(self._sheet.stop, self.scroll_offset.y, self.size.height)

    # What changes

    def update_snapshot(self, snapshot: Snapshot) -> None:
        """Show a snapshot: contents at once, another order once nobody touches the board."""
        first = self._sheet.snapshot is EMPTY
        changed = self._sheet.adopt(snapshot)
        self.observe()
        if not first and self._sheet.keeps_places():
            self._refresh_changed(changed)
        elif first or self._settling.is_left_alone:
            self.settle()
        else:
            self._refresh_changed(changed)
            self._settling.later()
        if self.selected in changed:
            self.post_message(self.Selected())

    def settle(self) -> None:
        """Sort now, and keep what is selected, and what is in sight, where they are.

        Until somebody steers, what needs a person first is selected, however the rows come in.
        """
        self.rearrange(lambda: self._sheet.settle(self.line_width, anew=not self.steered))

    def filter(self, needle: str) -> None:
        """Show only rows that hold `needle`; an empty one shows all."""
        if needle != self._sheet.needle:
            self.touch()
            self._sheet.needle = needle
            self.settle()
            self.reveal()

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every row, in sight or not."""
        return self._sheet.rows

    def toggle(self, group: str) -> None:
        """Fold a group, or open it."""
        self.rearrange(lambda: self._sheet.toggle(group, self.line_width))
        self.reveal()

    def fold(self) -> None:
        """Fold the group of the selected row."""
        stop = self._sheet.stop
        if stop is not None and stop.kind is Kind.ROW and stop.group is not None:
            self.toggle(stop.group)

    def unfold(self) -> bool:
        """Open the selected folded group, and return whether one was selected."""
        group = self.folded_group
        if group is not None:
            self.toggle(group)
        return group is not None

    def toggle_mark(self) -> None:
        """Mark the selected row, or take its mark away."""
        self._sheet.toggle_mark()
        self._marked_anew()

    def unmark(self, keys: Iterable[str] | None = None) -> None:
        """Take these marks away, or all."""
        self._sheet.marked = set() if keys is None else self._sheet.marked - set(keys)
        self._marked_anew()

    def _marked_anew(self) -> None:
        self._refresh_changed(set())
        self.post_message(self.Selected())

    def tick(self) -> None:
        """Paint again what shows another age than before, or other activity."""
        self._refresh_changed(set())

    def observe(self) -> None:
        """Take note of who works just now."""
        self._sheet.activity.feed(self._sheet.snapshot, self._now())

    def touch(self) -> None:
        """Remember that a key was pressed or the mouse moved."""
        self._settling.touch()
        self.steered = True

    # Moving about

    def move(self, by: int) -> None:
        """Select the row so many further down, stopping at the ends."""
        self.select(self._sheet.beside(by))

    def move_page(self, direction: int) -> None:
        """Select what is a screen further down or up."""
        self.select(self._sheet.further(direction * max(self.size.height - 2, 1)))

    def move_to_end(self, *, last: bool) -> None:
        """Select the first row, or the last."""
        order = self._sheet.arrangement.selectable
        if order:
            self.select(order[-1 if last else 0])

    def move_to_needing(self) -> bool:
        """Select the next row that needs a person, and return whether there is one."""
        sheet = self._sheet
        key = sheet.next_needing()
        if key is None and (group := sheet.folded_needing()) is not None:
            self.toggle(group)
            key = sheet.selected if sheet.row is not None and sheet.row.needs_you else sheet.next_needing()
        if key is not None:
            self.select(key)
        return key is not None

    def select(self, key: str) -> None:
        """Select what has this key, and have it in sight."""
        if key not in self._sheet.arrangement.places:
            return
        before = self.selected
        self.steered = True
        self._sheet.select(key)
        for changed in {before, key}:
            stop = self._sheet.arrangement.stop(changed)
            if stop is not None:
                self.refresh_lines(stop.y, stop.height)
        self.reveal()
        if before != key:
            self.post_message(self.Selected())

    # Painting

    def notify_style_update(self) -> None:
        """Paint everything again in the colours of another theme."""
        super().notify_style_update()
        self._strips.forget()

    def render_line(self, y: int) -> Strip:
        """Paint a line of the viewport."""
        width = self.line_width
        if self._sheet.columns.width != width and not self._fitting:
            # Not every change of the size comes as an event: one that a neighbour caused does not.
            self._fitting = self.call_later(self.on_resize)
        y += self.scroll_offset.y
        return self._strips.line(y, width)

    # The mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Select what is under the mouse, and remember what it was."""
        self.touch()
        y = event.y + self.scroll_offset.y
        stop = self._pressed = self._sheet.arrangement.at(event.x, y)
        self._pressed_step = stop is not None and stop.y == y and event.x >= self._sheet.columns.step_x
        if stop is not None and stop.kind is Kind.ROW:
            self.select(stop.key)

    def on_click(self, event: events.Click) -> None:
        """Act on what was under the mouse when it was pressed, whatever is there now."""
        stop = self._pressed
        if stop is None:
            return
        if stop.kind in (Kind.HEADER, Kind.FOLDED) and stop.group is not None:
            self.toggle(stop.group)
        elif stop.kind is Kind.ROW and stop.key == self.selected:
            if self._pressed_step:
                self.post_message(self.StepPressed())
            elif event.chain == 2:
                self.post_message(self.Opened())

    def on_mouse_move(self) -> None:
        """The mouse over the board keeps rows in their places."""
        self.touch()

    def on_resize(self) -> None:
        """Fit into another width, and keep what is selected in sight."""
        self._fitting = False
        if self._sheet.columns.width != self.line_width:
            self.rearrange(lambda: self._sheet.lay_out(self.line_width))
        self.reveal()

    # Inside

    @property
    def line_width(self) -> int:
        """The cells of a line; the scroll bar's column is not one of them, whether it shows or not."""
        return self.scrollable_content_region.width

    def rearrange(self, change: Callable[[], None]) -> None:
        """Change the arrangement, and keep the row at the top of the viewport there.

        At the very top what is new comes into sight instead.
        """
        top, before = self.scroll_offset.y, self.selected
        rows = anchors(self._visible(), top)
        self._strips.forget()
        change()
        arrangement = self._sheet.arrangement
        self.virtual_size = Size(self.line_width, arrangement.height)
        if (line := held(rows, arrangement, top)) is not None:
            self.scroll_to(y=line, animate=False)
        self.refresh()
        if self.selected != before:
            self.post_message(self.Selected())

    def reveal(self) -> None:
        """Scroll so that what is selected is in sight."""
        stop, height = self._sheet.stop, self.size.height
        if stop is None or not height:
            return
        line = revealed(self._sheet.arrangement, stop, self.scroll_offset.y, height)
        if line is not None:
            self.scroll_to(y=line, animate=False)

    def _visible(self) -> list[Stop]:
        return self._sheet.visible(self.scroll_offset.y, self.size.height)

    def _refresh_changed(self, keys: set[str]) -> None:
        """Paint again what is in sight and of these keys, or is no longer what was painted."""
        for stop in self._visible():
            if stop.key in keys or self._strips.differ(stop, self.line_width):
                self.refresh_lines(stop.y, stop.height)

    def _settle_left_alone(self) -> None:
        if not self._sheet.keeps_places():
            self.settle()
