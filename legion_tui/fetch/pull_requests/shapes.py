"""What GitHub's answers about pull requests look like, as far as they are read."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from legion_tui.network.shapes import Many, Shape


class Login(Shape, frozen=True):
    """Somebody."""

    login: str


class Count(Shape, frozen=True):
    """How many checks of the head commit are in a state."""

    state: str
    count: int


class Contexts(Shape, frozen=True):
    """The checks of the head commit, counted."""

    check_run_counts_by_state: list[Count] | None = None
    status_context_counts_by_state: list[Count] | None = None


class Rollup(Shape, frozen=True):
    """What the checks of the head commit amount to."""

    state: str
    contexts: Contexts


class HeadCommit(Shape, frozen=True):
    """The head commit; without checks there is no roll-up."""

    status_check_rollup: Rollup | None = None


class CommitNode(Shape, frozen=True):
    """A commit of the pull request."""

    commit: HeadCommit


class Oid(Shape, frozen=True):
    """A commit by its hash."""

    oid: str


class Reviewer(Shape, frozen=True):
    """Whose review is asked for; of a team only that it is one."""

    login: str | None = None


class ReviewRequest(Shape, frozen=True):
    """A review that is asked for."""

    requested_reviewer: Reviewer | None = None


class Review(Shape, frozen=True):
    """The newest opinion of one reviewer. Its commit is None where it was pushed over."""

    state: str
    author: Login | None = None
    commit: Oid | None = None
    submitted_at: datetime | None = None


class Thread(Shape, frozen=True):
    """A conversation about some lines."""

    is_resolved: bool


class PullRequestNode(Shape, frozen=True):
    """A pull request."""

    state: Literal["OPEN", "MERGED", "CLOSED"]
    number: int = 0
    is_draft: bool = False
    title: str = ""
    review_decision: str | None = None
    mergeable: str | None = None
    head_ref_name: str = ""
    head_ref_oid: str = ""
    additions: int = 0
    deletions: int = 0
    is_cross_repository: bool = False
    head_repository_owner: Login | None = None
    commits: Many[CommitNode] | None = None
    review_requests: Many[ReviewRequest] | None = None
    latest_opinionated_reviews: Many[Review] | None = None
    review_threads: Many[Thread] | None = None
