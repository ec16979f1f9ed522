"""What dialogs have in common in which a person writes: nothing overtakes the keys, nothing is thrown away unasked."""

from __future__ import annotations

from typing import TypeVar

from textual import on
from textual.binding import Binding
from textual.screen import ModalScreen

from legion_tui.ui.widgets.typed import TypedArea, TypedLine, after_typing

Gives = TypeVar("Gives")


def writing_keys(dialog: str) -> list[Binding]:
    """Return the keys of a dialog of one text; their ids, by which they are remapped, begin with `dialog`."""
    return [
        Binding("enter,ctrl+s", "send", "send", id=f"{dialog}.send", show=False, priority=True),
        # Few terminals tell shift+enter from enter; ctrl+j is what all of them send.
        Binding("ctrl+j,shift+enter", "line", "new line", id=f"{dialog}.line", show=False, priority=True),
        Binding("escape", "leave", "cancel", id=f"{dialog}.leave", show=False, priority=True),
    ]


class WritingScreen(ModalScreen[Gives | None]):
    """Warns once before what is `written` is thrown away; a warning stays until that changes."""

    def __init__(self) -> None:
        super().__init__()
        self._warning = ""
        self._warned_of = ""
        self._leaving = False

    @property
    def written(self) -> str:
        """What would be lost."""
        return self.query_one(TypedArea).text

    def show(self) -> None:
        """Paint the warning, and whatever else has changed."""
        raise NotImplementedError

    def give(self) -> None:
        """Do what the text is for."""
        raise NotImplementedError

    def say(self, warning: str, *, bell: bool = False) -> None:
        """Warn, or take the warning back."""
        self._warning = warning
        self._warned_of = self.written if warning else ""
        self.show()
        if bell:
            self.app.bell()

    @on(TypedArea.Changed)
    @on(TypedLine.Changed)
    def _changed(self) -> None:
        # A change is told after keys that came behind it: it may be older than the warning.
        if self.written != self._warned_of:
            self._leaving = False
            self.say("")

    def action_send(self) -> None:
        """Do what the text is for."""
        after_typing(self, self.give)

    def action_line(self) -> None:
        """Begin a new line."""
        after_typing(self, self._break_line)

    def _break_line(self) -> None:
        text = self.query_one(TypedArea)
        if not text.disabled:
            text.insert("\n")

    def action_leave(self) -> None:
        """Leave; what was written is thrown away only at the second press."""
        after_typing(self, self.leave)

    def leave(self) -> None:
        """Leave, or ask first."""
        if self.written.strip() and not self._leaving:
            self._leaving = True
            self.say("esc again throws this away.")
        else:
            self.dismiss(None)
