"""The program's own figures, in a table and in words."""

from __future__ import annotations

import pytest

from legion_tui.present.diagnostics import diagnostics_lines, milliseconds, size, source_words
from legion_tui.present.prose import width_of
from legion_tui.state import Source, Strategy
from legion_tui.state.diagnostics import Cost, Diagnostics, SourceFigures, Timing

TMUX = SourceFigures(Timing(last_ms=11.25, p50_ms=10.0, p95_ms=140.4, readings=300, failures=2), Cost(2048, 301))
FIGURES = Diagnostics(
    strategy=Strategy.PRIORITY,
    transport="one-shot",
    transport_why="tmux 3.3a may crash with a client in control mode, 3.8 does not",
    sources={Source.TMUX: TMUX, Source.PULL_REQUESTS: SourceFigures(Timing(), Cost())},
    folders_watched=2,
    file_events=41,
    longest_stall_ms=7.5,
    snapshots=312,
    uptime_seconds=600,
    cpu_seconds=6.0,
    memory_bytes=80 * 1024 * 1024,
)


def text(figures: Diagnostics, width: int = 90) -> list[str]:
    return ["".join(part for part, _ in line) for line in diagnostics_lines(figures, width)]


def test_each_source_has_a_line() -> None:
    lines = text(FIGURES)
    assert lines[0].split() == ["source", "last", "p50", "p95", "readings", "failed", "read", "processes"]
    assert lines[1].split() == ["tmux", "11.2", "ms", "10.0", "ms", "140", "ms", "300", "2", "2", "kB", "301"]
    assert lines[2].split() == ["pull", "requests", "-", "-", "-", "0", "0", "0", "B", "0"]


def test_how_it_is_read_is_told_in_words() -> None:
    told = " ".join(" ".join(text(FIGURES)).split())
    assert "one-shot (tmux 3.3a may crash with a client in control mode, 3.8 does not)" in told
    assert "priority: what is selected or waits for you before the rest" in told
    assert "41 told, 2 folders are watched" in told
    assert "7.5 ms of the event loop" in told
    assert "301 started, in 10m" in told
    assert "80 MB of memory, 1.0% of one core" in told


def test_where_files_tell_nothing_it_says_why() -> None:
    assert "none yet" in " ".join(text(Diagnostics()))
    told = " ".join(" ".join(text(Diagnostics(file_events_why="No space left on device"))).split())
    assert "none, files are looked at by the clock (No space left on device)" in told


@pytest.mark.parametrize("width", [45, 60, 80, 120])
def test_nothing_is_wider_than_the_screen(width: int) -> None:
    assert max(width_of(line) for line in diagnostics_lines(FIGURES, width)) <= width


def test_a_source_in_a_sentence() -> None:
    assert source_words(TMUX) == "median of 300 10.0 ms, 95 % within 140 ms, 2 kB read, 301 processes"
    assert source_words(SourceFigures(Timing(readings=1, p50_ms=1, p95_ms=1), Cost(processes=1))).endswith("1 process")


@pytest.mark.parametrize(
    ("count", "shown"), [(0, "0 B"), (1023, "1023 B"), (1024, "1 kB"), (5 << 20, "5 MB"), (3 << 30, "3.0 GB")]
)
def test_sizes(count: int, shown: str) -> None:
    assert size(count) == shown


def test_times() -> None:
    assert [milliseconds(it) for it in (None, 0.04, 99.94, 100.0)] == ["-", "0.0 ms", "99.9 ms", "100 ms"]
