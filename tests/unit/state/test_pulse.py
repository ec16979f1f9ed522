"""What an observation makes of a worker's life, and how quiet a worker is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from legion_tui.state import (
    Action,
    Attention,
    Decision,
    Issue,
    IssueFacts,
    IssueState,
    Mode,
    Question,
    QuestionItem,
    QuestionKind,
    Rung,
    Turn,
    Worker,
    WorkerState,
)
from legion_tui.state.life import Life, LifeEvent, LifeState
from legion_tui.state.lifecycle import allows
from legion_tui.state.pulse import Thresholds, came_to_nothing, observed, quiet_of
from legion_tui.state.workers import Detail, Evidence, Quiet

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
LIMITS = Thresholds()
QUESTION = Question(id="q", kind=QuestionKind.QUESTION, items=(QuestionItem(text="Which?"),))


def row(status: str = "In Progress", *labels: str, closed: bool = False) -> IssueState:
    return IssueState(
        issue=Issue(id="ENG-1", title="one", status=status, closed=closed),
        status=status,
        facts=IssueFacts(status=status),
        decision=Decision(action=Action.SKIP, mode=Mode.IMPLEMENT, row="1", why=""),
        session_id="s",
        attention=Attention.WAITING,
        labels=frozenset(labels),
    )


def worker(state: WorkerState = WorkerState.IDLE, turn: Turn | None = Turn.ENDED, seconds: float = 0) -> Worker:
    return Worker(
        session_id="s",
        state=state,
        issue="ENG-1",
        mode=Mode.IMPLEMENT,
        turn=turn,
        since=NOW - timedelta(seconds=seconds),
        activity=NOW - timedelta(seconds=seconds),
        evidence=(
            Evidence(rung=Rung.TMUX, source="pane %1", value="dead, status 1", decided=True),
            Evidence(rung=Rung.TRANSCRIPT, source="s.jsonl", value="Bash pending"),
        ),
    )


def life(state: LifeState = LifeState.RUNNING, seconds: float = 600) -> Life:
    since = NOW - timedelta(seconds=seconds)
    return Life(issue="ENG-1", mode=Mode.IMPLEMENT, session_id="s", state=state, since=since)


def event(of: IssueState, seen: Worker, was: Life) -> LifeEvent | None:
    found = observed(of, seen, was, NOW, LIMITS)
    return found[0] if found is not None else None


@pytest.mark.parametrize(
    ("seconds", "expected"), [(29, None), (30, LifeEvent.REST), (4000, LifeEvent.REST)], ids=["young", "at", "old"]
)
def test_one_at_rest_is_idle_after_its_threshold(seconds: float, expected: LifeEvent | None) -> None:
    assert event(row(), worker(seconds=seconds), life()) is expected


def test_a_life_that_has_just_begun_to_run_is_not_idle_by_an_old_record() -> None:
    assert event(row(), worker(seconds=4000), life(seconds=5)) is None


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (row("In Progress"), None),
        (row("In Progress", "worker-done"), LifeEvent.COMPLETE),
        (row("Needs Review"), LifeEvent.COMPLETE),
        (row("Done"), LifeEvent.COMPLETE),
        (row("In Progress", closed=True), LifeEvent.COMPLETE),
        # Nothing tells what a status of somebody's own means.
        (row("Icebox"), None),
    ],
)
def test_its_part_is_done_by_label_or_status_and_not_by_its_words(of: IssueState, expected: LifeEvent | None) -> None:
    assert event(of, replace(worker(), last_words="All done! Tests pass."), life()) is expected
    # Not while its turn runs, nor while it asks.
    assert event(of, worker(WorkerState.BUSY, Turn.RUNNING), life()) is None
    assert event(of, replace(worker(WorkerState.QUESTION), question=QUESTION), life()) is None


@pytest.mark.parametrize(
    ("seen", "event_", "words"),
    [
        # A finished answer, an open question, a cut-off tool call: three different things.
        (worker(WorkerState.CRASHED), LifeEvent.PARK, "its answer was finished"),
        (worker(WorkerState.GONE), LifeEvent.PARK, "its answer was finished"),
        (worker(WorkerState.CRASHED, Turn.RUNNING), LifeEvent.FAIL, "cut off: Bash pending"),
        (replace(worker(WorkerState.GONE, None), evidence=()), LifeEvent.FAIL, "it left no transcript"),
        (
            replace(worker(WorkerState.CRASHED, Turn.RUNNING), detail=Detail(error="ended with status 1")),
            LifeEvent.FAIL,
            "it is crashed, ended with status 1; cut off: Bash pending",
        ),
    ],
)
def test_what_one_that_is_gone_left_behind_decides(seen: Worker, event_: LifeEvent, words: str) -> None:
    found = observed(row(), seen, life(), NOW, LIMITS)
    assert found is not None
    assert found[0] is event_
    assert words in found[1]
    # Zombie success: it died, and had done its part.
    done = observed(row("In Progress", "worker-done"), replace(seen, turn=Turn.ENDED), life(), NOW, LIMITS)
    assert done is not None
    assert done[0] is LifeEvent.COMPLETE


@pytest.mark.parametrize(
    ("state", "was", "expected"),
    [
        (WorkerState.BUSY, LifeState.IDLE, LifeEvent.WORK),
        (WorkerState.QUESTION, LifeState.IDLE, LifeEvent.WORK),
        (WorkerState.BUSY, LifeState.INTERRUPTED, LifeEvent.WORK),
        (WorkerState.BUSY, LifeState.RUNNING, None),
        (WorkerState.BUSY, LifeState.PARKED, LifeEvent.RESUME),
        (WorkerState.BUSY, LifeState.QUEUED, LifeEvent.START),
        (WorkerState.INTERRUPTED, LifeState.RUNNING, LifeEvent.INTERRUPT),
        (WorkerState.INTERRUPTED, LifeState.INTERRUPTED, None),
        (WorkerState.UNKNOWN, LifeState.RUNNING, None),
        (WorkerState.GONE, LifeState.PARKED, None),
        (WorkerState.GONE, LifeState.QUEUED, None),
        (WorkerState.BUSY, LifeState.COMPLETED, None),
    ],
)
def test_what_is_seen_moves_the_life(state: WorkerState, was: LifeState, expected: LifeEvent | None) -> None:
    assert event(row(), worker(state, Turn.RUNNING, seconds=100), life(was)) is expected


@pytest.mark.parametrize(("state", "was", "turn"), list(product(WorkerState, LifeState, [None, *Turn])))
def test_no_observation_is_one_that_the_life_cannot_take(state: WorkerState, was: LifeState, turn: Turn | None) -> None:
    for of in (row(), row("Done"), row("In Progress", "worker-done")):
        found = observed(of, worker(state, turn, seconds=100), life(was), NOW, LIMITS)
        assert found is None or allows(was, found[0])


@pytest.mark.parametrize(
    ("was", "seconds", "ends"),
    [
        (LifeState.QUEUED, 119, False),
        (LifeState.QUEUED, 120, True),
        (LifeState.CREATED, 500, True),
        (LifeState.RUNNING, 500, False),
        (LifeState.PARKED, 9999, False),
    ],
)
def test_one_that_never_came_up_has_failed(was: LifeState, seconds: float, ends: bool) -> None:
    assert (came_to_nothing(life(was, seconds), NOW, LIMITS) is not None) is ends


@pytest.mark.parametrize(
    ("state", "seconds", "expected"),
    [
        (WorkerState.BUSY, 29, Quiet.NO),
        (WorkerState.BUSY, 30, Quiet.IDLE),
        (WorkerState.BUSY, 60, Quiet.NEEDS_LOOK),
        (WorkerState.BUSY, 300, Quiet.STUCK),
        (WorkerState.IDLE, 300, Quiet.STUCK),
        # Their states say what they wait for.
        (WorkerState.QUESTION, 4000, Quiet.NO),
        (WorkerState.RATE_LIMITED, 4000, Quiet.NO),
        (WorkerState.GONE, 4000, Quiet.NO),
        (WorkerState.QUEUED, 4000, Quiet.NO),
    ],
)
def test_how_quiet_it_is(state: WorkerState, seconds: float, expected: Quiet) -> None:
    assert quiet_of(worker(state, seconds=seconds), NOW, LIMITS) is expected


def test_without_a_record_nobody_is_called_quiet() -> None:
    assert quiet_of(replace(worker(WorkerState.BUSY), activity=None, since=None), NOW, LIMITS) is Quiet.NO
