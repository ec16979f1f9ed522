"""Where issues live, whichever tracker it is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from legion_tui.state.issues import Issue, Problem


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
    """Reads and writes issues. Raises TrackerError; every write is against the newest state and is read back."""

    @property
    def kind(self) -> str:
        """`local`, `github`, `linear` or `legion_json`."""
        ...

    @property
    def writable(self) -> bool:
        """Whether anything can be written."""
        ...

    async def read(self) -> Reading:
        """Return everything; raises TrackerError only when nothing at all could be read."""
        ...

    async def get(self, issue_id: str) -> Issue:
        """Return one issue as it is now; id matched without regard to case."""
        ...

    async def add(self, new: NewIssue) -> Issue:
        """Add an issue and return it as the tracker holds it."""
        ...

    async def move(self, issue_id: str, status: str) -> Issue:
        """Set the status and return the issue as it is then."""
        ...

    async def label(self, issue_id: str, *, add: Collection[str] = (), remove: Collection[str] = ()) -> Issue:
        """Add and remove labels singly; those not named stay."""
        ...

    async def edit(self, issue_id: str, edit: Edit) -> Issue:
        """Change the named fields and nothing else."""
        ...
