"""Merging the pull request of an issue, where a person asked for just that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from legion_tui.act.ledger import Ledger
from legion_tui.act.records import Kind
from legion_tui.errors import LegionError, RefusedError
from legion_tui.state import IssueState, Outcome
from legion_tui.trackers import Tracker, Write

if TYPE_CHECKING:
    from legion_tui.trackers.github import Merge, Merger


class PullRequestMerging:
    """Merges under the issue's lock, between an intent and its outcome."""

    def __init__(self, merger: Merger, tracker: Tracker, ledger: Ledger) -> None:
        """Take who merges, whose project says what may be written, and the ledger."""
        self._merger = merger
        self._tracker = tracker
        self._ledger = ledger

    async def plan(self, state: IssueState) -> Merge:
        """Return what would be merged; RefusedError where nothing may be."""
        pull_request = state.pull_request
        if pull_request is None:
            raise RefusedError(f"{state.id} has no pull request", "nothing was merged")
        if self._tracker.kind == "github" and Write.CLOSE not in self._tracker.allowed:
            remedy = 'merge it on its page, or set write = "all" below [tracker] in legion.toml'
            raise RefusedError(f"#{pull_request.ref.number} is not merged from here", "GitHub is only read", remedy)
        return await self._merger.look(pull_request.ref, head=pull_request.head)

    async def carry_out(self, state: IssueState, merge: Merge) -> str:
        """Merge, and return what came of it in words."""
        number = state.pull_request.ref.number if state.pull_request is not None else 0
        entry = await self._ledger.intend(Kind.MERGE, state.id, pull_request=number, head=merge.head)
        try:
            await self._merger.merge(merge)
        except LegionError as error:
            await self._ledger.conclude(entry, Kind.MERGE, state.id, "failed", str(error))
            raise
        await self._ledger.conclude(entry, Kind.MERGE, state.id, Outcome.DONE)
        return f"#{number} is merged"
