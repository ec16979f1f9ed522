"""The table written a second time, as plain code, and both asked about the same cases."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from legion_tui.state.decision import decide
from legion_tui.state.facts import IssueFacts, Pipeline, derive, verdict

STATUSES = ["Backlog", "Todo", "In Progress", "Testing", "Needs Review", "Retro", "Done", "Triage", "On fire", ""]
LABELS = ["worker-done", "worker-active", "user-input-needed", "user-feedback-given", "needs-approval"]
LABELS += ["human-approved", "test-passed"]

Outcome = tuple[str, str]


def twin(f: IssueFacts, p: Pipeline) -> Outcome:
    row, action = before(f, p) or by_status(f, p)
    if row == "10" and p.approval_gate:
        row, action = "A", "add_needs_approval"
    if f.blockers and action.startswith("dispatch_"):
        row, action = "B", "skip"
    return row, action


def before(f: IssueFacts, p: Pipeline) -> Outcome | None:
    plain = p.signals == "facts"
    early = f.status in ("Backlog", "Todo")
    if plain and p.pull_requests and f.status != "Done" and f.pr_state in ("merged", "closed"):
        return ("0a", "transition_to_done") if f.pr_state == "merged" else ("0b", "investigate_closed_pr")
    if "user-feedback-given" in f.labels and ("user-input-needed" in f.labels or f.is_blocked):
        return "1", "relay_user_feedback"
    if "user-input-needed" in f.labels:
        return "2", "skip"
    if f.is_blocked:
        return "3", "escalate_blocked"
    if f.active_elsewhere:
        return "3a", "skip"
    if "worker-active" in f.labels and not f.has_live_worker:
        return "4", "remove_worker_active_and_redispatch"
    if early and "needs-approval" in f.labels:
        return ("5", "transition_to_todo") if "human-approved" in f.labels else ("6", "skip")
    return None


def by_status(f: IssueFacts, p: Pipeline) -> Outcome:
    done, live = "worker-done" in f.labels, f.has_live_worker
    match f.status:
        case "Backlog":
            return ("10", "transition_to_todo") if done else ("11", "skip" if live else "dispatch_architect")
        case "Todo":
            if p.signals == "facts" and not p.planning and not done and not live:
                return "8a", "dispatch_implementer"
            return ("12", "transition_to_in_progress") if done else ("13", "skip" if live else "dispatch_planner")
        case "In Progress":
            return in_progress(f, p)
        case "Testing":
            return in_testing(f, p)
        case "Needs Review":
            return reviewed(f, p) if done else unreviewed(f, p)
        case "Retro":
            if done:
                return "40", "dispatch_merger"
            return "41", "skip" if live else "resume_implementer_for_retro"
        case _:
            return "7", "skip"


def ended(f: IssueFacts) -> bool:
    return f.turn == "ended" and f.turn_mode in ("implement", None)


def checks(f: IssueFacts, p: Pipeline) -> str | None:
    if not (p.ci_gate and p.pull_requests):
        return None
    return {"failing": "resume_implementer_for_ci_failure", "pending": "retry_ci_check"}.get(f.ci or "")


def in_progress(f: IssueFacts, p: Pipeline) -> Outcome:
    no_pr = p.pull_requests and not f.has_pr
    if p.signals == "facts" and no_pr and ended(f):
        return ("14a", "resume_implementer_to_open_pr") if f.unpushed else ("14b", "investigate_no_pr")
    if "worker-done" not in f.labels:
        return "17", "skip" if f.has_live_worker else "dispatch_implementer"
    if no_pr and (p.testing or p.ci_gate):
        return "14", "investigate_no_pr"
    if action := checks(f, p):
        return "15", action
    return "16", "transition_to_testing" if p.testing else "transition_to_needs_review"


def in_testing(f: IssueFacts, p: Pipeline) -> Outcome:
    if "worker-done" not in f.labels:
        return "24", "skip" if f.has_live_worker else "dispatch_tester"
    if "test-passed" not in f.labels:
        return "23", "resume_implementer_for_test_failure"
    if p.pull_requests and not f.has_pr:
        return "20", "investigate_no_pr"
    if action := checks(f, p):
        return "21", action
    return "22", "transition_to_needs_review"


def stuck(f: IssueFacts, p: Pipeline) -> bool:
    return p.signals == "facts" and p.pull_requests and f.told_for_head and ended(f)


def stale(f: IssueFacts, p: Pipeline) -> bool:
    changes = f.review == "changes_requested" and f.head_newer_than_review
    return p.signals == "facts" and p.pull_requests and changes


def reviewed(f: IssueFacts, p: Pipeline) -> Outcome:
    plain = p.signals == "facts"
    if not p.pull_requests:
        if plain and not p.retro:
            return "35a", "dispatch_merger" if p.merge == "agent" else "skip"
        return "35", "transition_to_retro"
    said = verdict(f, p)
    if not f.has_pr:
        return "30", "investigate_no_pr"
    if said is None:
        return "31", "retry_pr_check"
    if stale(f, p):
        return "32a", "skip"
    if stuck(f, p) and (said == "changes" or (p.ci_gate and f.mergeable == "conflicting")):
        return "32b", "investigate_stuck"
    if said == "changes":
        return "32", "resume_implementer_for_changes"
    if p.ci_gate and f.mergeable in ("unknown", "conflicting"):
        return "33", "retry_pr_check" if f.mergeable == "unknown" else "resume_implementer_for_changes"
    if action := checks(f, p):
        return ("34b", "investigate_stuck") if stuck(f, p) and f.ci == "failing" else ("34", action)
    if not plain or p.retro:
        return "35", "transition_to_retro"
    if f.ci in ("failing", "pending"):
        return "35a", "retry_ci_check"
    if f.mergeable != "mergeable" and (p.ci_gate or f.mergeable is not None):
        return "35a", "retry_pr_check"
    return "35a", "merge_pr" if p.merge == "human" else "dispatch_merger"


def unreviewed(f: IssueFacts, p: Pipeline) -> Outcome:
    plain = p.signals == "facts"
    if stale(f, p):
        return "32a", "skip"
    if f.has_live_worker:
        return "36", "skip"
    has_pr = p.pull_requests and f.has_pr
    conflicting = p.ci_gate and f.mergeable == "conflicting"
    if has_pr and stuck(f, p) and conflicting:
        return "32b", "investigate_stuck"
    if has_pr and stuck(f, p) and p.ci_gate and f.ci == "failing":
        return "34b", "investigate_stuck"
    if has_pr and conflicting:
        return "37", "resume_implementer_for_changes"
    if has_pr and (action := checks(f, p)):
        return "37", action
    if plain and p.reviewer == "human":
        return "38a", "review_pr" if has_pr and f.review_requested_from_me else "skip"
    return "38", "dispatch_reviewer"


def test_twins_agree_on_labels() -> None:
    subsets = [("worker-done",), ("worker-done", "test-passed"), ("test-passed",), ()]
    pipelines = [
        Pipeline(testing=testing, ci_gate=ci_gate, pull_requests=pull_requests, review_signal="review")
        for testing, ci_gate, pull_requests in product([True, False], repeat=3)
    ]
    for status, labels, live, has_pr, review, ci, mergeable in product(
        STATUSES[:7],
        subsets,
        [True, False],
        [True, False],
        [None, "approved", "changes_requested"],
        [None, "passing", "failing", "pending"],
        ["mergeable", "unknown", "conflicting"],
    ):
        facts = IssueFacts(
            status,
            labels=frozenset(labels),
            has_live_worker=live,
            has_pr=has_pr,
            review=review,
            ci=ci,
            mergeable=mergeable,
        )
        for pipeline in pipelines:
            decision = decide(facts, pipeline)
            assert (decision.row, decision.action) == twin(facts, pipeline), (facts, pipeline)


def test_twins_agree_on_what_outranks_the_status() -> None:
    for status, bits in product(STATUSES, product([True, False], repeat=len(LABELS) + 3)):
        *on, live, asking, elsewhere = bits
        facts = IssueFacts(
            status,
            labels=frozenset(label for label, there in zip(LABELS, on, strict=True) if there),
            has_live_worker=live,
            is_blocked=asking,
            active_elsewhere=elsewhere,
        )
        decision = decide(facts)
        assert (decision.row, decision.action) == twin(facts, Pipeline()), facts


plain_facts = st.builds(
    IssueFacts,
    st.sampled_from(["In Progress", "Needs Review", "Needs Review", "Needs Review", "Todo", "Retro", "Done", "open"]),
    labels=st.frozensets(st.sampled_from(["worker-done", "worker-active"])),
    has_live_worker=st.booleans(),
    has_pr=st.sampled_from([True, True, False]),
    pr_is_draft=st.sampled_from([None, True, False]),
    review=st.sampled_from([None, "approved", "changes_requested", "review_required"]),
    ci=st.sampled_from([None, "passing", "failing", "pending"]),
    mergeable=st.sampled_from([None, "mergeable", "unknown", "conflicting"]),
    blockers=st.sampled_from([(), (), ("ENG-1",)]),
    pr_state=st.sampled_from([None, "open", "open", "open", "merged", "closed"]),
    turn=st.sampled_from([None, "running", "ended"]),
    turn_mode=st.sampled_from([None, "implement", "review"]),
    unpushed=st.booleans(),
    review_requested_from_me=st.booleans(),
    head_newer_than_review=st.booleans(),
    told_for_head=st.booleans(),
)
plain_pipelines = st.builds(
    Pipeline,
    signals=st.sampled_from(["facts", "facts", "labels"]),
    review_signal=st.sampled_from(["draft", "review"]),
    testing=st.booleans(),
    approval_gate=st.booleans(),
    ci_gate=st.booleans(),
    planning=st.booleans(),
    retro=st.booleans(),
    reviewer=st.sampled_from(["agent", "human"]),
    merge=st.sampled_from(["agent", "human"]),
    pull_requests=st.sampled_from([True, True, False]),
)


@settings(max_examples=1500)
@given(plain_facts, plain_pipelines)
def test_twins_agree_on_plain_facts(known: IssueFacts, pipeline: Pipeline) -> None:
    decision = decide(known, pipeline)
    assert (decision.row, decision.action) == twin(derive(known, pipeline), pipeline)
