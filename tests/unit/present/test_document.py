"""The JSON document, held against the contract that scripts rely on."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from legion_tui.present.document import age_seconds, document, pending, questions_document, rfc3339
from legion_tui.state import (
    Action,
    Checks,
    Decision,
    Detail,
    Evidence,
    Mode,
    Option,
    Pipeline,
    PullRequest,
    PullRequestState,
    Question,
    QuestionItem,
    QuestionKind,
    Rung,
    Snapshot,
    Source,
    SourceHealth,
    Tokens,
    Worker,
    WorkerState,
    compute_session_id,
)
from legion_tui.state.assemble import assemble
from legion_tui.state.known import Known
from tests.fetch.fakes import NOW, PROJECT, issue, ref, session_id, worker

# The names below are the contract's, written here once more by hand.
DOCUMENT = {"version", "collected_at", "project", "sources", "issues", "sessions"}
PROJECT_FIELDS = {"id", "short_id", "key"}
SOURCE = {"ok", "age_seconds", "error", "took_ms"}
LEGIONS_OWN = {
    "status",
    "labels",
    "has_pr",
    "pr_is_draft",
    "has_live_worker",
    "suggested_action",
    "session_id",
    "has_user_feedback",
    "has_user_input_needed",
    "is_blocked",
    "blocked_question",
}
ISSUE = LEGIONS_OWN | {
    "title",
    "url",
    "attention",
    "since",
    "why",
    "mode",
    "blockers",
    "parent",
    "children",
    "pull_request",
    "worker",
    "other_workers",
    "question",
}
PULL_REQUEST = {
    "number",
    "url",
    "state",
    "is_draft",
    "review",
    "head_newer_than_review",
    "review_requested_from_me",
    "unresolved_threads",
    "ci",
    "checks",
    "mergeable",
    "branch",
    "additions",
    "deletions",
}
WORKER = {
    "mode",
    "state",
    "detail",
    "since",
    "evidence",
    "pane",
    "window",
    "pid",
    "session_id",
    "cwd",
    "branch",
    "activity",
    "model",
    "version",
    "tested",
    "tokens",
    "cost_usd",
}
TOKENS = {"input", "output", "cache_read", "cache_write", "context_percent"}
EVIDENCE = {"rung", "source", "value", "age_seconds"}
QUESTION = {"id", "kind", "asked_at", "channel", "items"}
ITEM = {"header", "text", "multi_select", "options"}
OPTION = {"key", "label", "description", "preview"}

ASKED = Question(
    id="toolu_1",
    kind=QuestionKind.QUESTION,
    asked_at=NOW - timedelta(seconds=61.26),
    items=(
        QuestionItem(
            header="Db",
            text="Which database?",
            options=(
                Option(key="1", label="Postgres", description="the usual", preview="x"),
                Option(key="2", label="B"),
            ),
        ),
        QuestionItem(text="And why?", multi_select=True),
    ),
)


def asking() -> Worker:
    return replace(
        worker(session_id("ENG-1"), WorkerState.QUESTION, issue="ENG-1", mode=Mode.IMPLEMENT, question=ASKED),
        detail=Detail(until=NOW, attempt=2, of=10, error="429"),
        evidence=(Evidence(rung=Rung.STATUS_FILE, source="7.json", value="waiting", at=NOW - timedelta(seconds=3)),),
        tokens=Tokens(input=1, output=2, cache_read=3, cache_write=4, context_percent=41.5),
        pane="%1",
        window="@1",
        pid=77,
        cwd="/src",
        branch="eng-1",
        activity=NOW,
        model="opus",
        version="2.2.0",
        tested=False,
        cost_usd=0.25,
    )


def snapshot() -> Snapshot:
    pull_request = PullRequest(
        ref=ref(7), state=PullRequestState.OPEN, is_draft=False, ci="failing", checks=Checks(1, 2, 3), branch="eng-1"
    )
    health = SourceHealth(ok=True, read_at=NOW - timedelta(seconds=2), took_ms=1.5)
    known = Known(
        project=PROJECT,
        pipeline=Pipeline(),
        reading=(
            issue("ENG-1", "In Progress", "worker-active", "bug", pull_request=7, blockers=("ENG-2",)),
            replace(issue("ENG-2", "Todo", "user-input-needed", "user-feedback-given"), parent="ENG-1"),
        ),
        workers=(asking(), worker("s-2", issue="ENG-1", mode=Mode.PLAN), worker("free")),
        pull_requests={ref(7): pull_request},
        sources={
            **dict.fromkeys(Source, health),
            Source.TRACKER: SourceHealth(ok=False, error="issues cannot be read", took_ms=0.2),
        },
        slots=3,
    )
    return replace(assemble(known), collected_at=NOW)


def test_every_part_has_the_contracts_fields_and_no_other() -> None:
    written = document(snapshot())
    assert set(written) == DOCUMENT
    assert set(written["project"]) == PROJECT_FIELDS
    assert set(written["sources"]) == {"tracker", "tmux", "agents", "pull_requests"}
    assert all(set(source) == SOURCE for source in written["sources"].values())
    assert set(written["issues"]) == {"ENG-1", "ENG-2"}
    assert all(set(one) == ISSUE for one in written["issues"].values())
    one = written["issues"]["ENG-1"]
    assert set(one["why"]) == {"row", "text"}
    assert set(one["pull_request"]) == PULL_REQUEST
    assert set(one["pull_request"]["checks"]) == {"passed", "failed", "pending"}
    assert set(one["worker"]) == WORKER
    assert set(one["worker"]["detail"]) == {"until", "attempt", "of", "error"}
    assert set(one["worker"]["tokens"]) == TOKENS
    assert all(set(evidence) == EVIDENCE for evidence in one["worker"]["evidence"])
    assert [set(other) for other in one["other_workers"]] == [WORKER]
    assert set(one["question"]) == QUESTION
    assert all(set(item) == ITEM for item in one["question"]["items"])
    assert all(set(option) == OPTION for option in one["question"]["items"][0]["options"])
    assert {key: set(session) for key, session in written["sessions"].items()} == {"free": WORKER | {"question"}}


def test_what_an_issue_says() -> None:
    one = document(snapshot())["issues"]["ENG-1"]
    assert {name: one[name] for name in sorted(LEGIONS_OWN)} == {
        "status": "In Progress",
        "labels": ["bug", "worker-active"],
        "has_pr": True,
        "pr_is_draft": False,
        "has_live_worker": True,
        "suggested_action": "escalate_blocked",
        "session_id": session_id("ENG-1"),
        "has_user_feedback": False,
        "has_user_input_needed": False,
        "is_blocked": True,
        "blocked_question": "Which database?",
    }
    assert one["attention"] == "needs_you"
    assert one["why"]["row"] == "3"
    assert one["why"]["text"]
    assert one["blockers"] == ["ENG-2"]
    assert (one["parent"], one["children"]) == (None, ["ENG-2"])
    assert document(snapshot())["issues"]["ENG-2"]["parent"] == "ENG-1"
    assert one["mode"] == "implement"
    assert one["url"] is None
    assert one["pull_request"] == {
        "number": 7,
        "url": "https://github.com/acme/payments/pull/7",
        "state": "open",
        "is_draft": False,
        "review": None,
        "head_newer_than_review": False,
        "review_requested_from_me": False,
        "unresolved_threads": 0,
        "ci": "failing",
        "checks": {"passed": 1, "failed": 2, "pending": 3},
        "mergeable": None,
        "branch": "eng-1",
        "additions": 0,
        "deletions": 0,
    }
    two = document(snapshot())["issues"]["ENG-2"]
    assert (two["has_user_feedback"], two["has_user_input_needed"]) == (True, True)
    assert two["suggested_action"] == "relay_user_feedback"
    assert (two["worker"], two["question"], two["pull_request"], two["blocked_question"]) == (None, None, None, None)


def test_what_a_worker_and_its_question_say() -> None:
    one = document(snapshot())["issues"]["ENG-1"]
    assert one["worker"]["detail"] == {"until": "2026-03-14T15:09:26Z", "attempt": 2, "of": 10, "error": "429"}
    assert one["worker"]["evidence"] == [
        {"rung": "status_file", "source": "7.json", "value": "waiting", "age_seconds": 3.0}
    ]
    assert one["worker"]["tokens"]["context_percent"] == 41.5
    assert one["worker"]["since"] == "2026-03-14T15:09:26Z"
    assert one["other_workers"][0]["detail"] == {}
    assert one["other_workers"][0]["tokens"] is None
    assert (one["worker"]["version"], one["worker"]["tested"]) == ("2.2.0", False)
    assert (one["other_workers"][0]["version"], one["other_workers"][0]["tested"]) == (None, None)
    assert one["question"]["kind"] == "question"
    assert one["question"]["channel"] == "keys"
    assert one["question"]["asked_at"] == "2026-03-14T15:08:24Z"
    assert one["question"]["items"][0]["options"][0] == {
        "key": "1",
        "label": "Postgres",
        "description": "the usual",
        "preview": "x",
    }
    assert one["question"]["items"][1]["multi_select"] is True


def test_a_source_tells_its_age_and_its_error() -> None:
    sources = document(snapshot())["sources"]
    assert sources["tmux"] == {"ok": True, "age_seconds": 2.0, "error": None, "took_ms": 1.5}
    assert sources["tracker"] == {
        "ok": False,
        "age_seconds": None,
        "error": "issues cannot be read",
        "took_ms": 0.2,
    }


def test_a_source_tells_how_it_was_read_where_there_is_more_than_one_way() -> None:
    told = snapshot()
    health = replace(told.sources[Source.TMUX], via="control mode")
    sources = document(replace(told, sources={**told.sources, Source.TMUX: health}))["sources"]
    assert sources["tmux"]["via"] == "control mode"
    assert "via" not in sources["tracker"]


def test_the_session_id_is_the_suggested_actions_modes() -> None:
    vectors = {
        "implement": "951ed81a-86da-5220-a074-9eb894bd6baa",
        "plan": "5cce734b-f8a7-57da-969d-9e18f974f710",
    }
    for status, mode in (("In Progress", "implement"), ("Todo", "plan")):
        known = Known(project=PROJECT, pipeline=Pipeline(), reading=(issue("ENG-21", status),))
        one = document(replace(assemble(known), collected_at=NOW))["issues"]["ENG-21"]
        assert (one["mode"], one["session_id"]) == (mode, vectors[mode])


def test_without_a_project_and_issues_the_sessions_are_there() -> None:
    known = Known(project=None, pipeline=Pipeline(), workers=(asking(), worker("free")))
    written = document(replace(assemble(known), collected_at=NOW))
    assert written["project"] is None
    assert written["issues"] == {}
    assert set(written["sessions"]) == {session_id("ENG-1"), "free"}
    assert written["sessions"][session_id("ENG-1")]["question"]["id"] == "toolu_1"


def test_it_is_json_and_every_time_is_utc() -> None:
    def times(value: Any) -> list[str]:
        if isinstance(value, dict):
            named = [one for name, one in value.items() if name in TIMES and one is not None]
            return named + [time for one in value.values() for time in times(one)]
        return [time for one in value for time in times(one)] if isinstance(value, list) else []

    told = times(json.loads(json.dumps(document(snapshot()))))
    assert len(told) > 5
    assert all(datetime.strptime(time, "%Y-%m-%dT%H:%M:%SZ") for time in told)  # noqa: DTZ007  the Z is UTC


TIMES = {"collected_at", "since", "asked_at", "activity", "until"}


@pytest.mark.parametrize(
    ("action", "row", "mode", "written", "written_mode"),
    [
        (Action.TRANSITION_TO_DONE, "0a", Mode.IMPLEMENT, "skip", "implement"),
        (Action.MERGE_PR, "35a", Mode.REVIEW, "skip", "implement"),
        (Action.RETRY_PR_CHECK, "31", Mode.REVIEW, "skip", "implement"),
        (Action.RETRY_PR_CHECK, "30", Mode.REVIEW, "retry_pr_check", "review"),
        (Action.DISPATCH_PLANNER, "12", Mode.PLAN, "dispatch_planner", "plan"),
        (Action.SKIP, "7", Mode.PLAN, "skip", "implement"),
    ],
)
def test_what_legions_last_python_version_would_have_written(
    action: Action, row: str, mode: Mode, written: str, written_mode: str
) -> None:
    given = snapshot()
    decided = replace(given.issues[0], decision=Decision(action=action, mode=mode, row=row, why="so"))
    one = document(replace(given, issues=(decided,)), compat=True)["issues"][decided.id]
    assert one["suggested_action"] == written
    assert one["mode"] == written_mode
    assert one["session_id"] == compute_session_id(PROJECT.id, decided.id, written_mode)
    assert one["why"] == {"row": row, "text": "so"}
    ours = document(replace(given, issues=(decided,)))["issues"][decided.id]
    assert (ours["suggested_action"], ours["mode"]) == (action, mode)


def test_pending_questions_are_oldest_first_of_all_workers_and_sessions() -> None:
    def question(name: str, age: float | None) -> Question:
        return replace(ASKED, id=name, asked_at=None if age is None else NOW - timedelta(seconds=age))

    known = Known(
        project=PROJECT,
        pipeline=Pipeline(),
        reading=(issue("ENG-1"), issue("ENG-2")),
        workers=(
            worker("a", WorkerState.QUESTION, issue="ENG-1", mode=Mode.PLAN, question=question("young", 5)),
            worker("b", WorkerState.QUESTION, issue="ENG-1", mode=Mode.TEST, question=question("old", 500)),
            worker("c", WorkerState.QUESTION, question=question("of a session", 50)),
            worker("d", WorkerState.QUESTION, issue="ENG-2", question=question("undated", None), since=None),
            worker("e", WorkerState.CRASHED, issue="ENG-2", question=question("nobody waits", 900)),
        ),
    )
    given = replace(assemble(known), collected_at=NOW)
    assert [(issue_id, asked.id) for issue_id, _, asked in pending(given)] == [
        ("ENG-1", "old"),
        (None, "of a session"),
        ("ENG-1", "young"),
        ("ENG-2", "undated"),
    ]
    written = questions_document(given)
    # The contract's fields, and the session's id: without it a session's question could not be addressed.
    assert all(set(one) == {"issue", "mode", "age_seconds", "session_id"} | QUESTION for one in written)
    assert [(one["issue"], one["mode"], one["age_seconds"]) for one in written] == [
        ("ENG-1", "test", 500.0),
        (None, None, 50.0),
        ("ENG-1", "plan", 5.0),
        ("ENG-2", None, None),
    ]
    assert json.loads(json.dumps(written)) == written


def test_times_and_ages() -> None:
    east = datetime(2026, 3, 14, 17, 9, 26, 999999, tzinfo=timezone(timedelta(hours=2)))
    assert rfc3339(east) == "2026-03-14T15:09:26Z"
    assert rfc3339(None) is None
    assert age_seconds(NOW - timedelta(seconds=1.26), NOW) == 1.3
    assert age_seconds(NOW + timedelta(seconds=5), NOW) == 0.0
    assert age_seconds(None, NOW.astimezone(UTC)) is None
