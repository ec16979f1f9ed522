from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legion_tui.present.detail import head_line, issue_lines, log_lines, pull_request_lines, worker_lines
from legion_tui.present.prose import Line, plain, width_of
from legion_tui.present.why import why_lines
from legion_tui.state import Checks, Evidence, Issue, IssueState, Related, Relations, Rung, Tokens, Worker, WorkerState
from tests.support.snapshots import NOW, ago, sample_snapshot, worker

SNAPSHOT = sample_snapshot()


def issue(issue_id: str) -> IssueState:
    found = SNAPSHOT.issue(issue_id)
    assert found is not None
    return found


def texts(lines: list[Line]) -> list[str]:
    return [plain(line) for line in lines]


def test_the_head_keeps_the_state_and_crops_the_title() -> None:
    state = issue("ENG-21")
    assert plain(head_line(state, state.worker, NOW, 70)).startswith("ENG-21  Retry for the webhook sender  ")
    narrow = plain(head_line(state, state.worker, NOW, 40))
    assert narrow.endswith("implement ? asks 1/3 4m")
    assert width_of(head_line(state, state.worker, NOW, 40)) == 40


def test_the_head_of_a_session_and_of_nothing() -> None:
    session = SNAPSHOT.sessions[0]
    assert plain(head_line(None, session, NOW, 60)).startswith("dotfiles  /home/ann/dotfiles")
    assert head_line(None, None, NOW, 60) == ()


def test_an_issue_shows_what_its_tracker_says() -> None:
    state = issue("ENG-21")
    state = replace(
        state,
        issue=replace(state.issue, labels=frozenset({"b", "a"}), priority=2, status="Doing"),
        relations=Relations(blockers=(Related("ENG-3", "ENG-3"),)),
    )
    lines = texts(issue_lines(state, None, NOW, 60))
    assert "status     Doing  (read as In Progress)" in lines
    assert "labels     a, b" in lines
    assert "blocked by ENG-3 (not read)" in lines
    assert "priority   2" in lines
    assert "url        https://github.com/acme/payments/issues/21" in lines
    assert "Deliveries that fail are lost. Retry them, with a back-off." in lines


def test_an_issue_shows_what_it_belongs_to_consists_of_and_waits_for() -> None:
    state = replace(
        issue("ENG-21"),
        relations=Relations(
            parent=Related("PAY-2", "#2", "Webhooks", "Todo", known=True),
            children=(
                Related("ENG-4", "ENG-4", "Keep what  failed", "Done", known=True, over=True),
                Related("ENG-5", "ENG-5", "Retry", "", known=True),
                Related("OPS-1", "OPS-1"),
            ),
            blockers=(
                Related("ENG-2", "ENG-2", "Retry the sender", "In Progress", known=True),
                Related("ENG-3", "ENG-3", "A queue", "Done", known=True, over=True),
            ),
        ),
    )
    lines = texts(issue_lines(state, None, NOW, 60))
    assert [
        line for line in lines if line[:11].strip() in ("parent", "children", "blocked by", "") and line.strip()
    ] == [
        "parent     #2 Webhooks (Todo)",
        "children   1 of 3 done, 1 not read",
        "           ENG-4 Keep what failed (Done)",
        "           ENG-5 Retry (no status)",
        "           OPS-1 (not read)",
        "blocked by ENG-2 Retry the sender (In Progress)",
        "           ENG-3 A queue (Done)",
    ]
    alone = texts(issue_lines(replace(state, relations=Relations()), None, NOW, 60))
    assert not [line for line in alone if line.startswith(("parent", "children", "blocked by"))]


def test_an_issue_without_a_body_says_so_and_a_worker_follows() -> None:
    state = issue("ENG-29")
    lines = texts(issue_lines(state, state.worker, NOW, 60))
    assert "No description." in lines
    assert "branch     eng-29" in lines
    assert "cost       $1.84" in lines
    assert "model      claude-opus-4-5" in lines
    assert "context    41 % used" in lines
    assert "tokens     18,200 in, 4,310 out" in lines
    assert "cache      912,000 read, 40,100 written" in lines


def test_a_session_is_told_without_an_issue() -> None:
    session = SNAPSHOT.sessions[0]
    lines = texts(issue_lines(None, session, NOW, 60))
    assert lines[0] == "This session belongs to no issue."
    assert "said       The prompt is back to one line." in lines


def test_what_is_not_known_of_a_worker_is_left_out_but_for_what_it_used() -> None:
    bare = Worker(session_id="s", state=WorkerState.UNKNOWN)
    assert texts(worker_lines(bare, NOW, 60)) == [
        "worker     ⁇ unknown",
        "client     unknown",
        "model      unknown",
        "context    unknown",
        "tokens     unknown",
        "cache      unknown",
        "cost       unknown",
        "session    s",
    ]


@pytest.mark.parametrize(
    ("version", "tested", "told"),
    [
        ("2.2.0", False, "2.2.0 is not covered by the contract tests"),
        ("2.1.328", True, "2.1.328 is covered by the contract tests"),
        ("2.2.0", None, "2.2.0"),
        (None, None, "unknown"),
    ],
)
def test_the_clients_version_is_told(version: str | None, tested: bool | None, told: str) -> None:
    runs = Worker(session_id="s", state=WorkerState.BUSY, version=version, tested=tested)
    lines = texts(worker_lines(runs, NOW, 80))
    assert f"client     {told}" in lines
    assert lines[0].endswith(" * untested") is (tested is False)
    warned = f"client {told}: it may be read wrongly." in texts(why_lines(None, runs, NOW, 80))
    assert warned is (tested is False)


