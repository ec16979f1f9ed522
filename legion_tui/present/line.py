"""Lines of (text, tone) parts in an exact number of cells, whatever the text holds."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

from rich.cells import cell_len, get_character_cell_size

# No terminal is wider than this many characters; the rest of a longer text is not looked at.
_LONGEST = 1_000
# More marks than this over one character would bleed into the neighbouring lines.
_MARKS = 2
# Terminals disagree about the width of what these change: skin tones, variation selectors.
_MODIFIERS = frozenset(map(chr, [*range(0xFE00, 0xFE10), *range(0x1F3FB, 0x1F400), *range(0xE0100, 0xE01F0)]))
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class Tone(StrEnum):
    """What a part of a line is for; the screen gives each tone its colour."""

    PLAIN = ""
    MUTED = "muted"
    RULE = "rule"
    STRONG = "strong"
    ID = "id"
    UNSEEN = "unseen"
    POINTER = "pointer"
    NEEDS = "needs"
    READY = "ready"
    BUSY = "busy"
    WAITS = "waits"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    KEY = "key"
    ACTION = "action"
    BRAND = "brand"


Part = tuple[str, Tone]
Line = tuple[Part, ...]


@lru_cache(4096)
def printable(text: str) -> str:
    """Return `text` on one line: no control or invisible characters, each character as wide alone as in company."""
    text = text[:_LONGEST]
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    marks = 0
    for character in text:
        if character.isspace():
            kept.append(" ")
        elif character in _MODIFIERS or unicodedata.category(character) in _INVISIBLE:
            continue
        elif get_character_cell_size(character) == 0:
            marks += 1
            if kept and marks <= _MARKS:
                kept.append(character)
            continue
        else:
            kept.append(character)
        marks = 0
    return "".join(kept)


def crop(text: str, width: int, ellipsis: str) -> str:
    """Return printable `text` in at most `width` cells, ending in `ellipsis` where something was left out."""
    if width <= 0:
        return ""
    text = printable(text)
    if cell_len(text) <= width:
        return text
    room = width - cell_len(ellipsis)
    if text.isascii():
        return text[: max(room, 0)].rstrip() + ellipsis
    used = 0
    for index, character in enumerate(text):
        used += get_character_cell_size(character)
        if used > room:
            return text[:index].rstrip() + ellipsis
    return text


def fit(text: str, width: int, ellipsis: str) -> str:
    """Return `text` in exactly `width` cells, from the left."""
    cropped = crop(text, width, ellipsis)
    return cropped + " " * (width - cell_len(cropped)) if width > 0 else ""


def fit_right(text: str, width: int, ellipsis: str) -> str:
    """Return `text` in exactly `width` cells, from the right."""
    cropped = crop(text, width, ellipsis)
    return " " * (width - cell_len(cropped)) + cropped if width > 0 else ""


def line_width(line: Iterable[Part]) -> int:
    """Return how many cells a line takes."""
    return sum(cell_len(text) for text, _ in line)


def fit_line(line: Iterable[Part], width: int, ellipsis: str) -> Line:
    """Return the line in exactly `width` cells; empty parts are left out."""
    kept: list[Part] = []
    left = width
    for raw, tone in line:
        text = printable(raw)
        if not text:
            continue
        cells = cell_len(text)
        if cells > left:
            if left > 0:
                cropped = crop(text, left, ellipsis)
                kept.append((cropped, tone))
                left -= cell_len(cropped)
            break
        kept.append((text, tone))
        left -= cells
    if left > 0:
        kept.append((" " * left, Tone.PLAIN))
    return tuple(kept)


def plain(line: Iterable[Part]) -> str:
    """Return a line's text."""
    return "".join(text for text, _ in line)
