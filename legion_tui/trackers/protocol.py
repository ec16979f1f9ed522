"""Where issues live, whichever tracker it is."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass
from enum import Flag, auto
from typing import Final, Protocol

from legion_tui.errors import ConflictError, TrackerError
from legion_tui.network import RateLimit
from legion_tui.state import IssueStatus
from legion_tui.state.issues import Issue, Problem
from legion_tui.state.text import clean_line


class Write(Flag):
    """The kinds of writes: what a tracker can do, and what its project allows."""

    NONE = 0
    CREATE = auto()
    STATUS = auto()
    LABELS = auto()
    COMMENT = auto()
    ASSIGN = auto()
    CLOSE = auto()
    # Title, text, priority, pull request.
    EDIT = auto()
    ALL = CREATE | STATUS | LABELS | COMMENT | ASSIGN | CLOSE | EDIT


# What the words of `[tracker] write` allow.
WRITES: Final = {"none": Write.NONE, "labels": Write.LABELS, "all": Write.ALL}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a tracker holds: the issues that could be read, and a problem for each record that could not."""

    issues: tuple[Issue, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIssue:
    """An issue to add; without an id the tracker gives one."""

    title: str
    status: str = "Todo"
    labels: tuple[str, ...] = ()
    priority: int | None = None
    body: str = ""
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What to change of an issue; None leaves a field as it is."""

    title: str | None = None
    body: str | None = None
    priority: int | None = None
    pull_request: str | None = None


class Tracker(Protocol):
    """Reads and writes issues. Raises TrackerError, or SourceError where its service does not answer.

    Every write is against the newest state and is read back: what is returned is the issue as the tracker holds it
    then. A write that `allowed` does not hold raises TrackerError and changes nothing.
    """

    @property
    def kind(self) -> str:
        """`local`, `github`, `linear` or `legion_json`."""
        ...

    @property
    def bytes_read(self) -> int:
        """How much was read up to now, of files or of a service's answers."""
        ...

    @property
    def rate(self) -> RateLimit | None:
        """What is left of the service's budget, where there is one that tells."""
        ...

    @property
    def possible(self) -> Write:
        """What can be written at all."""
        ...

    @property
    def allowed(self) -> Write:
        """What of it the project allows (`[tracker] write`)."""
        ...

    async def read(self) -> Reading:
        """Return everything; raises only when nothing at all could be read."""
        ...

    async def get(self, issue_id: str) -> Issue:
        """Return one issue as it is now; id matched without regard to case."""
        ...

    async def add(self, new: NewIssue) -> Issue:
        """Add an issue and return it as the tracker holds it."""
        ...

    async def move(self, issue_id: str, status: str, *, expect: str | None = None) -> Issue:
        """Set the status; ConflictError, and nothing is set, where it is another than `expect` by now."""
        ...

    async def label(self, issue_id: str, *, add: Collection[str] = (), remove: Collection[str] = ()) -> Issue:
        """Add and remove labels singly; those not named stay."""
        ...

    async def assign(self, issue_id: str, *, add: Collection[str] = (), remove: Collection[str] = ()) -> Issue:
        """Add and remove people singly; those not named stay. `@me` is the one whose login is used."""
        ...

    async def comment(self, issue_id: str, body: str) -> Issue:
        """Add a comment."""
        ...

    async def close(self, issue_id: str, *, expect: str | None = None) -> Issue:
        """End the issue: it is done; ConflictError as with `move`."""
        ...

    async def edit(self, issue_id: str, edit: Edit) -> Issue:
        """Change the named fields and nothing else."""
        ...


def check_permitted(kind: str, *, possible: Write, allowed: Write, write: Write, what: str) -> None:
    """Raise TrackerError where `what` (`move ENG-1`) may not be done on a tracker of that kind."""
    if write not in possible:
        raise TrackerError(f"cannot {what}", f"the {kind} tracker has no way to", "do it where the issue lives")
    if write not in allowed:
        words = [f'"{word}"' for word, writes in WRITES.items() if write in writes]
        remedy = f"set write = {' or '.join(words)} below [tracker] in legion.toml"
        raise TrackerError(f"cannot {what}", "[tracker] write does not allow it", remedy)


def check_expected(issue: Issue, expect: str | None, *, to: str) -> None:
    """Raise ConflictError where the status is another than the expected one, and not yet the wanted one."""
    if expect is None:
        return
    now = IssueStatus.normalize(issue.status)
    if now not in (IssueStatus.normalize(expect), to):
        raise ConflictError(
            f"{issue.id} changed meanwhile",
            f"its status is {clean_line(issue.status) or 'none'} by now, not {clean_line(expect) or 'none'}",
            "nothing was overwritten: look, then try again",
        )


def canonical_status(status: str) -> str:
    """Return the status that is meant; TrackerError for a word that is none.

    Found in a tracker, another word is shown as it is; written from here, it would be a slip that stops the issue.
    """
    known = IssueStatus.normalize(status)
    if known not in set(IssueStatus):
        near = difflib.get_close_matches(known, list(IssueStatus), n=1)
        hint = f"did you mean {near[0]}?" if near else f"one of: {', '.join(IssueStatus)}"
        raise TrackerError(f"{clean_line(status, limit=80)!r} is no status", remedy=hint)
    return known