def test_tokens_are_told_where_the_size_of_the_context_is_not_known() -> None:
    used = Worker(session_id="s", state=WorkerState.IDLE, tokens=Tokens(input=5, output=6))
    lines = texts(worker_lines(used, NOW, 60))
    assert "context    unknown" in lines
    assert "tokens     5 in, 6 out" in lines


def test_a_pull_request() -> None:
    lines = texts(pull_request_lines(issue("ENG-44"), 70))
    assert "number     #410" in lines
    assert "state      ∓ changes asked  open" in lines
    assert "review     changes requested" in lines
    assert any("11 passed  2 failed" in line for line in lines)
    assert "changes    +120  -34" in lines


def test_what_is_known_of_a_review() -> None:
    state = issue("ENG-44")
    assert state.pull_request is not None
    pull = replace(
        state.pull_request,
        head_newer_than_review=True,
        review_requested_from_me=True,
        reviewers=("bob",),
        unresolved_threads=2,
        from_fork=True,
        ci="unknown",
        checks=Checks(),
    )
    lines = texts(pull_request_lines(replace(state, pull_request=pull, pull_request_note="moved"), 70))
    assert "review     changes requested  of an older commit" in lines
    assert "asked      you, bob" in lines
    assert "threads    2 unresolved" in lines
    assert "checks     not known" in lines
    assert any(line.startswith("branch") and line.endswith("(of a fork)") for line in lines)
    assert lines[-1] == "moved"


@pytest.mark.parametrize(
    ("note", "last"), [("login failed, 3m ago", "login failed, 3m ago"), ("", "It was not read yet.")]
)
def test_a_pull_request_that_is_not_known(note: str, last: str) -> None:
    state = replace(issue("ENG-44"), pull_request=None, pull_request_note=note)
    lines = texts(pull_request_lines(state, 70))
    assert lines[0] == "number     #410"
    assert lines[-1] == last


def test_no_pull_request() -> None:
    assert texts(pull_request_lines(issue("ENG-34"), 70)) == ["No pull request is known."]
    assert texts(pull_request_lines(None, 70)) == ["A session of no issue has no pull request here."]


def test_the_log_is_told_by_day() -> None:
    log = [("2026-03-13T23:59:01Z", "one"), ("2026-03-14T00:01:02Z", "two " * 8), ("", "unreadable")]
    assert texts(log_lines(log, 30)) == [
        "2026-03-13",
        "23:59:01  one",
        "",
        "2026-03-14",
        "00:01:02  two two two two two",
        "          two two two",
        "",
        "",
        "          unreadable",
    ]
    assert texts(log_lines([], 60))[0].startswith("Nothing was done here yet")


def test_why_tells_decision_and_every_evidence() -> None:
    state = issue("ENG-52")
    lines = texts(why_lines(state, None, NOW, 60))
    assert lines[0] == "Next: dispatch planner"
    assert "Todo, no live worker, not worker-done" in lines
    assert "row 13 of the decision table" in lines
    assert lines[-1] == "No worker, so there is no evidence of one."


def test_why_names_the_row_once() -> None:
    state = issue("ENG-52")
    state = replace(state, decision=replace(state.decision, why="Row 13: Todo."))
    assert sum("13" in line for line in texts(why_lines(state, None, NOW, 60))) == 1


def test_why_marks_what_decided_and_what_contradicts() -> None:
    seen = worker(NOW, WorkerState.BUSY, issue="ENG-29", age=372)
    against = Evidence(rung=Rung.SCREEN, source="%12", value="prompt box", at=ago(NOW, 2), agrees=False)
    lines = texts(why_lines(None, replace(seen, evidence=(*seen.evidence, against)), NOW, 70))
    assert lines[:2] == ["Worker: busy for 6m", "status file decided; screen says otherwise."]
    assert "> status file  busy  6m ago  decided" in lines
    assert "  screen       prompt box  2s ago  contradicts" in lines
    assert "               sessions/4021.json" in lines


def test_why_without_any_evidence() -> None:
    bare = Worker(session_id="s", state=WorkerState.UNKNOWN)
    assert texts(why_lines(None, bare, NOW, 70))[-1] == "Nothing is known of it but that it was there."


@given(st.text(alphabet="ab [/]漢é\n#*`|>-", max_size=300), st.integers(20, 100))
def test_foreign_text_keeps_to_the_width(text: str, width: int) -> None:
    state = replace(issue("ENG-21"), issue=Issue(id="ENG-21", title=text, status=text, body=text, url=text))
    seen = replace(
        worker(NOW, WorkerState.BUSY, last_words=text, cwd=text),
        evidence=(Evidence(rung=Rung.SCREEN, source=text, value=text),),
    )
    lines = [
        head_line(state, seen, NOW, width),
        *issue_lines(state, seen, NOW, width),
        *why_lines(state, seen, NOW, width),
        *log_lines([("2026-03-14T00:01:02Z", text)], width),
    ]
    assert all(width_of(line) <= width for line in lines)
    assert not any("\n" in plain(line) for line in lines)
