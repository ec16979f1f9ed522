"""Plain issues and pull requests, read as a status and as worker-done."""

from __future__ import annotations

from typing import Any

import pytest

from legion_tui.state.facts import IssueFacts, Pipeline, derive, derived_status, verdict

SIMPLE = Pipeline.preset("simple")
AGENT_REVIEW = Pipeline(signals="facts")
FORMAL_AGENT_REVIEW = Pipeline(signals="facts", review_signal="review")
DONE = frozenset({"worker-done"})
NONE: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("status", "facts", "derived"),
    [
        ("open", {}, "Todo"),
        ("", {}, "Todo"),
        ("open", {"issue_state": "closed"}, "Done"),
        ("closed", {}, "Done"),
        ("open", {"issue_state": "closed", "has_pr": True, "pr_state": "merged"}, "Done"),
        ("open", {"has_pr": True, "pr_is_draft": False, "pr_state": "open"}, "Needs Review"),
        ("open", {"has_pr": True, "pr_is_draft": True, "pr_state": "open"}, "In Progress"),
        ("open", {"has_pr": True}, "In Progress"),
        ("open", {"has_pr": True, "pr_is_draft": False, "pr_state": "closed"}, "In Progress"),
        ("open", {"has_branch": True}, "In Progress"),
        ("open", {"dispatched": True}, "In Progress"),
        ("open", {"has_live_worker": True}, "In Progress"),
        ("open", {"turn": "running"}, "In Progress"),
        ("open", {"labels": frozenset({"worker-active"})}, "In Progress"),
        ("Testing", {"has_pr": True, "pr_is_draft": False}, "Testing"),
        ("Todo", {"issue_state": "closed"}, "Todo"),
        ("Icebox", {"has_branch": True}, "Icebox"),
    ],
)
def test_the_status(status: str, facts: dict[str, Any], derived: str) -> None:
    known = IssueFacts(status, **facts)
    assert derived_status(known) == derived
    assert derive(known, SIMPLE).status == derived
    assert derive(known, Pipeline()).status == status


REVIEWED = {"has_pr": True, "pr_is_draft": False}


@pytest.mark.parametrize(
    ("status", "facts", "pipeline", "labels"),
    [
        ("In Progress", {"turn": "ended"}, SIMPLE, DONE),
        ("In Progress", {"turn": "ended", "turn_mode": "implement"}, SIMPLE, DONE),
        ("In Progress", {"turn": "ended", "turn_mode": "plan"}, SIMPLE, NONE),
        ("In Progress", {"turn": "running"}, SIMPLE, NONE),
        ("In Progress", {"turn": "error"}, SIMPLE, NONE),
        ("Todo", {"turn": "ended", "turn_mode": "implement"}, SIMPLE, DONE),
        ("Todo", {"turn": "ended", "turn_mode": "plan"}, AGENT_REVIEW, NONE),
        ("Todo", {"turn": "ended"}, AGENT_REVIEW, NONE),
        ("Testing", {"turn": "ended", "turn_mode": "implement"}, SIMPLE, NONE),
        ("Retro", {"turn": "ended", "turn_mode": "implement"}, AGENT_REVIEW, NONE),
        ("Retro", {"turn": "ended", "turn_mode": "implement", "told_for_head": True}, AGENT_REVIEW, DONE),
        ("Retro", {"turn": "ended", "turn_mode": "merge"}, AGENT_REVIEW, DONE),
        ("Done", {"turn": "ended", "turn_mode": "implement"}, SIMPLE, NONE),
        ("Needs Review", {**REVIEWED, "review": "approved"}, SIMPLE, DONE),
        ("Needs Review", {**REVIEWED, "review": "changes_requested"}, SIMPLE, DONE),
        ("Needs Review", {**REVIEWED, "review": "approved", "head_newer_than_review": True}, SIMPLE, NONE),
        ("Needs Review", {**REVIEWED, "turn": "ended", "turn_mode": "implement"}, SIMPLE, NONE),
        ("Needs Review", {**REVIEWED, "labels": DONE}, SIMPLE, NONE),
        ("Needs Review", {"labels": DONE}, SIMPLE, DONE),
        ("Needs Review", {**REVIEWED, "labels": DONE}, AGENT_REVIEW, DONE),
        ("Needs Review", {**REVIEWED, "labels": DONE}, FORMAL_AGENT_REVIEW, DONE),
        (
            "Needs Review",
            {**REVIEWED, "labels": DONE, "review": "approved", "head_newer_than_review": True},
            FORMAL_AGENT_REVIEW,
            NONE,
        ),
        ("Needs Review", REVIEWED, AGENT_REVIEW, NONE),
        ("Needs Review", {**REVIEWED, "turn": "ended", "turn_mode": "review"}, AGENT_REVIEW, DONE),
        ("Needs Review", {**REVIEWED, "turn": "running", "turn_mode": "review"}, AGENT_REVIEW, NONE),
        (
            "Needs Review",
            {**REVIEWED, "review": "approved", "turn": "running", "has_live_worker": True},
            AGENT_REVIEW,
            NONE,
        ),
        ("Needs Review", {**REVIEWED, "review": "approved", "turn": "running"}, AGENT_REVIEW, DONE),
    ],
)
def test_worker_done(status: str, facts: dict[str, Any], pipeline: Pipeline, labels: frozenset[str]) -> None:
    assert derive(IssueFacts(status, **facts), pipeline).labels == labels


def test_a_worker_that_finished_is_not_one_that_vanished() -> None:
    active = frozenset({"worker-active"})
    ended = IssueFacts("Testing", labels=active, turn="ended")
    assert derive(ended, SIMPLE).labels == NONE
    assert derive(IssueFacts("Testing", labels=active, turn="running"), SIMPLE).labels == active
    assert derive(IssueFacts("Testing", labels=active, turn="ended", has_live_worker=True), SIMPLE).labels == active


@pytest.mark.parametrize(
    ("facts", "pipeline", "said"),
    [
        ({"pr_is_draft": False}, Pipeline(), "good"),
        ({"pr_is_draft": True, "review": "approved"}, Pipeline(), "changes"),
        ({"review": "approved"}, Pipeline(), None),
        ({"pr_is_draft": True, "review": "approved"}, Pipeline(review_signal="review"), "good"),
        ({"review": "approved", "head_newer_than_review": True}, Pipeline(review_signal="review"), "good"),
        ({"review": "changes_requested"}, Pipeline(review_signal="review"), "changes"),
        ({"review": "review_required", "pr_is_draft": False}, Pipeline(review_signal="review"), None),
        ({"pr_is_draft": False}, SIMPLE, None),
        ({"pr_is_draft": True, "review": "approved"}, SIMPLE, "good"),
        ({"review": "approved", "head_newer_than_review": True}, SIMPLE, None),
        ({"pr_is_draft": False, "review": "changes_requested"}, AGENT_REVIEW, "changes"),
        ({"pr_is_draft": True}, AGENT_REVIEW, "changes"),
        ({"pr_is_draft": False}, FORMAL_AGENT_REVIEW, None),
    ],
)
def test_the_verdict(facts: dict[str, Any], pipeline: Pipeline, said: str | None) -> None:
    assert verdict(IssueFacts("Needs Review", **facts), pipeline) == said
