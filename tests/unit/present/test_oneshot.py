"""Tasks without a screen, as lines and as a document."""

from __future__ import annotations

import json
from typing import Any

import pytest

from legion_tui.present.oneshot import (
    name_of,
    oneshot_document,
    outcome_lines,
    question_line,
    round_of,
    run_lines,
    sign_line,
    step_line,
    summary_line,
    task_lines,
    verdict_line,
    where_it_stands,
)
from legion_tui.state.life import LifeEvent, LifeState, Transition
from legion_tui.state.oneshot import TaskOutcome, TaskPhase
from legion_tui.state.questions import Option, Question, QuestionItem, QuestionKind
from legion_tui.state.verdict import Verdict, VerdictKind
from tests.support.oneshot import a_task

_COMPLETED = TaskOutcome.COMPLETED


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "queued"),
        ({"phase": TaskPhase.WORKING, "state": LifeState.RUNNING}, "working"),
        ({"phase": TaskPhase.WORKING, "state": LifeState.IDLE}, "working, idle"),
        ({"phase": TaskPhase.WORKING, "state": LifeState.RUNNING, "asks": "Which?"}, "asks you"),
        ({"phase": TaskPhase.AUDITING, "state": LifeState.RUNNING}, "auditing"),
        ({"phase": TaskPhase.JUDGING, "state": LifeState.RUNNING}, "asks you to judge"),
        ({"phase": TaskPhase.OVER, "outcome": TaskOutcome.UNCLEAR}, "unclear"),
    ],
)
def test_where_a_task_stands(changes: dict[str, Any], words: str) -> None:
    assert where_it_stands(a_task(**changes)) == words


def test_its_round_is_told_where_there_may_be_several() -> None:
    assert round_of(a_task(round=2)) == "2/5"
    assert round_of(a_task()) == ""
    assert round_of(a_task(round=1, audited=False)) == ""


def test_a_long_task_has_a_short_name() -> None:
    assert name_of(a_task(text="Mend\n the \x1b[31mdoor.")) == "Mend the door."
    assert name_of(a_task(text="x" * 100)) == "x" * 59 + "…"


def test_what_happens_is_one_line_without_escapes() -> None:
    step = Transition(event=LifeEvent.REST, source=LifeState.RUNNING, target=LifeState.IDLE, reason="quiet\n\x1b[2J")
    assert step_line(a_task(), step) == "task 1: running → idle: quiet"
    judged = Verdict(VerdictKind.RETRY, "Add\ntests \x1b]0;x\x07[bold]")
    assert verdict_line(a_task(round=1), judged) == "task 1: round 1/5, verdict retry: Add tests [bold]"
    assert sign_line(a_task(), "SIGINT: idle\r") == "task 1: SIGINT: idle"


def test_a_question_tells_how_it_is_answered() -> None:
    options = (Option(key="1", label="A"), Option(key="2", label="B"))
    item = QuestionItem(header="Db", text="Which\none?", options=options)
    question = Question(id="q", kind=QuestionKind.QUESTION, items=(item,))
    told = "task 1: asks: Db: Which one? [1 A, 2 B]; answer: legion-tui answer s1 --choose 1|2"
    assert question_line(a_task(), question, "s1", "") == told
    several = Question(id="q", kind=QuestionKind.PERMISSION, items=(item, QuestionItem(text="And?")))
    told = "task 1: asks (permission): Db: Which one?; And? [1 A, 2 B]; answer: legion-tui answer s1 --choose 1|2 …"
    assert question_line(a_task(), several, "s1", "") == told
    assert "because nobody can be asked (disk full)" in question_line(a_task(), question, "s1", "disk full")


def test_what_came_of_a_task() -> None:
    done = a_task(round=2, outcome=_COMPLETED, answer="I did it.\n\nAll of it. \x1b[31m", cost_usd=0.5)
    assert list(outcome_lines(done)) == [
        "task 1 (Mend the door.), round 2/5, $0.50: completed",
        "  I did it.",
        "",
        "  All of it.",
    ]
    unclear = a_task(outcome=TaskOutcome.UNCLEAR, reason="its verdict is unclear", audit="not done", audited=False)
    assert list(outcome_lines(unclear)) == [
        "task 1 (Mend the door.): unclear: its verdict is unclear",
        "  its auditor:",
        "    not done",
    ]


def test_what_is_known_of_a_task_that_is_under_way() -> None:
    task = a_task(phase=TaskPhase.WORKING, round=2, verdict=VerdictKind.RETRY, feedback="The docs\nare missing.")
    assert list(task_lines(task)) == [
        "task 1 of 20260102-030405-abcd, round 2/5: working",
        "Mend the door.",
        "verdict: retry: The docs are missing.",
    ]


def test_a_summary_counts_all() -> None:
    tasks = [a_task(outcome=outcome) for outcome in (*TaskOutcome, None)]
    assert summary_line(tasks) == ("5 in total, 1 completed, 1 failed, 1 interrupted, 1 unclear, 1 under way")
    assert summary_line([a_task(outcome=_COMPLETED)]) == "1 in total, 1 completed, 0 failed, 0 interrupted"
    assert run_lines([a_task(outcome=TaskOutcome.FAILED, reason="cut off")]) == [
        "20260102-030405-abcd  2026-01-02 03:04 UTC  1 in total, 0 completed, 1 failed, 0 interrupted",
        "  1  failed  Mend the door.: cut off",
    ]


def test_the_document_is_json() -> None:
    task = a_task(outcome=_COMPLETED, verdict=VerdictKind.DONE, state=LifeState.COMPLETED, phase=TaskPhase.OVER)
    document = json.loads(json.dumps(oneshot_document("r", "/state/r", [task, a_task(number=2)])))
    assert {name: document[name] for name in ("total", "completed", "failed", "interrupted", "unclear")} == {
        "total": 2,
        "completed": 1,
        "failed": 0,
        "interrupted": 0,
        "unclear": 0,
    }
    first, second = document["tasks"]
    assert (first["outcome"], first["verdict"], first["state"]) == ("completed", "done", "completed")
    assert (second["outcome"], second["verdict"], second["state"]) == (None, None, None)
    assert first["created_at"] == "2026-01-02T03:04:05.000Z"
