"""Pictures of the board's designed states at the four sizes that are looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from legion_tui.state import Snapshot
from tests.support.apps import make_stage
from tests.support.snapshots import (
    empty_snapshot,
    failed_snapshot,
    first_run_snapshot,
    sample_snapshot,
    stale_snapshot,
    with_issue,
)

SIZES = [(60, 20), (80, 24), (120, 40), (200, 50)]
STATES: dict[str, list[Snapshot]] = {
    "board": [sample_snapshot()],
    "empty": [empty_snapshot()],
    "failed": [failed_snapshot()],
    "first-run": [first_run_snapshot()],
    "loading": [],
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", STATES)
def test_picture(name: str, size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(make_stage(STATES[name]).app, terminal_size=size)


def test_picture_of_old_data(snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(make_stage([stale_snapshot()]).app, terminal_size=(120, 40))


@pytest.mark.parametrize("size", [(60, 20), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_picture_of_a_version_that_is_not_covered(size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    snapshot = sample_snapshot()
    state = snapshot.issue("ENG-21")
    assert state is not None
    assert state.worker is not None
    newer = replace(state, worker=replace(state.worker, version="2.2.0", tested=False))
    assert snap_compare(make_stage([with_issue(snapshot, newer)]).app, terminal_size=size)


def test_picture_of_a_filter(snap_compare: Callable[..., bool]) -> None:
    stage = make_stage([sample_snapshot()])
    assert snap_compare(stage.app, press=["slash", *"refund", "enter"], terminal_size=(120, 40))
