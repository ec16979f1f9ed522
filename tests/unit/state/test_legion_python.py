"""What Legion's last Python version would suggest, beside what is written for its controller."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations, product

import pytest

from legion_tui.state.decision import Decision, decide, legion_python
from legion_tui.state.facts import IssueFacts, Pipeline
from legion_tui.state.names import Action, Mode

STATUSES = ["Triage", "Icebox", "Backlog", "Todo", "In Progress", "Needs Review", "Retro", "Done", "On fire", ""]
LABELS = ["worker-done", "worker-active", "user-input-needed", "user-feedback-given"]

MODES = {
    "dispatch_architect": "architect",
    "dispatch_planner": "plan",
    "dispatch_implementer": "implement",
    "dispatch_reviewer": "review",
    "dispatch_merger": "merge",
    "transition_to_todo": "plan",
    "transition_to_in_progress": "implement",
    "transition_to_needs_review": "review",
    "transition_to_retro": "implement",
    "resume_implementer_for_changes": "implement",
    "resume_implementer_for_retro": "implement",
    "investigate_no_pr": "implement",
    "skip": "implement",
    "relay_user_feedback": "implement",
    "remove_worker_active_and_redispatch": "implement",
}


def legion(status: str, labels: set[str], live: bool, has_pr: bool, draft: bool | None) -> str:
    """Legion's own precedence, written down apart from our table."""
    if "user-input-needed" in labels:
        return "relay_user_feedback" if "user-feedback-given" in labels else "skip"
    if "worker-active" in labels and not live:
        return "remove_worker_active_and_redispatch"
    done = "worker-done" in labels
    if status == "Needs Review" and done:
        if not has_pr:
            return "investigate_no_pr"
        return {None: "skip", True: "resume_implementer_for_changes", False: "transition_to_retro"}[draft]
    finished, fresh = {
        "Backlog": ("transition_to_todo", "dispatch_architect"),
        "Todo": ("transition_to_in_progress", "dispatch_planner"),
        "In Progress": ("transition_to_needs_review", "dispatch_implementer"),
        "Needs Review": ("", "dispatch_reviewer"),
        "Retro": ("dispatch_merger", "resume_implementer_for_retro"),
    }.get(status, ("skip", "skip"))
    if done:
        return finished
    return "skip" if live else fresh


def everything() -> Iterator[tuple[IssueFacts, str]]:
    subsets = list(chain.from_iterable(combinations(LABELS, size) for size in range(len(LABELS) + 1)))
    for status, labels, live, has_pr, draft in product(
        STATUSES, subsets, [True, False], [True, False], [None, True, False]
    ):
        facts = IssueFacts(
            status,
            labels=frozenset(labels),
            has_live_worker=live,
            worker_mode="review" if live else None,
            has_pr=has_pr,
            pr_is_draft=draft,
        )
        yield facts, legion(status, set(labels), live, has_pr, draft)


def test_our_actions_differ_in_one_row() -> None:
    differing = {
        (decision.row, decision.action, expected)
        for facts, expected in everything()
        if (decision := decide(facts)).action != expected
    }
    assert differing == {("31", "retry_pr_check", "skip")}


def test_what_legion_reads_is_what_legion_wrote() -> None:
    cases = list(everything())
    assert len(cases) == 10 * 16 * 2 * 2 * 3
    for facts, expected in cases:
        written = legion_python(decide(facts))
        assert (written.action, written.mode) == (expected, MODES[expected]), facts


@pytest.mark.parametrize(
    ("row", "action", "mode", "written", "written_mode"),
    [
        ("0a", Action.TRANSITION_TO_DONE, Mode.IMPLEMENT, "skip", "implement"),
        ("0b", Action.INVESTIGATE_CLOSED_PR, Mode.IMPLEMENT, "skip", "implement"),
        ("14a", Action.RESUME_IMPLEMENTER_TO_OPEN_PR, Mode.IMPLEMENT, "skip", "implement"),
        ("32b", Action.INVESTIGATE_STUCK, Mode.IMPLEMENT, "skip", "implement"),
        ("35a", Action.MERGE_PR, Mode.REVIEW, "skip", "implement"),
        ("38a", Action.REVIEW_PR, Mode.REVIEW, "skip", "implement"),
        ("1", Action.RELAY_USER_FEEDBACK, Mode.PLAN, "relay_user_feedback", "implement"),
        ("3", Action.ESCALATE_BLOCKED, Mode.PLAN, "escalate_blocked", "plan"),
        ("33", Action.RETRY_PR_CHECK, Mode.REVIEW, "retry_pr_check", "review"),
        ("A", Action.ADD_NEEDS_APPROVAL, Mode.ARCHITECT, "add_needs_approval", "architect"),
        ("24", Action.DISPATCH_TESTER, Mode.TEST, "dispatch_tester", "test"),
    ],
)
def test_one_action(row: str, action: Action, mode: Mode, written: str, written_mode: str) -> None:
    decision = legion_python(Decision(action, mode, row, "because"))
    assert decision == Decision(Action(written), Mode(written_mode), row, "because")


def test_nothing_is_rewritten_twice() -> None:
    for facts, _ in everything():
        for pipeline in (Pipeline(), Pipeline(testing=True, ci_gate=True), Pipeline.preset("simple")):
            once = legion_python(decide(facts, pipeline))
            assert legion_python(once) == once
