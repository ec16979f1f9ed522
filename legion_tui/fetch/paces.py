"""How often each source is asked. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from legion_tui.network import RateLimit
from legion_tui.state import IssueStatus, PullRequestState, Snapshot

# Seconds. Nobody paints while the terminal is another program's, but messages and the queue need the workers.
RESTING_SECONDS = 5.0
# What is about to change is asked for three times as often, but not more often than this.
_LIVELY_TIMES = 3
_LIVELY_SECONDS = 10.0
# Shares of the hour's budget. Below the first nothing is asked for more often, below the others less often.
_AMPLE, _LOW, _VERY_LOW = 0.5, 0.25, 0.1
_LOW_TIMES, _VERY_LOW_TIMES = 2, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Paces:
    """Seconds between two readings of a source."""

    live_seconds: float = 1.0
    tracker_seconds: float = 30.0
    pull_request_seconds: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeps:
    """Seconds for which a reading is good enough for those who accept an older one; the board's own never are."""

    # The panes; the agents' files, unless they change; a pane's screen; tracker and pull requests.
    sessions_seconds: float = 2.0
    status_seconds: float = 30.0
    screen_seconds: float = 10.0
    remote_seconds: float = 30.0


def live_pace(every_seconds: float, *, resting: bool) -> float:
    """Return the seconds between two readings of this machine; `resting` while nothing is painted."""
    return max(every_seconds, RESTING_SECONDS) if resting else every_seconds


def remote_pace(every_seconds: float, snapshot: Snapshot, rate: RateLimit | None) -> float:
    """Return the seconds between two readings of a service.

    Fewer while something there is about to change, more while little is left of the hour's budget.
    """
    left = rate.remaining / rate.limit if rate is not None and rate.limit > 0 else 1.0
    if left < _VERY_LOW:
        return every_seconds * _VERY_LOW_TIMES
    if left < _LOW:
        return every_seconds * _LOW_TIMES
    if left >= _AMPLE and _is_lively(snapshot):
        return min(every_seconds, max(every_seconds / _LIVELY_TIMES, _LIVELY_SECONDS))
    return every_seconds


def _is_lively(snapshot: Snapshot) -> bool:
    """Whether somebody is about to review or checks are about to end."""
    return any(
        row.status == IssueStatus.NEEDS_REVIEW
        or (
            row.pull_request is not None
            and row.pull_request.state is PullRequestState.OPEN
            and row.pull_request.ci == "pending"
        )
        for row in snapshot.issues
    )
