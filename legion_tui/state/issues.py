"""Issues and pull requests as their trackers tell them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from legion_tui.state.names import IssueStatus

_PULL_REQUEST_URL = re.compile(
    r"https://(?P<host>[A-Za-z0-9.-]+)/(?P<owner>[\w.-]+)/(?P<repo>[\w.-]+)/pull/(?P<number>[0-9]{1,10})(?:[/?#].*)?",
    re.ASCII,
)
# GitHub's GraphQL type of a number is a signed 32-bit integer.
_LARGEST_NUMBER = 2_147_483_647


@dataclass(frozen=True, slots=True, order=True)
class PullRequestRef:
    """Where a pull request is; equal for two issues that name the same one."""

    host: str
    owner: str
    repo: str
    number: int

    @property
    def url(self) -> str:
        """The page of the pull request."""
        return f"https://{self.host}/{self.owner}/{self.repo}/pull/{self.number}"


@dataclass(frozen=True, slots=True, order=True)
class BranchRef:
    """A branch of a repository, whose pull request is looked for."""

    host: str
    owner: str
    repo: str
    name: str


def parse_pull_request_url(url: str, *, host: str = "github.com") -> PullRequestRef | None:
    """Return the pull request that `url` names on `host`, or None."""
    match = _PULL_REQUEST_URL.fullmatch(url.strip())
    if match is None or match["host"].lower() != host.lower() or not 0 < int(match["number"]) <= _LARGEST_NUMBER:
        return None
    return PullRequestRef(match["host"].lower(), match["owner"], match["repo"], int(match["number"]))


class PullRequestState(StrEnum):
    """GitHub's own three states."""

    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Checks:
    """How many checks of the head commit passed, failed, or are still to come."""

    passed: int = 0
    failed: int = 0
    pending: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.passed + self.failed + self.pending


@dataclass(frozen=True, slots=True, order=True)
class FailedCheck:
    """A check of the head commit that failed; the link is empty where there is none that may be opened."""

    name: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """A pull request as GitHub tells it; None where it was not told."""

    ref: PullRequestRef
    state: PullRequestState
    is_draft: bool
    title: str = ""
    review: str | None = None
    # passing, failing, pending; unknown where the checks were not told; None: there are none
    ci: str | None = None
    checks: Checks = Checks()
    mergeable: str | None = None
    branch: str = ""
    # The hash of its head commit.
    head: str = ""
    additions: int = 0
    deletions: int = 0
    from_fork: bool = False
    # Whose review is asked for, by login.
    reviewers: tuple[str, ...] = ()
    review_requested_from_me: bool = False
    # The opinions that make the verdict are about an older commit.
    head_newer_than_review: bool = False
    unresolved_threads: int = 0
    # By name, where the checks failed and their names were told.
    failed_checks: tuple[FailedCheck, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One unit of work. `status` is the tracker's own word; `normalize` makes the canonical one of it."""

    id: str
    title: str
    status: str
    labels: frozenset[str] = frozenset()
    url: str = ""
    priority: int | None = None
    blockers: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    # The issue that this one is a part of, "" where it is of none.
    parent: str = ""
    # Those that are parts of this one.
    children: tuple[str, ...] = ()
    pull_request: PullRequestRef | None = None
    body: str = ""
    closed: bool = False
    created_at: datetime | None = None
    updated_at: datetime | None = None
    # Who wrote it, where the tracker tells.
    author: str = ""
    # How a person names it where that differs from the id: `#12`.
    shown_id: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to be done on it, so that it blocks nobody."""
        return self.closed or IssueStatus.normalize(self.status) == IssueStatus.DONE


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a record, or with how some go together: one row of its own, and no reason to hide another."""

    where: str
    what: str
    remedy: str = ""
    # What it is about was read all the same.
    readable: bool = False

    def __str__(self) -> str:
        """One line: where, what, how to mend it."""
        line = f"{self.where}: {self.what}"
        return f"{line}; {self.remedy}" if self.remedy else line
