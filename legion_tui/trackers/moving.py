"""Moving and closing an issue: what is alike in every tracker."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import ClassVar

from legion_tui.errors import ConflictError, TrackerError
from legion_tui.state import Issue, IssueStatus
from legion_tui.state.text import clean_line
from legion_tui.trackers.protocol import Write, canonical_status, check_permitted


class Moves(ABC):
    """Implements `Tracker.move` and `close` over one way to set a status."""

    kind: ClassVar[str]
    possible: ClassVar[Write]
    allowed: Write

    def permit(self, write: Write, what: str) -> None:
        """Raise TrackerError where `what` (`move ENG-1`) may not be done."""
        check_permitted(self.kind, possible=self.possible, allowed=self.allowed, write=write, what=what)

    async def move(self, issue_id: str, status: str, *, expect: str | None = None) -> Issue:
        """Set the status; ConflictError, and nothing is set, where it is another than `expect` by now."""
        self.permit(Write.STATUS, f"move {issue_id}")
        return await self._move(issue_id, canonical_status(status), expect)

    async def close(self, issue_id: str, *, expect: str | None = None) -> Issue:
        """End the issue: it is done; ConflictError as with `move`."""
        self.permit(Write.CLOSE, f"close {issue_id}")
        return await self._move(issue_id, IssueStatus.DONE, expect)

    @abstractmethod
    async def _move(self, issue_id: str, status: str, expect: str | None) -> Issue:
        """Set a canonical status, and read it back."""


def check_labels(names: Iterable[str]) -> None:
    """Raise TrackerError for a name that is not one line of plain text."""
    for name in names:
        if clean_line(name) != name or not name:
            raise TrackerError(f"{name!r} is no label", remedy="one line of plain text")


def changed_meanwhile(after: Issue, status: str) -> ConflictError:
    """Return the error of a status that was set, and is another one when it is read back."""
    told = f"its status is {after.status or 'none'} now, not {status}"
    return ConflictError(f"{after.id} changed meanwhile", told, "look, then try again")
