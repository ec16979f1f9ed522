"""The words of the pipeline, spelled exactly as Legion spells them."""

from __future__ import annotations

from enum import StrEnum


class IssueStatus(StrEnum):
    """The canonical statuses, in the order in which an issue passes them."""

    TRIAGE = "Triage"
    ICEBOX = "Icebox"
    BACKLOG = "Backlog"
    TODO = "Todo"
    IN_PROGRESS = "In Progress"
    TESTING = "Testing"
    NEEDS_REVIEW = "Needs Review"
    RETRO = "Retro"
    DONE = "Done"

    @staticmethod
    def normalize(raw: str | None) -> str:
        """Return the canonical status that `raw` names, `raw` itself where it names none, "" for None."""
        if raw is None:
            return ""
        word = raw.strip()
        if word in _ALIASES:
            return _ALIASES[word].value
        folded = word.casefold()
        if folded in _CANONICAL:
            return _CANONICAL[folded].value
        alias = _FOLDED_ALIASES.get(folded)
        return raw if alias is None else alias.value


_ALIASES = {"In Review": IssueStatus.NEEDS_REVIEW, "Today": IssueStatus.TODO}
_FOLDED_ALIASES = {alias.casefold(): status for alias, status in _ALIASES.items()}
_CANONICAL = {status.casefold(): status for status in IssueStatus}


class Label(StrEnum):
    """The labels that are read and written; membership is exact and case-sensitive."""

    WORKER_DONE = "worker-done"
    WORKER_ACTIVE = "worker-active"
    USER_INPUT_NEEDED = "user-input-needed"
    USER_FEEDBACK_GIVEN = "user-feedback-given"
    NEEDS_APPROVAL = "needs-approval"
    HUMAN_APPROVED = "human-approved"
    TEST_PASSED = "test-passed"
    TEST_FAILED = "test-failed"


class Mode(StrEnum):
    """What a worker is there for. Retro runs inside the implement session."""

    ARCHITECT = "architect"
    PLAN = "plan"
    IMPLEMENT = "implement"
    TEST = "test"
    REVIEW = "review"
    MERGE = "merge"


class Action(StrEnum):
    """Every next step that can be suggested; the prefix says what running it does."""

    SKIP = "skip"
    RELAY_USER_FEEDBACK = "relay_user_feedback"
    ESCALATE_BLOCKED = "escalate_blocked"
    REMOVE_WORKER_ACTIVE_AND_REDISPATCH = "remove_worker_active_and_redispatch"
    ADD_NEEDS_APPROVAL = "add_needs_approval"
    DISPATCH_ARCHITECT = "dispatch_architect"
    DISPATCH_PLANNER = "dispatch_planner"
    DISPATCH_IMPLEMENTER = "dispatch_implementer"
    DISPATCH_TESTER = "dispatch_tester"
    DISPATCH_REVIEWER = "dispatch_reviewer"
    DISPATCH_MERGER = "dispatch_merger"
    RESUME_IMPLEMENTER_FOR_CHANGES = "resume_implementer_for_changes"
    RESUME_IMPLEMENTER_FOR_CI_FAILURE = "resume_implementer_for_ci_failure"
    RESUME_IMPLEMENTER_FOR_TEST_FAILURE = "resume_implementer_for_test_failure"
    RESUME_IMPLEMENTER_FOR_RETRO = "resume_implementer_for_retro"
    RESUME_IMPLEMENTER_TO_OPEN_PR = "resume_implementer_to_open_pr"
    TRANSITION_TO_TODO = "transition_to_todo"
    TRANSITION_TO_IN_PROGRESS = "transition_to_in_progress"
    TRANSITION_TO_TESTING = "transition_to_testing"
    TRANSITION_TO_NEEDS_REVIEW = "transition_to_needs_review"
    TRANSITION_TO_RETRO = "transition_to_retro"
    TRANSITION_TO_DONE = "transition_to_done"
    RETRY_PR_CHECK = "retry_pr_check"
    RETRY_CI_CHECK = "retry_ci_check"
    INVESTIGATE_NO_PR = "investigate_no_pr"
    INVESTIGATE_CLOSED_PR = "investigate_closed_pr"
    INVESTIGATE_STUCK = "investigate_stuck"
    REVIEW_PR = "review_pr"
    MERGE_PR = "merge_pr"


class Attention(StrEnum):
    """The groups of the board, top to bottom."""

    NEEDS_YOU = "needs_you"
    READY = "ready"
    WORKING = "working"
    WAITING = "waiting"
    BACKLOG = "backlog"
    QUIET = "quiet"


class Strategy(StrEnum):
    """In which order sources are read: side by side; one after the other; what waits or is selected first."""

    CONCURRENT = "concurrent"
    POLLING = "polling"
    PRIORITY = "priority"
