"""What a filter finds, how it tells of what it does not understand, going to a row, and the orders of rows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legion_tui.present.arrange import filtered
from legion_tui.present.board import Row, board_groups
from legion_tui.present.finding import FIELDS, query
from legion_tui.present.goto import goto_rows
from legion_tui.present.sorting import TOLD, Sort, sort_rows
from legion_tui.state import Attention, Snapshot
from legion_tui.state.snooze import Snooze, lulled, snooze_mark
from tests.support.snapshots import NOW, first_run_snapshot, issue_state, sample_snapshot


def labelled() -> Snapshot:
    snapshot = sample_snapshot()
    issues = tuple(
        replace(state, labels=frozenset({"worker-done", "Area Billing"})) if state.id == "ENG-18" else state
        for state in snapshot.issues
    )
    return replace(snapshot, issues=issues)


ROWS = tuple(row for group in board_groups(labelled()) for row in group.rows)


def found(text: str, rows: tuple[Row, ...] = ROWS) -> set[str]:
    return {row.shown_id for row in rows if query(text).holds(row)}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("eng-21", {"ENG-21"}),
        ("#412", {"ENG-21"}),
        ("webhook sender", {"ENG-21"}),
        ('"sender webhook"', set()),
        ("sender webhook", {"ENG-21"}),
        ("exponential", {"ENG-21"}),
        ("force-with-lease", {"ENG-40"}),
        ("rfnds", {"ENG-18", "ENG-60"}),
        ("no such thing", set()),
        ("status:todo", {"ENG-34", "ENG-52", "ENG-48", "ENG-26"}),
        ("status:TODO -is:working -blocked", {"ENG-34", "ENG-52", "ENG-26"}),
        ('status:"needs review" review:approved', {"ENG-40", "ENG-18"}),
        ("status:needs-review,testing", {"ENG-40", "ENG-18", "ENG-12", "ENG-31"}),
        ("ci:failing", {"ENG-31", "ENG-33", "ENG-44"}),
        ("ci:fail -mode:test", {"ENG-33", "ENG-44"}),
        ("ci:pending,failing is:waiting", {"ENG-33", "ENG-12"}),
        ("is:blocked", {"ENG-34", "ENG-21", "ENG-40", "ENG-26"}),
        ("is:asking kind:question", {"ENG-21"}),
        ("kind:perm", {"ENG-40"}),
        ("kind:plan,permission", {"ENG-34", "ENG-40"}),
        ("is:needsyou -is:asking", {"ENG-37"}),
        ("is:ready", {"ENG-18", "ENG-52", "ENG-44"}),
        ("is:merged", {"ENG-9"}),
        ("is:draft", {"ENG-29"}),
        ("is:session", {"dotfiles", "infra-notes"}),
        ("is:problem", {".legion/issues/ENG-77.md"}),
        ("mode:review", {"ENG-40"}),
        ("state:ratelimited", {"ENG-33"}),
        ("state:rate_limited", {"ENG-33"}),
        ("review:changes", {"ENG-44"}),
        ("review:conflict", {"ENG-33"}),
        ("label:worker-done", {"ENG-18"}),
        ("label:billing", {"ENG-18"}),
        ("id:21", {"ENG-21"}),
        ("title:ledger status:done", {"ENG-3"}),
        ("-is:issue -is:session", {".legion/issues/ENG-77.md"}),
    ],
)
def test_terms_and_words(text: str, ids: set[str]) -> None:
    assert query(text).problems == ()
    assert found(text) == ids


@pytest.mark.parametrize("text", ["", " ", "-", "status:", "-ci:", 'label:""', "is:,"])
def test_an_unfinished_filter_hides_nothing(text: str) -> None:
    assert query(text).terms == ()
    assert query(text).problems == ()
    assert filtered(board_groups(labelled()), text) == board_groups(labelled())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("stats:todo", "no field stats: did you mean status?"),
        ("stats:", "no field stats: did you mean status?"),
        ("-kinds:plan", "no field kinds: did you mean kind?"),
        ("zzz:1", "no field zzz: known: status, label, id, title, is, ci, review, mode, state, kind"),
        ("ci:green", "ci: has no green: did you mean"),
        ("is:aksing", "is: has no aksing: did you mean asking?"),
        ("mode:implementer", "mode: has no implementer: did you mean implement?"),
    ],
)
def test_what_is_not_understood_is_told_with_the_nearest_and_left_out(text: str, problem: str) -> None:
    (told,) = query(f"{text} webhook").problems
    assert told.startswith(problem.removesuffix(" did you mean")) or "known:" in told
    if "did you mean" in problem and problem.endswith("?"):
        assert problem in told
    assert found(f"{text} webhook") == found("webhook")


def test_every_closed_field_knows_all_that_rows_can_be() -> None:
    for field, words in FIELDS.items():
        for word in words:
            assert query(f"{field}:{word}").problems == (), (field, word)
    for group in board_groups(lulled(labelled(), {}, NOW)):
        for row in group.rows:
            assert query(f"is:{'issue,session,problem'}").holds(row)


def test_what_sleeps_is_found_by_that() -> None:
    snapshot = sample_snapshot()
    state = snapshot.issue("ENG-21")
    assert state is not None
    asleep = lulled(snapshot, {"ENG-21": Snooze(mark=snooze_mark(state))}, NOW)
    rows = tuple(row for group in board_groups(asleep) for row in group.rows)
    assert found("is:snoozed", rows) == {"ENG-21"}
    assert "ENG-21" not in found("is:awake", rows)


@given(st.text(max_size=80))
def test_any_text_is_a_filter(text: str) -> None:
    for row in ROWS[:6]:
        query(text).holds(row)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("ENG-21", "ENG-21"),
        ("eng-3", "ENG-3"),
        ("21", "ENG-21"),
        ("#40", "ENG-40"),
        ("webh", "ENG-9"),
        ("payout", "ENG-26"),
        ("stlmnt", "ENG-37"),
        ("dotf", "dotfiles"),
    ],
)
def test_going_to_a_row_finds_what_is_likeliest_meant(text: str, first: str) -> None:
    rows = goto_rows(ROWS, text)
    assert first in [row.shown_id for row in rows][: 1 if text != "webh" else 2]


def test_going_to_a_row_offers_the_board_before_anything_is_typed_and_never_what_is_no_row() -> None:
    assert [row.shown_id for row in goto_rows(ROWS, "", most=3)] == ["ENG-34", "ENG-21", "ENG-40"]
    assert all(row.target for row in goto_rows(ROWS, "", most=100))
    assert goto_rows(ROWS, "no such thing") == ()
    session = first_run_snapshot().sessions[0]
    rows = tuple(row for group in board_groups(first_run_snapshot()) for row in group.rows)
    assert [row.subject for row in goto_rows(rows, session.session_id)] == [session]


def sortable() -> tuple[Row, ...]:
    states = (
        issue_state(NOW, "ENG-10", "beta", "Testing", Attention.READY, age=50, priority=3),
        issue_state(NOW, "ENG-9", "Alpha", "Odd", Attention.READY, age=500, priority=1),
        issue_state(NOW, "ENG-2", "gamma", "Todo", Attention.READY, age=5),
    )
    timeless = replace(states[0], issue=replace(states[0].issue, id="ENG-1", title="delta"), since=None)
    snapshot = Snapshot(issues=(*states, timeless))
    return tuple(row for group in board_groups(snapshot) for row in group.rows)


@pytest.mark.parametrize(
    ("sort", "numbers"),
    [
        (Sort.ATTENTION, "10 9 2 1"),
        (Sort.ID, "1 2 9 10"),
        (Sort.AGE, "9 10 2 1"),
        (Sort.NEWEST, "2 10 9 1"),
        (Sort.STATUS, "2 10 1 9"),
        (Sort.PRIORITY, "9 10 1 2"),
        (Sort.TITLE, "9 10 1 2"),
    ],
)
def test_rows_are_sorted_and_what_has_no_value_comes_last(sort: Sort, numbers: str) -> None:
    rows = sort_rows(sortable(), sort)
    assert [row.target.removeprefix("ENG-") for row in rows] == numbers.split()
    assert set(TOLD) == set(Sort)
