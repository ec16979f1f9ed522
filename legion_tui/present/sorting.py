"""In which order the rows of a group are read."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from legion_tui.present.board import Row
from legion_tui.state.identity import natural_order
from legion_tui.state.names import IssueStatus

_STATUSES = {status.value: place for place, status in enumerate(IssueStatus)}


class Sort(StrEnum):
    """The orders; the groups stay in theirs."""

    ATTENTION = "attention"
    ID = "id"
    AGE = "age"
    NEWEST = "newest"
    STATUS = "status"
    PRIORITY = "priority"
    TITLE = "title"


TOLD = {
    Sort.ATTENTION: "what waits longest first, then by priority",
    Sort.ID: "by id, their numbers as numbers",
    Sort.AGE: "what has been so for longest first",
    Sort.NEWEST: "what has changed last first",
    Sort.STATUS: "in the order in which issues pass them",
    Sort.PRIORITY: "the most urgent first",
    Sort.TITLE: "by title",
}


def sort_rows(rows: Sequence[Row], sort: Sort) -> tuple[Row, ...]:
    """Return the rows in order; those that sort alike keep the board's own, and what has no such value comes last."""
    match sort:
        case Sort.ATTENTION:
            return tuple(rows)
        case Sort.ID:
            return tuple(sorted(rows, key=lambda row: (natural_order(row.shown_id.casefold()), row.key)))
        case Sort.AGE:
            return tuple(sorted(rows, key=_age))
        case Sort.NEWEST:
            return tuple(sorted(rows, key=lambda row: (row.since is None, -_age(row)[1])))
        case Sort.STATUS:
            return tuple(sorted(rows, key=_status))
        case Sort.PRIORITY:
            return tuple(sorted(rows, key=_priority))
        case Sort.TITLE:
            return tuple(sorted(rows, key=_title))


def _age(row: Row) -> tuple[bool, float]:
    return (row.since is None, row.since.timestamp() if row.since is not None else 0.0)


def _status(row: Row) -> tuple[bool, int, str]:
    status = row.issue.status if row.issue is not None else ""
    return (not status, _STATUSES.get(status, len(_STATUSES)), status.casefold())


def _priority(row: Row) -> tuple[bool, int]:
    priority = row.issue.issue.priority if row.issue is not None else None
    return (priority is None, priority or 0)


def _title(row: Row) -> tuple[bool, str]:
    return (row.issue is None, (row.issue.issue.title if row.issue is not None else row.shown_id).casefold())
