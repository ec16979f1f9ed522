"""How long readings took, in figures."""

from __future__ import annotations

import pytest

from legion_tui.state.diagnostics import Cost, Diagnostics, SourceFigures, Timing
from legion_tui.state.snapshot import Source


@pytest.mark.parametrize(
    ("taken", "p50", "p95"),
    [
        ([7.0], 7.0, 7.0),
        ([1.0, 3.0], 1.0, 3.0),
        ([5.0, 1.0, 3.0], 3.0, 5.0),
        ([float(n) for n in range(1, 101)], 50, 95),
    ],
)
def test_half_and_nineteen_in_twenty_did_not_take_longer(taken: list[float], p50: float, p95: float) -> None:
    told = Timing.of(taken, readings=len(taken), failures=0)
    assert (told.last_ms, told.p50_ms, told.p95_ms) == (taken[-1], p50, p95)


def test_before_the_first_reading_there_is_no_figure() -> None:
    assert Timing.of([], readings=0, failures=0) == Timing()


def test_processes_are_added_up() -> None:
    figures = {source: SourceFigures(Timing(), Cost(processes=2)) for source in (Source.TMUX, Source.PULL_REQUESTS)}
    assert Diagnostics(sources=figures).processes == 4
