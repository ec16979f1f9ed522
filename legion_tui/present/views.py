"""What a list of rows is of: the groups that a snapshot gives, and what stands above them or in their place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from legion_tui.present.board import GroupRows, board_groups, folded_groups
from legion_tui.present.inbox import inbox_groups, inbox_lead
from legion_tui.present.line import Line
from legion_tui.present.rows import Look
from legion_tui.present.statuses import folded_statuses, status_groups
from legion_tui.present.texts import lead_lines
from legion_tui.state import Snapshot


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at a snapshot."""

    # As the header names it; the board itself has no name.
    name: str
    groups: Callable[[Snapshot], tuple[GroupRows, ...]]
    lead: Callable[[Snapshot, Sequence[GroupRows], int, Look], tuple[Line, ...]]
    # The groups that are folded until a person opens them.
    folded: Callable[[Snapshot], frozenset[str]]
    # Whether rows of the board may be missing here; what leaves is then shown as it is until it is gone.
    is_part: bool = False


BOARD = View("", board_groups, lead_lines, folded_groups)
BY_STATUS = View("by status", status_groups, lead_lines, folded_statuses)
INBOX = View("inbox", inbox_groups, inbox_lead, lambda snapshot: frozenset(), is_part=True)
