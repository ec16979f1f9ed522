"""A box for a person's own words: Enter takes them, and other keys give a new line."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message

from legion_tui.ui.widgets.typed import TypedArea


class Words(TypedArea):
    """Enter takes the words; ctrl+j, and shift+enter or alt+enter where the terminal sends them, breaks the line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back", id="words.leave", show=False),
        Binding("ctrl+j,shift+enter,alt+enter", "newline", "new line", id="words.newline", show=False),
    ]

    class Taken(Message):
        """The words are finished."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The box was left; the words are kept."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, compact=True, soft_wrap=True, highlight_cursor_line=False, tab_behavior="focus")

    def begin(self, prompt: str, text: str) -> None:
        """Open the box with words that may be there already, the cursor behind them."""
        self.border_title = Content(prompt)
        self.text = text
        self.move_cursor(self.document.end)
        self.display = True
        # At once: what is typed ahead is for this box.
        self.screen.set_focus(self)

    async def _on_key(self, event: events.Key) -> None:
        # Comes before the text area's own handler, which would break the line.
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self.post_message(self.Taken(self.text))

    def action_newline(self) -> None:
        """Break the line."""
        self.insert("\n")

    def action_leave(self) -> None:
        """Go back to the choices."""
        self.post_message(self.Left(self.text))
