"""Markdown of foreign origin to lines: nothing in it can be clicked, loaded or run, and any size stays one widget."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from legion_tui.present.diff import diff_lines
from legion_tui.present.prose import BLANK, Line, Part, Role, crop, pad, plain, rule, width_of, wrap, wrap_text

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# Beyond this an issue's body is shown up to here; its url has the rest.
LONGEST = 40_000

_MARKS = {"strong": Role.STRONG, "em": Role.EMPHASIS, "link": Role.LINK, "s": Role.MUTED}


def markdown_lines(text: str, width: int) -> list[Line]:
    """Return `text` as lines of at most `width` cells."""
    page = _Page(width=max(width, 12))
    for token in _parser().parse(text[:LONGEST]):
        page.take(token)
    while page.lines and not page.lines[-1]:
        page.lines.pop()
    if len(text) > LONGEST:
        page.lines += [BLANK, ((f"… {len(text) - LONGEST} more characters", Role.MUTED),)]
    return page.lines


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    # Imported at the first use: the board starts without it.
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


@dataclass(slots=True)
class _Page:
    width: int
    lines: list[Line] = field(default_factory=list)
    # What stands before the first line of the next block, and before every other one, one entry per container.
    firsts: list[Line] = field(default_factory=list)
    rests: list[Line] = field(default_factory=list)
    numbers: list[int | None] = field(default_factory=list)
    heading: bool = False
    tight: bool = False
    cell: bool = False
    row: list[Line] = field(default_factory=list)
    table: list[list[Line]] = field(default_factory=list)

    def take(self, token: Token) -> None:
        """Take the next token of the document."""
        if token.type in ("inline", "fence", "code_block", "hr"):
            self._leaf(token)
        else:
            name, _, way = token.type.rpartition("_")
            (self._enter if way == "open" else self._leave)(name, token)

    def _leaf(self, token: Token) -> None:
        if token.type == "inline":
            self._inline(token)
        elif token.type == "hr":
            self._put([rule("", self._room())])
        else:
            self._code(token)

    def _enter(self, name: str, token: Token) -> None:
        match name:
            case "paragraph" | "heading":
                self.heading, self.tight = name == "heading", token.hidden
            case "bullet_list":
                self.numbers.append(None)
            case "ordered_list":
                start = token.attrGet("start")
                self.numbers.append(1 if start is None else int(start))
            case "list_item":
                self._open(self._bullet())
            case "blockquote":
                self._open((("│ ", Role.RULE),), again=True)
            case "th" | "td":
                self.cell = True

    def _leave(self, name: str, _token: Token) -> None:
        match name:
            case "bullet_list" | "ordered_list":
                self.numbers.pop()
                if not self.numbers:
                    self._gap()
            case "list_item" | "blockquote":
                self._close()
            case "th" | "td":
                self.cell = False
            case "tr":
                self.table.append(self.row)
                self.row = []
            case "table":
                self._put(_table(self.table, self._room()))
                self.table = []

    def _inline(self, token: Token) -> None:
        line = tuple(_parts(token.children or (), Role.HEADING if self.heading else Role.TEXT))
        if self.cell:
            self.row.append(line)
            return
        self._put(wrap(line, self._room()), gap=not self.tight)
        self.heading = self.tight = False

    def _code(self, token: Token) -> None:
        room = self._room()
        source = token.content.rstrip("\n")
        if token.info.strip() == "diff":
            self._put(diff_lines(source, room))
        else:
            edge: Line = (("▏ ", Role.RULE),)
            self._put(
                [line for row in source.split("\n") for line in wrap_text(row, room, Role.CODE, first=edge, rest=edge)]
            )

    def _bullet(self) -> Line:
        number = self.numbers[-1] if self.numbers else None
        if number is None:
            return (("• ", Role.MUTED),)
        self.numbers[-1] = number + 1
        return ((f"{number}. ", Role.MUTED),)

    def _open(self, first: Line, *, again: bool = False) -> None:
        # A quotation's bar is repeated; under a bullet there is nothing.
        self.firsts.append(first)
        self.rests.append(first if again else ((" " * width_of(first), Role.TEXT),))

    def _close(self) -> None:
        self.firsts.pop()
        self.rests.pop()

    def _room(self) -> int:
        return max(self.width - sum(width_of(rest) for rest in self.rests), 12)

    def _gap(self) -> None:
        if self.lines and self.lines[-1]:
            self.lines.append(BLANK)

    def _put(self, block: Sequence[Line], *, gap: bool = True) -> None:
        for line in block:
            before = tuple(part for prefix in self.firsts for part in prefix)
            # Deeper nesting than the width can hold is cut off, not spilt.
            self.lines.append(crop((*before, *line), self.width))
            self.firsts = list(self.rests)
        if gap:
            self._gap()


def _parts(tokens: Iterable[Token], base: Role) -> Iterable[Part]:
    roles = [base]
    target = ""
    said = ""
    for token in tokens:
        name, _, way = token.type.rpartition("_")
        if way == "open" and name in _MARKS:
            roles.append(base if base is Role.HEADING else _MARKS[name])
            if name == "link":
                target, said = str(token.attrGet("href") or ""), ""
        elif way == "close" and name in _MARKS:
            roles.pop()
            if name == "link" and target not in ("", said):
                yield f" ({target})", Role.MUTED
        elif token.type in ("softbreak", "hardbreak"):
            yield " " if token.type == "softbreak" else "\n", roles[-1]
        elif token.type == "code_inline":
            said += token.content
            yield token.content, Role.CODE
        elif token.type == "image":
            yield f"[image: {token.content}]", Role.MUTED
        else:
            said += token.content
            yield token.content, roles[-1]


def _table(rows: Sequence[Sequence[Line]], width: int) -> list[Line]:
    """Return the rows in columns where these fit, else one cell after the other."""
    columns = max((len(row) for row in rows), default=0)
    widths = [max((width_of(row[n]) for row in rows if n < len(row)), default=0) for n in range(columns)]
    lines: list[Line] = []
    for index, row in enumerate(rows):
        if sum(widths) + 2 * columns <= width:
            cells = [pad(cell, widths[n] + 2) for n, cell in enumerate(row)]
            lines.append(tuple(part for cell in cells for part in cell))
            if index == 0:
                lines.append((("─" * (sum(widths) + 2 * columns - 2), Role.RULE),))
        else:
            lines += wrap(((" · ".join(plain(cell) for cell in row), Role.TEXT),), width)
    return lines
