from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legion_tui.state.names import Attention, IssueStatus, Label, Mode


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (None, ""),
        ("", ""),
        ("Todo", "Todo"),
        ("  In Progress\n", "In Progress"),
        ("in progress", "In Progress"),
        ("DONE", "Done"),
        ("In Review", "Needs Review"),
        ("in review", "Needs Review"),
        ("Today", "Todo"),
        (" TODAY ", "Todo"),
        ("To Do", "To Do"),
        (" Blocked ", " Blocked "),
        ("open", "open"),
    ],
)
def test_normalize(raw: str | None, status: str) -> None:
    assert IssueStatus.normalize(raw) == status


@given(st.one_of(st.none(), st.text(), st.sampled_from([*IssueStatus, "In Review", "today"]).map(str.swapcase)))
def test_normalize_is_idempotent(raw: str | None) -> None:
    once = IssueStatus.normalize(raw)
    assert IssueStatus.normalize(once) == once


@given(st.sampled_from(list(IssueStatus)), st.sampled_from([str.upper, str.lower, str.title, str.swapcase]))
def test_every_case_of_a_status_is_that_status(status: IssueStatus, change: object) -> None:
    assert callable(change)
    assert IssueStatus.normalize(f" {change(status.value)} ") == status


def test_the_words_are_spelled_as_they_are_read() -> None:
    assert [str(status) for status in IssueStatus] == [
        "Triage",
        "Icebox",
        "Backlog",
        "Todo",
        "In Progress",
        "Testing",
        "Needs Review",
        "Retro",
        "Done",
    ]
    assert {str(label) for label in Label} == {
        "worker-done",
        "worker-active",
        "user-input-needed",
        "user-feedback-given",
        "needs-approval",
        "human-approved",
        "test-passed",
        "test-failed",
    }
    assert [str(mode) for mode in Mode] == ["architect", "plan", "implement", "test", "review", "merge"]
    assert [str(group) for group in Attention] == [
        "needs_you",
        "ready",
        "working",
        "waiting",
        "backlog",
        "quiet",
    ]
