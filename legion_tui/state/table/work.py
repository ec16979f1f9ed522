"""Rows 10 to 24: from Backlog until the work is tested."""

from __future__ import annotations

from legion_tui.state.names import Action, Label
from legion_tui.state.table import clues as c
from legion_tui.state.table.rule import Rule

_TEST_PASSED = c.label(Label.TEST_PASSED)
_NOT_PASSED = c.no_label(Label.TEST_PASSED)

_WORKER_ENDS = "it adds worker-done, ends its turn, or is gone"
_WORKER_COMES = "a worker is live, or worker-done is added"
_MOVED = "the issue is moved"
_PR_FOUND = "a pull request is opened or linked"
_CI_PASSES = "CI passes"
_CI_ENDS = "CI ends"

RULES = (
    Rule("10", (c.BACKLOG, c.DONE), Action.TRANSITION_TO_TODO, _MOVED),
    Rule("11", (c.BACKLOG, c.NOT_DONE, c.LIVE), Action.SKIP, _WORKER_ENDS),
    Rule("11", (c.BACKLOG, c.NO_WORKER, c.NOT_DONE), Action.DISPATCH_ARCHITECT, _WORKER_COMES),
    Rule("12", (c.TODO, c.DONE), Action.TRANSITION_TO_IN_PROGRESS, _MOVED),
    Rule("13", (c.TODO, c.NOT_DONE, c.LIVE), Action.SKIP, _WORKER_ENDS),
    Rule("13", (c.TODO, c.NO_WORKER, c.NOT_DONE), Action.DISPATCH_PLANNER, _WORKER_COMES),
    Rule(
        "14a",
        (c.FACTS, c.PULL_REQUESTS, c.IN_PROGRESS, c.IMPLEMENTER_ENDED, c.NO_PR, c.UNPUSHED),
        Action.RESUME_IMPLEMENTER_TO_OPEN_PR,
        _PR_FOUND,
    ),
    Rule(
        "14b",
        (c.FACTS, c.PULL_REQUESTS, c.IN_PROGRESS, c.IMPLEMENTER_ENDED, c.NO_PR, c.NOTHING_UNPUSHED),
        Action.INVESTIGATE_NO_PR,
        f"{_PR_FOUND}, or the agent goes on",
    ),
    Rule(
        "14",
        (c.PULL_REQUESTS, c.TESTED_OR_GATED, c.IN_PROGRESS, c.DONE, c.NO_PR),
        Action.INVESTIGATE_NO_PR,
        _PR_FOUND,
    ),
    Rule(
        "15",
        (c.PULL_REQUESTS, c.CI_GATE, c.IN_PROGRESS, c.DONE, c.CI_FAILING),
        Action.RESUME_IMPLEMENTER_FOR_CI_FAILURE,
        _CI_PASSES,
    ),
    Rule(
        "15",
        (c.PULL_REQUESTS, c.CI_GATE, c.IN_PROGRESS, c.DONE, c.CI_PENDING),
        Action.RETRY_CI_CHECK,
        _CI_ENDS,
    ),
    Rule("16", (c.WITH_TESTING, c.IN_PROGRESS, c.DONE), Action.TRANSITION_TO_TESTING, _MOVED),
    Rule("16", (c.WITHOUT_TESTING, c.IN_PROGRESS, c.DONE), Action.TRANSITION_TO_NEEDS_REVIEW, _MOVED),
    Rule("17", (c.IN_PROGRESS, c.NOT_DONE, c.LIVE), Action.SKIP, _WORKER_ENDS),
    Rule("17", (c.IN_PROGRESS, c.NO_WORKER, c.NOT_DONE), Action.DISPATCH_IMPLEMENTER, _WORKER_COMES),
    Rule("20", (c.PULL_REQUESTS, c.TESTING, c.DONE, _TEST_PASSED, c.NO_PR), Action.INVESTIGATE_NO_PR, _PR_FOUND),
    Rule(
        "21",
        (c.PULL_REQUESTS, c.CI_GATE, c.TESTING, c.DONE, _TEST_PASSED, c.CI_FAILING),
        Action.RESUME_IMPLEMENTER_FOR_CI_FAILURE,
        _CI_PASSES,
    ),
    Rule(
        "21",
        (c.PULL_REQUESTS, c.CI_GATE, c.TESTING, c.DONE, _TEST_PASSED, c.CI_PENDING),
        Action.RETRY_CI_CHECK,
        _CI_ENDS,
    ),
    Rule("22", (c.TESTING, c.DONE, _TEST_PASSED), Action.TRANSITION_TO_NEEDS_REVIEW, _MOVED),
    Rule(
        "23",
        (c.TESTING, c.DONE, _NOT_PASSED),
        Action.RESUME_IMPLEMENTER_FOR_TEST_FAILURE,
        "test-passed is added, or the implementer goes on",
    ),
    Rule("24", (c.TESTING, c.NOT_DONE, c.LIVE), Action.SKIP, _WORKER_ENDS),
    Rule("24", (c.TESTING, c.NO_WORKER, c.NOT_DONE), Action.DISPATCH_TESTER, _WORKER_COMES),
)
