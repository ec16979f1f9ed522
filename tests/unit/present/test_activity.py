"""How much workers worked of late, as a few cells."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from rich.cells import cell_len

from legion_tui.present.activity import CELLS, STEP_SECONDS, Activity
from legion_tui.present.board import board_groups
from legion_tui.present.columns import columns
from legion_tui.present.glyphs import ASCII, UNICODE
from legion_tui.present.plain import board_lines
from legion_tui.state import Snapshot, Worker, WorkerState
from tests.support.snapshots import NOW, sample_snapshot, worker

START = datetime.fromtimestamp(NOW.timestamp() // STEP_SECONDS * STEP_SECONDS, NOW.tzinfo)
LEVELS = "0123"


def seen(*states: WorkerState | None, apart: float = STEP_SECONDS) -> tuple[Activity, Worker, datetime]:
    """One worker, seen in these states; None where nobody looked."""
    activity, one, at = Activity(), worker(NOW, WorkerState.BUSY), START
    for number, state in enumerate(states):
        at = START + timedelta(seconds=number * apart)
        if state is not None:
            activity.feed(Snapshot(sessions=(replace(one, state=state),)), at)
    return activity, one, at


def test_each_cell_is_a_step_the_newest_last() -> None:
    busy, idle = WorkerState.BUSY, WorkerState.IDLE
    activity, one, at = seen(busy, idle, None, busy)
    assert activity.line(one.session_id, at, LEVELS) == "    30 3"
    assert activity.line(one.session_id, at + timedelta(seconds=2 * STEP_SECONDS), LEVELS) == "  30 3  "
    assert activity.line("nobody", at, LEVELS) == " " * CELLS


def test_a_cell_is_as_high_as_much_was_worked_in_its_step() -> None:
    busy, idle = WorkerState.COMPACTING, WorkerState.IDLE
    activity, one, at = seen(busy, idle, idle, apart=1)
    assert activity.line(one.session_id, at, LEVELS)[-1] == "1"
    activity, one, at = seen(busy, busy, idle, apart=1)
    assert activity.line(one.session_id, at, LEVELS)[-1] == "2"


def test_what_it_keeps_is_bounded_and_leaves_with_the_worker() -> None:
    activity, one, at = seen(*[WorkerState.BUSY] * 100)
    assert activity.line(one.session_id, at, LEVELS) == "3" * CELLS
    activity.feed(Snapshot(), at)
    assert activity.line(one.session_id, at, LEVELS) == " " * CELLS


def test_its_cells_are_one_wide_and_ascii_where_that_is_wished_for() -> None:
    assert all(cell_len(level) == 1 for level in UNICODE.levels)
    assert all(not 0x2580 <= ord(level) <= 0x259F for level in UNICODE.levels), "blocks are two wide in some terminals"
    assert "".join(ASCII.levels).isascii()


def test_only_wide_terminals_have_it_and_a_printed_board_never() -> None:
    snapshot = sample_snapshot()
    groups = board_groups(snapshot)
    assert [columns(width, groups, snapshot).activity for width in (60, 80, 120, 200)] == [0, 0, 0, CELLS]
    assert columns(200, groups, snapshot, hidden={"activity"}).activity == 0
    plain = board_lines(snapshot, 200, NOW)
    hidden = columns(200, groups, snapshot, hidden={"activity"})
    assert any(len(line) > hidden.step_x for line in plain)
