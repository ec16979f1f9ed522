"""What the inbox holds, in which order, what is alike, and what it tells of each question."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legion_tui.present.alike import answered_lines, asked_lines, getting_lines
from legion_tui.present.groups import figure
from legion_tui.present.inbox import alike, inbox_groups, inbox_lead, inbox_rows
from legion_tui.present.inbox_context import context_lines
from legion_tui.present.line import plain
from legion_tui.present.prose import plain as prose_plain
from legion_tui.present.prose import width_of
from legion_tui.present.rows import Look
from legion_tui.state import (
    Answer,
    AnswerOutcome,
    AnswerReceipt,
    AnswerRequest,
    Question,
    QuestionItem,
    QuestionKind,
    Snapshot,
    Source,
    SourceHealth,
    WorkerState,
)
from tests.support.inboxes import SAME, alike_snapshot, answered
from tests.support.snapshots import NOW, empty_snapshot, first_run_snapshot, question, sample_snapshot, worker

LOOK = Look(keys={"leave": "esc", "inbox.alike": "A"})


def test_what_waits_longest_is_first_and_only_what_asks_is_there() -> None:
    rows = inbox_rows(alike_snapshot())
    assert [row.shown_id for row in rows] == ["ENG-34", "ENG-71", "ENG-21", "ENG-72", "dotfiles", "ENG-40"]
    assert all(row.question is not None for row in rows)
    (group,) = inbox_groups(alike_snapshot())
    seconds = 730 + 300 + 250 + 200 + 100 + 41
    assert figure(group, NOW, None) == f"oldest 12m, {seconds // 60}m of agents' time lost in all"
    assert inbox_groups(empty_snapshot()) == ()


def test_a_question_whose_time_is_not_known_comes_last() -> None:
    snapshot = first_run_snapshot()
    asking = snapshot.sessions[0]
    assert asking.question is not None
    timeless = replace(asking, session_id="timeless", since=None, question=replace(asking.question, asked_at=None))
    rows = inbox_rows(replace(snapshot, sessions=(timeless, asking)))
    assert [row.target for row in rows] == [asking.session_id, "timeless"]


def test_a_second_worker_of_an_issue_that_asks_has_a_row_of_its_own_that_commands_find() -> None:
    snapshot = sample_snapshot()
    state = snapshot.issue("ENG-21")
    assert state is not None
    asks = question(NOW, "And the tests?", "Yes", "No", age=900)
    second = worker(NOW, WorkerState.QUESTION, issue="ENG-21", age=900, asks=asks)
    second = replace(second, session_id="5ec04d00-0000-4000-8000-000000000000")
    issues = tuple(replace(one, other_workers=(second,)) if one.id == "ENG-21" else one for one in snapshot.issues)
    snapshot = replace(snapshot, issues=issues)
    first = inbox_rows(snapshot)[0]
    assert first.shown_id == "ENG-21"
    assert first.question is not None
    assert first.question.id == asks.id
    assert snapshot.worker_of(first.target) == second
    assert snapshot.worker_of("ENG-21") == state.worker


def test_the_same_is_same_in_kind_texts_and_choices() -> None:
    rows = inbox_rows(alike_snapshot())
    one = next(row for row in rows if row.target == "ENG-71")
    assert [row.shown_id for row in alike(one, rows)] == ["ENG-71", "ENG-72", "dotfiles"]
    assert alike(rows[0], rows) == ()
    assert alike(None, rows) == ()
    fewer = inbox_rows(answered(alike_snapshot(), "ENG-72"))
    assert [row.shown_id for row in alike(one, fewer)] == ["ENG-71", "dotfiles"]


@pytest.mark.parametrize(
    "other",
    [
        question(NOW, SAME, "Yes", "No", "Later", header="Branch"),
        question(NOW, SAME + " ", "Yes", "No", header="Branch"),
        question(NOW, SAME, "Yes", "No", header="Branch", kind=QuestionKind.PERMISSION),
        question(NOW, SAME, "Yes", "No", header="Branch", multi_select=True),
        question(NOW, SAME, "Yes", "No", header="Branch", more=(QuestionItem(text="And?"),)),
        replace(question(NOW, SAME, "Yes", "No", header="Branch"), unanswerable="only in its window"),
    ],
    ids=["choices", "text", "kind", "several", "parts", "unanswerable"],
)
def test_what_differs_in_anything_that_is_answered_is_not_alike(other: Question) -> None:
    mine = question(NOW, SAME, "Yes", "No", header="Branch")
    sessions = tuple(
        replace(worker(NOW, WorkerState.QUESTION, name=name, asks=asked), session_id=name)
        for name, asked in (("mine", mine), ("other", other))
    )
    rows = inbox_rows(Snapshot(sessions=sessions))
    assert len(rows) == 2
    assert alike(rows[0], rows) == alike(rows[1], rows) == ()


def test_an_empty_inbox_says_so_and_one_that_could_not_be_read_does_not() -> None:
    told = "\n".join(plain(line) for line in inbox_lead(empty_snapshot(), (), 80, LOOK))
    assert "Nobody waits for you." in told
    assert "esc goes back" in told
    blind = {Source.AGENTS: SourceHealth(ok=False, error="no permission")}
    told = "\n".join(plain(line) for line in inbox_lead(replace(empty_snapshot(), sources=blind), (), 80, LOOK))
    assert "is not known: no permission" in told
    assert "Nobody" not in told


def test_all_that_is_asked_is_told_beside_it() -> None:
    rows = {row.shown_id: row for row in inbox_rows(alike_snapshot())}
    told = "\n".join(prose_plain(line) for line in context_lines(rows["ENG-21"], NOW, 60))
    for words in (
        "ENG-21 · implement · asks since 4m",
        "Which back-off should failed deliveries use?",
        "1 Exponential",
        "doubles up to 1 h, with jitter",
        "Which limits apply?",
        "Where are failed deliveries kept?",
        "I found three places that send webhooks.",
        "Retry for the webhook sender",
    ):
        assert words in told
    told = "\n".join(prose_plain(line) for line in context_lines(rows["ENG-72"], NOW, 60, same=3, key="A"))
    assert "3 ask the very same: A answers them all" in told
    gone = replace(rows["ENG-72"], subject=answered(alike_snapshot(), "ENG-72").issues[-1])
    assert "asks nothing any more" in "\n".join(prose_plain(line) for line in context_lines(gone, NOW, 60))


HOSTILE = st.text(alphabet=st.sampled_from("a[/]\\漢\u0301\u202e\u200d👩🏽 \n1.-#`"), max_size=60)


@given(text=HOSTILE, label=HOSTILE, width=st.integers(12, 60))
def test_no_text_makes_a_line_wider_than_there_is_room(text: str, label: str, width: int) -> None:
    asks = question(NOW, text, label, "No", header=label)
    session = worker(NOW, WorkerState.QUESTION, name=label, cwd=text, asks=asks, last_words=text)
    (row,) = inbox_rows(Snapshot(sessions=(session,)))
    assert all(width_of(line) <= width for line in context_lines(row, NOW, width, same=2, key="A"))


def test_the_preview_tells_what_is_answered_and_who_gets_it() -> None:
    snapshot = alike_snapshot()
    rows = inbox_rows(snapshot)
    one = next(row for row in rows if row.target == "ENG-71")
    assert one.question is not None
    chosen = AnswerRequest(target="ENG-71", answers=(Answer(keys=("2",), note="never"),))
    assert asked_lines(one.question, chosen) == (SAME, "→ No, “never”")
    assert asked_lines(one.question, AnswerRequest(target="x", deny=True, text="no")) == (SAME, "→ no: “no”")
    later = NOW + timedelta(seconds=60)
    lines = getting_lines(alike(one, rows), later)
    assert lines[0] == "  ENG-71 · implement, asks since 6m, /w/one"
    assert lines[2] == "  dotfiles, asks since 2m, /home/ann/dotfiles"


def test_of_the_receipts_what_went_wrong_comes_first() -> None:
    def receipt(outcome: AnswerOutcome, reason: str = "", issue: str | None = None) -> AnswerReceipt:
        return AnswerReceipt(issue=issue, question_id="", outcome=outcome, reason=reason)

    found = {
        "a": ("ENG-71 · implement", receipt(AnswerOutcome.CONFIRMED, issue="ENG-71")),
        "b": ("dotfiles", receipt(AnswerOutcome.REFUSED, "the question changed")),
        "c": ("ENG-72", None),
    }
    told = [prose_plain(line) for line in answered_lines(found, 80)]
    assert told == [
        "1 refused, 1 answered, 1 to come",
        "",
        "dotfiles: nothing was typed: the question changed",
        "ENG-71 · implement answered: denied · confirmed in 0.0 s",
        "ENG-72: under way",
    ]
