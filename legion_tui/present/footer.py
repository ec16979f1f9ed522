"""The bottom line: the keys that apply to this row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from legion_tui.present.line import Line, Part, Tone, fit_line, line_width


@dataclass(frozen=True, slots=True)
class Hint:
    """A key, what it does in a word, and whether it can do it now; `command` is what a click on it runs."""

    command: str
    key: str
    label: str
    enabled: bool = True


def placed_hints(hints: Sequence[Hint], last: Hint, width: int) -> tuple[tuple[int, Hint], ...]:
    """Return the hints that fit into `width` cells with their columns; `last` keeps the right end."""
    end = width - _width(last) - 1
    placed: list[tuple[int, Hint]] = []
    x = 1
    for hint in hints:
        if x + _width(hint) + 2 > end:
            break
        placed.append((x, hint))
        x += _width(hint) + 2
    return (*placed, (end, last)) if end > 0 else ()


def footer_line(hints: Sequence[Hint], last: Hint, width: int, ellipsis: str) -> Line:
    """Return the footer in exactly `width` cells."""
    parts: list[Part] = []
    for x, hint in placed_hints(hints, last, width):
        parts.append((" " * (x - line_width(parts)), Tone.PLAIN))
        parts.append((hint.key, Tone.KEY if hint.enabled else Tone.RULE))
        parts.append((f" {hint.label}", Tone.ACTION if hint.enabled else Tone.RULE))
    return fit_line(parts, width, ellipsis)


def _width(hint: Hint) -> int:
    return line_width(((f"{hint.key} {hint.label}", Tone.PLAIN),))
