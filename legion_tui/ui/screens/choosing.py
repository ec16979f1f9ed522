"""One of a few: by its digit, or marked and taken with Enter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.screen import ModalScreen

from legion_tui.present.answer_layout import keys_line
from legion_tui.present.prose import BLANK, Line, Role, crop, width_of, wrap_text
from legion_tui.ui.widgets.prose import Prose, paint


class Choice(NamedTuple):
    """A choice's words, and what is to be known of it."""

    label: str
    about: str = ""


class ChoosingScreen(ModalScreen[int | None]):
    """Gives the number of the choice, from 0; None where nothing was chosen. `told` stands below them."""

    DEFAULT_CLASSES: ClassVar[str] = "veil"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(n), f"choose({n})", f"choose {n}", id=f"choosing.{n}", show=False) for n in range(1, 10)),
        Binding("down,j", "move(1)", "down", id="choosing.down", show=False),
        Binding("up,k", "move(-1)", "up", id="choosing.up", show=False),
        Binding("enter", "take", "take what is marked", id="choosing.take", show=False),
        Binding("escape,q", "leave", "not now", id="choosing.leave", show=False),
    ]
    AUTO_FOCUS: ClassVar[str | None] = ""

    def __init__(
        self, title: str, choices: Sequence[Choice], *, told: str = "", marked: int = 0, pointer: str = "❯"
    ) -> None:
        super().__init__()
        self._title = title
        self._choices = tuple(choices)
        self._told = told
        self._pointer = pointer
        self._marked = marked

    def compose(self) -> ComposeResult:
        """Lay out the choices over what they mean."""
        with Vertical(id="choosing", classes="dialog"):
            with VerticalScroll(can_focus=False):
                yield Prose(self._lines, id="choosing-choices")
            if self._told:
                yield Prose(lambda width: [BLANK, *wrap_text(self._told, width, Role.MUTED)])

    def on_mount(self) -> None:
        """Name what is chosen, and the keys."""
        frame = self.query_one("#choosing")
        frame.border_title = Content(self._title)
        keys = [(f"1-{min(len(self._choices), 9)}", "choose"), ("enter", "take"), ("esc", "not now")]
        frame.border_subtitle = paint([keys_line(keys, 44)])

    def _lines(self, width: int) -> list[Line]:
        widest = max(width_of(((choice.label, Role.TEXT),)) for choice in self._choices)
        lines: list[Line] = []
        for number, choice in enumerate(self._choices):
            marked = number == self._marked
            digit = f"{number + 1} " if number < 9 else "  "
            gap = " " * (widest - width_of(((choice.label, Role.TEXT),)) + 3)
            line: Line = (
                (f"{self._pointer} " if marked else "  ", Role.POINTER),
                (digit, Role.KEY),
                (choice.label, Role.POINTED if marked else Role.TEXT),
                (f"{gap}{choice.about}" if choice.about else "", Role.MUTED),
            )
            lines.append(crop(line, width))
        return lines

    @on(Prose.Clicked, "#choosing-choices")
    def _clicked(self, event: Prose.Clicked) -> None:
        if event.line < len(self._choices):
            self.dismiss(event.line)

    def action_choose(self, number: int) -> None:
        """Take a choice by its digit."""
        if number <= len(self._choices):
            self.dismiss(number - 1)

    def action_move(self, step: int) -> None:
        """Mark the next choice or the one before, stopping at the ends."""
        self._marked = min(max(self._marked + step, 0), len(self._choices) - 1)
        self.query_one("#choosing-choices", Prose).show(self._lines)
        self.query_one(VerticalScroll).scroll_to_region(Region(0, self._marked, 1, 1), animate=False, force=True)

    def action_take(self) -> None:
        """Take the choice that is marked."""
        self.dismiss(self._marked)

    def action_leave(self) -> None:
        """Leave everything as it is."""
        self.dismiss(None)
