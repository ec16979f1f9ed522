"""The board as lines of text: for pipes, for screen readers, for terminals that can do no more."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from legion_tui.present.board import board_groups
from legion_tui.present.columns import columns
from legion_tui.present.header import header_line as top_line
from legion_tui.present.line import Line, plain
from legion_tui.present.notices import notice_lines
from legion_tui.present.rows import Look, folded_parts, header_line, row_lines
from legion_tui.present.texts import lead_lines
from legion_tui.state import Snapshot


def board_lines(
    snapshot: Snapshot,
    width: int,
    now: datetime,
    look: Look | None = None,
    *,
    folded: Collection[str] = (),
) -> list[str]:
    """Return the whole board, none of its lines wider than `width` nor with blanks at its end.

    Every row is there, those of the groups in `folded` excepted, which are told by their count.
    """
    look = look or Look()
    groups = board_groups(snapshot)
    widths = columns(width, groups, snapshot, key=look.key_width, hidden={*look.hidden, "activity"})
    lines: list[Line] = [top_line(snapshot, width, look.glyphs, now)]
    lines += notice_lines(snapshot, width, look.glyphs, now)
    lines += lead_lines(snapshot, groups, width, look)
    for group in groups:
        if group.group in folded:
            lines.append(folded_parts(group, look))
            continue
        lines.append(header_line(group, width, look, now))
        for row in group.rows:
            lines += row_lines(row, widths, look, now)
    return [plain(line).rstrip() for line in lines]
