"""Every row of the decision table, and both rules after it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from legion_tui.state.decision import decide
from legion_tui.state.facts import IssueFacts, Pipeline, derive
from legion_tui.state.names import Action
from legion_tui.state.table import ROWS, RULES
from legion_tui.state.table.rule import Case

LEGION = Pipeline()
TESTING = Pipeline(testing=True)
GATE = Pipeline(approval_gate=True)
REVIEW = Pipeline(review_signal="review")
CI = Pipeline(ci_gate=True)
NO_PRS = Pipeline(pull_requests=False, testing=True, ci_gate=True)
SIMPLE = Pipeline.preset("simple")
SIMPLE_CI = replace(SIMPLE, ci_gate=True)
ALONE = replace(SIMPLE, pull_requests=False)
AGENTS = Pipeline(signals="facts", ci_gate=True, retro=False)

DONE = "worker-done"
PASSED = "test-passed"
READY_PR: dict[str, Any] = {"has_pr": True, "pr_state": "open", "pr_is_draft": False}
TOLD: dict[str, Any] = {"told_for_head": True, "turn": "ended", "turn_mode": "implement"}


class Row(NamedTuple):
    row: str
    facts: IssueFacts
    pipeline: Pipeline
    action: str
    mode: str


def case(
    row: str, status: str, *labels: str, then: str, mode: str = "implement", by: Pipeline = LEGION, **facts: Any
) -> Row:
    return Row(row, IssueFacts(status, labels=frozenset(labels), **facts), by, then, mode)


TABLE = [
    case("0a", "In Progress", by=SIMPLE, has_pr=True, pr_state="merged", then="transition_to_done"),
    case("0a", "Todo", "worker-active", by=SIMPLE, has_pr=True, pr_state="merged", then="transition_to_done"),
    case("0b", "Needs Review", by=SIMPLE, has_pr=True, pr_state="closed", then="investigate_closed_pr"),
    case("1", "Todo", "user-feedback-given", "user-input-needed", then="relay_user_feedback"),
    case("1", "Done", "user-feedback-given", "user-input-needed", DONE, then="relay_user_feedback"),
    case(
        "1",
        "Todo",
        "user-feedback-given",
        is_blocked=True,
        has_live_worker=True,
        worker_mode="plan",
        mode="plan",
        then="relay_user_feedback",
    ),
    case("2", "In Progress", "user-input-needed", DONE, "worker-active", then="skip"),
    case("2", "Todo", "user-input-needed", is_blocked=True, has_live_worker=True, then="skip"),
    case(
        "3",
        "Needs Review",
        DONE,
        is_blocked=True,
        has_live_worker=True,
        worker_mode="review",
        mode="review",
        then="escalate_blocked",
    ),
    case("3", "Done", is_blocked=True, has_live_worker=True, then="escalate_blocked"),
    case("3a", "Todo", "worker-active", active_elsewhere=True, then="skip"),
    case("4", "Backlog", "worker-active", mode="architect", then="remove_worker_active_and_redispatch"),
    case("4", "Todo", "worker-active", DONE, mode="plan", then="remove_worker_active_and_redispatch"),
    case("4", "In Progress", "worker-active", then="remove_worker_active_and_redispatch"),
    case("4", "Testing", "worker-active", mode="test", then="remove_worker_active_and_redispatch"),
    case("4", "Needs Review", "worker-active", mode="review", then="remove_worker_active_and_redispatch"),
    case("4", "Retro", "worker-active", then="remove_worker_active_and_redispatch"),
    case("4", "Done", "worker-active", then="remove_worker_active_and_redispatch"),
    case("4", "On fire", "worker-active", then="remove_worker_active_and_redispatch"),
    case("5", "Backlog", "needs-approval", "human-approved", then="transition_to_todo", mode="plan"),
    case("5", "Todo", "needs-approval", "human-approved", DONE, by=GATE, then="transition_to_todo", mode="plan"),
    case("6", "Backlog", "needs-approval", DONE, then="skip"),
    case("6", "Todo", "needs-approval", then="skip"),
    case("7", "Done", DONE, then="skip"),
    case("7", "Triage", then="skip"),
    case("7", "Icebox", "needs-approval", then="skip"),
    case("7", "in progress", DONE, then="skip"),
    case("7", "", then="skip"),
    case("7", "Done", by=SIMPLE, has_pr=True, pr_state="merged", then="skip"),
    case("7", "Done", by=SIMPLE, has_pr=True, pr_state="closed", then="skip"),
    case("7", "Icebox", has_live_worker=True, worker_mode="merge", mode="merge", then="skip"),
    case("8a", "Todo", by=SIMPLE, then="dispatch_implementer"),
    case("10", "Backlog", DONE, has_live_worker=True, then="transition_to_todo", mode="plan"),
    case("11", "Backlog", has_live_worker=True, worker_mode="architect", mode="architect", then="skip"),
    case("11", "Backlog", "human-approved", then="dispatch_architect", mode="architect"),
    case("12", "Todo", DONE, has_live_worker=True, then="transition_to_in_progress"),
    case("12", "Todo", by=SIMPLE, turn="ended", turn_mode="implement", then="transition_to_in_progress"),
    case("12", "Todo", by=SIMPLE, turn="ended", then="transition_to_in_progress"),
    case("13", "Todo", has_live_worker=True, worker_mode="plan", mode="plan", then="skip"),
    case("13", "Todo", by=SIMPLE, has_live_worker=True, worker_mode="implement", then="skip"),
    case("13", "Todo", "user-feedback-given", then="dispatch_planner", mode="plan"),
    case("13", "Todo", by=Pipeline(planning=False), then="dispatch_planner", mode="plan"),
    case("14", "In Progress", DONE, by=TESTING, then="investigate_no_pr"),
    case("14", "In Progress", DONE, by=CI, then="investigate_no_pr"),
    case("14", "In Progress", DONE, by=SIMPLE_CI, then="investigate_no_pr"),
    case(
        "14a",
        "In Progress",
        by=SIMPLE,
        turn="ended",
        has_live_worker=True,
        unpushed=True,
        then="resume_implementer_to_open_pr",
    ),
    case("14a", "open", by=SIMPLE, turn="ended", unpushed=True, then="resume_implementer_to_open_pr"),
    case("14b", "In Progress", by=SIMPLE_CI, turn="ended", unpushed=False, then="investigate_no_pr"),
    case("15", "In Progress", DONE, by=CI, has_pr=True, ci="failing", then="resume_implementer_for_ci_failure"),
    case("15", "In Progress", DONE, by=CI, has_pr=True, ci="pending", then="retry_ci_check", mode="review"),
    case("16", "In Progress", DONE, then="transition_to_needs_review", mode="review"),
    case("16", "In Progress", DONE, ci="failing", then="transition_to_needs_review", mode="review"),
    case("16", "In Progress", DONE, by=TESTING, has_pr=True, then="transition_to_testing", mode="test"),
    case("16", "In Progress", DONE, by=NO_PRS, ci="failing", then="transition_to_testing", mode="test"),
    case(
        "16",
        "In Progress",
        "worker-active",
        by=SIMPLE,
        turn="ended",
        has_pr=True,
        then="transition_to_needs_review",
        mode="review",
    ),
    case("17", "In Progress", has_live_worker=True, worker_mode="implement", then="skip"),
    case("17", "In Progress", then="dispatch_implementer"),
    case("17", "In Progress", by=SIMPLE, turn="ended", turn_mode="plan", then="dispatch_implementer"),
    case("20", "Testing", DONE, PASSED, then="investigate_no_pr"),
    case("21", "Testing", DONE, PASSED, by=CI, has_pr=True, ci="failing", then="resume_implementer_for_ci_failure"),
    case("21", "Testing", DONE, PASSED, by=CI, has_pr=True, ci="pending", then="retry_ci_check", mode="review"),
    case("22", "Testing", DONE, PASSED, has_pr=True, then="transition_to_needs_review", mode="review"),
    case("22", "Testing", DONE, PASSED, by=NO_PRS, then="transition_to_needs_review", mode="review"),
    case("23", "Testing", DONE, then="resume_implementer_for_test_failure"),
    case("23", "Testing", DONE, "test-failed", has_pr=True, then="resume_implementer_for_test_failure"),
    case("24", "Testing", PASSED, has_live_worker=True, worker_mode="test", mode="test", then="skip"),
    case("24", "Testing", then="dispatch_tester", mode="test"),
    case("24", "Testing", by=SIMPLE, turn="ended", turn_mode="implement", then="dispatch_tester", mode="test"),
    case("30", "Needs Review", DONE, then="investigate_no_pr"),
    case("31", "Needs Review", DONE, has_pr=True, then="retry_pr_check", mode="review"),
    case("31", "Needs Review", DONE, by=REVIEW, **READY_PR, then="retry_pr_check", mode="review"),
    case(
        "31",
        "Needs Review",
        DONE,
        by=REVIEW,
        **READY_PR,
        review="review_required",
        then="retry_pr_check",
        mode="review",
    ),
    case(
        "32a",
        "Needs Review",
        by=SIMPLE,
        **READY_PR,
        review="changes_requested",
        head_newer_than_review=True,
        then="skip",
    ),
    case(
        "32b",
        "Needs Review",
        by=SIMPLE,
        **READY_PR,
        review="changes_requested",
        told_for_head=True,
        turn="ended",
        turn_mode="implement",
        then="investigate_stuck",
    ),
    case(
        "32b",
        "Needs Review",
        by=SIMPLE_CI,
        **READY_PR,
        mergeable="conflicting",
        told_for_head=True,
        turn="ended",
        turn_mode="implement",
        then="investigate_stuck",
    ),
    case(
        "32",
        "Needs Review",
        DONE,
        has_pr=True,
        pr_is_draft=True,
        has_live_worker=True,
        worker_mode="review",
        then="resume_implementer_for_changes",
    ),
    case(
        "32",
        "Needs Review",
        DONE,
        by=REVIEW,
        **READY_PR,
        review="changes_requested",
        then="resume_implementer_for_changes",
    ),
    case(
        "32",
        "open",
        "worker-active",
        by=SIMPLE,
        **READY_PR,
        review="changes_requested",
        turn="ended",
        then="resume_implementer_for_changes",
    ),
    case("33", "Needs Review", DONE, by=CI, **READY_PR, mergeable="unknown", then="retry_pr_check", mode="review"),
    case(
        "33",
        "Needs Review",
        DONE,
        by=CI,
        **READY_PR,
        mergeable="conflicting",
        ci="failing",
        then="resume_implementer_for_changes",
    ),
    case("34", "Needs Review", DONE, by=CI, **READY_PR, ci="failing", then="resume_implementer_for_ci_failure"),
    case("34", "Needs Review", DONE, by=CI, **READY_PR, ci="pending", then="retry_ci_check", mode="review"),
    case(
        "34b",
        "Needs Review",
        by=SIMPLE_CI,
        **READY_PR,
        review="approved",
        ci="failing",
        told_for_head=True,
        turn="ended",
        turn_mode="implement",
        then="investigate_stuck",
    ),
    case(
        "34b",
        "Needs Review",
        by=SIMPLE_CI,
        **READY_PR,
        ci="failing",
        told_for_head=True,
        turn="ended",
        turn_mode="implement",
        then="investigate_stuck",
    ),
    case(
        "35a",
        "Needs Review",
        by=SIMPLE_CI,
        **READY_PR,
        review="approved",
        ci="passing",
        mergeable="mergeable",
        then="merge_pr",
        mode="review",
    ),
    case(
        "35a",
        "open",
        by=SIMPLE,
        **READY_PR,
        review="approved",
        mergeable="mergeable",
        turn="ended",
        then="merge_pr",
        mode="review",
    ),
    case("35a", "Needs Review", by=SIMPLE, **READY_PR, review="approved", then="merge_pr", mode="review"),
    case(
        "35a",
        "Needs Review",
        by=AGENTS,
        **READY_PR,
        review="approved",
        ci="passing",
        mergeable="mergeable",
        then="dispatch_merger",
        mode="merge",
    ),
    case(
        "35a",
        "Needs Review",
        by=AGENTS,
        **READY_PR,
        turn="ended",
        turn_mode="review",
        mergeable="mergeable",
        then="dispatch_merger",
        mode="merge",
    ),
    case(
        "35a",
        "Needs Review",
        by=SIMPLE,
        **READY_PR,
        review="approved",
        ci="failing",
        mergeable="mergeable",
        then="retry_ci_check",
        mode="review",
    ),
    case("35a", "Needs Review", by=SIMPLE_CI, **READY_PR, review="approved", then="retry_pr_check", mode="review"),
    case("35a", "Needs Review", DONE, by=replace(ALONE, merge="agent"), then="dispatch_merger", mode="merge"),
    case("35a", "Needs Review", DONE, by=ALONE, then="skip"),
    case("35", "Needs Review", DONE, **READY_PR, has_live_worker=True, then="transition_to_retro"),
    case(
        "35",
        "Needs Review",
        DONE,
        by=REVIEW,
        has_pr=True,
        pr_is_draft=True,
        review="approved",
        then="transition_to_retro",
    ),
    case(
        "35", "Needs Review", DONE, by=CI, **READY_PR, ci="passing", mergeable="mergeable", then="transition_to_retro"
    ),
    case("35", "Needs Review", DONE, by=NO_PRS, ci="failing", mergeable="conflicting", then="transition_to_retro"),
    case(
        "35", "Needs Review", by=replace(SIMPLE, retro=True), **READY_PR, review="approved", then="transition_to_retro"
    ),
    case("36", "Needs Review", has_live_worker=True, worker_mode="review", mode="review", then="skip"),
    case(
        "36",
        "Needs Review",
        by=SIMPLE,
        **READY_PR,
        review="changes_requested",
        has_live_worker=True,
        worker_mode="implement",
        turn="running",
        then="skip",
    ),
    case(
        "37",
        "Needs Review",
        by=CI,
        **READY_PR,
        mergeable="conflicting",
        ci="failing",
        then="resume_implementer_for_changes",
    ),
    case("37", "Needs Review", by=CI, **READY_PR, ci="failing", then="resume_implementer_for_ci_failure"),
    case("37", "Needs Review", by=CI, **READY_PR, ci="pending", then="retry_ci_check", mode="review"),
    case(
        "37",
        "Needs Review",
        by=SIMPLE_CI,
        **READY_PR,
        ci="failing",
        told_for_head=True,
        turn="running",
        turn_mode="implement",
        then="resume_implementer_for_ci_failure",
    ),
    case("38a", "Needs Review", by=SIMPLE, **READY_PR, review_requested_from_me=True, then="review_pr", mode="review"),
    case("38a", "open", "worker-active", DONE, by=SIMPLE, **READY_PR, turn="ended", then="skip"),
    case("38a", "Needs Review", by=SIMPLE, **READY_PR, review="approved", head_newer_than_review=True, then="skip"),
    case("38a", "Needs Review", by=ALONE, turn="ended", then="skip"),
    case("38", "Needs Review", then="dispatch_reviewer", mode="review"),
    case(
        "38", "Needs Review", **READY_PR, ci="failing", mergeable="conflicting", then="dispatch_reviewer", mode="review"
    ),
    case("38", "Needs Review", by=CI, ci="failing", then="dispatch_reviewer", mode="review"),
    case("38", "Needs Review", by=NO_PRS, **READY_PR, ci="failing", then="dispatch_reviewer", mode="review"),
    case(
        "38",
        "Needs Review",
        by=AGENTS,
        **READY_PR,
        turn="ended",
        turn_mode="implement",
        then="dispatch_reviewer",
        mode="review",
    ),
    case("40", "Retro", DONE, has_live_worker=True, then="dispatch_merger", mode="merge"),
    case("40", "Retro", by=AGENTS, turn="ended", told_for_head=True, then="dispatch_merger", mode="merge"),
    case("41", "Retro", has_live_worker=True, worker_mode="implement", then="skip"),
    case("41", "Retro", then="resume_implementer_for_retro"),
    case("41", "Retro", by=AGENTS, turn="ended", turn_mode="implement", then="resume_implementer_for_retro"),
    # A merged or closed pull request outranks labels and questions.
    case("0a", "Needs Review", by=SIMPLE, has_pr=True, pr_state="merged", is_blocked=True, then="transition_to_done"),
    case(
        "0b",
        "Todo",
        "user-feedback-given",
        "user-input-needed",
        by=SIMPLE,
        has_pr=True,
        pr_state="closed",
        then="investigate_closed_pr",
    ),
    case("13", "Todo", has_pr=True, pr_state="merged", then="dispatch_planner", mode="plan"),
    # What was told counts as stuck only where it still would be told again.
    case("38a", "Needs Review", by=SIMPLE, **READY_PR, **TOLD, mergeable="conflicting", ci="failing", then="skip"),
    case("38a", "Needs Review", by=SIMPLE_CI, **TOLD, mergeable="conflicting", ci="failing", then="skip"),
    case(
        "37", "Needs Review", by=CI, **READY_PR, **TOLD, mergeable="conflicting", then="resume_implementer_for_changes"
    ),
    case("37", "Needs Review", by=CI, **READY_PR, **TOLD, ci="failing", then="resume_implementer_for_ci_failure"),
    case(
        "36",
        "Needs Review",
        by=SIMPLE_CI,
        **READY_PR,
        **TOLD,
        mergeable="conflicting",
        ci="failing",
        has_live_worker=True,
        then="skip",
    ),
    case(
        "16",
        "In Progress",
        by=SIMPLE_CI,
        **READY_PR,
        **TOLD,
        mergeable="conflicting",
        then="transition_to_needs_review",
        mode="review",
    ),
    case("16", "In Progress", by=ALONE, **TOLD, then="transition_to_needs_review", mode="review"),
    case("32", "Needs Review", DONE, has_pr=True, pr_is_draft=True, **TOLD, then="resume_implementer_for_changes"),
    case("40", "Retro", by=AGENTS, has_pr=True, pr_is_draft=True, **TOLD, then="dispatch_merger", mode="merge"),
    case("40", "Retro", by=AGENTS, **READY_PR, **TOLD, ci="failing", then="dispatch_merger", mode="merge"),
    case(
        "38", "Needs Review", by=AGENTS, has_pr=True, pr_is_draft=True, **TOLD, then="dispatch_reviewer", mode="review"
    ),
    case("35a", "Needs Review", DONE, by=ALONE, **READY_PR, **TOLD, review="changes_requested", then="skip"),
    case(
        "35a",
        "Needs Review",
        DONE,
        by=replace(ALONE, ci_gate=True),
        **READY_PR,
        **TOLD,
        mergeable="conflicting",
        ci="failing",
        then="skip",
    ),
    case("A", "Backlog", DONE, by=GATE, then="add_needs_approval", mode="architect"),
    case("B", "Backlog", blockers=("ENG-1",), then="skip"),
    case("B", "Todo", blockers=("ENG-1", "ENG-2"), then="skip"),
    case("B", "Todo", by=SIMPLE, blockers=("ENG-1",), then="skip"),
    case("B", "In Progress", blockers=("ENG-1",), then="skip"),
    case("B", "Testing", blockers=("ENG-1",), then="skip"),
    case("B", "Needs Review", blockers=("ENG-1",), then="skip"),
    case(
        "B", "Retro", DONE, blockers=("ENG-1",), has_live_worker=True, worker_mode="review", then="skip", mode="review"
    ),
    case("10", "Backlog", DONE, blockers=("ENG-1",), then="transition_to_todo", mode="plan"),
    case("A", "Backlog", DONE, by=GATE, blockers=("ENG-1",), then="add_needs_approval", mode="architect"),
    case("4", "Todo", "worker-active", blockers=("ENG-1",), then="remove_worker_active_and_redispatch", mode="plan"),
    case("41", "Retro", blockers=("ENG-1",), then="resume_implementer_for_retro"),
]


@pytest.mark.parametrize("row", TABLE, ids=[f"row {row.row}: {row.facts.status}" for row in TABLE])
def test_the_table(row: Row) -> None:
    decision = decide(row.facts, row.pipeline)
    assert (decision.row, decision.action, decision.mode) == (row.row, row.action, row.mode)
    assert decision.why.startswith(f"Row {row.row}: ")
    assert "It changes when " in decision.why


def test_every_row_and_every_outcome_of_it_is_reachable() -> None:
    assert {row.row for row in TABLE} == set(ROWS)
    reached = set()
    for row in TABLE:
        asked = Case(derive(row.facts, row.pipeline), row.pipeline)
        reached.add(next(index for index, rule in enumerate(RULES) if rule.matches(asked)))
    assert [RULES[index] for index in range(len(RULES)) if index not in reached] == []


def test_every_action_can_be_suggested() -> None:
    assert {row.action for row in TABLE} == set(Action)


def test_the_rows_stand_in_their_order() -> None:
    numbers = [int(row.rstrip("ab")) for row in ROWS[:-2]]
    assert numbers == sorted(numbers)


def test_why_tells_the_facts_in_plain_words() -> None:
    assert decide(IssueFacts("Todo")).why == (
        "Row 13: Todo, no live worker, not worker-done. It changes when a worker is live, or worker-done is added."
    )
    blocked = decide(IssueFacts("Todo", blockers=("ENG-3", "ENG-4"))).why
    assert "blocked by ENG-3, ENG-4" in blocked
    assert "dispatch_planner" in blocked
    assert 'unknown status "On fire"' in decide(IssueFacts("On fire")).why
    assert "a live plan worker" in decide(IssueFacts("Todo", has_live_worker=True, worker_mode="plan")).why
    assert "approval gate" in decide(IssueFacts("Backlog", labels=frozenset({DONE})), GATE).why


@pytest.mark.parametrize("worker_mode", [None, "plan", "finish"])
@pytest.mark.parametrize("live", [True, False])
def test_a_skip_speaks_to_the_live_worker_or_to_the_implementer(worker_mode: str | None, live: bool) -> None:
    decision = decide(IssueFacts("Icebox", has_live_worker=live, worker_mode=worker_mode))
    assert decision.mode == ("plan" if live and worker_mode == "plan" else "implement")


def test_presets() -> None:
    assert Pipeline.preset("legion") == Pipeline()
    assert Pipeline.preset("simple") == Pipeline(
        signals="facts", planning=False, retro=False, reviewer="human", merge="human"
    )
    with pytest.raises(ValueError, match="no such preset: 'complex'"):
        Pipeline.preset("complex")
