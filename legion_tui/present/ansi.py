"""Coloured terminal lines (SGR only) to runs of plain text and style. Tolerant: no input raises."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len

from legion_tui.state.text import clean

# A palette number (0-255), red-green-blue (0-255 each), or None for the terminal's own.
Colour = int | tuple[int, int, int] | None

_SGR = re.compile(r"(?:\x1b\[|\x9b)([0-9;:]*)m")
# No terminal is wider; a longer line is somebody's mischief.
_LONGEST = 20_000
_TAB = 8


class Sgr(NamedTuple):
    """What SGR sequences left switched on."""

    foreground: Colour = None
    background: Colour = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False
    conceal: bool = False
    strike: bool = False


PLAIN = Sgr()
Run = tuple[str, Sgr]

_SWITCHES: dict[int, dict[str, bool]] = {
    1: {"bold": True},
    2: {"dim": True},
    3: {"italic": True},
    4: {"underline": True},
    7: {"reverse": True},
    8: {"conceal": True},
    9: {"strike": True},
    21: {"underline": True},
    22: {"bold": False, "dim": False},
    23: {"italic": False},
    24: {"underline": False},
    27: {"reverse": False},
    28: {"conceal": False},
    29: {"strike": False},
}


def parse_line(text: str, entry: Sgr = PLAIN) -> tuple[tuple[Run, ...], Sgr]:
    """Return a line's runs and the style that it leaves for the next one.

    The runs hold no control character; tabs are spaces up to the next stop of eight cells.
    """
    runs: list[Run] = []
    style = entry
    column = 0
    for plain, codes in _tokens(text):
        shown = _shown(plain, column) if plain else ""
        if shown:
            column += cell_len(shown)
            if runs and runs[-1][1] == style:
                runs[-1] = (runs[-1][0] + shown, style)
            else:
                runs.append((shown, style))
        if codes is not None:
            style = _apply(style, codes)
    return tuple(runs), style


@lru_cache(maxsize=4096)
def carry(text: str, entry: Sgr = PLAIN) -> Sgr:
    """Return only the style that a line leaves for the next one; much cheaper than the runs."""
    style = entry
    if "\x1b" in text or "\x9b" in text:
        for codes in _SGR.findall(text[:_LONGEST]):
            style = _apply(style, codes)
    return style


@lru_cache(maxsize=4096)
def cells(text: str) -> int:
    """Return how many cells a coloured line takes; much cheaper than the runs."""
    return cell_len(_shown(_SGR.sub("", text[:_LONGEST]), 0))


def _tokens(text: str) -> Iterator[tuple[str, str | None]]:
    pieces = _SGR.split(text[:_LONGEST])
    for index in range(0, len(pieces), 2):
        yield pieces[index], pieces[index + 1] if index + 1 < len(pieces) else None


def _shown(plain: str, column: int) -> str:
    if plain.isascii() and plain.isprintable():
        return plain
    if "\t" not in plain:
        return clean(plain).replace("\n", "")
    shown = ""
    for index, part in enumerate(plain.split("\t")):
        if index:
            shown += " " * (_TAB - (column + cell_len(shown)) % _TAB)
        shown += clean(part).replace("\n", "")
    return shown


@lru_cache(maxsize=4096)
def _apply(style: Sgr, codes: str) -> Sgr:
    """Apply the parameters of one sequence: `;` between codes, `:` within one (`38:2::1:2:3`, `4:3`)."""
    numbers = iter(codes.split(";"))
    for field in numbers:
        parts = field.split(":")
        code = _number(parts[0])
        if code == 0:
            style = PLAIN
        elif code == 4 and len(parts) > 1:
            style = style._replace(underline=_number(parts[1]) != 0)
        elif code in _SWITCHES:
            style = style._replace(**_SWITCHES[code])
        elif code in (38, 48, 58):
            known, colour = _extended(parts[1:]) if len(parts) > 1 else _following(lambda: next(numbers, ""))
            # 58 colours an underline, which is not shown; its parameters must not be read as codes.
            if known and code != 58:
                style = _coloured(style, code - 38, colour)
        else:
            style = _palette(style, code)
    return style


def _palette(style: Sgr, code: int) -> Sgr:
    if 30 <= code <= 37 or 40 <= code <= 47:
        return _coloured(style, code // 10 * 10 - 30, code % 10)
    if 90 <= code <= 97 or 100 <= code <= 107:
        return _coloured(style, code // 10 * 10 - 90, code % 10 + 8)
    if code in (39, 49):
        return _coloured(style, code - 39, None)
    return style


def _coloured(style: Sgr, place: int, colour: Colour) -> Sgr:
    return style._replace(foreground=colour) if place == 0 else style._replace(background=colour)


def _extended(parts: list[str]) -> tuple[bool, Colour]:
    """Read `5:n`, `2:r:g:b` or `2:space:r:g:b`."""
    kind, values = parts[0], parts[1:]
    if kind == "5" and values:
        return _indexed(values[0])
    if kind == "2" and len(values) >= 3:
        return _rgb(values[1:4] if len(values) > 3 else values)
    return False, None


def _following(take: Callable[[], str]) -> tuple[bool, Colour]:
    """Read `5;n` or `2;r;g;b` from the codes that follow."""
    kind = take()
    if kind == "5":
        return _indexed(take())
    if kind == "2":
        return _rgb([take(), take(), take()])
    return False, None


def _indexed(value: str) -> tuple[bool, Colour]:
    number = _number(value)
    return (True, number) if number <= 255 else (False, None)


def _rgb(values: list[str]) -> tuple[bool, Colour]:
    red, green, blue = (_number(value) for value in values)
    return (True, (red, green, blue)) if max(red, green, blue) <= 255 else (False, None)


def _number(text: str) -> int:
    """An empty parameter is 0; one with more digits than any code is one that nothing knows."""
    if not text:
        return 0
    return int(text) if len(text) <= 4 else 9999
