"""Groups, places, the header, the footer, and the board as plain lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from legion_tui.present.arrange import Kind, arrange, filtered, next_needing
from legion_tui.present.board import Group, board_groups, folded_groups
from legion_tui.present.footer import Hint, footer_line, placed_hints
from legion_tui.present.glyphs import UNICODE
from legion_tui.present.groups import figure
from legion_tui.present.header import header_line
from legion_tui.present.line import plain
from legion_tui.present.plain import board_lines
from legion_tui.present.rows import Look
from legion_tui.present.steps import Step, step_of
from legion_tui.state import Attention, Label, Problem, Project, Snapshot, Source, WorkerState
from tests.support.snapshots import (
    NOW,
    empty_snapshot,
    failed_snapshot,
    first_run_snapshot,
    issue_state,
    sample_snapshot,
    stale_snapshot,
    worker,
)

LOOK = Look(keys={"refresh": "r", "new": "n", "advance": "⏎"}, zone=UTC)


def test_every_record_is_in_one_group_once() -> None:
    snapshot = sample_snapshot()
    keys = [row.key for group in board_groups(snapshot) for row in group.rows]
    assert len(keys) == len(set(keys))
    assert len(keys) == len(snapshot.issues) + len(snapshot.problems) + len(snapshot.sessions)
    twice = replace(snapshot, issues=(*snapshot.issues, snapshot.issues[0]))
    assert [row.key for group in board_groups(twice) for row in group.rows] == keys


def test_each_cycle_of_an_issue_has_its_row_and_is_not_called_unreadable() -> None:
    cycles = tuple(Problem("ENG-1", f"blocked by {name}", "end it", readable=True) for name in ("ENG-2", "ENG-3"))
    (group,) = board_groups(Snapshot(problems=cycles))
    assert [row.subject for row in group.rows] == list(cycles)
    assert [row.height for row in group.rows] == [2, 2]
    assert group.title == "PROBLEMS"
    unread = Problem("ENG-9.md", "has no title")
    (group,) = board_groups(Snapshot(problems=(unread,)))
    assert group.title == "UNREADABLE"
    assert board_groups(Snapshot(problems=(unread, *cycles)))[0].title == "PROBLEMS"
    # It stays the same row while the file that it is about is being mended.
    (still,) = board_groups(Snapshot(problems=(replace(unread, what="has no front matter"),)))
    assert still.rows[0].key == group.rows[0].key


def test_sessions_are_folded_unless_they_ask_or_are_all_there_is() -> None:
    assert Group.SESSIONS in folded_groups(sample_snapshot())
    assert Group.SESSIONS not in folded_groups(first_run_snapshot())
    asking = first_run_snapshot().sessions
    assert Group.SESSIONS not in folded_groups(replace(sample_snapshot(), sessions=asking))


def test_headers_carry_the_figure_that_matters() -> None:
    told = {group.group: figure(group, NOW, UTC) for group in board_groups(sample_snapshot())}
    assert told[Group.NEEDS_YOU] == "oldest 12m, waited 17m in all"
    assert told[Group.WAITING] == "next limit ends 16:40"
    assert told[Group.WORKING] == "longest 6m"
    assert told[Group.QUIET] == ""


@given(st.sets(st.sampled_from(Group)), st.integers(10, 200))
def test_every_line_leads_back_to_what_stands_there(folded: set[Group], width: int) -> None:
    groups = board_groups(sample_snapshot())
    made = arrange(groups, folded, LOOK, width)
    covered = 0
    for stop in made.stops:
        assert made.stop(stop.key) is stop
        for y in range(stop.y, stop.y + stop.height):
            assert made.at(stop.x, y) is stop
        covered = max(covered, stop.y + stop.height)
    assert covered == made.height
    assert made.at(0, made.height) is None
    assert made.at(0, -1) is None
    shown = {stop.group for stop in made.stops if stop.kind is Kind.ROW}
    assert shown == {group.group for group in groups} - folded


def test_the_filter_looks_at_id_title_status_and_state() -> None:
    groups = board_groups(sample_snapshot())

    def found(needle: str) -> set[str]:
        return {row.shown_id for group in filtered(groups, needle) for row in group.rows}

    assert found("eng-21") == {"ENG-21"}
    assert found("BACK") >= {"ENG-60"}
    assert found("rate_limited") == {"ENG-33"}
    assert found("webhook sender") == {"ENG-21"}
    assert found("no such thing") == set()


def test_the_next_that_needs_you_goes_round_the_end() -> None:
    groups = board_groups(sample_snapshot())
    rows = {row.key: row for group in groups for row in group.rows}
    order = list(rows)
    assert next_needing(order, rows, "issue:ENG-37") == "issue:ENG-34"
    assert next_needing(order, rows, "issue:ENG-52") == "issue:ENG-34"
    assert next_needing([], {}, "") is None


@pytest.mark.parametrize("width", [20, 40, 60, 80, 84, 110, 200])
@pytest.mark.parametrize(
    "snapshot", [sample_snapshot(), stale_snapshot(), failed_snapshot(), first_run_snapshot(), empty_snapshot()]
)
def test_the_header_fits_and_health_keeps_the_right_end(snapshot: Snapshot, width: int) -> None:
    line = plain(header_line(snapshot, width, UNICODE, NOW))
    assert cell_len(line) == width
    assert line.startswith(" legion") or width < 40
    if any(not health.ok for health in snapshot.sources.values()):
        assert ":" in line
    else:
        assert line.rstrip().endswith("ok")


@pytest.mark.parametrize("width", [60, 110])
def test_the_second_best_way_to_read_a_source_is_named(width: int) -> None:
    snapshot = sample_snapshot()
    health = replace(snapshot.sources[Source.TMUX], via="one-shot", fallback="it has left")
    told = replace(snapshot, sources={**snapshot.sources, Source.TMUX: health})
    assert "ok one-shot" in plain(header_line(told, width, UNICODE, NOW))
    calm = replace(snapshot, sources={**snapshot.sources, Source.TMUX: replace(health, fallback="")})
    assert "one-shot" not in plain(header_line(calm, width, UNICODE, NOW))


def test_a_narrow_header_keeps_what_needs_you() -> None:
    assert "4 need you" in plain(header_line(sample_snapshot(), 50, UNICODE, NOW))
    assert "slots" not in plain(header_line(sample_snapshot(), 60, UNICODE, NOW))


def test_a_foreign_project_name_cannot_break_the_header() -> None:
    project = Project("7b4f0862-b775-4cb0-9a67-85400c6f44a8", "x", "K" * 300, name="\x1b]0;x\x07日本" * 40)
    line = plain(header_line(replace(empty_snapshot(), project=project), 80, UNICODE, NOW))
    assert cell_len(line) == 80
    assert line.isprintable()


@given(st.lists(st.text("abcdef", min_size=1, max_size=12), max_size=12), st.integers(1, 120))
def test_the_footer_fits_and_keeps_help(labels: list[str], width: int) -> None:
    hints = [Hint(label, "x", label) for label in labels]
    last = Hint("help", "?", "help")
    assert cell_len(plain(footer_line(hints, last, width, "⋯"))) == width
    placed = placed_hints(hints, last, width)
    assert not placed or placed[-1][1] is last


def test_next_steps() -> None:
    steps = {row.shown_id: step_of(row, UTC) for group in board_groups(sample_snapshot()) for row in group.rows}
    assert steps["ENG-34"] == Step("answer", "review plan")
    assert steps["ENG-21"] == Step("answer", "answer")
    assert steps["ENG-40"] == Step("answer", "decide")
    assert steps["ENG-52"] == Step("advance", "dispatch")
    assert steps["ENG-29"] == Step("attach", "attach")
    assert steps["ENG-33"] == Step("", "until 16:40")
    assert steps["ENG-26"] == Step("", "after ENG-21")
    assert steps["ENG-3"] == Step("", "")


def test_an_approval_is_given_on_the_tracker() -> None:
    issue = issue_state(NOW, "A-1", "T", "Backlog", Attention.NEEDS_YOU, labels=frozenset({Label.NEEDS_APPROVAL}))
    ((row,),) = (group.rows for group in board_groups(Snapshot(issues=(issue,))))
    assert step_of(row) == Step("open", "approve")


@pytest.mark.parametrize("state", WorkerState)
def test_every_state_has_a_next_step_or_none_but_never_breaks(state: WorkerState) -> None:
    for attention in Attention:
        issue = issue_state(NOW, "A-1", "T", "Todo", attention, working=worker(NOW, state))
        for group in board_groups(Snapshot(issues=(issue,), sessions=(worker(NOW, state),))):
            for row in group.rows:
                assert step_of(row).command in ("", "attach", "why", "open")


@pytest.mark.parametrize("width", [30, 60, 80, 120])
@pytest.mark.parametrize(
    "snapshot", [sample_snapshot(), stale_snapshot(), failed_snapshot(), first_run_snapshot(), empty_snapshot()]
)
def test_plain_lines_fit_and_hold_everything(snapshot: Snapshot, width: int) -> None:
    lines = board_lines(snapshot, width, NOW)
    assert max(map(cell_len, lines)) <= width
    assert [line for line in lines if line != line.rstrip() or "\x1b" in line] == []
    if width >= 60:
        text = "\n".join(lines)
        assert [issue.id for issue in snapshot.issues if issue.id not in text] == []


def test_plain_lines_can_fold_groups() -> None:
    text = "\n".join(board_lines(sample_snapshot(), 80, NOW, folded=(Group.BACKLOG,)))
    assert "BACKLOG 5 ▸" in text
    assert "ENG-60" not in text
