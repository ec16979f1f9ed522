"""A message to a worker: what it is to be told, and what already waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from legion_tui.present.answer_layout import keys_line
from legion_tui.present.message import message_about
from legion_tui.present.prose import Line
from legion_tui.state import Worker
from legion_tui.state.journal import QueuedMessage
from legion_tui.ui.screens.writing import WritingScreen, writing_keys
from legion_tui.ui.widgets.prose import Prose, paint
from legion_tui.ui.widgets.typed import TypedArea


class Messaged(Enum):
    """What the dialog may give beside a text."""

    TAKE_BACK = "take back"


class MessageScreen(WritingScreen[str | Messaged]):
    """Gives the text to send, `TAKE_BACK` for what waits, or None. `text` is what to begin with."""

    DEFAULT_CLASSES: ClassVar[str] = "veil"
    BINDINGS: ClassVar[list[BindingType]] = [
        *writing_keys("message"),
        Binding("ctrl+x", "take_back", "take back", id="message.take_back", show=False, priority=True),
    ]
    AUTO_FOCUS: ClassVar[str | None] = "#message-text"

    def __init__(self, worker: Worker, waiting: Sequence[QueuedMessage], *, text: str = "", shown_id: str = "") -> None:
        super().__init__()
        self._worker = worker
        self._waiting = tuple(waiting)
        self._text = text
        self._shown_id = shown_id

    def compose(self) -> ComposeResult:
        """Lay out the text over what is to be known."""
        with Vertical(id="message", classes="dialog"):
            yield TypedArea(self._text, placeholder="What it is to be told", compact=True, id="message-text")
            yield Prose(self._about, id="message-about")

    def on_mount(self) -> None:
        """Name the dialog; what is there already is gone on with at its end."""
        self.query_one("#message").border_title = Content(f"message to {self._shown_id or self._worker.session_id[:8]}")
        text = self.query_one(TypedArea)
        text.move_cursor(text.document.end)

    def on_resize(self) -> None:
        """Name as many keys as there is room for."""
        keys = [("enter", "send"), ("esc", "cancel"), ("ctrl+j", "new line")]
        keys += [("ctrl+x", "take back what waits")] if self._waiting else []
        self.query_one("#message").border_subtitle = paint([keys_line(keys, max(min(self.app.size.width, 90) - 6, 20))])

    def _about(self, width: int) -> Sequence[Line]:
        return message_about(self._worker, self._waiting, self._warning, width)

    def show(self) -> None:
        """Paint what is to be known."""
        self.query_one("#message-about", Prose).show(self._about)

    def give(self) -> None:
        """Send what is written; an empty message is none."""
        text = self.written.strip()
        if text:
            self.dismiss(text)
        else:
            self.say("There is nothing to send.", bell=True)

    def action_take_back(self) -> None:
        """Take back what waits; what is written here is not sent."""
        if self._waiting:
            self.dismiss(Messaged.TAKE_BACK)
        else:
            self.say("No message waits for it.", bell=True)
