"""Asks before something is done: what exactly would run, and why it cannot where it cannot."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from legion_tui.present.prose import BLANK, Line, Role, wrap_text
from legion_tui.ui.ports import Preview
from legion_tui.ui.widgets.prose import Prose


class ConfirmScreen(ModalScreen[bool]):
    """Gives True when it is to be done. `y` does it; Enter takes the side that is marked, which is the safe one first.

    Where a slip costs nothing, `careful=False` marks the other side first. A refused preview has one side only.
    """

    DEFAULT_CLASSES: ClassVar[str] = "veil"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "do it", id="confirm.yes", show=False),
        Binding("n,escape,q", "answer(False)", "cancel", id="confirm.no", show=False),
        Binding("enter", "take", "take what is marked", id="confirm.take", show=False),
        Binding("left,right,tab,shift+tab,h,l", "other", "the other side", id="confirm.other", show=False),
        Binding("down,j", "scroll(1)", "down", id="confirm.down", show=False),
        Binding("up,k", "scroll(-1)", "up", id="confirm.up", show=False),
    ]
    AUTO_FOCUS: ClassVar[str | None] = ""

    def __init__(self, preview: Preview, *, careful: bool = True) -> None:
        super().__init__()
        self._preview = preview
        self._marked = not careful and not preview.refused

    def compose(self) -> ComposeResult:
        """Lay out the lines over the two sides."""
        with Vertical(id="confirm", classes="dialog"):
            with VerticalScroll(can_focus=False):
                yield Prose(self._lines)
            yield Prose(self._sides, id="confirm-sides")

    def on_mount(self) -> None:
        """Name what is asked about."""
        self.query_one("#confirm").border_title = Content(self._preview.title)

    def _lines(self, width: int) -> list[Line]:
        if self._preview.refused:
            return wrap_text(self._preview.refused, width, Role.WARN)
        edge: Line = (("▏ ", Role.RULE),)
        return [
            line for text in self._preview.lines for line in wrap_text(text, width, Role.CODE, first=edge, rest=edge)
        ]

    def _sides(self, width: int) -> tuple[Line, ...]:
        if self._preview.refused:
            return (BLANK, _side("Back", "esc", True))
        return (
            BLANK,
            (*_side("Cancel", "n", not self._marked), ("    ", Role.TEXT), *_side("Do it", "y", self._marked)),
        )

    def action_other(self) -> None:
        """Mark the other side."""
        self._marked = not self._marked and not self._preview.refused
        self.query_one("#confirm-sides", Prose).show(self._sides)

    def action_take(self) -> None:
        """Take the side that is marked."""
        self.action_answer(self._marked)

    def action_answer(self, done: bool) -> None:
        """Answer; what was refused cannot be done."""
        if done and self._preview.refused:
            self.app.bell()
            return
        self.dismiss(done)

    def action_scroll(self, step: int) -> None:
        """Scroll the lines."""
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)


def _side(word: str, key: str, marked: bool) -> Line:
    # Brackets too, for whoever sees no colours.
    return ((f"[ {word} ]" if marked else f"  {word}  ", Role.TAB_ON if marked else Role.TAB), (f" {key}", Role.KEY))
