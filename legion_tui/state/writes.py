"""A change that was made in a tracker, with all that is needed to take it back."""

from __future__ import annotations

from dataclasses import dataclass

from legion_tui.state.names import IssueStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerWrite:
    """What one action changed of an issue: its status, canonical where it names one, and labels of ours.

    Both statuses are empty where the status stayed. `added` and `removed` are what really changed, `labels` those of
    ours that were on the issue then. `ended`: the workers that were ended for it, which nothing brings back.
    """

    issue: str
    # The id of its record in the ledger.
    entry: str
    before: str = ""
    after: str = ""
    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    ended: tuple[str, ...] = ()

    @property
    def moved(self) -> bool:
        """Whether the status changed."""
        return self.before != self.after

    @property
    def changed(self) -> bool:
        """Whether anything did."""
        return bool(self.moved or self.added or self.removed)

    @property
    def lasting(self) -> str:
        """Why nobody can take it back, an empty string where it can be tried."""
        if not self.moved or self.before in set(IssueStatus):
            return ""
        had = f"its status was “{self.before}”" if self.before else "it had no status"
        return f"{self.issue} cannot be moved back: {had}, which is none that can be set"
