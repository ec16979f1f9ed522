"""What a row of the table is: conditions with words of their own, and an action."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from legion_tui.state.facts import IssueFacts, Pipeline
from legion_tui.state.names import Action


class Case(NamedTuple):
    """What a row is asked about."""

    facts: IssueFacts
    pipeline: Pipeline


@dataclass(frozen=True, slots=True)
class Clue:
    """One condition; `words` say it where it holds. Without words it only says whether a row exists."""

    words: str | Callable[[Case], str]
    holds: Callable[[Case], bool]

    def say(self, case: Case) -> str:
        """Return the words for a case in which it holds."""
        return self.words if isinstance(self.words, str) else self.words(case)


@dataclass(frozen=True, slots=True)
class Rule:
    """One outcome of a row. It matches where all its clues hold, and no earlier rule matched."""

    row: str
    when: tuple[Clue, ...]
    action: Action
    # Ends the sentence "It changes when …".
    changes: str

    def matches(self, case: Case) -> bool:
        """Return whether every clue holds."""
        return all(clue.holds(case) for clue in self.when)

    def why(self, case: Case) -> str:
        """Return the row, the facts that decided, and what would change it."""
        said = ", ".join(filter(None, (clue.say(case) for clue in self.when)))
        return f"Row {self.row}: {said}. It changes when {self.changes}."
