"""An auditor's verdict: one JSON object and nothing else, or it is unclear. Never done by chance."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legion_tui.act.oneshot.prompts import auditor_prompt
from legion_tui.state.oneshot import TaskOutcome, tally_of
from legion_tui.state.verdict import Verdict, VerdictKind, read_verdict
from tests.support.oneshot import a_task

DONE = '{"verdict": "done", "feedback": "I ran it."}'


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (DONE, Verdict(VerdictKind.DONE, "I ran it.")),
        ('\n  {"verdict":"done"}\n', Verdict(VerdictKind.DONE)),
        ('{"feedback": " Add\\u001b[31m\\ttests. ", "verdict": "retry"}', Verdict(VerdictKind.RETRY, "Add    tests.")),
        ('{"verdict": "impossible", "feedback": ""}', Verdict(VerdictKind.IMPOSSIBLE)),
        (f"```json\n{DONE}\n```", Verdict(VerdictKind.DONE, "I ran it.")),
        (f"```\n{DONE}\n```\n", Verdict(VerdictKind.DONE, "I ran it.")),
    ],
)
def test_one_object_is_a_verdict(answer: str, verdict: Verdict) -> None:
    assert read_verdict(answer) == verdict


@pytest.mark.parametrize(
    "answer",
    [
        "",
        " \n",
        "done",
        "not done",
        "unsuccessful",
        "DONE",
        '"done"',
        "true",
        "null",
        '["done"]',
        '{"verdict": "Done"}',
        '{"verdict": "not done"}',
        '{"verdict": "unclear"}',
        '{"verdict": "done "}',
        '{"verdict": true}',
        '{"verdict": ["done"]}',
        '{"verdict": {"verdict": "done"}}',
        '{"status": "done"}',
        '{"verdict": "done", "verdict": "retry", "feedback": "x"}',
        '{"verdict": "retry", "verdict": "done"}',
        '{"verdict": "done", "confidence": 0.4}',
        '{"verdict": "done", "feedback": null}',
        '{"verdict": "done", "feedback": ["all"]}',
        '{"verdict": "retry"}',
        '{"verdict": "retry", "feedback": "\\u001b[0m \\n"}',
        "{'verdict': 'done'}",
        '{"verdict": "done",}',
        '{"verdict": "done"',
        '{"verdict": NaN}',
        f"{DONE}\n{DONE}",
        f"{DONE}\n" + '{"verdict": "retry", "feedback": "x"}',
        f"I looked at all of it.\n{DONE}",
        f"{DONE}\nThat is my verdict.",
        f"```json\n{DONE}\n```\n```json\n{DONE}\n```",
        f"Here it is:\n```json\n{DONE}\n```",
        f"```json\n{DONE}\n",
        f"```python\n{DONE}\n```",
        f"```json {DONE}```",
        "[" * 100_000,
        '{"verdict": "done", "feedback": "' + "x" * 60_000 + '"}',
    ],
)
def test_all_else_is_unclear_and_says_why(answer: str) -> None:
    verdict = read_verdict(answer)
    assert verdict.kind is VerdictKind.UNCLEAR
    assert verdict.feedback


def test_the_prompt_that_asks_for_it_is_none() -> None:
    prompt = auditor_prompt(task=Path("/state/task-1/task.md"), report=Path("/state/task-1/report-1.md"))
    assert read_verdict(prompt).kind is VerdictKind.UNCLEAR
    assert all(read_verdict(line).kind is VerdictKind.UNCLEAR for line in prompt.split(". "))


@given(st.text(max_size=200))
def test_no_text_raises(answer: str) -> None:
    read_verdict(answer)


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_words_around_it_leave_it_clear(before: str, behind: str) -> None:
    if (before + behind).strip():
        assert read_verdict(f"{before}{DONE}{behind}").kind is VerdictKind.UNCLEAR


@given(st.sampled_from(["done", "retry", "impossible"]), st.text(min_size=1, max_size=200))
def test_what_is_written_as_one_is_read_as_one(kind: str, feedback: str) -> None:
    verdict = read_verdict(json.dumps({"verdict": kind, "feedback": f"- {feedback}"}))
    assert verdict.kind == kind
    assert verdict.feedback.startswith("-")


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        (["completed"], 0),
        (["completed", "completed"], 0),
        (["completed", "failed"], 1),
        (["interrupted"], 1),
        (["unclear"], 4),
        (["completed", "unclear"], 4),
        (["failed", "unclear"], 1),
    ],
)
def test_the_exit_code_tells_the_worst(outcomes: list[str], code: int) -> None:
    tasks = [a_task(outcome=TaskOutcome(outcome)) for outcome in outcomes]
    tally = tally_of(tasks)
    assert (tally.total, tally.exit_code) == (len(outcomes), code)
