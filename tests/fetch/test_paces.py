"""How often a source is asked, by what is there to see and what is left of the budget."""

from __future__ import annotations

import pytest

from legion_tui.fetch.paces import live_pace, remote_pace
from legion_tui.network import RateLimit
from legion_tui.state import EMPTY, Attention, PullRequestState, Snapshot
from tests.support.snapshots import NOW, issue_state, pull_request


def board(
    status: str = "In Progress", *, pending: int | None = None, state: PullRequestState = PullRequestState.OPEN
) -> Snapshot:
    """A board of one issue; with `pending`, it has a pull request with so many checks under way."""
    pr = pull_request(1, (3, 0, pending), state=state) if pending is not None else None
    return Snapshot(issues=(issue_state(NOW, "ENG-1", "One", status, Attention.WORKING, pr=pr),))


def left(remaining: int) -> RateLimit:
    return RateLimit(remaining=remaining, limit=5000, reset_at="")


@pytest.mark.parametrize(
    ("snapshot", "seconds"),
    [
        (EMPTY, 30.0),
        (board(), 30.0),
        (board("Needs Review"), 10.0),
        (board(pending=1), 10.0),
        (board(pending=0), 30.0),
        (board(pending=1, state=PullRequestState.MERGED), 30.0),
    ],
)
def test_what_is_about_to_change_is_asked_for_more_often(snapshot: Snapshot, seconds: float) -> None:
    assert remote_pace(30.0, snapshot, None) == seconds


def test_more_often_has_an_end_and_a_pace_of_ones_own_is_never_slowed_by_it() -> None:
    assert remote_pace(15.0, board("Needs Review"), None) == 10.0
    assert remote_pace(2.0, board("Needs Review"), None) == 2.0


@pytest.mark.parametrize(
    ("remaining", "seconds"), [(5000, 10.0), (2500, 10.0), (2499, 30.0), (1249, 60.0), (499, 120.0), (0, 120.0)]
)
def test_little_left_of_the_budget_is_made_to_last(remaining: int, seconds: float) -> None:
    assert remote_pace(30.0, board("Needs Review"), left(remaining)) == seconds


def test_a_limit_that_makes_no_sense_changes_nothing() -> None:
    assert remote_pace(30.0, EMPTY, RateLimit(remaining=0, limit=0, reset_at="")) == 30.0


def test_while_nothing_is_painted_this_machine_is_read_more_slowly() -> None:
    assert [live_pace(every, resting=resting) for every in (1.0, 9.0) for resting in (False, True)] == [1, 5, 9, 9]
