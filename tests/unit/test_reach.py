"""Whether a worker can be told something, by every way in which it cannot."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from legion_tui.act.looking import Sight
from legion_tui.act.reach import hindrance, holds, is_too_tall
from legion_tui.agents.protocol import Box
from legion_tui.state import Detail, Evidence, Pane, Question, QuestionItem, QuestionKind, Rung, Worker, WorkerState

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PANE = Pane(
    pane_id="%1", window_id="@1", session_id="$1", session_name="s", window_name="w", pid=9, width=80, height=24
)
IDLE = Worker(session_id="s", state=WorkerState.IDLE, pane="%1")
BOX = Box(shown=True)
ASKED = Question(id="q", kind=QuestionKind.QUESTION, items=(QuestionItem(text="Which?"),))


def why(worker: Worker | None = IDLE, pane: Pane | None = PANE, box: Box = BOX, written: str = "") -> str:
    found = hindrance(Sight(worker, pane, ()), box, NOW, written=written)
    return found.why if found is not None else ""


@pytest.mark.parametrize("state", ["idle", "interrupted", "error", "rate_limited"])
def test_one_at_rest_can_be_told(state: str) -> None:
    assert why(replace(IDLE, state=WorkerState(state))) == ""


@pytest.mark.parametrize("state", sorted(set(WorkerState) - {"idle", "interrupted", "error", "rate_limited"}))
def test_no_other_can(state: str) -> None:
    found = hindrance(Sight(replace(IDLE, state=WorkerState(state)), PANE, ()), BOX, NOW)
    assert found is not None
    assert found.busy is (state in ("busy", "compacting", "retrying", "starting"))
    assert found.gone is (state in ("queued", "crashed", "exited", "gone"))


def test_nobody_and_nowhere() -> None:
    assert why(None) == "the agent's process is gone"
    assert why(pane=None).startswith("it has no pane on this tmux server")
    assert why(pane=replace(PANE, dead=True)) == "the agent's process is gone"
    assert why(pane=replace(PANE, in_mode=True)) == "its pane is in copy mode"
    assert why(pane=replace(PANE, command="-zsh")) == "a shell is in front in its pane"


def test_a_question_beside_another_state_is_a_question() -> None:
    assert "answer that first" in why(replace(IDLE, question=ASKED))


def test_a_limit_holds_until_its_end() -> None:
    limited = replace(IDLE, state=WorkerState.RATE_LIMITED, detail=Detail(until=NOW + timedelta(minutes=5)))
    assert "limit holds" in why(limited)
    assert why(replace(limited, detail=Detail(until=NOW - timedelta(minutes=5)))) == ""


def test_what_does_not_agree_is_left_alone() -> None:
    def doubted(rung: Rung) -> Worker:
        return replace(IDLE, evidence=(Evidence(rung=rung, source="", value="", agrees=False),), conflict=True)

    assert "does not agree" in why(doubted(Rung.SCREEN))
    # A turn that was stopped before it said anything stays open on record.
    assert why(doubted(Rung.TRANSCRIPT)) == ""


def test_the_box_has_to_be_there_empty_and_at_rest() -> None:
    assert why(box=Box()) == "its prompt box is not shown"
    assert why(box=Box(shown=True, working=True)) == "it is busy"
    assert why(box=Box(shown=True, text="half")) == "text is typed in its prompt box"
    # An empty box of another mode would run what is typed.
    assert why(box=Box(shown=True, text="!")) == "text is typed in its prompt box"


def test_the_box_has_to_hold_what_was_written() -> None:
    mine = Box(shown=True, text="go  on")
    assert why(box=mine, written="go on") == ""
    assert why(replace(IDLE, state=WorkerState.UNSUBMITTED), box=mine, written="go on") == ""
    assert why(box=mine, written="go on now") == "its prompt box shows something else"
    assert why(box=BOX, written="go on") == "its prompt box shows something else"
    assert "Enter would run /compact" in why(box=Box(shown=True, text="/com", offers="/compact"), written="/com")
    assert why(box=Box(shown=True, text="/compact", offers="/compact"), written="/compact") == ""


def test_of_a_full_box_the_end_counts() -> None:
    assert holds(Box(shown=True, text="on and on", clipped=True), "go on and on")
    assert not holds(Box(shown=True, text="go on and", clipped=True), "go on and on")
    assert not holds(Box(shown=True, text="", clipped=True), "go on")


def test_on_the_main_screen_a_box_can_be_too_tall() -> None:
    assert is_too_tall(PANE, "\n" * 30)
    assert is_too_tall(PANE, "漢" * 800)
    assert not is_too_tall(PANE, "a" * 800)
    assert not is_too_tall(replace(PANE, alternate_on=True), "\n" * 30)
