"""A message to several workers: the text, who would get it, and then who got it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from legion_tui.present.answer_layout import keys_line
from legion_tui.present.bulk import Found, bulk_lines
from legion_tui.present.prose import Line
from legion_tui.state import WorkerReceipt
from legion_tui.ui.widgets.prose import Prose, paint
from legion_tui.ui.widgets.typed import TypedArea, after_typing


class BulkScreen(ModalScreen[None]):
    """Stays until it is left; `send` is called once at the most. `names` are by target, in the board's order.

    `took` is to be called with what is foreseen of each, and once it is `sent` with each receipt.
    """

    DEFAULT_CLASSES: ClassVar[str] = "veil"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,ctrl+s", "send", "send", id="bulk.send", show=False, priority=True),
        # Few terminals tell shift+enter from enter; ctrl+j is what all of them send.
        Binding("ctrl+j,shift+enter", "line", "new line", id="bulk.line", show=False, priority=True),
        Binding("pagedown,ctrl+d", "scroll(1)", "down", id="bulk.down", show=False, priority=True),
        Binding("pageup,ctrl+u", "scroll(-1)", "up", id="bulk.up", show=False, priority=True),
        Binding("escape", "leave", "cancel", id="bulk.leave", show=False, priority=True),
    ]
    AUTO_FOCUS: ClassVar[str | None] = "#message-text"

    def __init__(
        self,
        names: Mapping[str, str],
        *,
        text: str,
        objection: Callable[[str], str],
        send: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._names = dict(names)
        self._receipts: dict[str, WorkerReceipt] = {}
        self._text = text
        self._objection = objection
        self._send = send
        self._warning = ""
        # The text that the warning is about.
        self._warned_of = ""
        self._leaving = False
        self.sent = False

    @property
    def found(self) -> Found:
        """What is known of each."""
        return {target: (shown, self._receipts.get(target)) for target, shown in self._names.items()}

    def compose(self) -> ComposeResult:
        """Lay out the text over the list."""
        with Vertical(id="bulk", classes="dialog"):
            yield TypedArea(self._text, placeholder="What they are to be told", compact=True, id="message-text")
            with VerticalScroll(can_focus=False):
                yield Prose(self._list)

    def on_mount(self) -> None:
        """Name the dialog; what is there already is gone on with at its end."""
        self.query_one("#bulk").border_title = Content(f"message to {len(self._names)} workers")
        text = self.query_one(TypedArea)
        text.move_cursor(text.document.end)

    def on_resize(self) -> None:
        """Name as many keys as there is room for."""
        keys = [("enter", "send"), ("esc", "cancel"), ("ctrl+j", "new line"), ("pgdn", "the list")]
        if self.sent:
            keys = [("enter", "close"), ("pgdn", "the list")]
        width = max(min(self.app.size.width, 90) - 6, 20)
        self.query_one("#bulk").border_subtitle = paint([keys_line(keys, width)])

    def took(self, target: str, receipt: WorkerReceipt) -> None:
        """Show what is foreseen of a worker, or what came of it; nothing once the dialog is left."""
        self._receipts[target] = receipt
        self._show()

    def _list(self, width: int) -> Sequence[Line]:
        # A column is left for the scroll bar.
        return bulk_lines(self.found, width - 1, sent=self.sent, warning=self._warning)

    def _say(self, warning: str) -> None:
        self._warning = warning
        self._warned_of = self.query_one(TypedArea).text if warning else ""
        self._show()

    def _show(self) -> None:
        if self.is_attached and self.is_mounted:
            self.query_one(Prose).show(self._list)

    @on(TypedArea.Changed)
    def _written(self) -> None:
        # A change is told after keys that came behind it: it may be older than the warning.
        if self.query_one(TypedArea).text != self._warned_of:
            self._leaving = False
            self._say("")

    def action_send(self) -> None:
        """Send what is written, if it may go to several; once it was sent, leave."""
        after_typing(self, self._send_written)

    def _send_written(self) -> None:
        if self.sent:
            self.dismiss(None)
            return
        text = self.query_one(TypedArea)
        written = text.text.strip()
        why = self._objection(written) if written else "There is nothing to send."
        if why:
            self._say(why if not written else f"Not sent to any: {why}.")
            self.app.bell()
            return
        self.sent = True
        self._receipts.clear()
        text.disabled = True
        self._say("")
        self.on_resize()
        self._send(written)

    def action_line(self) -> None:
        """Begin a new line."""
        after_typing(self, self._break_line)

    def _break_line(self) -> None:
        if not self.sent:
            self.query_one(TypedArea).insert("\n")

    def action_scroll(self, step: int) -> None:
        """Scroll the list."""
        scroll = self.query_one(VerticalScroll)
        scroll.scroll_relative(y=step * max(scroll.size.height - 1, 1), animate=False)

    def action_leave(self) -> None:
        """Leave; what was written is thrown away only at the second press. What is being sent goes on."""
        after_typing(self, self._leave)

    def _leave(self) -> None:
        if not self.sent and self.query_one(TypedArea).text.strip() and not self._leaving:
            self._leaving = True
            self._say("esc again throws this away.")
            return
        self.dismiss(None)
