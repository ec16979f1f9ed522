"""What the sources say, joined: each issue with its workers, its pull request and its decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from legion_tui.state import (
    Action,
    Attention,
    Checks,
    IssueState,
    Mode,
    Pipeline,
    PullRequest,
    PullRequestState,
    Question,
    QuestionItem,
    QuestionKind,
    Snapshot,
    Source,
    SourceHealth,
    Turn,
    Worker,
    WorkerState,
    compute_session_id,
)
from legion_tui.state.assemble import assemble
from legion_tui.state.journal import Journal
from legion_tui.state.known import Known
from tests.fetch.fakes import NOW, PROJECT, issue, ref, session_id, worker

QUESTION = Question(id="toolu_1", kind=QuestionKind.QUESTION, items=(QuestionItem(text="Which one?"),))
READ = SourceHealth(ok=True, read_at=NOW)
ALL_READ = dict.fromkeys(Source, READ)


def known(**values: object) -> Known:
    return replace(Known(project=PROJECT, pipeline=Pipeline(), sources=ALL_READ), **values)  # type: ignore[arg-type]


def only(snapshot: Snapshot) -> IssueState:
    (row,) = snapshot.issues
    return row


def of_eng_1(
    state: WorkerState = WorkerState.BUSY,
    mode: Mode = Mode.IMPLEMENT,
    *,
    turn: Turn | None = None,
    question: Question | None = None,
    age: float = 0,
    session: str = "",
) -> Worker:
    started = NOW - timedelta(seconds=age)
    return worker(
        session or session_id("ENG-1", mode),
        state,
        issue="ENG-1",
        mode=mode,
        turn=turn,
        question=question,
        started_at=started,
        since=started,
    )


def test_a_worker_belongs_to_its_issue_and_every_other_to_the_machine() -> None:
    snapshot = assemble(
        known(
            reading=(issue("ENG-1"), issue("ENG-2")),
            workers=(of_eng_1(), worker("free"), worker("gone", issue="ENG-404"), worker("over", WorkerState.EXITED)),
        )
    )
    assert {row.id: row.worker and row.worker.session_id for row in snapshot.issues} == {
        "ENG-1": session_id("ENG-1"),
        "ENG-2": None,
    }
    assert [session.session_id for session in snapshot.sessions] == ["free", "gone"]


def test_sessions_are_newest_first() -> None:
    workers = tuple(
        worker(name, started_at=NOW - timedelta(seconds=age)) for name, age in (("b", 60), ("a", 60), ("c", 5))
    )
    assert [session.session_id for session in assemble(known(workers=workers)).sessions] == ["c", "a", "b"]


def test_the_one_who_asks_comes_first_else_the_newest_who_lives() -> None:
    asking = of_eng_1(WorkerState.QUESTION, Mode.PLAN, question=QUESTION, age=900)
    newest = of_eng_1(mode=Mode.REVIEW, age=10)
    older = of_eng_1(mode=Mode.TEST, age=60)
    dead = of_eng_1(WorkerState.CRASHED, Mode.IMPLEMENT, age=1)
    for given in ((older, dead, asking, newest), (newest, asking, dead, older)):
        row = only(assemble(known(reading=(issue("ENG-1"),), workers=given)))
        assert row.worker == asking
        assert row.other_workers == (newest, older, dead)
    row = only(assemble(known(reading=(issue("ENG-1"),), workers=(older, dead, newest))))
    assert row.worker == newest


def test_a_question_of_one_who_is_dead_asks_nobody() -> None:
    dead = of_eng_1(WorkerState.CRASHED, question=QUESTION)
    live = of_eng_1(mode=Mode.PLAN, age=600)
    row = only(assemble(known(reading=(issue("ENG-1"),), workers=(dead, live))))
    assert row.worker == live
    assert not row.facts.is_blocked


@pytest.mark.parametrize(
    ("state", "mode", "turn", "question", "live"),
    [
        (WorkerState.BUSY, Mode.PLAN, Turn.RUNNING, None, True),
        (WorkerState.IDLE, Mode.PLAN, Turn.ENDED, None, False),  # finished: the status has left planning behind
        (WorkerState.IDLE, Mode.IMPLEMENT, Turn.ENDED, None, True),  # idle in the status's own mode
        (WorkerState.IDLE, Mode.PLAN, Turn.RUNNING, None, True),
        (WorkerState.IDLE, Mode.PLAN, None, None, True),  # nobody knows that its turn is over
        (WorkerState.IDLE, Mode.PLAN, Turn.ENDED, QUESTION, True),
        (WorkerState.INTERRUPTED, Mode.PLAN, Turn.ENDED, None, True),
        (WorkerState.UNKNOWN, Mode.PLAN, None, None, True),
        (WorkerState.SUSPENDED, Mode.PLAN, None, None, True),
        *((state, Mode.IMPLEMENT, Turn.RUNNING, None, False) for state in ("queued", "crashed", "exited", "gone")),
    ],
)
def test_a_live_worker_is_one_that_is_not_finished(
    state: str, mode: Mode, turn: Turn | None, question: Question | None, live: bool
) -> None:
    one = of_eng_1(WorkerState(state), mode, turn=turn, question=question)
    row = only(assemble(known(reading=(issue("ENG-1", "In Progress"),), workers=(one,))))
    assert row.facts.has_live_worker is live
    assert row.facts.worker_mode == (mode if live else None)
    assert row.worker == one


def test_a_worker_of_no_mode_is_never_finished() -> None:
    one = replace(of_eng_1(WorkerState.IDLE, turn=Turn.ENDED), mode=None)
    assert only(assemble(known(reading=(issue("ENG-1", "In Progress"),), workers=(one,)))).facts.has_live_worker


def test_which_worker_is_finished_follows_the_status_that_the_facts_amount_to() -> None:
    ready = replace(PULL_REQUEST, is_draft=False, review=None)
    done = of_eng_1(WorkerState.IDLE, Mode.IMPLEMENT, turn=Turn.ENDED)
    row = only(
        assemble(
            known(
                reading=(issue("ENG-1", "open", pull_request=7),),
                workers=(done,),
                pull_requests={ref(7): ready},
                pipeline=Pipeline.preset("simple"),
            )
        )
    )
    assert row.status == "Needs Review"
    assert not row.facts.has_live_worker


def test_a_finished_planner_does_not_hold_the_implementer_back() -> None:
    planner = of_eng_1(WorkerState.IDLE, Mode.PLAN, turn=Turn.ENDED)
    row = only(assemble(known(reading=(issue("ENG-1", "In Progress"),), workers=(planner,))))
    assert row.decision.action is Action.DISPATCH_IMPLEMENTER
    assert row.session_id == compute_session_id(PROJECT.id, "ENG-1", "implement")


def test_a_question_blocks_whoever_asks_it() -> None:
    workers = (of_eng_1(), of_eng_1(WorkerState.QUESTION, Mode.REVIEW, question=QUESTION))
    row = only(assemble(known(reading=(issue("ENG-1", "In Progress"),), workers=workers)))
    assert row.facts.is_blocked
    assert row.decision.action is Action.ESCALATE_BLOCKED
    assert row.attention is Attention.NEEDS_YOU


def test_the_newest_turn_counts() -> None:
    workers = (
        of_eng_1(WorkerState.IDLE, Mode.PLAN, turn=Turn.ENDED, age=600),
        of_eng_1(WorkerState.BUSY, Mode.IMPLEMENT, turn=Turn.RUNNING, age=5),
        of_eng_1(WorkerState.STARTING, Mode.TEST, age=1),
    )
    facts = only(assemble(known(reading=(issue("ENG-1"),), workers=workers))).facts
    assert (facts.turn, facts.turn_mode, facts.turn_at) == (Turn.RUNNING, Mode.IMPLEMENT, NOW)


@pytest.mark.parametrize(
    ("labels", "turn", "shown"),
    [((), None, False), (("worker-active",), None, True), ((), Turn.ENDED, True)],
)
def test_one_that_left_only_a_trace_shows_where_it_should_be_there(
    labels: tuple[str, ...], turn: Turn | None, shown: bool
) -> None:
    gone = of_eng_1(WorkerState.GONE, turn=turn)
    row = only(assemble(known(reading=(issue("ENG-1", "Todo", *labels),), workers=(gone,))))
    assert (row.worker is not None) is shown


def test_labels_of_the_ledger_are_merged_into_the_trackers() -> None:
    journal = Journal(labels={"ENG-1": frozenset({"worker-done"}), "ENG-9": frozenset({"needs-approval"})})
    row = only(assemble(known(reading=(issue("ENG-1", "Todo", "bug"),), journal=journal)))
    assert row.facts.labels == {"bug", "worker-done"}
    assert row.issue.labels == {"bug"}
    assert row.decision.action is Action.TRANSITION_TO_IN_PROGRESS


@pytest.mark.parametrize(
    ("journal", "workers", "elsewhere", "action"),
    [
        (Journal(), (), True, Action.SKIP),
        (Journal(dispatched={"s": ("ENG-2", Mode.PLAN)}), (), True, Action.SKIP),
        (Journal(dispatched={"s": ("ENG-1", Mode.PLAN)}), (), False, Action.REMOVE_WORKER_ACTIVE_AND_REDISPATCH),
        (None, (), False, Action.REMOVE_WORKER_ACTIVE_AND_REDISPATCH),  # no ledger here: Legion's own rule
        (Journal(), (of_eng_1(),), False, Action.SKIP),
        # One of ours was here and has gone: nobody else has to be looked for.
        (Journal(), (of_eng_1(WorkerState.GONE),), False, Action.REMOVE_WORKER_ACTIVE_AND_REDISPATCH),
    ],
)
def test_active_elsewhere_is_what_no_worker_and_no_ledger_of_ours_explains(
    journal: Journal | None, workers: tuple[Worker, ...], elsewhere: bool, action: Action
) -> None:
    active = issue("ENG-1", "In Progress", "worker-active")
    row = only(assemble(known(reading=(active,), journal=journal, workers=workers)))
    assert row.facts.active_elsewhere is elsewhere
    assert row.decision.action is action
    assert row.decision.row == ("3a" if elsewhere else row.decision.row)


PULL_REQUEST = PullRequest(
    ref=ref(7),
    state=PullRequestState.OPEN,
    is_draft=True,
    review="changes_requested",
    ci="failing",
    checks=Checks(1, 2, 3),
    mergeable="conflicting",
)


def test_a_pull_request_is_facts() -> None:
    row = only(
        assemble(known(reading=(issue("ENG-1", "Needs Review", pull_request=7),), pull_requests={ref(7): PULL_REQUEST}))
    )
    facts = row.facts
    assert row.pull_request == PULL_REQUEST
    assert row.pull_request_note == ""
    assert (facts.has_pr, facts.pr_is_draft, facts.review, facts.ci) == (True, True, "changes_requested", "failing")
    assert (facts.mergeable, facts.pr_state) == ("conflicting", "open")


FACTS = Pipeline(signals="facts", planning=False, retro=False, reviewer="human", merge="human", ci_gate=True)


@pytest.mark.parametrize(
    ("told", "turn", "action", "row"),
    [
        ({}, Turn.ENDED, Action.RESUME_IMPLEMENTER_FOR_CHANGES, "32"),
        ({"ENG-1": ("resume_implementer_for_changes", "a" * 40)}, Turn.ENDED, Action.INVESTIGATE_STUCK, "32b"),
        # Of another commit, of another issue, or about something else: it has not been told this.
        (
            {"ENG-1": ("resume_implementer_for_changes", "b" * 40)},
            Turn.ENDED,
            Action.RESUME_IMPLEMENTER_FOR_CHANGES,
            "32",
        ),
        (
            {"ENG-2": ("resume_implementer_for_changes", "a" * 40)},
            Turn.ENDED,
            Action.RESUME_IMPLEMENTER_FOR_CHANGES,
            "32",
        ),
        (
            {"ENG-1": ("resume_implementer_for_ci_failure", "a" * 40)},
            Turn.ENDED,
            Action.RESUME_IMPLEMENTER_FOR_CHANGES,
            "32",
        ),
        # It is at it.
        ({"ENG-1": ("resume_implementer_for_changes", "a" * 40)}, Turn.RUNNING, Action.SKIP, "36"),
    ],
)
def test_a_worker_that_was_told_for_this_commit_is_not_told_again(
    told: dict[str, tuple[str, str]], turn: Turn, action: Action, row: str
) -> None:
    asked = replace(PULL_REQUEST, is_draft=False, mergeable="mergeable", ci="passing", head="a" * 40)
    state = WorkerState.IDLE if turn is Turn.ENDED else WorkerState.BUSY
    decided = only(
        assemble(
            known(
                reading=(issue("ENG-1", "Needs Review", pull_request=7),),
                workers=(of_eng_1(state, turn=turn),),
                pull_requests={ref(7): asked},
                journal=Journal(told={name: frozenset({what}) for name, what in told.items()}),
                pipeline=FACTS,
            )
        )
    ).decision
    assert (decided.action, decided.row) == (action, row)


@pytest.mark.parametrize(
    ("unpushed", "action", "row"),
    [
        ({"/work": True}, Action.RESUME_IMPLEMENTER_TO_OPEN_PR, "14a"),
        ({"/work": False}, Action.INVESTIGATE_NO_PR, "14b"),
        ({"/elsewhere": True}, Action.INVESTIGATE_NO_PR, "14b"),
    ],
)
def test_work_that_no_remote_has_is_asked_to_be_pushed(unpushed: dict[str, bool], action: Action, row: str) -> None:
    ended = replace(of_eng_1(WorkerState.IDLE, turn=Turn.ENDED), cwd="/work")
    reading = (issue("ENG-1", "In Progress"),)
    told = only(assemble(known(reading=reading, workers=(ended,), pipeline=FACTS, unpushed=unpushed)))
    assert (told.decision.action, told.decision.row) == (action, row)


def test_a_review_of_an_older_commit_is_waited_for_anew() -> None:
    pull = replace(PULL_REQUEST, is_draft=False, mergeable="mergeable", ci="passing", head_newer_than_review=True)
    for asked, action in ((False, Action.SKIP), (True, Action.SKIP)):
        row = only(
            assemble(
                known(
                    reading=(issue("ENG-1", "Needs Review", pull_request=7),),
                    pull_requests={ref(7): replace(pull, review_requested_from_me=asked)},
                    pipeline=FACTS,
                )
            )
        )
        assert (row.decision.action, row.decision.row) == (action, "32a")
    fresh = replace(pull, review=None, head_newer_than_review=False, review_requested_from_me=True)
    row = only(
        assemble(
            known(
                reading=(issue("ENG-1", "Needs Review", pull_request=7),),
                pull_requests={ref(7): fresh},
                pipeline=FACTS,
            )
        )
    )
    assert (row.decision.action, row.attention) == (Action.REVIEW_PR, Attention.NEEDS_YOU)


def test_the_transcripts_pull_request_comes_before_the_trackers() -> None:
    named = replace(of_eng_1(), pull_request_url="https://github.com/acme/payments/pull/9")
    nonsense = replace(of_eng_1(mode=Mode.TEST), pull_request_url="https://evil.example/acme/payments/pull/9")
    other = replace(PULL_REQUEST, ref=ref(9))
    pull_requests = {ref(7): PULL_REQUEST, ref(9): other}
    reading = (issue("ENG-1", pull_request=7),)
    row = only(assemble(known(reading=reading, workers=(nonsense, named), pull_requests=pull_requests)))
    assert row.pull_request == other
    row = only(assemble(known(reading=reading, workers=(nonsense,), pull_requests=pull_requests)))
    assert row.pull_request == PULL_REQUEST


@pytest.mark.parametrize(
    ("health", "notes", "note"),
    [
        (READ, {}, "not asked yet"),
        (READ, {ref(7): "no such pull request"}, "no such pull request"),
        (SourceHealth(ok=False, error="github: login failed (401)"), {}, "github: login failed (401)"),
        (SourceHealth(ok=False, error="github: down"), {ref(7): "no such pull request"}, "no such pull request"),
        (None, {}, "not asked yet"),
    ],
)
def test_why_there_is_no_pull_request_to_show(health: SourceHealth | None, notes: dict[object, str], note: str) -> None:
    sources = {**ALL_READ, Source.PULL_REQUESTS: health}
    if health is None:
        del sources[Source.PULL_REQUESTS]
    row = only(
        assemble(
            known(
                reading=(issue("ENG-1", "Needs Review", "worker-done", pull_request=7),),
                pull_request_notes=notes,
                sources=sources,
            )
        )
    )
    assert row.pull_request_note == note
    assert row.facts.has_pr
    assert row.facts.pr_is_draft is None
    assert row.decision.action is Action.RETRY_PR_CHECK


def test_an_issue_without_a_pull_request_has_nothing_to_explain() -> None:
    assert only(assemble(known(reading=(issue("ENG-1"),)))).pull_request_note == ""


@pytest.mark.parametrize("source", [Source.TMUX, Source.AGENTS])
@pytest.mark.parametrize(
    ("health", "decided", "words"),
    [
        (SourceHealth(ok=False, error="no"), False, "could not be asked"),
        (SourceHealth(ok=True), False, "was not asked yet"),
        (SourceHealth(ok=False, error="no", read_at=NOW), True, ""),
        (READ, True, ""),
    ],
)
def test_nothing_is_decided_before_life_is_known(
    source: Source, health: SourceHealth, decided: bool, words: str
) -> None:
    row = only(assemble(known(reading=(issue("ENG-1", "Todo"),), sources={**ALL_READ, source: health})))
    if decided:
        assert row.decision.action is Action.DISPATCH_PLANNER
    else:
        assert (row.decision.action, row.decision.row, row.attention) == (Action.SKIP, "-", Attention.WAITING)
        assert row.decision.why == f"{source} {words}, so nobody knows whether a worker is live; it is asked again"


@pytest.mark.parametrize("source", [Source.TRACKER, Source.PULL_REQUESTS])
def test_other_sources_stop_no_decision(source: Source) -> None:
    sources = {**ALL_READ, source: SourceHealth(ok=False, error="no")}
    assert only(assemble(known(reading=(issue("ENG-1"),), sources=sources))).decision.row != "-"


def test_a_blocker_counts_until_it_is_done() -> None:
    reading = (
        issue("ENG-1", "Todo", blockers=("ENG-2", "ENG-3", "ENG-4", "OPS-9")),
        issue("ENG-2", "Done"),
        issue("ENG-3", "In Review"),
        issue("ENG-4", "Todo", closed=True),
    )
    row = assemble(known(reading=reading)).issue("ENG-1")
    assert row is not None
    assert row.facts.blockers == ("ENG-3", "OPS-9")
    assert row.decision.row == "B"


def test_a_status_is_normal_on_the_board_and_the_trackers_own_in_the_issue() -> None:
    row = only(assemble(known(reading=(issue("ENG-1", "in review"),))))
    assert (row.status, row.issue.status) == ("Needs Review", "in review")


def test_slots_are_used_by_whoever_lives_and_only_so_many_are_ready() -> None:
    reading = tuple(issue(f"ENG-{number}", "Todo") for number in range(1, 6))
    workers = (
        of_eng_1(),
        worker("w2", issue="ENG-2", mode=Mode.PLAN),
        worker("w3", WorkerState.CRASHED, issue="ENG-3"),
        worker("free"),
    )
    snapshot = assemble(known(reading=reading, workers=workers, slots=3))
    assert (snapshot.slots_used, snapshot.slots) == (2, 3)
    groups = {row.id: row.attention for row in snapshot.issues}
    assert [groups[f"ENG-{number}"] for number in (4, 5)] == [Attention.READY, Attention.BACKLOG]
    full = assemble(known(reading=reading, workers=workers, slots=1))
    assert {row.attention for row in full.issues if row.id in ("ENG-4", "ENG-5")} == {Attention.BACKLOG}


def test_since_when_it_is_so() -> None:
    started = NOW - timedelta(hours=1)
    rows = assemble(
        known(
            reading=(issue("ENG-1"), issue("ENG-2"), replace(issue("ENG-3", updated_at=None), created_at=started)),
            workers=(replace(of_eng_1(), since=started),),
        )
    )
    assert {row.id: row.since for row in rows.issues} == {"ENG-1": started, "ENG-2": NOW, "ENG-3": started}


def test_without_a_project_there_is_no_session_id() -> None:
    assert only(assemble(known(project=None, reading=(issue("ENG-1"),)))).session_id == ""


def test_what_a_person_has_seen_is_no_news() -> None:
    idle = of_eng_1(WorkerState.IDLE, turn=Turn.ENDED)
    given = known(reading=(issue("ENG-1", "In Progress"),), workers=(idle,))
    assert only(assemble(given)).attention is Attention.NEEDS_YOU
    assert only(assemble(replace(given, seen=frozenset({("ENG-1", NOW)})))).attention is Attention.WAITING
    earlier = frozenset({("ENG-1", NOW - timedelta(hours=1))})
    assert only(assemble(replace(given, seen=earlier))).attention is Attention.NEEDS_YOU


def test_equal_knowledge_gives_equal_snapshots() -> None:
    given = known(reading=(issue("ENG-2"), issue("ENG-1")), workers=(of_eng_1(),), notices=("inert",), slots=2)
    assert assemble(given) == assemble(given)
    assert assemble(given).notices == ("inert",)


def test_a_label_that_plain_facts_stand_for_is_on_no_issue() -> None:
    idle = of_eng_1(WorkerState.IDLE, turn=Turn.ENDED)
    reading = (issue("ENG-1", "In Progress", "bug"),)
    state = only(assemble(known(reading=reading, pipeline=Pipeline.preset("simple"), workers=(idle,))))
    assert "worker-done" in state.facts.labels
    assert state.labels == {"bug"}
