"""The board as groups of rows, before any of it is laid out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from legion_tui.state import Attention, IssueState, Problem, Question, Snapshot, Worker, WorkerState
from legion_tui.state.journal import QueuedMessage
from legion_tui.state.snooze import Snooze
from legion_tui.state.workers import ASKING, RUNNING


class Group(StrEnum):
    """The groups, top to bottom."""

    NEEDS_YOU = "needs_you"
    READY = "ready"
    WORKING = "working"
    WAITING = "waiting"
    PROBLEMS = "problems"
    BACKLOG = "backlog"
    QUIET = "quiet"
    SNOOZED = "snoozed"
    SESSIONS = "sessions"
    # Of the inbox, in which all are in one.
    INBOX = "inbox"


TITLES = {
    Group.NEEDS_YOU: "NEEDS YOU",
    Group.READY: "READY",
    Group.WORKING: "WORKING",
    Group.WAITING: "WAITING",
    Group.PROBLEMS: "PROBLEMS",
    Group.BACKLOG: "BACKLOG",
    Group.QUIET: "QUIET",
    Group.SNOOZED: "SNOOZED",
    Group.SESSIONS: "SESSIONS",
    Group.INBOX: "INBOX",
}
# What problems are called where none of them is about issues that were read.
UNREADABLE = "UNREADABLE"
# What the name of a group begins with that is a status.
STATUS_PREFIX = "status:"
_GROUP_OF = {attention: Group(attention.value) for attention in Attention}


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that can be selected. `key` names it for as long as it exists."""

    key: str
    group: Group
    subject: IssueState | Worker | Problem
    # The messages that wait for its worker.
    queued: tuple[QueuedMessage, ...] = ()
    # Where a person has put it to sleep.
    snooze: Snooze | None = None

    @property
    def issue(self) -> IssueState | None:
        """The issue that the row is of."""
        return self.subject if isinstance(self.subject, IssueState) else None

    @property
    def worker(self) -> Worker | None:
        """The worker of the issue, or the session that the row is of."""
        if isinstance(self.subject, IssueState):
            return self.subject.worker
        return self.subject if isinstance(self.subject, Worker) else None

    @property
    def target(self) -> str:
        """What commands take: the issue's id, or the session's; empty for a problem."""
        if isinstance(self.subject, IssueState):
            return self.subject.id
        return self.subject.session_id if isinstance(self.subject, Worker) else ""

    @property
    def shown_id(self) -> str:
        """How a person names the row."""
        if isinstance(self.subject, IssueState):
            return self.subject.issue.shown_id or self.subject.id
        return session_name(self.subject) if isinstance(self.subject, Worker) else self.subject.where

    @property
    def question(self) -> Question | None:
        """The question that its worker waits on."""
        worker = self.worker
        return worker.question if worker is not None and worker.live else None

    @property
    def needs_you(self) -> bool:
        """Whether a person is waited for; not by what they have put to sleep."""
        if self.snooze is not None:
            return False
        if isinstance(self.subject, Worker):
            return self.subject.asking or self.subject.state in ASKING
        return self.group is Group.NEEDS_YOU

    @property
    def since(self) -> datetime | None:
        """Since when it has been so."""
        return None if isinstance(self.subject, Problem) else self.subject.since

    @property
    def asked_since(self) -> datetime | None:
        """Since when its question has waited, else since when the row has been so."""
        asked = self.question.asked_at if self.question is not None else None
        return asked or self.since

    @property
    def height(self) -> int:
        """How many lines it takes."""
        told = self.needs_you or bool(self.queued) or isinstance(self.subject, Problem)
        return 2 if told else 1

    def mark(self) -> tuple[object, ...]:
        """What a person would call a change of the row, when it differs."""
        worker, issue = self.worker, self.issue
        return (
            self.group,
            worker.state if worker else None,
            worker.question.id if worker and worker.question else None,
            (issue.decision.action, issue.status) if issue else None,
        )


