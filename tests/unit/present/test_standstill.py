"""When the board says that nothing works."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from legion_tui.present.glyphs import UNICODE
from legion_tui.present.line import Tone, plain
from legion_tui.present.notices import notice_lines
from legion_tui.present.standstill import standstill
from legion_tui.state import Snapshot, Source, SourceHealth, WorkerState
from legion_tui.state.snooze import Snooze, lulled, snooze_mark
from tests.support.snapshots import NOW, empty_snapshot, first_run_snapshot, sample_snapshot


def at_rest(seconds: float, state: WorkerState = WorkerState.IDLE) -> Snapshot:
    """The working day, in which every worker that worked has come to rest; the last one so many seconds ago."""
    issues = []
    since = NOW - timedelta(seconds=seconds)
    for issue in sample_snapshot().issues:
        worker = issue.worker
        if worker is not None and worker.question is None and worker.state is not WorkerState.RATE_LIMITED:
            worker = replace(worker, state=state)
        if worker is not None:
            worker = replace(worker, since=since)
        issues.append(replace(issue, worker=worker))
    return replace(sample_snapshot(), issues=tuple(issues))


@pytest.mark.parametrize(
    ("seconds", "tone"),
    [(0, None), (179, None), (180, Tone.WARN), (299, Tone.WARN), (300, Tone.BAD), (9_000, Tone.BAD)],
)
def test_it_is_told_after_three_minutes_and_loudly_after_five(seconds: float, tone: Tone | None) -> None:
    found = standstill(at_rest(seconds), NOW)
    assert (found[1] if found is not None else None) is tone


def test_it_says_for_how_long_and_what_can_be_done() -> None:
    found = standstill(at_rest(240), NOW)
    assert found is not None
    assert found[0] == "nothing has worked for 4m: 4 need you, 3 are ready, 1 waits for a limit"
    told = [plain(line).strip() for line in notice_lines(at_rest(240), 100, UNICODE, NOW)]
    assert told == [found[0]]
    assert "nothing" not in "".join(plain(line) for line in notice_lines(at_rest(240), 100, UNICODE, NOW, paused=True))


def test_it_is_no_matter_while_one_works_or_nothing_is_to_do() -> None:
    assert standstill(sample_snapshot(), NOW + timedelta(hours=1)) is None
    assert standstill(empty_snapshot(), NOW + timedelta(hours=1)) is None
    assert standstill(first_run_snapshot(), NOW + timedelta(hours=1)) is None
    # Nobody was ever started: nothing stands still.
    none = replace(sample_snapshot(), issues=tuple(replace(i, worker=None) for i in sample_snapshot().issues))
    assert standstill(none, NOW + timedelta(hours=1)) is None


def test_nothing_is_claimed_of_what_was_not_read() -> None:
    snapshot = at_rest(600)
    blind = {**snapshot.sources, Source.TMUX: SourceHealth(ok=False, error="x", read_at=NOW)}
    assert standstill(replace(snapshot, sources=blind), NOW) is None
    assert standstill(at_rest(600, WorkerState.UNKNOWN), NOW) is None


def test_what_sleeps_does_not_call_for_anybody() -> None:
    snapshot = at_rest(600)
    snoozes = {
        issue.id: Snooze(mark=snooze_mark(issue)) for issue in snapshot.issues if issue.id in ("ENG-21", "ENG-34")
    }
    found = standstill(lulled(snapshot, snoozes, NOW), NOW)
    assert found is not None
    assert "2 need you" in found[0]
