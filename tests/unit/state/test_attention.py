"""Which group an issue is shown in, and in which order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legion_tui.state.attention import allot, attention_of, is_begun, order_in_group
from legion_tui.state.decision import Decision, decide
from legion_tui.state.facts import IssueFacts, Pipeline
from legion_tui.state.issues import Issue
from legion_tui.state.names import Action, Attention, IssueStatus, Label, Mode
from legion_tui.state.snapshot import IssueState
from legion_tui.state.workers import WorkerState

SIMPLE = Pipeline.preset("simple")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LIVE: dict[str, Any] = {"has_live_worker": True, "worker_mode": "implement"}
READY_PR: dict[str, Any] = {"has_pr": True, "pr_is_draft": False, "pr_state": "open"}
ENDED: dict[str, Any] = {"turn": "ended", "turn_mode": "implement"}


def labelled(*labels: str) -> dict[str, Any]:
    return {"labels": frozenset(labels)}


@pytest.mark.parametrize(
    ("status", "facts", "state", "group"),
    [
        ("In Progress", {**LIVE, "is_blocked": True}, "question", "needs_you"),
        ("In Progress", LIVE, "permission", "needs_you"),
        ("Todo", LIVE, "plan", "needs_you"),
        ("Todo", LIVE, "startup_dialog", "needs_you"),
        ("Todo", LIVE, "dialog", "needs_you"),
        ("In Progress", {}, "crashed", "needs_you"),
        ("In Progress", labelled("worker-active"), "crashed", "needs_you"),
        ("In Progress", LIVE, "error", "needs_you"),
        ("In Progress", LIVE, "unsubmitted", "needs_you"),
        ("In Progress", LIVE, "suspended", "needs_you"),
        ("In Progress", {**LIVE, **labelled("user-input-needed")}, "idle", "needs_you"),
        ("In Progress", {**LIVE, **labelled("user-input-needed", "user-feedback-given")}, "idle", "ready"),
        ("Backlog", labelled("needs-approval"), None, "needs_you"),
        ("Backlog", labelled("needs-approval", "human-approved"), None, "ready"),
        ("Needs Review", labelled("worker-done"), None, "needs_you"),
        ("Backlog", {}, None, "ready"),
        ("In Progress", {}, "exited", "ready"),
        ("In Progress", labelled("worker-active"), "gone", "ready"),
        ("Todo", {**LIVE, **labelled("worker-done")}, "busy", "ready"),
        ("In Progress", LIVE, "busy", "working"),
        ("In Progress", LIVE, "compacting", "working"),
        ("In Progress", LIVE, "retrying", "working"),
        ("In Progress", LIVE, "starting", "working"),
        ("In Progress", {**LIVE, **ENDED}, "busy", "working"),
        ("Needs Review", {**labelled("worker-done"), "has_pr": True}, None, "waiting"),
        ("Todo", {**labelled("worker-active"), "active_elsewhere": True}, None, "waiting"),
        ("In Progress", LIVE, "rate_limited", "waiting"),
        ("In Progress", {}, "queued", "waiting"),
        ("Todo", {"blockers": ("ENG-1",)}, None, "waiting"),
        ("In Progress", LIVE, "interrupted", "waiting"),
        ("In Progress", {**LIVE, **ENDED}, "interrupted", "waiting"),
        ("In Progress", LIVE, "unknown", "waiting"),
        ("In Progress", LIVE, "idle", "waiting"),
        ("In Progress", LIVE, None, "waiting"),
        ("Done", LIVE, "idle", "quiet"),
        ("Done", {**LIVE, **ENDED}, "idle", "quiet"),
        ("Icebox", {}, None, "quiet"),
        ("Triage", labelled("worker-done"), "exited", "quiet"),
        ("On fire", {}, None, "quiet"),
        ("", {}, "gone", "quiet"),
    ],
)
def test_the_group_by_labels(status: str, facts: dict[str, Any], state: str | None, group: str) -> None:
    known = IssueFacts(status, **facts)
    assert attention_of(known, decide(known), state) == group


@pytest.mark.parametrize(
    ("status", "facts", "state", "group"),
    [
        ("In Progress", {**LIVE, **ENDED}, "idle", "needs_you"),
        ("In Progress", {**LIVE, **ENDED, "unpushed": True}, "idle", "ready"),
        ("In Progress", {**LIVE, **ENDED, **READY_PR}, "idle", "ready"),
        ("Needs Review", {"pr_state": "closed", "has_pr": True}, None, "needs_you"),
        ("Needs Review", {**READY_PR, "review_requested_from_me": True}, None, "needs_you"),
        ("Needs Review", {**READY_PR, "review": "approved"}, None, "needs_you"),
        ("Needs Review", {**READY_PR, "review": "changes_requested"}, None, "ready"),
        ("Needs Review", {**READY_PR, **ENDED}, "idle", "waiting"),
        (
            "Needs Review",
            {**READY_PR, **ENDED, "review": "changes_requested", "head_newer_than_review": True},
            "idle",
            "waiting",
        ),
        ("In Progress", {"has_pr": True, "pr_state": "merged"}, None, "ready"),
        ("Done", {"has_pr": True, "pr_state": "merged"}, None, "quiet"),
    ],
)
def test_the_group_by_plain_facts(status: str, facts: dict[str, Any], state: str | None, group: str) -> None:
    known = IssueFacts(status, **facts)
    assert attention_of(known, decide(known, SIMPLE), state) == group


@pytest.mark.parametrize(
    ("known", "pipeline", "afterwards"),
    [
        (IssueFacts("In Progress", **LIVE, **ENDED), Pipeline(), "waiting"),
        (IssueFacts("Icebox", **ENDED), Pipeline(), "quiet"),
        (
            IssueFacts("Needs Review", **ENDED),
            Pipeline(signals="facts", pull_requests=False, reviewer="human"),
            "waiting",
        ),
    ],
)
def test_an_ended_turn_needs_you_until_you_have_seen_it(known: IssueFacts, pipeline: Pipeline, afterwards: str) -> None:
    decision = decide(known, pipeline)
    state = "idle" if known.has_live_worker else "exited"
    assert attention_of(known, decision, state) == "needs_you"
    assert attention_of(known, decision, state, seen=True) == afterwards


def test_a_finished_branch_without_a_pull_request_is_yours_to_merge() -> None:
    known = IssueFacts("Needs Review", labels=frozenset({"worker-done"}))
    decision = decide(known, Pipeline(signals="facts", pull_requests=False, retro=False, merge="human"))
    assert attention_of(known, decision, None, seen=True) == "needs_you"


def test_what_was_never_asked_is_waited_for() -> None:
    undecided = Decision(Action.SKIP, Mode.IMPLEMENT, "-", "tmux could not be asked")
    assert attention_of(IssueFacts("Todo"), undecided, None) == "waiting"


@given(
    st.sampled_from([*(status.value for status in IssueStatus), "On fire"]),
    st.frozensets(st.sampled_from([label.value for label in Label])),
    st.one_of(st.none(), st.sampled_from(list(WorkerState)), st.text()),
    st.booleans(),
    st.booleans(),
)
def test_there_is_a_group_for_everything(
    status: str, labels: frozenset[str], state: str | None, live: bool, seen: bool
) -> None:
    known = IssueFacts(status, labels=labels, has_live_worker=live)
    for pipeline in (Pipeline(), SIMPLE):
        group = attention_of(known, decide(known, pipeline), state, seen=seen)
        assert group in set(Attention) - {Attention.BACKLOG}
        if Label.USER_INPUT_NEEDED in labels and Label.USER_FEEDBACK_GIVEN not in labels:
            assert group == Attention.NEEDS_YOU


def row(
    issue_id: str, known: IssueFacts, *, minutes: int | None = 0, priority: int | None = None, state: str | None = None
) -> IssueState:
    decision = decide(known)
    return IssueState(
        issue=Issue(id=issue_id, title=issue_id, status=known.status, priority=priority),
        status=known.status,
        facts=known,
        decision=decision,
        session_id="",
        attention=attention_of(known, decision, state),
        since=None if minutes is None else NOON + timedelta(minutes=minutes),
    )


@pytest.mark.parametrize(
    ("known", "begun"),
    [
        (IssueFacts("Backlog"), False),
        (IssueFacts("Todo"), False),
        (IssueFacts("Todo", dispatched=True), True),
        (IssueFacts("Todo", turn="ended", turn_mode="architect"), True),
        (IssueFacts("Todo", labels=frozenset({"worker-done"})), True),
        (IssueFacts("Todo", has_live_worker=True), True),
        (IssueFacts("In Progress"), True),
    ],
)
def test_what_is_begun(known: IssueFacts, begun: bool) -> None:
    assert is_begun(known, decide(known)) is begun


def placed(rows: list[IssueState], free_slots: int) -> list[tuple[str, str]]:
    return [(shown.id, shown.attention.value) for shown in allot(rows, free_slots)]


def test_only_as_many_are_begun_as_there_are_slots() -> None:
    rows = [
        row("E-1", IssueFacts("Todo"), minutes=3),
        row("E-2", IssueFacts("Backlog"), minutes=1),
        row("E-3", IssueFacts("Todo"), minutes=2),
        row("E-4", IssueFacts("In Progress"), minutes=9),
        row("E-5", IssueFacts("Done")),
    ]
    begun = [("E-4", "ready")]
    quiet = [("E-5", "quiet")]
    backlog = [("E-2", "backlog"), ("E-3", "backlog"), ("E-1", "backlog")]
    assert placed(rows, 0) == [*begun, *backlog, *quiet]
    assert placed(rows, -1) == placed(rows, 0)
    assert placed(rows, 2) == [("E-2", "ready"), ("E-3", "ready"), *begun, ("E-1", "backlog"), *quiet]
    assert placed(rows, 9) == [("E-2", "ready"), ("E-3", "ready"), ("E-1", "ready"), *begun, *quiet]


def test_a_row_that_has_no_slot_keeps_all_else() -> None:
    only = row("E-1", IssueFacts("Todo"))
    (shown,) = allot([only], 0)
    assert shown.decision == only.decision
    assert shown.issue is only.issue


def test_groups_stand_in_the_boards_order() -> None:
    rows = [
        row("quiet", IssueFacts("Done"), minutes=1),
        row("backlog", IssueFacts("Todo"), minutes=2),
        row("waiting", IssueFacts("Todo", has_live_worker=True), minutes=3, state="idle"),
        row("working", IssueFacts("Todo", has_live_worker=True), minutes=4, state="busy"),
        row("ready", IssueFacts("Retro"), minutes=5),
        row("needs_you", IssueFacts("Todo", is_blocked=True), minutes=6),
    ]
    assert placed(rows, 0) == [(group.value, group.value) for group in Attention]


def test_the_order_within_a_group() -> None:
    done = IssueFacts("Done")
    rows = [
        row("E-10", done, minutes=5),
        row("E-9", done, minutes=5),
        row("E-11", done, minutes=5, priority=2),
        row("E-12", done, minutes=5, priority=1),
        row("E-13", done, minutes=None, priority=1),
        row("E-14", done, minutes=4),
    ]
    assert [shown.id for shown in allot(rows, 0)] == ["E-14", "E-12", "E-11", "E-9", "E-10", "E-13"]


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([None, 1, 2]), st.from_regex(r"[A-Ca0-9-]{1,6}"))))
def test_the_order_does_not_depend_on_where_one_begins(keys: list[tuple[int, int | None, str]]) -> None:
    rows = [row(name, IssueFacts("Todo"), minutes=at, priority=priority) for at, priority, name in keys]
    unique = list({shown.id: shown for shown in rows}.values())
    assert allot(unique, 2) == allot(reversed(unique), 2) == allot(allot(unique, 2), 2)


def test_numbers_in_ids_count_as_numbers() -> None:
    ids = ["E-10", "E-9", "A-2-b", "A-10-a", "E", "7"]
    assert sorted(ids, key=lambda issue: order_in_group(None, None, issue)) == [
        "7",
        "A-2-b",
        "A-10-a",
        "E",
        "E-9",
        "E-10",
    ]
