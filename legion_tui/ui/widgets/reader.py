"""A dialog to read: a title, lines that scroll, and any of the usual keys to leave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from legion_tui.present.answer_layout import keys_line
from legion_tui.ui.widgets.prose import Maker, Prose, paint


class Reader(ModalScreen[None]):
    """Shows what `make` returns for its width. Subclasses give it something to show with `show_lines`."""

    DEFAULT_CLASSES: ClassVar[str] = "veil"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "leave", "close", id="reader.leave", show=False),
        Binding("down,j", "lines(1)", "down", id="reader.down", show=False),
        Binding("up,k", "lines(-1)", "up", id="reader.up", show=False),
        Binding("pagedown,space,ctrl+d", "pages(1)", "page down", id="reader.page_down", show=False),
        Binding("pageup,ctrl+u", "pages(-1)", "page up", id="reader.page_up", show=False),
        Binding("home,g", "top", "top", id="reader.top", show=False),
        Binding("end,G", "bottom", "bottom", id="reader.bottom", show=False),
    ]
    AUTO_FOCUS: ClassVar[str | None] = ""
    # What the frame says of keys.
    KEYS: ClassVar[Sequence[tuple[str, str]]] = (("esc", "close"), ("j/k", "scroll"))

    def __init__(self, heading: str, make: Maker) -> None:
        super().__init__()
        self._heading = heading
        self._maker = make

    def compose(self) -> ComposeResult:
        """Lay out the lines in a frame."""
        with Vertical(classes="dialog reader"), VerticalScroll(can_focus=False):
            yield Prose(self._maker)

    def on_mount(self) -> None:
        """Name the page and its keys."""
        frame = self.query_one(".reader")
        frame.border_title = Content(self._heading)
        frame.border_subtitle = paint([keys_line(self.KEYS, 40)])

    def show_lines(self, make: Maker) -> None:
        """Show something else in the same frame."""
        self._maker = make
        self.query_one(Prose).show(make)

    @property
    def _scroll(self) -> VerticalScroll:
        return self.query_one(VerticalScroll)

    def action_leave(self) -> None:
        """Close."""
        self.dismiss(None)

    def action_lines(self, step: int) -> None:
        """Scroll by lines."""
        self._scroll.scroll_relative(y=step, animate=False)

    def action_pages(self, step: int) -> None:
        """Scroll by pages."""
        self._scroll.scroll_relative(y=step * max(self._scroll.size.height - 1, 1), animate=False)

    def action_top(self) -> None:
        """Go to the first line."""
        self._scroll.scroll_home(animate=False)

    def action_bottom(self) -> None:
        """Go to the last line."""
        self._scroll.scroll_end(animate=False)
