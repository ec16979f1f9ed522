"""The one thing to do next with a row: the command that does it, and a word for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from legion_tui.present.board import Row
from legion_tui.present.snooze import asleep_word
from legion_tui.state import Action, IssueState, Label, Problem, QuestionKind, Worker, WorkerState
from legion_tui.state.workers import RUNNING

_ANSWERS = {
    QuestionKind.QUESTION: "answer",
    QuestionKind.PERMISSION: "decide",
    QuestionKind.PLAN: "review plan",
    QuestionKind.TRUST: "decide",
}
_ACTIONS = {
    Action.RELAY_USER_FEEDBACK: "relay",
    Action.ESCALATE_BLOCKED: "answer",
    Action.REMOVE_WORKER_ACTIVE_AND_REDISPATCH: "redispatch",
    Action.ADD_NEEDS_APPROVAL: "ask approval",
    Action.DISPATCH_ARCHITECT: "dispatch",
    Action.DISPATCH_PLANNER: "dispatch",
    Action.DISPATCH_IMPLEMENTER: "dispatch",
    Action.DISPATCH_TESTER: "test",
    Action.DISPATCH_REVIEWER: "review",
    Action.DISPATCH_MERGER: "merge",
    Action.RESUME_IMPLEMENTER_FOR_CHANGES: "mend changes",
    Action.RESUME_IMPLEMENTER_FOR_CI_FAILURE: "mend CI",
    Action.RESUME_IMPLEMENTER_FOR_TEST_FAILURE: "mend tests",
    Action.RESUME_IMPLEMENTER_FOR_RETRO: "retro",
    Action.RESUME_IMPLEMENTER_TO_OPEN_PR: "open a PR",
    Action.TRANSITION_TO_TODO: "to Todo",
    Action.TRANSITION_TO_IN_PROGRESS: "to Progress",
    Action.TRANSITION_TO_TESTING: "to Testing",
    Action.TRANSITION_TO_NEEDS_REVIEW: "to Review",
    Action.TRANSITION_TO_RETRO: "to Retro",
    Action.TRANSITION_TO_DONE: "to Done",
    Action.RETRY_PR_CHECK: "ask again",
    Action.RETRY_CI_CHECK: "ask again",
    Action.INVESTIGATE_NO_PR: "look",
    Action.INVESTIGATE_CLOSED_PR: "look",
    Action.INVESTIGATE_STUCK: "look",
    Action.REVIEW_PR: "review",
    Action.MERGE_PR: "merge",
}
# What a person wants to know of the pull request before they do it.
ON_ITS_PAGE = frozenset({Action.REVIEW_PR, Action.MERGE_PR})
# Nothing is run for these: a person has to find out what is wrong.
_TO_LOOK_INTO = frozenset({Action.INVESTIGATE_NO_PR, Action.INVESTIGATE_CLOSED_PR, Action.INVESTIGATE_STUCK})
# What a person has to settle in the worker's own window.
_IN_ITS_WINDOW = frozenset(
    {
        WorkerState.STARTUP_DIALOG,
        WorkerState.DIALOG,
        WorkerState.SUSPENDED,
        WorkerState.UNSUBMITTED,
        WorkerState.ERROR,
        WorkerState.INTERRUPTED,
        WorkerState.QUESTION,
        WorkerState.PERMISSION,
        WorkerState.PLAN,
    }
)


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next: the id of the command, empty where there is nothing to press, and a word."""

    command: str
    word: str


NOTHING = Step("", "")


def action_word(action: str) -> str:
    """Return an action in a person's words; one that has none is named as it is."""
    return _ACTIONS.get(Action(action), action) if action in set(Action) else action


def browser_url(row: Row | None) -> str:
    """Return the https address that a row opens: its pull request, else its issue; empty without one."""
    issue = row.issue if row is not None else None
    if issue is None:
        return ""
    ref = issue.pull_request.ref if issue.pull_request else issue.issue.pull_request
    urls = (ref.url if ref else "", issue.issue.url)
    return next((url for url in urls if url.startswith("https://")), "")


def step_of(row: Row, zone: tzinfo | None = None, now: datetime | None = None) -> Step:
    """Return the next step of a row; times are told in `zone`, None being the machine's own, as of `now`."""
    subject = row.subject
    if row.snooze is not None:
        return Step("", asleep_word(row.snooze, now, zone) if now is not None else "snoozed")
    if isinstance(subject, Problem):
        return Step("copy", "copy")
    question = row.question
    if question is not None:
        return Step("attach", "answer there") if question.unanswerable else Step("answer", _ANSWERS[question.kind])
    if isinstance(subject, Worker):
        return Step("attach", "attach") if subject.live else NOTHING
    worker = subject.worker
    if worker is not None and worker.state is WorkerState.QUEUED:
        return Step("", worker.detail.waits_for or "is next")
    if worker is not None and worker.state in _IN_ITS_WINDOW:
        return Step("attach", "attach")
    if subject.decision.action is not Action.SKIP:
        return _acted(row, subject.decision.action)
    return _skipped(subject, worker, zone)


def _acted(row: Row, action: Action) -> Step:
    word = _ACTIONS.get(action, "go on")
    if action is Action.REVIEW_PR and browser_url(row):
        return Step("open", word)
    if action is Action.ESCALATE_BLOCKED:
        # It is said to be blocked, and no question of it could be read.
        return Step("attach", "attach") if row.worker is not None and row.worker.pane else Step("why", "look")
    return Step("why", word) if action in _TO_LOOK_INTO | {Action.REVIEW_PR} else Step("advance", word)


def _skipped(issue: IssueState, worker: Worker | None, zone: tzinfo | None) -> Step:
    if worker is not None and worker.state is WorkerState.RATE_LIMITED:
        until = worker.detail.until
        return Step("", f"until {until.astimezone(zone):%H:%M}") if until else Step("", "until reset")
    if Label.NEEDS_APPROVAL in issue.facts.labels and Label.HUMAN_APPROVED not in issue.facts.labels:
        return Step("open", "approve")
    if Label.USER_INPUT_NEEDED in issue.facts.labels:
        return Step("open", "give input")
    if worker is not None and (worker.state in RUNNING or worker.state is WorkerState.IDLE):
        return Step("attach", "attach")
    if issue.facts.blockers:
        blocking = issue.relations.blocking
        return Step("", f"after {blocking[0].name if blocking else issue.facts.blockers[0]}")
    if issue.facts.active_elsewhere:
        return Step("", "elsewhere")
    if issue.pull_request is not None and issue.attention == "waiting":
        return Step("open", "see review")
    return Step("why", "look") if issue.attention == "needs_you" else NOTHING
