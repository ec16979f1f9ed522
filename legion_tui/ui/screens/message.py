"""A message to a worker: what it is to be told, and what already waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from legion_tui.present.answer_layout import keys_line
from legion_tui.present.message import message_about
from legion_tui.present.prose import Line
from legion_tui.state import Worker
from legion_tui.state.journal import QueuedMessage
from legion_tui.ui.widgets.prose import Prose, paint
from legion_tui.ui.widgets.typed import TypedArea, after_typing


class Messaged(Enum):
    """What the dialog may give beside a text."""

    TAKE_BACK = "take back"


class MessageScreen(ModalScreen[str | Messaged | None]):
    """Gives the text to send, `TAKE_BACK` for what waits, or None. `text` is what to begin with."""

    DEFAULT_CLASSES: ClassVar[str] = "veil"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,ctrl+s", "send", "send", id="message.send", show=False, priority=True),
        # Few terminals tell shift+enter from enter; ctrl+j is what all of them send.
        Binding("ctrl+j,shift+enter", "line", "new line", id="message.line", show=False, priority=True),
        Binding("ctrl+x", "take_back", "take back", id="message.take_back", show=False, priority=True),
        Binding("escape", "leave", "cancel", id="message.leave", show=False, priority=True),
    ]
    AUTO_FOCUS: ClassVar[str | None] = "#message-text"

    def __init__(self, worker: Worker, waiting: Sequence[QueuedMessage], *, text: str = "", shown_id: str = "") -> None:
        super().__init__()
        self._worker = worker
        self._waiting = tuple(waiting)
        self._text = text
        self._shown_id = shown_id
        self._warning = ""
        # The text that the warning is about.
        self._warned_of = ""
        self._leaving = False

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

    @on(TypedArea.Changed)
    def _written(self) -> None:
        # A change is told after keys that came behind it: it may be older than the warning.
        if self.query_one(TypedArea).text != self._warned_of:
            self._leaving = False
            self._say("")

    def _say(self, warning: str) -> None:
        self._warning = warning
        self._warned_of = self.query_one(TypedArea).text if warning else ""
        self.query_one("#message-about", Prose).show(self._about)

    def action_send(self) -> None:
        """Send what is written; an empty message is none."""
        after_typing(self, self._give)

    def _give(self) -> None:
        text = self.query_one(TypedArea).text.strip()
        if text:
            self.dismiss(text)
        else:
            self._say("There is nothing to send.")
            self.app.bell()

    def action_line(self) -> None:
        """Begin a new line."""
        after_typing(self, self._break_line)

    def _break_line(self) -> None:
        self.query_one(TypedArea).insert("\n")

    def action_take_back(self) -> None:
        """Take back what waits; what is written here is not sent."""
        if self._waiting:
            self.dismiss(Messaged.TAKE_BACK)
        else:
            self._say("No message waits for it.")
            self.app.bell()

    def action_leave(self) -> None:
        """Leave; what was written is thrown away only at the second press."""
        after_typing(self, self._leave)

    def _leave(self) -> None:
        if self.query_one(TypedArea).text.strip() and not self._leaving:
            self._leaving = True
            self._say("esc again throws this away.")
            return
        self.dismiss(None)
