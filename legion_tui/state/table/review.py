"""Rows 30 to 41: review, merge and retro."""

from __future__ import annotations

from legion_tui.state.names import Action
from legion_tui.state.table import clues as c
from legion_tui.state.table.rule import Clue, Rule

_PR_FOUND = "a pull request is opened or linked"
_ANSWERED = "GitHub answers"
_MENDED = "the head changes"
_CI_PASSES = "CI passes"
_CI_ENDS = "CI ends"
_UNSTUCK = "the head changes or the agent goes on"
_MERGED = "it is merged"
_WORKER_ENDS = "it adds worker-done, ends its turn, or is gone"


def _judged(*more: Clue) -> tuple[Clue, ...]:
    """Needs Review with worker-done, in a project with pull requests."""
    return (c.PULL_REQUESTS, c.NEEDS_REVIEW, c.DONE, *more)


def _unjudged(*more: Clue) -> tuple[Clue, ...]:
    """Needs Review, nobody at work, no worker-done."""
    return (c.NEEDS_REVIEW, c.NO_WORKER, c.NOT_DONE, *more)


def _stuck(*more: Clue) -> tuple[Clue, ...]:
    """Needs Review, a verdict given or nobody at work, and the fault that was told of is still there."""
    return (c.FACTS, c.PULL_REQUESTS, c.CI_GATE, c.NEEDS_REVIEW, c.DONE_OR_NO_WORKER, c.HAS_PR, *more, c.TOLD)


def _mergeable(*more: Clue) -> tuple[Clue, ...]:
    """Needs Review, a good verdict, and no retro before the merge."""
    return _judged(c.FACTS, c.NO_RETRO, c.GOOD, *more)


_ALONE = (c.FACTS, c.NO_PULL_REQUESTS, c.NO_RETRO, c.NEEDS_REVIEW, c.DONE)

RULES = (
    Rule("30", _judged(c.NO_PR), Action.INVESTIGATE_NO_PR, _PR_FOUND),
    Rule("31", _judged(c.NO_VERDICT), Action.RETRY_PR_CHECK, _ANSWERED),
    Rule(
        "32a",
        (c.FACTS, c.PULL_REQUESTS, c.NEEDS_REVIEW, c.CHANGES_REQUESTED, c.HEAD_NEWER),
        Action.SKIP,
        "it is reviewed again",
    ),
    Rule("32b", (c.FACTS, *_judged(c.CHANGES, c.TOLD)), Action.INVESTIGATE_STUCK, _UNSTUCK),
    Rule("32b", _stuck(c.CONFLICTING), Action.INVESTIGATE_STUCK, _UNSTUCK),
    Rule("32", _judged(c.CHANGES), Action.RESUME_IMPLEMENTER_FOR_CHANGES, _MENDED),
    Rule("33", (c.CI_GATE, *_judged(c.MERGEABLE_UNKNOWN)), Action.RETRY_PR_CHECK, _ANSWERED),
    Rule("33", (c.CI_GATE, *_judged(c.CONFLICTING)), Action.RESUME_IMPLEMENTER_FOR_CHANGES, _MENDED),
    Rule("34b", _stuck(c.CI_FAILING), Action.INVESTIGATE_STUCK, _UNSTUCK),
    Rule("34", (c.CI_GATE, *_judged(c.CI_FAILING)), Action.RESUME_IMPLEMENTER_FOR_CI_FAILURE, _CI_PASSES),
    Rule("34", (c.CI_GATE, *_judged(c.CI_PENDING)), Action.RETRY_CI_CHECK, _CI_ENDS),
    # Without a retro nothing is left but the merge: what stands in its way is waited for.
    Rule("35a", _mergeable(c.CI_IN_THE_WAY), Action.RETRY_CI_CHECK, _CI_PASSES),
    Rule("35a", _mergeable(c.CI_CLEAR, c.MERGEABLE, c.HUMAN_MERGE), Action.MERGE_PR, _MERGED),
    Rule("35a", _mergeable(c.CI_CLEAR, c.MERGEABLE, c.AGENT_MERGE), Action.DISPATCH_MERGER, _MERGED),
    Rule("35a", _mergeable(c.NOT_MERGEABLE), Action.RETRY_PR_CHECK, "GitHub says that it can be merged"),
    Rule("35a", (*_ALONE, c.AGENT_MERGE), Action.DISPATCH_MERGER, _MERGED),
    Rule("35a", (*_ALONE, c.HUMAN_MERGE), Action.SKIP, "you merge the branch and move the issue to Done"),
    Rule("35", (c.NEEDS_REVIEW, c.DONE), Action.TRANSITION_TO_RETRO, "the issue is moved"),
    Rule("36", (c.NEEDS_REVIEW, c.NOT_DONE, c.LIVE), Action.SKIP, _WORKER_ENDS),
    Rule(
        "37",
        (c.PULL_REQUESTS, c.CI_GATE, *_unjudged(c.HAS_PR, c.CONFLICTING)),
        Action.RESUME_IMPLEMENTER_FOR_CHANGES,
        _MENDED,
    ),
    Rule(
        "37",
        (c.PULL_REQUESTS, c.CI_GATE, *_unjudged(c.HAS_PR, c.CI_FAILING)),
        Action.RESUME_IMPLEMENTER_FOR_CI_FAILURE,
        _CI_PASSES,
    ),
    Rule(
        "37",
        (c.PULL_REQUESTS, c.CI_GATE, *_unjudged(c.HAS_PR, c.CI_PENDING)),
        Action.RETRY_CI_CHECK,
        _CI_ENDS,
    ),
    Rule(
        "38a",
        (c.FACTS, c.PULL_REQUESTS, *_unjudged(c.HAS_PR, c.HUMAN_REVIEWER, c.MINE_TO_REVIEW)),
        Action.REVIEW_PR,
        "you review it",
    ),
    Rule("38a", (c.FACTS, *_unjudged(c.HUMAN_REVIEWER)), Action.SKIP, "somebody reviews it"),
    Rule("38", _unjudged(), Action.DISPATCH_REVIEWER, "a worker is live, or worker-done is added"),
    Rule("40", (c.RETRO, c.DONE), Action.DISPATCH_MERGER, _MERGED),
    Rule("41", (c.RETRO, c.NOT_DONE, c.LIVE), Action.SKIP, _WORKER_ENDS),
    Rule(
        "41",
        (c.RETRO, c.NO_WORKER, c.NOT_DONE),
        Action.RESUME_IMPLEMENTER_FOR_RETRO,
        "a worker is live, or worker-done is added",
    ),
)
