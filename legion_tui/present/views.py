"""What a list of rows is of: the groups that a snapshot gives, and what stands above them or in their place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from legion_tui.present.board import GroupRows, board_groups
from legion_tui.present.inbox import inbox_groups, inbox_lead
from legion_tui.present.line import Line
from legion_tui.present.rows import Look
from legion_tui.present.texts import lead_lines
from legion_tui.state import Snapshot


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at a snapshot."""

    groups: Callable[[Snapshot], tuple[GroupRows, ...]]
    lead: Callable[[Snapshot, Sequence[GroupRows], int, Look], tuple[Line, ...]]


BOARD = View(board_groups, lead_lines)
INBOX = View(inbox_groups, inbox_lead)
