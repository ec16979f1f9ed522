"""The line in which a filter is typed."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Static

from legion_tui.ui.widgets.typed import TypedLine


class FilterLine(TypedLine):
    """Tells every change of its text; enter keeps the filter, escape ends it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "show all", show=False),
        Binding("enter,down,up", "keep", "to the rows", show=False),
    ]

    class Kept(Message):
        """Back to the rows that are left."""

    class Ended(Message):
        """Back to all rows."""

    def __init__(self, value: str, *, id: str | None = None) -> None:
        super().__init__(value, placeholder="id, title, status or state", compact=True, select_on_focus=False, id=id)

    def action_leave(self) -> None:
        """End the filter."""
        self.post_message(self.Ended())

    def action_keep(self) -> None:
        """Leave the line as it is."""
        self.post_message(self.Kept())


class FilterBar(Horizontal):
    """The line behind its sign."""

    def __init__(self, value: str) -> None:
        super().__init__(id="filter-bar")
        self._line = FilterLine(value, id="filter")

    def compose(self) -> ComposeResult:
        """Lay out sign and line."""
        yield Static("/", id="filter-sign")
        yield self._line

    @property
    def needle(self) -> str:
        """What is filtered for."""
        return self._line.value.strip()

    def take_keys(self) -> None:
        """Let what is typed go into the line, from the next key on."""
        self.screen.set_focus(self._line)
