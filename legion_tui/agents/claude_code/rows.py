"""What a dialog is made of: its rows, its footer, its bar of chips. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class DialogKind(StrEnum):
    """What has the keyboard. `menu`: something else that takes keys, such as /config."""

    QUESTION = "question"
    REVIEW = "review"
    PERMISSION = "permission"
    PLAN = "plan"
    TRUST = "trust"
    API_KEY = "api_key"
    BYPASS = "bypass"
    ONBOARDING = "onboarding"
    MENU = "menu"


STARTUP = frozenset({DialogKind.TRUST, DialogKind.API_KEY, DialogKind.BYPASS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row that can be pointed at; `text` is its label with what stands below it, on one line."""

    number: int | None
    text: str
    pointed: bool = False
    # For a row with a box.
    checked: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialog:
    """A dialog. `clipped`: its top is off the screen; `ask` is the text above the rows, on one line."""

    kind: DialogKind
    rows: tuple[Row, ...]
    ask: str = ""
    clipped: bool = False
    footer: str = ""
    # The bar of chips: header and whether it counts as answered.
    tabs: tuple[tuple[str, bool], ...] = ()
    # All its lines on one.
    text: str = ""

    @property
    def pointed(self) -> Row | None:
        """The row that Enter would take; of two the last, which is where the keyboard is."""
        return next((row for row in reversed(self.rows) if row.pointed), None)

    def row(self, number: int) -> Row | None:
        """The row with that number, if it is on the screen."""
        return next((row for row in self.rows if row.number == number), None)


_RULE = re.compile(r"─{10,}.*|─{4,} .{1,200} ─")
_CHIP = re.compile(r"([☐☒]) (.*?)(?=  [☐☒✔]|  →| {0,2}$)")
_ROW = re.compile(r"(?P<indent> *)(?P<pointer>❯ | {2})(?P<number>\d)\. (?P<box>\[[ ✔]\] ?)?(?P<label>.*)")
_BARE = re.compile(r"(?P<pointer>❯ | {2})(?P<label> {3}Submit| {3}Next|Chat about this)")
MORE = re.compile(r" ↑ \d+ more lines?")
_BELOW = 4  # lines that may stand below a footer: a name's rule, a countdown, a status line


def is_rule(line: str) -> bool:
    """Whether this line divides the screen."""
    return _RULE.fullmatch(line) is not None


def may_stand_below(line: str) -> bool:
    """Whether the agent itself may have drawn this line below a dialog; a shell's prompt it has not.

    Measured: a rule with the session's name, a countdown on the right, a status line and hints, all indented.
    """
    return not line.strip() or line.startswith("  ") or is_rule(line)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def one_line(lines: Sequence[str]) -> str:
    """Return the words of these lines on one, question bars left out."""
    return " ".join(" ".join("" if line == "│" else line.removeprefix("│ ") for line in lines).split())


def find_footer(lines: Sequence[str], pattern: re.Pattern[str]) -> tuple[int, int, str] | None:
    """Return first line, last line (exclusive) and text of the footer: one to three lines near the end."""
    last = len(lines)
    while last > max(0, len(lines) - _BELOW):
        for height in (1, 2, 3):
            first = last - height
            if first < 0 or not lines[first].strip():
                break
            text = one_line(lines[first:last])
            if pattern.fullmatch(text) and len({_indent(line) for line in lines[first:last]}) == 1:
                return first, last, text
        last -= 1
        if not may_stand_below(lines[last]):
            break
    return None


def is_row(line: str, *, indents: Sequence[int], number: int | None = None) -> bool:
    """Whether this line starts a numbered row: the text of an option may look like one, further to the right."""
    found = _ROW.fullmatch(line)
    return found is not None and len(found["indent"]) in indents and number in (None, int(found["number"]))


def find_rows(lines: Sequence[str], *, indents: Sequence[int]) -> tuple[tuple[Row, ...], int]:
    """Return the rows and the index of the first; numbers rise by one, other lines belong to the row above."""
    found: list[tuple[Row, list[str]]] = []
    first = len(lines)
    expected = None
    for index, line in enumerate(lines):
        match = _ROW.fullmatch(line)
        if match and is_row(line, indents=indents, number=expected):
            first = min(first, index)
            expected = int(match["number"]) + 1
            box = match["box"]
            row = Row(
                number=int(match["number"]),
                text="",
                pointed=match["pointer"] == "❯ ",
                checked=None if box is None else "✔" in box,
            )
            found.append((row, [match["label"]]))
        elif (bare := _BARE.fullmatch(line)) and found:
            found.append((Row(number=None, text="", pointed=bare["pointer"] == "❯ "), [bare["label"]]))
        elif found and line.strip() and not is_rule(line) and not MORE.fullmatch(line):
            found[-1][1].append(line)
    return tuple(
        Row(number=row.number, text=one_line(texts), pointed=row.pointed, checked=row.checked) for row, texts in found
    ), first


def find_tabs(line: str) -> tuple[tuple[str, bool], ...]:
    """Return the chips of a bar: header and whether it counts as answered."""
    return tuple((found[2].strip(), found[1] == "☒") for found in _CHIP.finditer(line))


def find_last(lines: Sequence[str], pattern: re.Pattern[str]) -> int | None:
    """Return the index of the last line of that form."""
    return next((i for i in range(len(lines) - 1, -1, -1) if pattern.fullmatch(lines[i])), None)
