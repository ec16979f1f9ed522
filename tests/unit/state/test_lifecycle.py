"""The life cycle: every pair of states, every event, and who is told."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from legion_tui.errors import IllegalTransitionError
from legion_tui.state.life import AT_WORK, OVER, LifeEvent, LifeState, Transition
from legion_tui.state.lifecycle import Wanted, allows, pass_through
from tests.diagram import page

_AT_WORK = (LifeState.RUNNING, LifeState.IDLE, LifeState.INTERRUPTED)
# The whole of it, as the spec has it, written down a second time.
LEGAL = {
    (LifeState.CREATED, LifeEvent.ENQUEUE): LifeState.QUEUED,
    (LifeState.QUEUED, LifeEvent.START): LifeState.RUNNING,
    (LifeState.RUNNING, LifeEvent.REST): LifeState.IDLE,
    (LifeState.IDLE, LifeEvent.WORK): LifeState.RUNNING,
    (LifeState.INTERRUPTED, LifeEvent.WORK): LifeState.RUNNING,
    (LifeState.PARKED, LifeEvent.RESUME): LifeState.RUNNING,
    (LifeState.RUNNING, LifeEvent.INTERRUPT): LifeState.INTERRUPTED,
    (LifeState.IDLE, LifeEvent.INTERRUPT): LifeState.INTERRUPTED,
    **{(state, LifeEvent.PARK): LifeState.PARKED for state in _AT_WORK},
    **{(state, LifeEvent.COMPLETE): LifeState.COMPLETED for state in _AT_WORK},
    **{(state, LifeEvent.FAIL): LifeState.FAILED for state in (LifeState.CREATED, LifeState.QUEUED, *_AT_WORK)},
}


@pytest.mark.parametrize(("state", "event"), list(product(LifeState, LifeEvent)))
def test_each_event_in_each_state_is_taken_or_refused(state: LifeState, event: LifeEvent) -> None:
    told: list[Transition] = []
    target = LEGAL.get((state, event))
    assert allows(state, event) == (target is not None)
    if target is None:
        with pytest.raises(IllegalTransitionError):
            pass_through(state, [(event, "why", "seen")], [told.append])
        assert told == []
    else:
        assert pass_through(state, [(event, "why", "seen")], [told.append]) is target
        assert told == [Transition(event=event, source=state, target=target, reason="why", evidence="seen")]


@pytest.mark.parametrize(("source", "target"), list(product(LifeState, LifeState)))
def test_between_two_states_there_is_one_way_or_none(source: LifeState, target: LifeState) -> None:
    ways = [event for event in LifeEvent if LEGAL.get((source, event)) is target]
    found = [event for event in LifeEvent if allows(source, event) and _after(source, event) is target]
    assert found == ways
    assert len(found) <= 1


def _after(state: LifeState, event: LifeEvent) -> LifeState:
    return pass_through(state, [(event, "", "")])


def test_observers_see_every_step_in_order() -> None:
    first: list[Transition] = []
    second: list[Transition] = []
    events = [
        LifeEvent.CREATE,
        LifeEvent.ENQUEUE,
        LifeEvent.START,
        LifeEvent.REST,
        LifeEvent.WORK,
        LifeEvent.INTERRUPT,
        LifeEvent.PARK,
        LifeEvent.RESUME,
        LifeEvent.COMPLETE,
    ]
    wanted: list[Wanted] = [(event, f"because of {event}", "") for event in events]
    assert pass_through(None, wanted, [first.append, second.append]) is LifeState.COMPLETED
    assert [step.event for step in first] == events
    assert first == second
    assert [step.source for step in first] == [None, *(step.target for step in first[:-1])]
    assert [step.reason for step in first] == [why for _, why, _ in wanted]


def test_what_was_before_an_illegal_step_is_told() -> None:
    told: list[Transition] = []
    wanted: list[Wanted] = [(LifeEvent.REST, "", ""), (LifeEvent.START, "", ""), (LifeEvent.FAIL, "", "")]
    with pytest.raises(IllegalTransitionError, match="a life that is idle does not start"):
        pass_through(LifeState.RUNNING, wanted, [told.append])
    assert [step.target for step in told] == [LifeState.IDLE]


def test_a_life_begins_once_and_not_by_any_other_event() -> None:
    with pytest.raises(IllegalTransitionError, match="this life is running already"):
        pass_through(LifeState.RUNNING, [(LifeEvent.CREATE, "", "")])
    with pytest.raises(IllegalTransitionError, match="has not begun"):
        pass_through(None, [(LifeEvent.START, "", "")])
    with pytest.raises(IllegalTransitionError, match="nothing was to be done"):
        pass_through(None, [])


def test_the_ends_are_ends() -> None:
    assert not AT_WORK & OVER
    assert all(not allows(state, event) for state in OVER for event in LifeEvent)


def test_the_diagram_in_the_docs_is_this_machine() -> None:
    written = Path(__file__).parents[3] / "docs" / "life-cycle.md"
    assert written.read_text() == page(), "make it anew: python -m tests.diagram"
