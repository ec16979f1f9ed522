"""Lines with roles on the screen. Foreign text goes through here as `Content`, so nothing in it is markup."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.style import Style
from textual.visual import Visual
from textual.widget import Widget

from legion_tui.present.prose import Line, Role

Maker = Callable[[int], Sequence[Line]]

STYLES: dict[Role, str] = {
    Role.TEXT: "",
    Role.MUTED: "$legion-muted",
    Role.STRONG: "bold",
    Role.EMPHASIS: "italic",
    Role.HEADING: "bold",
    Role.LABEL: "$legion-muted",
    Role.RULE: "$legion-rule",
    Role.FRAME: "$primary",
    Role.CODE: "$text-accent",
    Role.STRING: "$text-success",
    Role.KEYWORD: "$text-secondary",
    Role.COMMENT: "italic $legion-muted",
    Role.LINK: "$text-primary",
    Role.ADDED: "$text-success",
    Role.REMOVED: "$text-error",
    Role.HUNK: "$text-secondary",
    Role.KEY: "$legion-key",
    Role.GOOD: "$legion-good",
    Role.WARN: "$legion-warn",
    Role.BAD: "$legion-bad",
    Role.BUSY: "$legion-busy",
    Role.POINTED: "bold",
    Role.POINTER: "bold $legion-needs",
    Role.CHOSEN: "bold $legion-good",
    Role.TAB: "$legion-muted",
    Role.TAB_ON: "$legion-tab on $legion-tab-ground bold",
}


def paint(lines: Iterable[Line]) -> Content:
    """Return the lines as one `Content`."""
    return Content("\n").join(Content.assemble(*((text, STYLES[role]) for text, role in line)) for line in lines)


class Prose(Widget):
    """Shows what a function makes of its width: asked again when the width changes, or something new is shown."""

    DEFAULT_CSS = """
    Prose { width: 1fr; height: auto; text-wrap: nowrap; text-overflow: clip; }
    """
    ALLOW_SELECT: ClassVar[bool] = True

    class Clicked(Message):
        """A line of this widget was clicked."""

        def __init__(self, prose: Prose, line: int, column: int, chain: int) -> None:
            super().__init__()
            self.prose = prose
            self.line = line
            self.column = column
            # Which one of clicks in quick succession it is, from 1.
            self.chain = chain

        @property
        def control(self) -> Prose:
            """The widget whose line it is."""
            return self.prose

    def __init__(self, make: Maker | None = None, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._make: Maker = make or (lambda width: ())
        self._made: tuple[int, Sequence[Line]] | None = None

    def show(self, make: Maker) -> None:
        """Show what `make` returns for the width there is; nothing is painted anew where that is the same as before."""
        self._make, before = make, self._made
        self._made = None
        if before is None or self.lines(before[0]) != before[1]:
            self.refresh(layout=True)

    def lines(self, width: int) -> Sequence[Line]:
        """Return the lines for a width, made once."""
        if self._made is None or self._made[0] != width:
            self._made = (width, tuple(self._make(width)))
        return self._made[1]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return one row per line."""
        return len(self.lines(width))

    def render(self) -> Content:
        """Return all lines, for who wants to copy from them."""
        return paint(self.lines(self.content_size.width))

    def render_line(self, y: int) -> Strip:
        """Paint one line. Only those in sight are asked for: a plan or a diff may have thousands."""
        width, ground = self.size.width, self.visual_style
        lines = self.lines(self.content_size.width)
        if y >= len(lines):
            return Strip.blank(width, ground.rich_style)
        content = paint(lines[y : y + 1])
        span = self.text_selection.get_span(y) if self.text_selection is not None else None
        if span is not None:
            marked = Style.from_styles(self.screen.get_component_styles("screen--selection"))
            start, end = span
            content = content.stylize(marked, start, len(content.plain) if end == -1 else end)
        strips = Visual.to_strips(self, content, width, 1, ground, apply_selection=False)
        return strips[0].apply_offsets(0, y)

    def on_click(self, event: events.Click) -> None:
        """Tell which line was clicked."""
        offset = event.get_content_offset(self)
        if offset is not None:
            self.post_message(self.Clicked(self, offset.y, offset.x, event.chain))
