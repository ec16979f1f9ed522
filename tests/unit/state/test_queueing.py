"""What a worker that was asked for waits for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from legion_tui.state import Attention, IssueState, Mode, Related, Relations, Snapshot, Worker, WorkerState
from legion_tui.state.journal import Request
from legion_tui.state.queueing import limited_until, no_slot, waits_for
from legion_tui.state.workers import Detail
from tests.support.snapshots import issue_state, worker

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
UNTIL = NOW + timedelta(hours=2)
REQUEST = Request(id="r", issue="ENG-9", mode=Mode.IMPLEMENT, session_id="s-9", at=NOW)


def row(issue: str, *workers: Worker, blockers: tuple[Related, ...] = ()) -> IssueState:
    state = issue_state(NOW, issue, issue, "In Progress", Attention.WORKING, working=workers[0] if workers else None)
    return replace(state, other_workers=workers[1:], relations=Relations(blockers=blockers))


def snapshot(*rows: IssueState, slots: int = 3, **mode_slots: int) -> Snapshot:
    limits = {Mode(mode): limit for mode, limit in mode_slots.items()}
    return Snapshot(issues=(*rows, row("ENG-9")), slots=slots, mode_slots=limits)


def busy(issue: str, mode: Mode = Mode.IMPLEMENT, activity: float = 1) -> Worker:
    at_work = worker(NOW, WorkerState.BUSY, issue=issue, mode=mode)
    return replace(at_work, activity=NOW - timedelta(seconds=activity))


def limited(issue: str, since: float = 100) -> Worker:
    waits = worker(NOW, WorkerState.RATE_LIMITED, issue=issue, mode=Mode.PLAN)
    met = NOW - timedelta(seconds=since)
    return replace(waits, detail=Detail(until=UNTIL), turn_at=met, activity=met)


def test_where_there_is_room_it_waits_for_nothing() -> None:
    assert waits_for(snapshot(row("ENG-1", busy("ENG-1"))), REQUEST) == ""


def test_slots_are_counted_over_all_live_workers() -> None:
    dead = worker(NOW, WorkerState.GONE, issue="ENG-3", mode=Mode.PLAN)
    rows = [row("ENG-1", busy("ENG-1"), busy("ENG-1", Mode.TEST)), row("ENG-2", busy("ENG-2")), row("ENG-3", dead)]
    assert waits_for(snapshot(*rows), REQUEST) == "no free slot (3 at once)"
    assert waits_for(snapshot(*rows, slots=4), REQUEST) == ""


def test_a_mode_has_a_limit_of_its_own() -> None:
    rows = [row("ENG-1", busy("ENG-1")), row("ENG-2", busy("ENG-2", Mode.REVIEW))]
    assert no_slot(snapshot(*rows, slots=9, implement=1), Mode.IMPLEMENT) == "no free implement slot (1 at once)"
    assert no_slot(snapshot(*rows, slots=9, implement=2), Mode.IMPLEMENT) == ""
    assert no_slot(snapshot(*rows, slots=9, implement=1), Mode.REVIEW) == ""


def test_a_blocker_comes_first_since_no_slot_would_help() -> None:
    blocker = Related("ENG-2", "ENG-2", "Before it", "Todo", known=True)
    done = Related("ENG-3", "ENG-3", "Long done", "Done", known=True, over=True)
    full = snapshot(row("ENG-1", busy("ENG-1")), slots=1)
    held = replace(full, issues=(full.issues[0], row("ENG-9", blockers=(blocker, done))))
    assert waits_for(held, REQUEST) == "blocked by ENG-2"


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ((), UNTIL),
        # It left its last record before the limit was met: perhaps it will meet it too.
        ((busy("ENG-2", activity=200),), UNTIL),
        # The service goes on serving others.
        ((busy("ENG-2", activity=50),), None),
        # One that is gone is no sign, whatever it left.
        ((replace(busy("ENG-2", activity=50), state=WorkerState.GONE),), UNTIL),
    ],
)
def test_a_limit_is_everybodys_only_where_nobody_is_served(
    others: tuple[Worker, ...], expected: datetime | None
) -> None:
    seen = snapshot(row("ENG-1", limited("ENG-1")), *(row("ENG-2", other) for other in others), slots=9)
    assert limited_until(seen) == expected
    told = waits_for(seen, REQUEST)
    assert told == (f"rate limit until {UNTIL.astimezone():%H:%M}" if expected else "")


def test_nothing_is_limited_without_an_end_that_is_known() -> None:
    unknown = replace(limited("ENG-1"), detail=Detail())
    assert limited_until(snapshot(row("ENG-1", unknown), slots=9)) is None
