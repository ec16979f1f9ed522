"""Rows of styled text, measured in terminal cells."""

from __future__ import annotations

import unicodedata

# A row is its spans, each a text and the parameters of the SGR sequence that it is drawn with.
Row = list[tuple[str, str]]

DIM = "38;5;246"
POINTER = "38;5;153"
ACCENT = "38;5;174"
RULE = "38;5;244"
FAINT = "38;5;239"
GREEN = "38;5;114"
YELLOW = "38;5;220"
BRIGHT = "38;5;231"
BOLD = "1"
REVERSE = "7"
CHIP = "38;5;16;48;5;153"
SPOKEN = "38;5;231;48;5;237"


def cell_width(text: str) -> int:
    """Return how many columns `text` fills."""
    if text.isascii():
        return len(text)
    total = 0
    for char in text:
        if unicodedata.combining(char) or char in "\u200d\ufe0f":
            continue
        total += 2 if unicodedata.east_asian_width(char) in "WF" else 1
    return total


def clip(text: str, columns: int, *, ellipsis: str = "") -> str:
    """Return the part of `text` that fits, ending in `ellipsis` where something was cut."""
    if cell_width(text) <= columns:
        return text
    room = columns - cell_width(ellipsis)
    kept = ""
    for char in text:
        room -= cell_width(char)
        if room < 0:
            break
        kept += char
    return kept + ellipsis


def wrap(text: str, columns: int) -> list[str]:
    """Return `text` in lines of at most `columns`, broken at spaces where there are any; never an empty list."""
    columns = max(1, columns)
    lines: list[str] = []
    for paragraph in text.expandtabs(4).split("\n"):
        line = ""
        for number, word in enumerate(paragraph.split(" ")):
            candidate = word if number == 0 else f"{line} {word}"
            if cell_width(candidate) <= columns:
                line = candidate
                continue
            if line:
                lines.append(line)
            while cell_width(word) > columns:
                head = clip(word, columns) or word[0]
                lines.append(head)
                word = word[len(head) :]  # noqa: PLW2901  what is left of a word that is too long for a line
            line = word
        lines.append(line)
    return lines


def hanging(first: str, rest: str, text: str, columns: int, style: str = "") -> list[Row]:
    """Return `text` wrapped, `first` before its first line and `rest` before the others."""
    lines = wrap(text, columns - cell_width(first))
    return [[(first if i == 0 else rest, ""), (line, style)] for i, line in enumerate(lines)]


def plain(row: Row) -> str:
    """Return a row's text."""
    return "".join(text for text, _ in row)


def encode(row: Row, columns: int) -> str:
    """Return the row with its SGR sequences, cut to `columns`."""
    parts: list[str] = []
    room = columns
    for text, style in row:
        shown = clip(text, room)
        room -= cell_width(shown)
        if shown:
            parts.append(f"\x1b[{style}m{shown}\x1b[0m" if style else shown)
    return "".join(parts)
