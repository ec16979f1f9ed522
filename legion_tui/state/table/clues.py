"""The conditions that the rows are made of."""

from __future__ import annotations

from collections.abc import Callable

from legion_tui.state.facts import IssueFacts, Pipeline, verdict
from legion_tui.state.issues import PullRequestState
from legion_tui.state.names import IssueStatus, Label, Mode
from legion_tui.state.table.rule import Case, Clue
from legion_tui.state.workers import Turn

_WORKED_ON = (
    IssueStatus.BACKLOG,
    IssueStatus.TODO,
    IssueStatus.IN_PROGRESS,
    IssueStatus.TESTING,
    IssueStatus.NEEDS_REVIEW,
    IssueStatus.RETRO,
)


def fact(words: str, holds: Callable[[IssueFacts], bool]) -> Clue:
    """Return a clue about the issue."""
    return Clue(words, lambda case: holds(case.facts))


def option(holds: Callable[[Pipeline], bool], words: str = "") -> Clue:
    """Return a clue about the project's pipeline, unsaid unless words are given."""
    return Clue(words, lambda case: holds(case.pipeline))


def status(*names: IssueStatus) -> Clue:
    """Return the clue that the issue stands in one of these statuses."""
    return Clue(_status_words, lambda case: case.facts.status in names)


def label(name: Label) -> Clue:
    """Return the clue that the label is on the issue."""
    return fact(name, lambda facts: name in facts.labels)


def no_label(name: Label) -> Clue:
    """Return the clue that the label is not on the issue."""
    return fact(f"not {name}", lambda facts: name not in facts.labels)


def _status_words(case: Case) -> str:
    name = case.facts.status
    if not name:
        return "no status"
    return name if name in list(IssueStatus) else f'unknown status "{name}"'


def _live_words(case: Case) -> str:
    mode = case.facts.worker_mode
    return f"a live {mode} worker" if mode in list(Mode) else "a live worker"


def _implementer_ended(facts: IssueFacts) -> bool:
    return facts.turn == Turn.ENDED and facts.turn_mode in (None, Mode.IMPLEMENT)


def _can_merge(case: Case) -> bool:
    # Where nobody looks at mergeability, not having asked is no obstacle.
    unasked = case.facts.mergeable is None and not case.pipeline.ci_gate
    return unasked or case.facts.mergeable == "mergeable"


BACKLOG = status(IssueStatus.BACKLOG)
TODO = status(IssueStatus.TODO)
IN_PROGRESS = status(IssueStatus.IN_PROGRESS)
TESTING = status(IssueStatus.TESTING)
NEEDS_REVIEW = status(IssueStatus.NEEDS_REVIEW)
RETRO = status(IssueStatus.RETRO)
NOT_YET_BEGUN = status(IssueStatus.BACKLOG, IssueStatus.TODO)
NOT_WORKED_ON = Clue(_status_words, lambda case: case.facts.status not in _WORKED_ON)
NOT_DONE_STATUS = Clue(_status_words, lambda case: case.facts.status != IssueStatus.DONE)

DONE = label(Label.WORKER_DONE)
NOT_DONE = no_label(Label.WORKER_DONE)
LIVE = Clue(_live_words, lambda case: case.facts.has_live_worker)
NO_WORKER = fact("no live worker", lambda facts: not facts.has_live_worker)
DONE_OR_NO_WORKER = Clue("", lambda case: DONE.holds(case) or NO_WORKER.holds(case))
ASKING = fact("its worker asks a question", lambda facts: facts.is_blocked)

HAS_PR = fact("a pull request", lambda facts: facts.has_pr)
NO_PR = fact("no pull request", lambda facts: not facts.has_pr)
MERGED = fact("its pull request is merged", lambda facts: facts.pr_state == PullRequestState.MERGED)
CLOSED = fact("its pull request was closed unmerged", lambda facts: facts.pr_state == PullRequestState.CLOSED)
CI_FAILING = fact("CI failing", lambda facts: facts.ci == "failing")
CI_PENDING = fact("CI pending", lambda facts: facts.ci == "pending")
CONFLICTING = fact("merge conflicts", lambda facts: facts.mergeable == "conflicting")
MERGEABLE_UNKNOWN = fact("mergeability not known to GitHub yet", lambda facts: facts.mergeable == "unknown")
CI_IN_THE_WAY = Clue(lambda case: f"CI {case.facts.ci}", lambda case: case.facts.ci not in (None, "passing"))
CI_CLEAR = fact("CI passing or none", lambda facts: facts.ci in (None, "passing"))
MERGEABLE = Clue("nothing known to be in the way of a merge", _can_merge)
NOT_MERGEABLE = Clue("not known to be mergeable", lambda case: not _can_merge(case))

NO_VERDICT = Clue("no verdict of the review known", lambda case: verdict(case.facts, case.pipeline) is None)
CHANGES = Clue("the review asks for changes", lambda case: verdict(case.facts, case.pipeline) == "changes")
GOOD = Clue("the review is good", lambda case: verdict(case.facts, case.pipeline) == "good")
CHANGES_REQUESTED = fact("changes were requested", lambda facts: facts.review == "changes_requested")
HEAD_NEWER = fact("the head is newer than that review", lambda facts: facts.head_newer_than_review)
MINE_TO_REVIEW = fact("your review is asked for", lambda facts: facts.review_requested_from_me)

IMPLEMENTER_ENDED = fact("the agent's turn ended", _implementer_ended)
UNPUSHED = fact("unpushed work", lambda facts: bool(facts.unpushed))
NOTHING_UNPUSHED = fact("nothing unpushed known", lambda facts: not facts.unpushed)
TOLD = fact(
    "it was told so for this very commit and its turn ended again",
    lambda facts: facts.told_for_head and _implementer_ended(facts),
)

FACTS = option(lambda pipeline: pipeline.signals == "facts")
PULL_REQUESTS = option(lambda pipeline: pipeline.pull_requests)
NO_PULL_REQUESTS = option(lambda pipeline: not pipeline.pull_requests, "a project without pull requests")
CI_GATE = option(lambda pipeline: pipeline.ci_gate)
TESTED_OR_GATED = option(lambda pipeline: pipeline.testing or pipeline.ci_gate)
WITH_TESTING = option(lambda pipeline: pipeline.testing)
WITHOUT_TESTING = option(lambda pipeline: not pipeline.testing)
NO_PLANNING = option(lambda pipeline: not pipeline.planning, "no planning phase")
NO_RETRO = option(lambda pipeline: not pipeline.retro)
HUMAN_REVIEWER = option(lambda pipeline: pipeline.reviewer == "human", "reviewed by people")
HUMAN_MERGE = option(lambda pipeline: pipeline.merge == "human", "merged by people")
AGENT_MERGE = option(lambda pipeline: pipeline.merge == "agent", "merged by an agent")
