"""Lines of text in which each part has a role; the screen gives the roles their colours. Wrapping by cell width."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from rich.cells import cell_len, chop_cells

_WORDS = re.compile(r"[^\S\n]+|\S+")
_ELLIPSIS = "…"


class Role(StrEnum):
    """What a part of a line is for."""

    TEXT = ""
    MUTED = "muted"
    STRONG = "strong"
    EMPHASIS = "emphasis"
    HEADING = "heading"
    LABEL = "label"
    RULE = "rule"
    FRAME = "frame"
    CODE = "code"
    STRING = "string"
    KEYWORD = "keyword"
    COMMENT = "comment"
    LINK = "link"
    ADDED = "added"
    REMOVED = "removed"
    HUNK = "hunk"
    KEY = "key"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    BUSY = "busy"
    POINTED = "pointed"
    POINTER = "pointer"
    CHOSEN = "chosen"
    TAB = "tab"
    TAB_ON = "tab-on"


Part = tuple[str, Role]
Line = tuple[Part, ...]
BLANK: Line = ()


def text_line(text: str, role: Role = Role.TEXT) -> Line:
    """Return a line of one part."""
    return ((text, role),) if text else BLANK


def width_of(line: Iterable[Part]) -> int:
    """Return how many cells a line takes."""
    return sum(cell_len(text) for text, _ in line)


def plain(line: Iterable[Part]) -> str:
    """Return a line's text without its roles."""
    return "".join(text for text, _ in line)


def crop(line: Sequence[Part], width: int) -> Line:
    """Return the line in at most `width` cells, with an ellipsis where something was left out."""
    if width_of(line) <= width:
        return tuple(line)
    if width <= 0:
        return BLANK
    kept: list[Part] = []
    left = width - 1
    for text, role in line:
        cells = cell_len(text)
        if cells <= left:
            kept.append((text, role))
            left -= cells
            continue
        head = chop_cells(text, left)[0] if left > 0 else ""
        # A wide character that does not fit any more is left out, never cut in half.
        kept.append(((head if cell_len(head) <= left else "") + _ELLIPSIS, role))
        break
    return tuple(kept)


def pad(line: Sequence[Part], width: int) -> Line:
    """Return the line in exactly `width` cells."""
    cropped = crop(line, width)
    return (*cropped, (" " * (width - width_of(cropped)), Role.TEXT))


def between(left: Sequence[Part], right: Sequence[Part], width: int, *, fill: Part = (" ", Role.TEXT)) -> Line:
    """Return `left` and `right` at the two ends of `width` cells; the left is cropped before the right is."""
    right = crop(right, width)
    left = crop(left, width - width_of(right) - 1) if right else crop(left, width)
    gap = width - width_of(left) - width_of(right)
    return (*left, (fill[0] * gap, fill[1]), *right)


def wrap(line: Sequence[Part], width: int, *, first: Line = (), rest: Line = ()) -> list[Line]:
    """Return the line broken between words so that none is wider than `width`, words that are wider broken too.

    `first` goes before the first line and `rest` before the others; both count. Newlines break, always.
    """
    lines: list[Line] = []
    width = max(width, 8)
    current: list[Part] = []
    used = 0
    later = max(width - width_of(rest), 4)
    prefix, room = first, max(width - width_of(first), 4)

    def end() -> None:
        nonlocal current, used, prefix, room
        while current and not current[-1][0].strip():
            current.pop()
        lines.append((*prefix, *_joined(current)))
        current, used, prefix, room = [], 0, rest, later

    for word, role in _words(line):
        if word == "\n":
            end()
            continue
        cells = cell_len(word)
        if used + cells <= room:
            current.append((word, role))
            used += cells
            continue
        if word.isspace():
            continue
        if used:
            end()
        pieces = chop_cells(word, min(room, later))
        for piece in pieces[:-1]:
            current.append((piece, role))
            end()
        current.append((pieces[-1] if pieces else "", role))
        used = cell_len(current[-1][0])
    end()
    return lines


def wrap_text(text: str, width: int, role: Role = Role.TEXT, *, first: Line = (), rest: Line = ()) -> list[Line]:
    """Return `text` wrapped, all of it in one role."""
    return wrap(((text, role),), width, first=first, rest=rest)


def rule(title: str, width: int) -> Line:
    """Return a thin rule with a title near its left end."""
    label = crop(((f" {title} ", Role.MUTED),), width - 2) if title else BLANK
    return (("─", Role.RULE), *label, ("─" * max(width - 1 - width_of(label), 0), Role.RULE))


def _words(line: Iterable[Part]) -> Iterator[Part]:
    for text, role in line:
        for index, row in enumerate(text.split("\n")):
            if index:
                yield "\n", role
            for match in _WORDS.finditer(row):
                yield match.group(), role


def _joined(parts: Iterable[Part]) -> Iterator[Part]:
    text, role = "", Role.TEXT
    for next_text, next_role in parts:
        if next_role == role:
            text += next_text
            continue
        if text:
            yield text, role
        text, role = next_text, next_role
    if text:
        yield text, role
