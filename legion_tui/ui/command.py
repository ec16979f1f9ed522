"""What a command is: an id, keys, words, and a reason why it cannot act just now."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from legion_tui.ui.reasons import Reason, always


class Section(StrEnum):
    """Under which heading the help lists a command."""

    ACT = "Act on the row"
    LOOK = "Look closer"
    MOVE = "Move"
    PROGRAM = "The program"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One thing a person can do. `reason` says why not just now, an empty string when it can be done."""

    id: str
    name: str
    help: str
    keys: tuple[str, ...]
    section: Section
    reason: Reason = always
    # The word in the footer; without one the command is not shown there.
    label: str = ""


def act(id: str, keys: str, name: str, help: str, reason: Reason, *, label: str = "") -> Command:
    """Declare what acts on the row."""
    return Command(
        id=id, keys=tuple(keys.split()), name=name, help=help, reason=reason, label=label, section=Section.ACT
    )


def look(id: str, keys: str, name: str, help: str, reason: Reason = always, *, label: str = "") -> Command:
    """Declare what shows more, and changes nothing."""
    return Command(
        id=id, keys=tuple(keys.split()), name=name, help=help, reason=reason, label=label, section=Section.LOOK
    )


def move(id: str, keys: str, name: str, help: str) -> Command:
    """Declare what moves about."""
    return Command(id=id, keys=tuple(keys.split()), name=name, help=help, section=Section.MOVE)


def program(id: str, keys: str, name: str, help: str, reason: Reason = always, *, label: str = "") -> Command:
    """Declare what is of the whole program."""
    return Command(
        id=id, keys=tuple(keys.split()), name=name, help=help, reason=reason, label=label, section=Section.PROGRAM
    )
