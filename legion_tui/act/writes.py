"""What an action changes of an issue in its tracker: journalled, and known well enough to be taken back."""

from __future__ import annotations

from legion_tui.act.crew import Member
from legion_tui.act.deeds import journalled
from legion_tui.act.labels import Labels
from legion_tui.act.ledger import Ledger
from legion_tui.act.parking import Parking
from legion_tui.errors import LegionError, RefusedError
from legion_tui.state import IssueState, IssueStatus, Label, TrackerWrite
from legion_tui.trackers import Tracker, Write

OURS = frozenset(map(str, Label))


class Writes:
    """Moves and labels issues, for one who holds the issue's lock; each call returns what it changed."""

    def __init__(self, tracker: Tracker, ledger: Ledger, parking: Parking) -> None:
        """Take the parts."""
        self._tracker = tracker
        self._ledger = ledger
        self._parking = parking
        self._labels = Labels(tracker, ledger)

    def check_status(self, issue_id: str) -> None:
        """Raise RefusedError where no status may be written."""
        if Write.STATUS not in self._tracker.allowed:
            remedy = 'set its status there, or write = "all" below [tracker] in legion.toml'
            raise RefusedError(f"{issue_id} cannot be moved", "its tracker is only read", remedy)

    def has_status(self, state: IssueState) -> bool:
        """Whether there is a status to set: one that is made of plain facts needs none where none may be written."""
        own = IssueStatus.normalize(state.issue.status) in list(IssueStatus)
        return own or Write.STATUS in self._tracker.allowed

    async def move(
        self, state: IssueState, target: IssueStatus, *, removed: frozenset[str], parked: tuple[Member, ...] = ()
    ) -> TrackerWrite:
        """End these workers, take these labels off and set the status; ConflictError where it is another by now."""
        before = await self._labels.of(state.issue)
        changed = await self._labels.effect(state.issue, remove=removed)
        after = ""

        async def act() -> None:
            nonlocal after
            after = await self._move(state, parked, removed, target)

        entry = await journalled(self._ledger, state, act, removed=removed)
        return TrackerWrite(
            issue=state.id,
            entry=entry,
            before=IssueStatus.normalize(state.issue.status),
            after=IssueStatus.normalize(after),
            removed=changed.removed,
            labels=(before - changed.removed) & OURS,
            ended=tuple(member.name for member in parked),
        )

    async def relabel(
        self, state: IssueState, *, add: frozenset[str] = frozenset(), remove: frozenset[str] = frozenset()
    ) -> TrackerWrite:
        """Add and remove labels; the status stays."""
        before = await self._labels.of(state.issue)
        changed = await self._labels.effect(state.issue, add=add, remove=remove)
        entry = await journalled(self._ledger, state, lambda: self._labels.change(state.id, add=add, remove=remove))
        return TrackerWrite(
            issue=state.id,
            entry=entry,
            added=changed.added,
            removed=changed.removed,
            labels=((before | changed.added) - changed.removed) & OURS,
        )

    async def _move(
        self, state: IssueState, parked: tuple[Member, ...], removed: frozenset[str], target: IssueStatus
    ) -> str:
        issue_id = state.id
        for member in parked:
            await self._parking.park(member)
        # The labels first: cut off in between, work is asked for twice; the other way round it would be left out.
        await self._labels.change(issue_id, remove=removed)
        try:
            # As the tracker names it then: a closed issue may have a word of its own there.
            return (await self._tracker.move(issue_id, target, expect=state.issue.status)).status
        except LegionError:
            await self._labels.change(issue_id, add=removed)
            raise
