"""Lines of (text, tone) parts as strips, in the colours of the theme."""

from __future__ import annotations

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from legion_tui.present.line import Line, Tone

# A style sheet says how each looks. They belong to the screen, once, not to each widget: matching them costs a start.
TONE_CLASSES = frozenset({"tone--selected", *(f"tone--{tone.value}" for tone in Tone if tone)})


class Toned(Widget):
    """A widget that paints tones, on a screen that has `TONE_CLASSES` among its component classes."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._styles_of: dict[tuple[Tone, bool], Style] = {}

    def notify_style_update(self) -> None:
        """Forget the colours of the theme that was."""
        super().notify_style_update()
        self._styles_of.clear()

    def tone_style(self, tone: Tone, *, selected: bool = False) -> Style:
        """Return the style of a tone, on the ground of the selection or of the widget."""
        style = self._styles_of.get((tone, selected))
        if style is None:
            style = self.rich_style
            if selected:
                style += self.screen.get_component_rich_style("tone--selected", partial=True)
            if tone:
                style += self.screen.get_component_rich_style(f"tone--{tone.value}", partial=True)
            self._styles_of[tone, selected] = style
        return style

    def strip_of(self, line: Iterable[tuple[str, Tone]], width: int, *, selected: bool = False) -> Strip:
        """Return the strip of a line that is `width` cells wide."""
        styled = [Segment(text, self.tone_style(tone, selected=selected)) for text, tone in line]
        return Strip(styled, width).simplify()


class LineBar(Toned):
    """Some lines that a function of the width makes; painted again only when one of them differs."""

    DEFAULT_CSS = """
    LineBar { height: 1; width: 1fr; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: tuple[Line, ...] = ()

    def show(self, lines: tuple[Line, ...]) -> None:
        """Show these lines, each as wide as the widget."""
        if lines == self._lines:
            return
        self._lines = lines
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Paint a line."""
        width = self.size.width
        if y >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        return self.strip_of(self._lines[y], width).adjust_cell_length(width, self.rich_style)
