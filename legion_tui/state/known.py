"""What every source holds at one moment: what a snapshot is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from legion_tui.state.facts import Pipeline
from legion_tui.state.issues import Issue, Problem, PullRequest, PullRequestRef
from legion_tui.state.journal import Journal
from legion_tui.state.names import Mode
from legion_tui.state.snapshot import Project, Source, SourceHealth
from legion_tui.state.workers import Worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What every source holds at one moment: the last good value of each, and how it is."""

    project: Project | None
    pipeline: Pipeline
    reading: tuple[Issue, ...] = ()
    problems: tuple[Problem, ...] = ()
    workers: tuple[Worker, ...] = ()
    pull_requests: Mapping[PullRequestRef, PullRequest] = field(default_factory=dict)
    pull_request_notes: Mapping[PullRequestRef, str] = field(default_factory=dict)
    # By the name of a branch of the project's repository.
    pull_request_branches: Mapping[str, PullRequestRef] = field(default_factory=dict)
    # By a worker's folder: whether it holds work that no remote has.
    unpushed: Mapping[str, bool] = field(default_factory=dict)
    journal: Journal | None = None
    sources: Mapping[Source, SourceHealth] = field(default_factory=dict)
    # Issues whose newest turn's end a person has looked at, with the time of that end.
    seen: frozenset[tuple[str, datetime | None]] = frozenset()
    slots: int = 0
    mode_slots: Mapping[Mode, int] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    host: str = "github.com"
