"""Everything known at one moment, frozen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from legion_tui.state.decision import Decision
from legion_tui.state.facts import IssueFacts
from legion_tui.state.issues import Issue, Problem, PullRequest
from legion_tui.state.journal import QueuedMessage, Request
from legion_tui.state.names import Attention, Mode
from legion_tui.state.relations import NO_RELATIONS, Relations
from legion_tui.state.snooze import Snooze
from legion_tui.state.workers import Worker


class Source(StrEnum):
    """What is read, each at its own pace and with its own health."""

    TRACKER = "tracker"
    TMUX = "tmux"
    AGENTS = "agents"
    PULL_REQUESTS = "pull_requests"


# Without these nobody knows which workers there are, or what for.
_GROUNDS = (Source.TRACKER, Source.TMUX, Source.AGENTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """How a source is. `read_at` is the last success; None means that it never worked."""

    ok: bool
    error: str | None = None
    remedy: str = ""
    read_at: datetime | None = field(default=None, compare=False)
    took_ms: float = field(default=0.0, compare=False)
    failing_since: datetime | None = None
    # When it may be asked again, where it told.
    retry_at: datetime | None = field(default=None, compare=False)
    # How it was read, where there is more than one way; and why the better one, which was tried, is not in use.
    via: str = field(default="", compare=False)
    fallback: str = field(default="", compare=False)

    @property
    def known(self) -> bool:
        """Whether it ever gave a value."""
        return self.read_at is not None


@dataclass(frozen=True, slots=True)
class Project:
    """Which project the snapshot is of."""

    id: str
    short_id: str
    key: str
    root: str = ""
    name: str = ""
    tracker: str = "local"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueState:
    """One issue with everything that was joined to it."""

    issue: Issue
    status: str
    facts: IssueFacts
    decision: Decision
    session_id: str
    attention: Attention
    # On the issue: the tracker's, and those that our ledger keeps for it. `facts` may hold derived ones too.
    labels: frozenset[str] = frozenset()
    since: datetime | None = None
    worker: Worker | None = None
    other_workers: tuple[Worker, ...] = ()
    pull_request: PullRequest | None = None
    # Why there is no pull request to show although one is known.
    pull_request_note: str = ""
    relations: Relations = NO_RELATIONS

    @property
    def id(self) -> str:
        """The issue's id."""
        return self.issue.id

    @property
    def workers(self) -> tuple[Worker, ...]:
        """Every worker of it, the shown one first."""
        return (self.worker, *self.other_workers) if self.worker is not None else self.other_workers


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One collected state. Equal snapshots differ in nothing but the time at which they were taken."""

    project: Project | None = None
    sources: Mapping[Source, SourceHealth] = field(default_factory=lambda: MappingProxyType({}))
    issues: tuple[IssueState, ...] = ()
    sessions: tuple[Worker, ...] = ()
    problems: tuple[Problem, ...] = ()
    # What the person should know of the project itself: inert settings, a missing trust.
    notices: tuple[str, ...] = ()
    # Messages that wait until their workers are idle, oldest first.
    queue: tuple[QueuedMessage, ...] = ()
    # Workers that wait for their turn, oldest first.
    requests: tuple[Request, ...] = ()
    # Of one mode at once, where that is fewer than `slots`.
    mode_slots: Mapping[Mode, int] = field(default_factory=lambda: MappingProxyType({}))
    # What a person has put to sleep, by issue id or session id; the screen adds it.
    asleep: Mapping[str, Snooze] = field(default_factory=lambda: MappingProxyType({}))
    slots_used: int = 0
    slots: int = 0
    collected_at: datetime | None = field(default=None, compare=False)
    sequence: int = field(default=0, compare=False)

    @property
    def unread(self) -> str:
        """Why nothing may be concluded or done by this snapshot: which source was not read; empty where all were."""
        for source in _GROUNDS:
            health = self.sources.get(source)
            if health is None or not (health.ok and health.known):
                return f"{source} was not read" + (f": {health.error}" if health and health.error else "")
        return ""

    @property
    def workers(self) -> Iterator[Worker]:
        """Every worker of every issue, and every session of none."""
        yield from (worker for row in self.issues for worker in row.workers)
        yield from self.sessions

    def issue(self, issue_id: str) -> IssueState | None:
        """Return the issue of that id, matched without regard to case, or None."""
        folded = issue_id.casefold()
        return next((i for i in self.issues if folded in (i.id.casefold(), i.issue.shown_id.casefold() or None)), None)

    def worker_of(self, target: str) -> Worker | None:
        """Return the worker that an issue shows, or the one of that session's id, of whatever issue; or None."""
        found = self.issue(target)
        if found is not None:
            return found.worker
        return next((worker for worker in self.workers if worker.session_id == target), None)

    def queue_of(self, worker: Worker | None) -> tuple[QueuedMessage, ...]:
        """Return the messages that wait for a worker, oldest first."""
        return tuple(m for m in self.queue if worker is not None and m.session_id == worker.session_id)


# Nothing was read yet; compared by identity.
EMPTY = Snapshot()
