"""Rows 0a to 8a: what outranks the work of a status."""

from __future__ import annotations

from legion_tui.state.names import Action, Label
from legion_tui.state.table import clues as c
from legion_tui.state.table.rule import Rule

_INPUT_NEEDED = c.label(Label.USER_INPUT_NEEDED)
_FEEDBACK = c.label(Label.USER_FEEDBACK_GIVEN)
_WORKER_ACTIVE = c.label(Label.WORKER_ACTIVE)
_NEEDS_APPROVAL = c.label(Label.NEEDS_APPROVAL)
_APPROVED = c.label(Label.HUMAN_APPROVED)
_ELSEWHERE = c.fact("worked on elsewhere", lambda facts: facts.active_elsewhere)

RULES = (
    Rule(
        "0a",
        (c.FACTS, c.PULL_REQUESTS, c.NOT_DONE_STATUS, c.MERGED),
        Action.TRANSITION_TO_DONE,
        "the issue is moved to Done",
    ),
    Rule(
        "0b",
        (c.FACTS, c.PULL_REQUESTS, c.NOT_DONE_STATUS, c.CLOSED),
        Action.INVESTIGATE_CLOSED_PR,
        "the pull request is opened again, another one is opened, or the issue is moved to Done",
    ),
    Rule(
        "1",
        (_FEEDBACK, _INPUT_NEEDED),
        Action.RELAY_USER_FEEDBACK,
        "the worker was told and both labels are gone",
    ),
    Rule(
        "1",
        (_FEEDBACK, c.ASKING),
        Action.RELAY_USER_FEEDBACK,
        "the worker was told and its question is answered",
    ),
    Rule("2", (_INPUT_NEEDED,), Action.SKIP, "you answer on the tracker and add user-feedback-given"),
    Rule("3", (c.ASKING,), Action.ESCALATE_BLOCKED, "the question is answered"),
    Rule("3a", (_ELSEWHERE,), Action.SKIP, "worker-active is removed, or a worker of it runs here"),
    Rule(
        "4",
        (_WORKER_ACTIVE, c.NO_WORKER),
        Action.REMOVE_WORKER_ACTIVE_AND_REDISPATCH,
        "worker-active is removed, or its worker lives again",
    ),
    Rule(
        "5",
        (c.NOT_YET_BEGUN, _NEEDS_APPROVAL, _APPROVED),
        Action.TRANSITION_TO_TODO,
        "both labels are gone",
    ),
    Rule("6", (c.NOT_YET_BEGUN, _NEEDS_APPROVAL), Action.SKIP, "you add human-approved"),
    Rule("7", (c.NOT_WORKED_ON,), Action.SKIP, "the issue is moved to a status that is worked on"),
    Rule(
        "8a",
        (c.FACTS, c.TODO, c.NO_PLANNING, c.NOT_DONE, c.NO_WORKER),
        Action.DISPATCH_IMPLEMENTER,
        "a worker is live or ends its turn",
    ),
)
