"""Which group of the board an issue belongs to, and in which order a group is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from legion_tui.state.decision import UNDECIDED_ROW, Decision
from legion_tui.state.facts import IssueFacts
from legion_tui.state.identity import natural_order
from legion_tui.state.names import Action, Attention, IssueStatus, Label
from legion_tui.state.snapshot import IssueState
from legion_tui.state.table import BLOCKED_ROW
from legion_tui.state.workers import ASKING, RUNNING, Turn, WorkerState

_IN_TROUBLE = frozenset(
    {
        WorkerState.CRASHED,
        WorkerState.ERROR,
        WorkerState.UNSUBMITTED,
        WorkerState.SUSPENDED,
        WorkerState.DIALOG,
    }
)
_STALLED = frozenset({WorkerState.RATE_LIMITED, WorkerState.INTERRUPTED, WorkerState.UNKNOWN, WorkerState.QUEUED})
# A skip that waits for somebody or something else: a colleague, a review, a dependency, a source.
_WAITING_ROWS = frozenset({"3a", "32a", "38a", BLOCKED_ROW, UNDECIDED_ROW})
# The skip of a finished branch that only its owner can merge.
_OWN_MERGE_ROW = "35a"


def attention_of(facts: IssueFacts, decision: Decision, worker_state: str | None, *, seen: bool = False) -> Attention:
    """Return the group: what the facts say comes first, the action second.

    `worker_state` is what the issue's shown worker does, None without one; `seen` is whether the person has
    looked at the row since its turn ended. Which issues have no slot yet is for `allot` to say.
    """
    if _needs_you(facts, decision, worker_state) or (not seen and _ended_for_good(facts, decision, worker_state)):
        return Attention.NEEDS_YOU
    # What is queued was asked for already: its action is no longer to be run.
    if worker_state != WorkerState.QUEUED and _can_run(decision.action):
        return Attention.READY
    if worker_state in RUNNING:
        return Attention.WORKING
    if _waits(facts, decision, worker_state):
        return Attention.WAITING
    return Attention.QUIET


def is_begun(facts: IssueFacts, decision: Decision) -> bool:
    """Return False for an issue at the start of the pipeline whose next step is its first dispatch."""
    first = facts.status in (IssueStatus.BACKLOG, IssueStatus.TODO) and decision.action.startswith("dispatch_")
    return not first or facts.dispatched or facts.turn is not None


def allot(rows: Iterable[IssueState], free_slots: int) -> tuple[IssueState, ...]:
    """Return the rows in the board's order; of those not begun only the first `free_slots` stay ready."""
    placed, held = list[IssueState](), list[IssueState]()
    for row in sorted(rows, key=_reading_order):
        if row.attention == Attention.READY and not is_begun(row.facts, row.decision):
            if free_slots > 0:
                free_slots -= 1
                placed.append(row)
            else:
                held.append(replace(row, attention=Attention.BACKLOG))
        else:
            placed.append(row)
    return tuple(sorted((*placed, *held), key=_reading_order) if held else placed)


def order_in_group(
    since: datetime | None, priority: int | None, issue_id: str
) -> tuple[bool, float, bool, int, tuple[tuple[str, int], ...]]:
    """Return a sort key: oldest first, then the lowest priority number, then the id, its numbers as numbers.

    What has no time or no priority comes after what has one.
    """
    at = since.timestamp() if since else 0.0
    return (since is None, at, priority is None, priority or 0, natural_order(issue_id))


def _reading_order(row: IssueState) -> tuple[object, ...]:
    place = list(Attention).index(row.attention)
    # Two ids that read alike still have one order.
    return (place, *order_in_group(row.since, row.issue.priority, row.id), row.id)


def _needs_you(facts: IssueFacts, decision: Decision, worker_state: str | None) -> bool:
    labels = facts.labels
    return (
        facts.is_blocked
        or worker_state in ASKING
        or worker_state in _IN_TROUBLE
        or (Label.USER_INPUT_NEEDED in labels and Label.USER_FEEDBACK_GIVEN not in labels)
        or (Label.NEEDS_APPROVAL in labels and Label.HUMAN_APPROVED not in labels)
        or decision.action in (Action.REVIEW_PR, Action.MERGE_PR)
        or decision.action.startswith("investigate_")
        or (decision.action == Action.SKIP and decision.row == _OWN_MERGE_ROW)
    )


def _ended_for_good(facts: IssueFacts, decision: Decision, worker_state: str | None) -> bool:
    """Whether a turn ended, no machine has anything to do next, and nobody else is waited for."""
    return (
        facts.turn == Turn.ENDED
        and decision.action == Action.SKIP
        and facts.status != IssueStatus.DONE
        and worker_state not in RUNNING
        and worker_state not in _STALLED
        and not _waits_for_others(facts, decision)
    )


def _can_run(action: Action) -> bool:
    return action != Action.SKIP and not action.startswith("retry_")


def _waits_for_others(facts: IssueFacts, decision: Decision) -> bool:
    # Without a pull request there is nothing that somebody else could be reviewing.
    return decision.row in _WAITING_ROWS and (decision.row != "38a" or facts.has_pr)


def _waits(facts: IssueFacts, decision: Decision, worker_state: str | None) -> bool:
    finished = Label.WORKER_DONE in facts.labels or facts.status == IssueStatus.DONE
    return (
        decision.action.startswith("retry_")
        or decision.row in _WAITING_ROWS
        or worker_state in _STALLED
        or (worker_state == WorkerState.IDLE and not finished)
        or (worker_state is None and facts.has_live_worker)
    )
