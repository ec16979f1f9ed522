"""The board by status: where every issue stands in its tracker, what needs a person first within each."""

from __future__ import annotations

from legion_tui.present.board import STATUS_PREFIX, Group, GroupRows, Row, board_groups
from legion_tui.state import Snapshot
from legion_tui.state.names import IssueStatus

# Nobody works on what is here.
_AT_REST = frozenset({IssueStatus.TRIAGE, IssueStatus.ICEBOX, IssueStatus.BACKLOG, IssueStatus.DONE})
_ORDER = {status.value: place for place, status in enumerate(IssueStatus)}


def status_groups(snapshot: Snapshot) -> tuple[GroupRows, ...]:
    """Return a group for each status that issues have, in the order in which they pass them; what is none comes last.

    What sleeps stays in its status: this tells where things stand, not what calls.
    """
    by_status: dict[str, list[Row]] = {}
    others: list[GroupRows] = []
    for group in board_groups(snapshot):
        rest = tuple(row for row in group.rows if row.issue is None)
        if rest:
            others.append(GroupRows(group.group, rest))
        for row in group.rows:
            if row.issue is not None:
                by_status.setdefault(row.issue.status or "no status", []).append(row)
    known = sorted(by_status, key=lambda status: (_ORDER.get(status, len(_ORDER)), status.casefold()))
    return (*(GroupRows(status_group(status), tuple(by_status[status])) for status in known), *others)


def status_group(status: str) -> str:
    """Return the name of a status's group, which is no other group's whatever a tracker calls its statuses."""
    return f"{STATUS_PREFIX}{status}"


def folded_statuses(snapshot: Snapshot) -> frozenset[str]:
    """Return the groups that are folded until a person opens them: where nobody works, unless somebody is needed."""
    calling = {group.group for group in status_groups(snapshot) if any(row.needs_you for row in group.rows)}
    return frozenset(
        {*(status_group(status.value) for status in _AT_REST), Group.SNOOZED.value, Group.SESSIONS.value} - calling
    )
