"""A message to several workers: the text, who would get it, and then who got it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content

from legion_tui.present.answer_layout import keys_line
from legion_tui.present.bulk import Found, bulk_lines
from legion_tui.present.prose import Line
from legion_tui.state import WorkerReceipt
from legion_tui.ui.screens.writing import WritingScreen, writing_keys
from legion_tui.ui.widgets.prose import Prose, paint
from legion_tui.ui.widgets.typed import TypedArea


class BulkScreen(WritingScreen[None]):
    """Stays until it is left; `send` is called once at the most. `names` are by target, in the board's order.

    `took` is to be called with what is foreseen of each, and once it is `sent` with each receipt.
    """

    DEFAULT_CLASSES: ClassVar[str] = "veil"
    BINDINGS: ClassVar[list[BindingType]] = [
        *writing_keys("bulk"),
        Binding("pagedown,ctrl+d", "scroll(1)", "down", id="bulk.down", show=False, priority=True),
        Binding("pageup,ctrl+u", "scroll(-1)", "up", id="bulk.up", show=False, priority=True),
    ]
    AUTO_FOCUS: ClassVar[str | None] = "#message-text"

    def __init__(
        self,
        names: Mapping[str, str],
        *,
        text: str,
        objection: Callable[[str], str],
        send: Callable[[str], object],
    ) -> None:
        super().__init__()
        self._names = dict(names)
        self._receipts: dict[str, WorkerReceipt] = {}
        self._text = text
        self._objection = objection
        self._send = send
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
        self.show()

    def _list(self, width: int) -> Sequence[Line]:
        # A column is left for the scroll bar.
        return bulk_lines(self.found, width - 1, sent=self.sent, warning=self._warning)

    @property
    def written(self) -> str:
        """What would be lost: nothing once it is sent."""
        return "" if self.sent else self.query_one(TypedArea).text

    def show(self) -> None:
        """Paint the list."""
        if self.is_attached and self.is_mounted:
            self.query_one(Prose).show(self._list)

    def give(self) -> None:
        """Send what is written, if it may go to several; once it was sent, leave."""
        if self.sent:
            self.dismiss(None)
            return
        written = self.written.strip()
        why = self._objection(written) if written else "There is nothing to send."
        if why:
            self.say(why if not written else f"Not sent to any: {why}.", bell=True)
            return
        self.sent = True
        self._receipts.clear()
        self.query_one(TypedArea).disabled = True
        self.say("")
        self.on_resize()
        self._send(written)

    def action_scroll(self, step: int) -> None:
        """Scroll the list."""
        scroll = self.query_one(VerticalScroll)
        scroll.scroll_relative(y=step * max(scroll.size.height - 1, 1), animate=False)
