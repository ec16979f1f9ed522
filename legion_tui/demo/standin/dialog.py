"""What every dialog has in common: rows to draw, keys to take, an outcome to hand over."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from legion_tui.demo.standin.cells import Row


class Took(StrEnum):
    """What a key did to a dialog."""

    NOTHING = "nothing"
    CHANGED = "changed"
    # Another page stands where this one stood: keys are refused for a moment.
    TURNED = "turned"
    DONE = "done"


@dataclass
class Outcome:
    """What came of a dialog: `accept`, `reject` (with words), `stop`, or `clarify`; the rest is the dialog's own."""

    verdict: str
    words: str = ""
    choice: str = ""
    given: list[Any] = field(default_factory=list)
    # A hook decided, not a person at the terminal.
    by_hook: bool = False


class Dialog(ABC):
    """One dialog."""

    waiting_for = "permission prompt"

    def __init__(self) -> None:
        """Start open, without an outcome."""
        self.outcome: Outcome | None = None

    @property
    def margin(self) -> int:
        """How many blank rows stand above it."""
        return 1

    @abstractmethod
    def rows(self, width: int, height: int) -> list[Row]:
        """Return at most `height` rows."""

    @abstractmethod
    def key(self, event: str) -> Took:
        """Take one event of the keyboard."""

    def finish(self, outcome: Outcome) -> Took:
        """Close the dialog."""
        self.outcome = outcome
        return Took.DONE


def edit(text: str, event: str) -> str | None:
    """Return `text` after an event of a text field, None where the event is none of its."""
    kind, colon, body = event.partition(":")
    if colon and kind in ("text", "paste"):
        return text + body
    if event == "backspace":
        return text[:-1]
    if event == "newline":
        return text + "\n"
    if event == "ctrl+u":
        return text[: text.rfind("\n") + 1]
    return None


def digit(event: str) -> int:
    """Return the number that was pressed, 0 for any other event. Several keys of one read are text, not a number."""
    body = event.removeprefix("text:")
    return int(body) if body != event and len(body) == 1 and body.isascii() and body.isdigit() else 0
