"""Unified diffs as lines."""

from __future__ import annotations

import re

from legion_tui.present.prose import Line, Role, wrap_text

_HUNK = re.compile(r"^@@ .*@@|^--- .*\n\+\+\+ ", re.MULTILINE)
_ROLES = {"+": Role.ADDED, "-": Role.REMOVED, "@": Role.HUNK}


def is_diff(text: str) -> bool:
    """Whether `text` holds a hunk's or a file's head."""
    return _HUNK.search(text) is not None


def diff_lines(text: str, width: int) -> list[Line]:
    """Return every line of a diff, added and removed ones told apart, none wider than `width`."""
    lines: list[Line] = []
    for row in text.split("\n"):
        head = row.startswith(("+++", "---", "diff ", "index "))
        role = Role.MUTED if head else _ROLES.get(row[:1], Role.TEXT)
        lines += wrap_text(row, width, role, rest=(("  ", Role.TEXT),))
    return lines
