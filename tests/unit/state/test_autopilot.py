"""What the autopilot runs, and what it leaves to a person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legion_tui.state import Action, Attention, IssueState, Mode, Snapshot, Source, SourceHealth, Turn, WorkerState
from legion_tui.state.autopilot import ALLOWABLE, Rules, actions_of, agenda
from legion_tui.state.slots import is_spare
from tests.support.snapshots import NOW, healthy, issue_state, worker

ALL = Rules(actions=ALLOWABLE, max_workers=10, max_rounds=3)


def row(issue: str, action: Action = Action.DISPATCH_PLANNER, **changes: Any) -> IssueState:
    attention = changes.pop("attention", Attention.READY)
    status = changes.pop("status", "Todo")
    return issue_state(NOW, issue, "Title", status, attention, action=action, **changes)


def snapshot(*rows: IssueState, used: int = 0, slots: int = 2) -> Snapshot:
    return Snapshot(sources=healthy(NOW), issues=rows, slots_used=used, slots=slots)


def test_what_may_be_listed_is_never_a_persons() -> None:
    assert actions_of(["dispatch_*"]) == {action for action in Action if action.startswith("dispatch_")}
    for word in ("merge_pr", "review_pr", "escalate_blocked", "investigate_no_pr", "retry_ci_check", "skip", "x"):
        with pytest.raises(ValueError, match=word):
            actions_of([word])


def test_free_slots_are_given_in_the_boards_order() -> None:
    rows = [row("A-1"), row("A-2", Action.TRANSITION_TO_TODO), row("A-3"), row("A-4", attention=Attention.BACKLOG)]
    due = agenda(snapshot(*rows), ALL, rounds={})
    # A change of status takes none.
    assert [(task.issue, task.slots) for task in due.tasks] == [("A-1", 1), ("A-2", 0), ("A-3", 1)]
    assert [(held.issue, held.why) for held in due.held] == [("A-4", "no free slot (2 at once)")]
    assert [task.issue for task in agenda(snapshot(*rows), ALL, rounds={}, busy={"A-1"}, taken=1).tasks] == [
        "A-2",
        "A-3",
    ]


def test_a_worker_of_the_issue_needs_no_slot_and_a_finished_one_gives_its_own() -> None:
    idle = worker(NOW, WorkerState.IDLE, issue="A-1", mode=Mode.IMPLEMENT)
    full = snapshot(row("A-1", Action.RESUME_IMPLEMENTER_FOR_CHANGES, working=idle), row("A-2"), used=2)
    # Although it would be a spare one by its mode.
    assert [task.issue for task in agenda(full, ALL, rounds={}).tasks] == ["A-1"]
    over = row("A-3", Action.SKIP, attention=Attention.QUIET, status="Done", working=replace(idle, issue="A-3"))
    assert [task.issue for task in agenda(snapshot(over, row("A-2"), used=2), ALL, rounds={}).tasks] == ["A-2"]


@pytest.mark.parametrize("attention", [a for a in Attention if a not in (Attention.READY, Attention.BACKLOG)])
def test_what_needs_a_person_is_left_alone(attention: Attention) -> None:
    due = agenda(snapshot(row("A-1", attention=attention)), ALL, rounds={})
    assert (due.tasks, due.held) == ((), ())


def test_rounds_labels_authors_and_waits_hold() -> None:
    rows = snapshot(row("A-1"), slots=9)
    assert agenda(rows, ALL, rounds={("A-1", Mode.PLAN): 2}).tasks
    (held,) = agenda(rows, ALL, rounds={("A-1", Mode.PLAN): 3}).held
    assert held.why == "its plan worker was started 3 times, of 3: look at it"
    (held,) = agenda(rows, replace(ALL, label="auto", authors=frozenset({"ann"})), rounds={}).held
    assert held.why == "it is not labelled auto or by ann"
    one = row("A-1")
    labelled = snapshot(replace(one, labels=frozenset({"auto"})))
    assert agenda(labelled, replace(ALL, label="auto"), rounds={}).tasks
    by_ann = snapshot(replace(one, issue=replace(one.issue, author="ann")))
    assert agenda(by_ann, replace(ALL, authors=frozenset({"ann"})), rounds={}).tasks
    assert agenda(rows, ALL, rounds={}, waits={"A-1": "later"}).held[0].why == "later"


def test_nothing_is_run_on_what_was_not_read() -> None:
    rows = snapshot(row("A-1"))
    dead = {**rows.sources, Source.TMUX: SourceHealth(ok=False, error="no answer", read_at=NOW)}
    due = agenda(replace(rows, sources=dead), ALL, rounds={})
    assert due.tasks == ()
    assert due.held[0].why == "tmux was not read: no answer"
    never = {**rows.sources, Source.TRACKER: SourceHealth(ok=True)}
    assert agenda(replace(rows, sources=never), ALL, rounds={}).tasks == ()


def test_it_ends_when_the_money_is_spent() -> None:
    spent = row("A-1", working=replace(worker(NOW, WorkerState.BUSY, issue="A-1"), cost_usd=5.0))
    due = agenda(snapshot(spent, row("A-2")), replace(ALL, max_cost_usd=5.0), rounds={})
    assert due.tasks == ()
    assert due.stop == "the workers cost $5.00, of $5.00"


@given(
    rows=st.lists(
        st.tuples(st.sampled_from(list(Action)), st.sampled_from(list(Attention)), st.booleans()), max_size=8
    ),
    used=st.integers(0, 5),
    slots=st.integers(0, 5),
    taken=st.integers(0, 3),
    most=st.integers(1, 5),
)
def test_no_more_than_the_limit_and_nothing_of_a_persons(
    rows: list[tuple[Action, Attention, bool]], used: int, slots: int, taken: int, most: int
) -> None:
    busy = worker(NOW, WorkerState.BUSY, issue="A-1", mode=Mode.IMPLEMENT)
    made = [
        row(f"A-{n}", action, attention=attention, working=replace(busy, issue=f"A-{n}") if works else None)
        for n, (action, attention, works) in enumerate(rows)
    ]
    rules = replace(ALL, max_workers=most)
    due = agenda(snapshot(*made, used=used, slots=slots), rules, rounds={}, taken=taken)
    assert sum(task.slots for task in due.tasks) <= max(0, min(slots, most) - used - taken)
    assert all(task.action in ALLOWABLE for task in due.tasks)
    assert not {task.issue for task in due.tasks} & {held.issue for held in due.held}


@pytest.mark.parametrize(
    ("status", "mode", "state", "turn", "spare"),
    [
        ("Done", Mode.MERGE, WorkerState.IDLE, Turn.ENDED, True),
        ("Done", Mode.IMPLEMENT, WorkerState.IDLE, Turn.ENDED, True),
        ("In Progress", Mode.PLAN, WorkerState.IDLE, Turn.ENDED, True),
        ("In Progress", Mode.IMPLEMENT, WorkerState.IDLE, Turn.ENDED, False),
        ("open", Mode.PLAN, WorkerState.IDLE, Turn.ENDED, False),
        ("Done", Mode.MERGE, WorkerState.BUSY, Turn.RUNNING, False),
        ("Done", Mode.MERGE, WorkerState.IDLE, Turn.RUNNING, False),
        ("Done", Mode.MERGE, WorkerState.ERROR, Turn.ERROR, False),
        ("Done", Mode.MERGE, WorkerState.UNKNOWN, Turn.ENDED, False),
        ("Done", None, WorkerState.IDLE, Turn.ENDED, False),
    ],
)
def test_whose_slot_can_be_given_away(
    status: str, mode: Mode | None, state: WorkerState, turn: Turn, spare: bool
) -> None:
    made = replace(worker(NOW, state, issue="A-1", mode=mode), turn=turn)
    assert is_spare(made, status) is spare
    assert not is_spare(replace(made, conflict=True), status)
