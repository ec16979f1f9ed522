"""The line in which a filter is typed."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Static

from legion_tui.present.finding import query
from legion_tui.present.prose import Line, Role, wrap_text
from legion_tui.ui.widgets.prose import Prose
from legion_tui.ui.widgets.typed import TypedLine

_PLACEHOLDER = "words, or is: status: ci: review: mode: state: label: kind: id: title:   - in front turns it round"


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
        super().__init__(value, placeholder=_PLACEHOLDER, compact=True, select_on_focus=False, id=id)

    def action_leave(self) -> None:
        """End the filter."""
        self.post_message(self.Ended())

    def action_keep(self) -> None:
        """Leave the line as it is."""
        self.post_message(self.Kept())


class FilterBar(Vertical):
    """The line behind its sign, and under it what of it is not understood."""

    def __init__(self, value: str) -> None:
        super().__init__(id="filter-bar")
        self._line = FilterLine(value, id="filter")

    def compose(self) -> ComposeResult:
        """Lay out sign and line."""
        with Horizontal(id="filter-typed"):
            yield Static("/", id="filter-sign")
            yield self._line
        yield Prose(self._problems, id="filter-problems")

    def on_mount(self) -> None:
        """Show what is wrong with the filter that it begins with."""
        self.show_problems()

    @property
    def needle(self) -> str:
        """What is filtered for."""
        return self._line.value.strip()

    @needle.setter
    def needle(self, needle: str) -> None:
        self._line.value = needle

    def show_problems(self) -> None:
        """Show what of the filter is not understood; nothing where all of it is."""
        problems = self.query_one("#filter-problems", Prose)
        problems.display = bool(query(self.needle).problems)
        problems.show(self._problems)

    def _problems(self, width: int) -> list[Line]:
        return [line for told in query(self.needle).problems for line in wrap_text(told, width, Role.WARN)]

    def take_keys(self) -> None:
        """Let what is typed go into the line, from the next key on."""
        self.screen.set_focus(self._line)
