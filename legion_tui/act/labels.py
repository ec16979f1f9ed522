"""Labels, wherever they can be kept: in the tracker or, where it takes none, in our ledger."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from legion_tui.act.ledger import Ledger
from legion_tui.act.records import Kind
from legion_tui.state import Issue
from legion_tui.trackers import Tracker, Write


class Effect(NamedTuple):
    """What a change would really change."""

    added: frozenset[str]
    removed: frozenset[str]


class Labels:
    """Adds and removes single labels against the newest set that there is."""

    def __init__(self, tracker: Tracker, ledger: Ledger) -> None:
        """Write to the tracker where it can be written."""
        self._tracker = tracker
        self._ledger = ledger

    async def of(self, issue: Issue) -> frozenset[str]:
        """Return the issue's labels, those in the ledger included."""
        return issue.labels | await self._ledger.labels_of(issue.id)

    async def effect(self, issue: Issue, *, add: Collection[str] = (), remove: Collection[str] = ()) -> Effect:
        """Return what `change` would change: in a tracker that takes none, its own labels stay."""
        writable = Write.LABELS in self._tracker.allowed
        removable = issue.labels if writable else await self._ledger.labels_of(issue.id) - issue.labels
        return Effect(frozenset(map(str, add)) - await self.of(issue), frozenset(map(str, remove)) & removable)

    async def change(self, issue_id: str, *, add: Collection[str] = (), remove: Collection[str] = ()) -> None:
        """Add and remove; those not named stay, and nothing to change writes nothing."""
        if not add and not remove:
            return
        added, removed = sorted(map(str, add)), sorted(map(str, remove))
        if Write.LABELS in self._tracker.allowed:
            await self._tracker.label(issue_id, add=added, remove=removed)
        else:
            await self._ledger.note(Kind.LABELS, issue_id, added=added, removed=removed)


def words(add: Collection[str], remove: Collection[str]) -> str:
    """Return the change as `legion-tui issue label` takes it: `+worker-active -worker-done`."""
    return " ".join([*(f"+{label}" for label in sorted(add)), *(f"-{label}" for label in sorted(remove))])
