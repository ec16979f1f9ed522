"""What a person prefers, as values: the cli reads them from wherever they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Literal

from legion_tui.present.notify import Wishes
from legion_tui.present.sorting import Sort


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """How the screen looks and which keys it takes."""

    # `legion-dark`, `legion-light`, or any theme of Textual's own; one that is not known is the default.
    theme: str = "legion-dark"
    glyphs: Literal["unicode", "ascii"] = "unicode"
    animation: bool = True
    # A command's id and its keys, several with commas between: `{"dispatch": "D", "quit": "q,ctrl+q"}`.
    keymap: Mapping[str, str] = field(default_factory=dict)
    # In which order rows are at first.
    sort: Sort = Sort.ATTENTION
    # Which of the columns are left out, and whether every row has one line only.
    hidden_columns: frozenset[str] = frozenset()
    compact: bool = False
    # Filters by name.
    filters: Mapping[str, str] = field(default_factory=dict)
    # Of what a person is told, and how beside what the cli does.
    wishes: Wishes = field(default_factory=Wishes)
    toast: bool = True
    bell: bool = True
    # The argv of the person's editor, for the body of a new issue; empty where there is none.
    editor: tuple[str, ...] = ()
    # In which zone clock times are told; None is the machine's own.
    zone: tzinfo | None = None
