"""The manual, with the keys and glyphs that are in use."""

from __future__ import annotations

from legion_tui.present.manual import manual
from legion_tui.present.markdown import markdown_lines
from legion_tui.present.rows import Look
from legion_tui.ui.widgets.reader import Reader


class ManualScreen(Reader):
    """Shows what the screen shows, and what can be done."""

    def __init__(self, look: Look) -> None:
        text = manual(look.keys, look.glyphs)
        super().__init__("manual", lambda width: markdown_lines(text, width - 1))
