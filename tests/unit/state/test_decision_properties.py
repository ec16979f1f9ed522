"""What holds for any facts and any pipeline."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from legion_tui.state.decision import decide
from legion_tui.state.facts import IssueFacts, Pipeline, derive
from legion_tui.state.names import Action, IssueStatus, Label, Mode
from legion_tui.state.table import ROWS

WORDS = ["approved", "changes_requested", "review_required", "passing", "failing", "pending", "mergeable"]
WORDS += ["conflicting", "unknown", "open", "closed", "merged", "running", "ended", "error", *Mode]
foreign = st.one_of(st.none(), st.sampled_from(WORDS), st.text(max_size=5))
labels = st.frozensets(st.one_of(st.sampled_from([label.value for label in Label]), st.text(max_size=5)))
facts = st.builds(
    IssueFacts,
    st.one_of(st.sampled_from([*(status.value for status in IssueStatus), "open", "closed", ""]), st.text()),
    labels=labels,
    has_live_worker=st.booleans(),
    worker_mode=foreign,
    is_blocked=st.booleans(),
    has_pr=st.booleans(),
    pr_is_draft=st.one_of(st.none(), st.booleans()),
    review=foreign,
    ci=foreign,
    mergeable=foreign,
    blockers=st.lists(st.text(max_size=5), max_size=2).map(tuple),
    active_elsewhere=st.booleans(),
    issue_state=foreign,
    pr_state=foreign,
    turn=foreign,
    turn_mode=foreign,
    unpushed=st.one_of(st.none(), st.booleans()),
    review_requested_from_me=st.booleans(),
    head_newer_than_review=st.booleans(),
    told_for_head=st.booleans(),
    has_branch=st.booleans(),
    dispatched=st.booleans(),
)
pipelines = st.builds(
    Pipeline,
    testing=st.booleans(),
    approval_gate=st.booleans(),
    review_signal=st.sampled_from(["draft", "review"]),
    ci_gate=st.booleans(),
    signals=st.sampled_from(["labels", "facts"]),
    planning=st.booleans(),
    retro=st.booleans(),
    reviewer=st.sampled_from(["agent", "human"]),
    merge=st.sampled_from(["agent", "human"]),
    pull_requests=st.booleans(),
)


@given(facts, pipelines)
def test_decide_is_total_and_deterministic(known: IssueFacts, pipeline: Pipeline) -> None:
    decision = decide(known, pipeline)
    assert decision == decide(replace(known), replace(pipeline))
    assert decision.action in set(Action)
    assert decision.mode in set(Mode)
    assert decision.row in ROWS
    assert decision.why.startswith(f"Row {decision.row}: ")


@given(facts, pipelines)
def test_derive_is_idempotent_and_a_part_of_decide(known: IssueFacts, pipeline: Pipeline) -> None:
    derived = derive(known, pipeline)
    assert derive(derived, pipeline) == derived
    assert decide(derived, pipeline) == decide(known, pipeline)


@given(facts, pipelines)
def test_labels_are_left_to_themselves_where_they_are_the_signal(known: IssueFacts, pipeline: Pipeline) -> None:
    by_labels = replace(pipeline, signals="labels")
    assert derive(known, by_labels) is known
    others = replace(
        by_labels,
        planning=not pipeline.planning,
        retro=not pipeline.retro,
        reviewer="human" if pipeline.reviewer == "agent" else "agent",
        merge="human" if pipeline.merge == "agent" else "agent",
    )
    assert decide(known, others) == decide(known, by_labels)
    assert decide(known, by_labels).row not in {"0a", "0b", "8a", "14a", "14b", "32a", "32b", "34b", "35a"}


@given(facts, pipelines)
def test_nothing_is_dispatched_past_an_open_blocker(known: IssueFacts, pipeline: Pipeline) -> None:
    decision = decide(replace(known, blockers=("ENG-1",)), pipeline)
    free = decide(replace(known, blockers=()), pipeline)
    assert not decision.action.startswith("dispatch_")
    assert (decision.row == "B") == free.action.startswith("dispatch_")


@given(facts, pipelines)
def test_without_pull_requests_none_is_looked_for(known: IssueFacts, pipeline: Pipeline) -> None:
    decision = decide(known, replace(pipeline, pull_requests=False))
    assert decision.action not in {
        Action.INVESTIGATE_NO_PR,
        Action.INVESTIGATE_CLOSED_PR,
        Action.RETRY_PR_CHECK,
        Action.RETRY_CI_CHECK,
        Action.RESUME_IMPLEMENTER_TO_OPEN_PR,
        Action.REVIEW_PR,
        Action.MERGE_PR,
    }


@given(facts, pipelines)
def test_nothing_is_merged_by_guess(known: IssueFacts, pipeline: Pipeline) -> None:
    if decide(known, pipeline).action == Action.MERGE_PR:
        assert pipeline.merge == "human"
        assert known.review == "approved" or pipeline.reviewer == "agent"
        assert known.ci in (None, "passing")
        assert known.mergeable in (None, "mergeable")
