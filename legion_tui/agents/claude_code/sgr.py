"""Coloured lines taken apart: their text, and which of it is dim. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_SEQUENCE = re.compile(r"\x1b\[([0-9;:]*)m|\x1b\[[0-?]*[ -/]*[@-~]?|\x1b.?")


@dataclass(frozen=True, slots=True)
class Text:
    """A line's characters without trailing blanks, and for each whether it is dim."""

    plain: str
    dim: tuple[bool, ...] = ()

    def all_dim(self, start: int) -> bool:
        """Whether what is written from `start` on is dim; the character under the cursor never is."""
        marks = [mark for char, mark in zip(self.plain[start:], self.dim[start:], strict=False) if char.strip()]
        return len(marks) > 1 and all(marks[1:])


def plain_lines(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the lines without their sequences and trailing blanks (a no-break space is kept)."""
    return tuple(_SEQUENCE.sub("", line).rstrip(" \t\r\n") for line in lines)


def with_dimness(lines: Sequence[str], index: int) -> Text:
    """Return one line; colours and dimness carry over from the lines before it."""
    dim = False
    for line in lines[:index]:
        for found in _SEQUENCE.finditer(line):
            dim = _after(found[1], dim)
    chars: list[str] = []
    marks: list[bool] = []
    line, end = lines[index], 0
    for found in _SEQUENCE.finditer(line):
        chars += line[end : found.start()]
        marks += [dim] * (found.start() - end)
        dim = _after(found[1], dim)
        end = found.end()
    chars += line[end:]
    marks += [dim] * (len(line) - end)
    plain = "".join(chars).rstrip(" \t\r\n")
    return Text(plain, tuple(marks[: len(plain)]))


def _after(parameters: str | None, dim: bool) -> bool:
    """Return whether text is dim after a sequence; 2 within an extended colour (`38;2;…`, `38;5;2`) is none."""
    if parameters is None:
        return dim
    codes = re.split("[;:]", parameters)
    at = 0
    while at < len(codes):
        code = codes[at]
        if code in ("38", "48", "58"):
            at += 5 if codes[at + 1 : at + 2] == ["2"] else 3
            continue
        if code in ("", "0", "22"):
            dim = False
        elif code == "2":
            dim = True
        at += 1
    return dim
