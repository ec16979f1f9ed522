"""Markdown as the agent's screen shows it: marks taken out, headings bold, lists as they are."""

from __future__ import annotations

import re

from legion_tui.demo.standin.cells import BOLD, Row, wrap

_INLINE = re.compile(r"\*\*(.+?)\*\*|`([^`]+)`")


def markdown_rows(text: str, width: int) -> list[Row]:
    """Return the text in rows of at most `width`, a blank one around each heading."""
    rows: list[Row] = []
    for line in text.strip("\n").split("\n"):
        heading = line.startswith("#")
        shown = _INLINE.sub(lambda found: found[1] or found[2], line.lstrip("# ") if heading else line)
        if heading and rows and rows[-1]:
            rows.append([])
        if not shown:
            if rows and rows[-1]:
                rows.append([])
            continue
        indent = len(shown) - len(shown.lstrip(" "))
        hang = indent + (2 if re.match(r"[-*] ", shown.lstrip()) else 0)
        first = shown[:indent]
        wrapped = wrap(shown[indent:], width - hang)
        rows += [
            [(first if i == 0 else " " * hang, ""), (part, BOLD if heading else "")] for i, part in enumerate(wrapped)
        ]
        if heading:
            rows.append([])
    return rows
