"""For how long rows are to be out of sight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from legion_tui.present.answer_layout import keys_line
from legion_tui.present.prose import BLANK, Line, Role, wrap_text
from legion_tui.present.snooze import Nap
from legion_tui.ui.widgets.prose import Prose, paint

_TOLD = "Out of sight until then, or until something about it changes, whichever comes first."


class SnoozeScreen(ModalScreen[Nap | None]):
    """Gives what was chosen, by its digit or with Enter; None where nothing was. `ends` tells when each is over."""

    DEFAULT_CLASSES: ClassVar[str] = "veil"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(n), f"choose({n})", f"choose {n}", id=f"snooze.{n}", show=False) for n in range(1, 10)),
        Binding("down,j", "move(1)", "down", id="snooze.down", show=False),
        Binding("up,k", "move(-1)", "up", id="snooze.up", show=False),
        Binding("enter", "take", "take what is marked", id="snooze.take", show=False),
        Binding("escape,q,z", "leave", "not now", id="snooze.leave", show=False),
    ]
    AUTO_FOCUS: ClassVar[str | None] = ""

    def __init__(self, who: str, naps: Sequence[Nap], ends: Sequence[str], *, pointer: str) -> None:
        super().__init__()
        self._who = who
        self._naps = tuple(naps)
        self._ends = tuple(ends)
        self._pointer = pointer
        self._marked = 0

    def compose(self) -> ComposeResult:
        """Lay out the choices over what they mean."""
        with Vertical(id="snooze", classes="dialog"):
            yield Prose(self._choices, id="snooze-choices")
            yield Prose(lambda width: [BLANK, *wrap_text(_TOLD, width, Role.MUTED)])

    def on_mount(self) -> None:
        """Name whom it is about, and the keys."""
        frame = self.query_one("#snooze")
        frame.border_title = Content(f"snooze {self._who}")
        keys = [(f"1-{len(self._naps)}", "choose"), ("enter", "take"), ("esc", "not now")]
        frame.border_subtitle = paint([keys_line(keys, 44)])

    def _choices(self, width: int) -> list[Line]:
        del width
        widest = max(len(nap.label) for nap in self._naps)
        lines: list[Line] = []
        for number, (nap, end) in enumerate(zip(self._naps, self._ends, strict=True)):
            marked = number == self._marked
            lines.append(
                (
                    (f"{self._pointer} " if marked else "  ", Role.POINTER),
                    (f"{number + 1} ", Role.KEY),
                    (f"{nap.label:<{widest}}", Role.POINTED if marked else Role.TEXT),
                    (f"   {end}", Role.MUTED),
                )
            )
        return lines

    @on(Prose.Clicked, "#snooze-choices")
    def _clicked(self, event: Prose.Clicked) -> None:
        self.action_choose(event.line + 1)

    def action_choose(self, number: int) -> None:
        """Take a choice by its digit."""
        if number <= len(self._naps):
            self.dismiss(self._naps[number - 1])

    def action_move(self, step: int) -> None:
        """Mark the next choice or the one before, stopping at the ends."""
        self._marked = min(max(self._marked + step, 0), len(self._naps) - 1)
        self.query_one("#snooze-choices", Prose).show(self._choices)

    def action_take(self) -> None:
        """Take the choice that is marked."""
        self.dismiss(self._naps[self._marked])

    def action_leave(self) -> None:
        """Leave everything as it is."""
        self.dismiss(None)
