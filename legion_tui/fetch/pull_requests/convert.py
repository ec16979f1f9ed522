"""A pull request as GitHub tells it, made one of ours: foreign text cleaned, unknown words unknown. Pure."""

from __future__ import annotations

from legion_tui.fetch.pull_requests.failing import FAILED
from legion_tui.fetch.pull_requests.shapes import PullRequestNode, Review
from legion_tui.state import Checks, PullRequest, PullRequestRef, PullRequestState
from legion_tui.state.text import clean_line

_CHANGES, _APPROVED = "CHANGES_REQUESTED", "APPROVED"
_REVIEWS = {
    _APPROVED: "approved",
    _CHANGES: "changes_requested",
    "REVIEW_REQUIRED": "review_required",
}
_MERGEABLE = {"MERGEABLE": "mergeable", "CONFLICTING": "conflicting", "UNKNOWN": "unknown"}
_ROLLUPS = {
    "SUCCESS": "passing",
    "FAILURE": "failing",
    "ERROR": "failing",
    "PENDING": "pending",
    "EXPECTED": "pending",
}
_PASSED = frozenset({"SUCCESS", "NEUTRAL", "SKIPPED"})


def pull_request_of(ref: PullRequestRef, node: PullRequestNode, me: str, *, checks_told: bool = True) -> PullRequest:
    """Return the pull request; `me` is the login that asked. Checks that were not told are not none: CI is unknown."""
    ci, checks = _rollup(node) if checks_told else ("unknown", Checks())
    decision = _decision(node)
    requested = [one.requested_reviewer for one in (node.review_requests.all if node.review_requests else ())]
    reviewers = [one.login for one in requested if one is not None and one.login]
    threads = node.review_threads
    return PullRequest(
        ref=ref,
        state=PullRequestState(node.state.lower()),
        is_draft=node.is_draft,
        title=clean_line(node.title),
        review=_REVIEWS.get(decision),
        ci=ci,
        checks=checks,
        mergeable=_MERGEABLE.get(node.mergeable or ""),
        branch=clean_line(node.head_ref_name),
        head=clean_line(node.head_ref_oid, limit=64),
        additions=node.additions,
        deletions=node.deletions,
        from_fork=node.is_cross_repository,
        reviewers=tuple(clean_line(login, limit=100) for login in reviewers),
        review_requested_from_me=bool(me) and me.casefold() in {login.casefold() for login in reviewers},
        head_newer_than_review=_is_stale(node, decision),
        unresolved_threads=sum(not thread.is_resolved for thread in (threads.all if threads is not None else ())),
    )


def _reviews(node: PullRequestNode) -> list[Review]:
    return node.latest_opinionated_reviews.all if node.latest_opinionated_reviews is not None else []


def _decision(node: PullRequestNode) -> str:
    """Return GitHub's decision; where no rule protects the branch it has none, and the newest opinions make it."""
    if node.review_decision:
        return node.review_decision
    said = {review.state for review in _reviews(node)}
    return next((state for state in (_CHANGES, _APPROVED) if state in said), "")


def _is_stale(node: PullRequestNode, decision: str) -> bool:
    """Whether all the opinions that make the decision are about an older commit than the head."""
    about = [
        review.commit.oid if review.commit is not None else "" for review in _reviews(node) if review.state == decision
    ]
    return bool(about) and bool(node.head_ref_oid) and node.head_ref_oid not in about


def _rollup(node: PullRequestNode) -> tuple[str | None, Checks]:
    rollup = next((one.commit.status_check_rollup for one in (node.commits.all if node.commits else ())), None)
    if rollup is None:
        return None, Checks()
    counts = {"passed": 0, "failed": 0, "pending": 0}
    contexts = rollup.contexts
    for counted in (*(contexts.check_run_counts_by_state or ()), *(contexts.status_context_counts_by_state or ())):
        counts[_outcome(counted.state)] += max(0, counted.count)
    return _ROLLUPS.get(rollup.state), Checks(**counts)


def _outcome(state: str) -> str:
    if state in _PASSED:
        return "passed"
    # COMPLETED and STALE say nothing of the outcome, and neither does a word that is new: none is a failure.
    return "failed" if state in FAILED else "pending"
