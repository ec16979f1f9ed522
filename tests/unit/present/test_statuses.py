"""The board by status, its density, and columns that a person does without."""

from __future__ import annotations

from dataclasses import replace

import pytest

from legion_tui.present.board import Group, board_groups
from legion_tui.present.columns import HIDEABLE, columns
from legion_tui.present.groups import figure, title_tone
from legion_tui.present.header import order_words
from legion_tui.present.line import Tone
from legion_tui.present.plain import board_lines
from legion_tui.present.rows import Look
from legion_tui.present.sorting import Sort
from legion_tui.present.statuses import folded_statuses, status_groups
from legion_tui.state.snooze import Snooze, lulled, snooze_mark
from tests.support.snapshots import NOW, first_run_snapshot, sample_snapshot


def test_every_row_is_in_one_status_in_the_order_in_which_issues_pass_them() -> None:
    snapshot = sample_snapshot()
    groups = status_groups(snapshot)
    assert [group.title for group in groups] == [
        "BACKLOG",
        "TODO",
        "IN PROGRESS",
        "TESTING",
        "NEEDS REVIEW",
        "DONE",
        "UNREADABLE",
        "SESSIONS",
    ]
    keys = [row.key for group in groups for row in group.rows]
    assert sorted(keys) == sorted(row.key for group in board_groups(snapshot) for row in group.rows)
    # Within a status what needs a person comes first, as on the board.
    assert [row.shown_id for row in groups[1].rows] == ["ENG-34", "ENG-52", "ENG-48", "ENG-26"]


def test_a_status_of_the_trackers_own_comes_last_and_is_no_other_group() -> None:
    snapshot = sample_snapshot()
    odd = replace(snapshot.issues[0], status="sessions")
    none = replace(snapshot.issues[1], status="")
    groups = status_groups(replace(snapshot, issues=(odd, none, *snapshot.issues[2:])))
    assert [group.title for group in groups][-4:] == ["NO STATUS", "SESSIONS", "UNREADABLE", "SESSIONS"]
    assert len({group.group for group in groups}) == len(groups)


def test_where_nobody_works_is_folded_unless_somebody_is_needed_there() -> None:
    snapshot = sample_snapshot()
    folded = folded_statuses(snapshot)
    assert {"status:Backlog", "status:Done", "sessions"} <= folded
    assert "status:Todo" not in folded
    needed = replace(snapshot.issues[0], status="Done")
    assert "status:Done" not in folded_statuses(replace(snapshot, issues=(needed, *snapshot.issues[1:])))
    assert "sessions" not in folded_statuses(first_run_snapshot())


def test_a_status_says_how_many_need_a_person() -> None:
    groups = {group.title: group for group in status_groups(sample_snapshot())}
    assert figure(groups["IN PROGRESS"], NOW, None) == "2 need you"
    assert figure(groups["TESTING"], NOW, None) == ""
    assert title_tone(groups["IN PROGRESS"]) is Tone.NEEDS
    assert title_tone(groups["TESTING"]) is Tone.MUTED


def test_what_sleeps_stays_in_its_status_and_calls_nobody() -> None:
    snapshot = sample_snapshot()
    state = snapshot.issue("ENG-34")
    assert state is not None
    asleep = lulled(snapshot, {"ENG-34": Snooze(mark=snooze_mark(state))}, NOW)
    todo = next(group for group in status_groups(asleep) if group.title == "TODO")
    assert "ENG-34" in [row.shown_id for row in todo.rows]
    assert figure(todo, NOW, None) == ""


@pytest.mark.parametrize(
    ("view", "sort", "words"),
    [
        ("", Sort.ATTENTION, ""),
        ("", Sort.AGE, "by age"),
        ("by status", Sort.ATTENTION, "by status"),
        ("by status", Sort.ID, "by status, by id"),
    ],
)
def test_the_header_says_how_rows_are_ordered_where_that_is_not_as_they_come(view: str, sort: Sort, words: str) -> None:
    assert order_words(view, sort) == words


@pytest.mark.parametrize("column", HIDEABLE)
@pytest.mark.parametrize("width", [60, 120, 200])
def test_a_column_that_is_done_without_makes_room_for_the_others(column: str, width: int) -> None:
    snapshot = sample_snapshot()
    groups = board_groups(snapshot)
    without = columns(width, groups, snapshot, hidden={column})
    assert all(getattr(without, name) == 0 for name in HIDEABLE[column])
    assert without.fixed + without.title <= width
    # Nothing else is done without for it.
    usual = columns(width, groups, snapshot)
    others = {"status", "mode", "word", "bar"} - {*HIDEABLE[column]}
    assert all(getattr(without, name) >= getattr(usual, name) for name in others)
    for line in board_lines(snapshot, width, NOW, Look(hidden=frozenset({column}))):
        assert len(line) <= width


def test_sessions_have_no_need_of_columns() -> None:
    lines = board_lines(first_run_snapshot(), 100, NOW, Look(hidden=frozenset(HIDEABLE)))
    assert any("dotfiles" in line for line in lines)


def test_problems_keep_their_tone() -> None:
    groups = {group.group: group for group in status_groups(sample_snapshot())}
    assert title_tone(groups[Group.PROBLEMS]) is Tone.BAD