@dataclass(frozen=True, slots=True)
class GroupRows:
    """A group with its rows in reading order; its name is a `Group`'s, or what another view calls it."""

    group: str
    rows: tuple[Row, ...]

    @property
    def title(self) -> str:
        """The group's name as the board shows it."""
        unread = [isinstance(row.subject, Problem) and not row.subject.readable for row in self.rows]
        if self.group == Group.PROBLEMS and all(unread):
            return UNREADABLE
        return TITLES[Group(self.group)] if self.group in TITLES else self.group.removeprefix(STATUS_PREFIX).upper()


def session_name(worker: Worker) -> str:
    """Return what a person would call a session: its issue, its name, its folder, else the head of its id."""
    folder = (worker.cwd or "").rstrip("/").rpartition("/")[2]
    return worker.issue or worker.name or folder or worker.session_id[:8]


# The last two that were asked for, with what came of them: several look at the same ones, one after the other.
_last: list[tuple[Snapshot, tuple[GroupRows, ...]]] = []


def board_groups(snapshot: Snapshot) -> tuple[GroupRows, ...]:
    """Return the groups that have rows, in the board's order; the order within a group is the snapshot's."""
    known = next((groups for asked, groups in _last if asked is snapshot), None)
    if known is None:
        known = _groups_of(snapshot)
        _last[:] = [*_last[-1:], (snapshot, known)]
    return known


def _groups_of(snapshot: Snapshot) -> tuple[GroupRows, ...]:
    rows: dict[Group, list[Row]] = {group: [] for group in Group}
    for issue in snapshot.issues:
        snooze = snapshot.asleep.get(issue.id)
        group = _GROUP_OF[issue.attention] if snooze is None else Group.SNOOZED
        rows[group].append(Row(f"issue:{issue.id}", group, issue, snapshot.queue_of(issue.worker), snooze))
    for problem in snapshot.problems:
        # A file has one problem, whatever it says now; an issue can be in several cycles.
        key = f"problem:{problem.where}" + (f":{problem.what}" if problem.readable else "")
        rows[Group.PROBLEMS].append(Row(key, Group.PROBLEMS, problem))
    for session in sorted(snapshot.sessions, key=_session_order):
        snooze = snapshot.asleep.get(session.session_id)
        group = Group.SESSIONS if snooze is None else Group.SNOOZED
        key = f"session:{session.session_id}"
        rows[group].append(Row(key, group, session, snapshot.queue_of(session), snooze))
    rows[Group.SNOOZED].sort(key=_wakes_first)
    seen: set[str] = set()
    groups = (GroupRows(group, _distinct(members, seen)) for group, members in rows.items())
    return tuple(group for group in groups if group.rows)


def folded_groups(snapshot: Snapshot) -> frozenset[str]:
    """Return the groups that are folded until a person opens them; sessions are not where they are all there is."""
    folded: set[str] = {Group.BACKLOG, Group.QUIET, Group.SNOOZED}
    awake = (session for session in snapshot.sessions if session.session_id not in snapshot.asleep)
    if snapshot.project is not None and not any(session.asking for session in awake):
        folded.add(Group.SESSIONS)
    return frozenset(folded)


def _distinct(rows: Iterable[Row], seen: set[str]) -> tuple[Row, ...]:
    """Two records of one key are shown once, the first that came: a key selects one row."""
    kept: list[Row] = []
    for row in rows:
        if row.key not in seen:
            seen.add(row.key)
            kept.append(row)
    return tuple(kept)


def _wakes_first(row: Row) -> tuple[bool, float]:
    until = row.snooze.until if row.snooze is not None else None
    return (until is None, until.timestamp() if until is not None else 0.0)


def _session_order(worker: Worker) -> tuple[int, float]:
    if worker.asking:
        place = 0
    elif worker.state in RUNNING:
        place = 1
    else:
        place = 2 if worker.state is not WorkerState.UNKNOWN else 3
    return (place, worker.since.timestamp() if worker.since else 0.0)
