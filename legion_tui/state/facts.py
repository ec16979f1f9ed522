"""What is known of one issue, how its project works, and what plain facts say in place of labels."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, replace
from datetime import datetime
from typing import Literal

from legion_tui.state.issues import PullRequestState
from legion_tui.state.names import IssueStatus, Label, Mode
from legion_tui.state.workers import Turn

Verdict = Literal["good", "changes"]


@dataclass(frozen=True, slots=True)
class IssueFacts:
    """One issue as the sources tell it. Every value may be foreign: an unexpected word counts as unknown."""

    status: str
    _: KW_ONLY
    labels: frozenset[str] = frozenset()
    # An agent process of this issue exists and is not finished; finished is: idle, its turn over, nothing
    # asked, and of another mode than the status's own.
    has_live_worker: bool = False
    worker_mode: str | None = None
    # A question of any kind is pending and its worker is live.
    is_blocked: bool = False
    has_pr: bool = False
    # None: no pull request, not found, or GitHub could not be asked.
    pr_is_draft: bool | None = None
    # approved, changes_requested, review_required
    review: str | None = None
    # passing, failing, pending, unknown; None: no checks, or nobody asked
    ci: str | None = None
    # mergeable, conflicting, unknown; None: not asked
    mergeable: str | None = None
    blockers: tuple[str, ...] = ()
    # worker-active is on the issue, but no worker is here and our ledger has no dispatch of it.
    active_elsewhere: bool = False

    # The plain facts. open, closed
    issue_state: str | None = None
    # open, merged, closed
    pr_state: str | None = None
    # running, ended, error: the newest worker's turn, its mode, and since when it stands so
    turn: str | None = None
    turn_mode: str | None = None
    turn_at: datetime | None = None
    # Commits or dirty files in the worktree that no remote has; None: nobody looked.
    unpushed: bool | None = None
    unresolved_threads: int = 0
    review_requested_from_me: bool = False
    head_newer_than_review: bool = False
    # The action that `decide` gives without this fact was already sent for this head commit.
    told_for_head: bool = False
    has_branch: bool = False
    dispatched: bool = False


@dataclass(frozen=True, slots=True)
class Pipeline:
    """How a project works; the defaults are Legion's last Python version."""

    testing: bool = False
    approval_gate: bool = False
    review_signal: Literal["draft", "review"] = "draft"
    ci_gate: bool = False
    signals: Literal["labels", "facts"] = "labels"
    planning: bool = True
    retro: bool = True
    reviewer: Literal["agent", "human"] = "agent"
    merge: Literal["agent", "human"] = "agent"
    pull_requests: bool = True

    @classmethod
    def preset(cls, name: str) -> Pipeline:
        """Return the options that `simple` or `legion` stands for; ValueError for another name."""
        match name:
            case "legion":
                return cls()
            case "simple":
                return cls(signals="facts", planning=False, retro=False, reviewer="human", merge="human")
            case _:
                raise ValueError(f"no such preset: {name!r}; there are simple and legion")


def verdict(facts: IssueFacts, pipeline: Pipeline) -> Verdict | None:
    """Return what the review says of the pull request, None where it says nothing yet.

    With plain facts a reviewer's own word on the current head outranks the draft state, and where people
    review, nothing but their word is a verdict: the one who opened the pull request chose its draft state.
    """
    if pipeline.signals == "facts":
        formal = None if facts.head_newer_than_review else _formal_verdict(facts)
        if formal is not None or pipeline.reviewer == "human":
            return formal
    elif pipeline.review_signal == "review":
        return _formal_verdict(facts)
    if pipeline.review_signal == "review" or facts.pr_is_draft is None:
        return None
    return "changes" if facts.pr_is_draft else "good"


def derived_status(facts: IssueFacts) -> str:
    """Return the status as it is where it is canonical, else the one that the plain facts amount to."""
    if facts.status in list(IssueStatus):
        return facts.status
    if facts.issue_state == "closed" or str(facts.status).strip().casefold() == "closed":
        return IssueStatus.DONE
    if facts.has_pr and facts.pr_is_draft is False and facts.pr_state != PullRequestState.CLOSED:
        return IssueStatus.NEEDS_REVIEW
    begun = facts.dispatched or facts.has_live_worker or facts.turn is not None
    if begun or facts.has_pr or facts.has_branch or Label.WORKER_ACTIVE in facts.labels:
        return IssueStatus.IN_PROGRESS
    return IssueStatus.TODO


def derive(facts: IssueFacts, pipeline: Pipeline) -> IssueFacts:
    """Return the facts as the table wants them: with labels unchanged, else with what plain facts amount to.

    Idempotent, and the first step of `decide`.
    """
    if pipeline.signals != "facts":
        return facts
    facts = replace(facts, status=derived_status(facts))
    labels = set(facts.labels)
    if facts.turn == Turn.ENDED and not facts.has_live_worker:
        # It finished rather than vanished: nothing is left to be dispatched again.
        labels.discard(Label.WORKER_ACTIVE)
    if facts.status == IssueStatus.NEEDS_REVIEW and facts.has_pr and pipeline.pull_requests:
        labels = _judged(facts, pipeline, labels)
    elif _work_ended(facts, pipeline):
        labels.add(Label.WORKER_DONE)
    return replace(facts, labels=frozenset(labels))


def _judged(facts: IssueFacts, pipeline: Pipeline, labels: set[str]) -> set[str]:
    """In Needs Review a verdict on the current head is what worker-done stands for."""
    said = verdict(facts, pipeline)
    if said is None:
        stale = facts.head_newer_than_review and _formal_verdict(facts) is not None
        # The label is a left-over of the implementer: the pull request moved the issue here, not a person.
        return labels - {Label.WORKER_DONE} if stale or pipeline.reviewer == "human" else labels
    at_work = facts.has_live_worker and facts.turn == Turn.RUNNING
    formal = not facts.head_newer_than_review and _formal_verdict(facts) is not None
    # A draft state is the reviewer's word only when the reviewer has finished.
    if not at_work and (formal or _ended_mode(facts, pipeline) == Mode.REVIEW):
        return labels | {Label.WORKER_DONE}
    return labels


def _work_ended(facts: IssueFacts, pipeline: Pipeline) -> bool:
    ended = _ended_mode(facts, pipeline)
    match facts.status:
        case IssueStatus.BACKLOG | IssueStatus.TODO | IssueStatus.IN_PROGRESS:
            return ended == Mode.IMPLEMENT
        case IssueStatus.RETRO:
            # The session of the retro had ended its turn before: the retro ended only if it was asked for.
            return ended == Mode.MERGE or (ended == Mode.IMPLEMENT and facts.told_for_head)
        case _:
            return False


def _ended_mode(facts: IssueFacts, pipeline: Pipeline) -> str | None:
    """Return the mode whose turn ended, if one did; untold, it is the one that the status asks for."""
    if facts.turn != Turn.ENDED:
        return None
    told = facts.turn_mode or facts.worker_mode
    if told is not None:
        return told
    match facts.status:
        case IssueStatus.TODO if not pipeline.planning:
            return Mode.IMPLEMENT
        case IssueStatus.IN_PROGRESS | IssueStatus.RETRO:
            return Mode.IMPLEMENT
        case IssueStatus.NEEDS_REVIEW:
            return Mode.REVIEW
        case _:
            return None


def _formal_verdict(facts: IssueFacts) -> Verdict | None:
    match facts.review:
        case "approved":
            return "good"
        case "changes_requested":
            return "changes"
        case _:
            return None
