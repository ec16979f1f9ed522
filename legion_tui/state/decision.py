"""One issue's facts in, one suggested action out. Total: never raises, reads nothing but its arguments."""

from __future__ import annotations

from dataclasses import dataclass, replace

from legion_tui.state.facts import IssueFacts, Pipeline, derive
from legion_tui.state.identity import status_mode
from legion_tui.state.names import Action, Mode
from legion_tui.state.table import APPROVAL_ROW, BLOCKED_ROW, RULES
from legion_tui.state.table.rule import Case

# The row of a decision that could not be taken: whether a worker is live was never known.
UNDECIDED_ROW = "-"

_LEGION = Pipeline()

_MODES: dict[Action, Mode] = {
    Action.DISPATCH_ARCHITECT: Mode.ARCHITECT,
    Action.DISPATCH_PLANNER: Mode.PLAN,
    Action.DISPATCH_IMPLEMENTER: Mode.IMPLEMENT,
    Action.DISPATCH_TESTER: Mode.TEST,
    Action.DISPATCH_REVIEWER: Mode.REVIEW,
    Action.DISPATCH_MERGER: Mode.MERGE,
    Action.ADD_NEEDS_APPROVAL: Mode.ARCHITECT,
    Action.TRANSITION_TO_TODO: Mode.PLAN,
    Action.TRANSITION_TO_IN_PROGRESS: Mode.IMPLEMENT,
    Action.TRANSITION_TO_TESTING: Mode.TEST,
    Action.TRANSITION_TO_NEEDS_REVIEW: Mode.REVIEW,
    Action.TRANSITION_TO_RETRO: Mode.IMPLEMENT,
    Action.TRANSITION_TO_DONE: Mode.IMPLEMENT,
    Action.RESUME_IMPLEMENTER_FOR_CHANGES: Mode.IMPLEMENT,
    Action.RESUME_IMPLEMENTER_FOR_CI_FAILURE: Mode.IMPLEMENT,
    Action.RESUME_IMPLEMENTER_FOR_TEST_FAILURE: Mode.IMPLEMENT,
    Action.RESUME_IMPLEMENTER_FOR_RETRO: Mode.IMPLEMENT,
    Action.RESUME_IMPLEMENTER_TO_OPEN_PR: Mode.IMPLEMENT,
    Action.RETRY_PR_CHECK: Mode.REVIEW,
    Action.RETRY_CI_CHECK: Mode.REVIEW,
    Action.REVIEW_PR: Mode.REVIEW,
    Action.MERGE_PR: Mode.REVIEW,
    Action.INVESTIGATE_NO_PR: Mode.IMPLEMENT,
    Action.INVESTIGATE_CLOSED_PR: Mode.IMPLEMENT,
    Action.INVESTIGATE_STUCK: Mode.IMPLEMENT,
}

# What plain facts lead to, and no controller of Legion's Python version has ever read.
_UNKNOWN_TO_LEGION = frozenset(
    {
        Action.TRANSITION_TO_DONE,
        Action.RESUME_IMPLEMENTER_TO_OPEN_PR,
        Action.INVESTIGATE_CLOSED_PR,
        Action.INVESTIGATE_STUCK,
        Action.REVIEW_PR,
        Action.MERGE_PR,
    }
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do next, in which mode's session, by which row of the table, and why."""

    action: Action
    mode: Mode
    row: str
    why: str


def decide(facts: IssueFacts, pipeline: Pipeline = _LEGION) -> Decision:
    """Return the suggested action; with `signals = "facts"` the plain facts are derived first."""
    facts = derive(facts, pipeline)
    case = Case(facts, pipeline)
    rule = next(rule for rule in RULES if rule.matches(case))
    action, row, why = rule.action, rule.row, rule.why(case)
    if row == "10" and pipeline.approval_gate:
        action, row = Action.ADD_NEEDS_APPROVAL, APPROVAL_ROW
        why = f"Row {row}: {why} The approval gate is on, so needs-approval is added first."
    if facts.blockers and action.startswith("dispatch_"):
        blockers = ", ".join(map(str, facts.blockers))
        why = f"Row {BLOCKED_ROW}: blocked by {blockers}, so {action} waits until that is done. Else: {why}"
        action, row = Action.SKIP, BLOCKED_ROW
    return Decision(action, _mode(action, facts), row, why)


def legion_python(decision: Decision) -> Decision:
    """Return the decision as a controller of Legion's last Python version expects it."""
    action = decision.action
    if decision.row == "31" or action in _UNKNOWN_TO_LEGION:
        action = Action.SKIP
    always_implement = action == Action.SKIP or action.startswith(("relay_", "remove_"))
    return replace(decision, action=action, mode=Mode.IMPLEMENT if always_implement else decision.mode)


def _mode(action: Action, facts: IssueFacts) -> Mode:
    if action == Action.REMOVE_WORKER_ACTIVE_AND_REDISPATCH:
        return status_mode(facts.status)
    if action in _MODES:
        return _MODES[action]
    live = facts.has_live_worker or facts.is_blocked
    return Mode(facts.worker_mode) if live and facts.worker_mode in list(Mode) else Mode.IMPLEMENT
