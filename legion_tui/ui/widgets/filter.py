"""The line in which a filter is typed."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input


class FilterLine(Input):
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
