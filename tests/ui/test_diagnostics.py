"""The program's own figures on the screen, and the order of reading changed from there."""

from __future__ import annotations

from collections.abc import Callable

from textual.pilot import Pilot

from legion_tui.state import Source, Strategy
from legion_tui.state.diagnostics import Cost, Diagnostics, SourceFigures, Timing
from legion_tui.ui.screens.diagnostics import DiagnosticsScreen
from tests.support.apps import on_stage
from tests.support.ports import FakeCollector
from tests.support.snapshots import sample_snapshot
from tests.support.stage import Stage, shown, until

FIGURES = Diagnostics(
    transport="one-shot",
    transport_why="tmux 3.3a may crash with a client in control mode, 3.8 does not",
    sources={
        Source.TRACKER: SourceFigures(Timing(last_ms=412, p50_ms=398, p95_ms=803, readings=20), Cost(190_000)),
        Source.TMUX: SourceFigures(
            Timing(last_ms=11.2, p50_ms=10.4, p95_ms=18.9, readings=600, failures=3), Cost(8_200_000, 604)
        ),
        Source.AGENTS: SourceFigures(Timing(last_ms=2.1, p50_ms=1.9, p95_ms=4.4, readings=640), Cost(12_000_000)),
    },
    folders_watched=4,
    file_events=41,
    longest_stall_ms=7.5,
    snapshots=1260,
    uptime_seconds=600,
    cpu_seconds=6.0,
    memory_bytes=80 * 1024 * 1024,
)


def stage() -> tuple[FakeCollector, Stage]:
    collector = FakeCollector()
    collector.figures = FIGURES
    return collector, Stage(lambda: DiagnosticsScreen(collector))


async def test_another_order_of_reading_holds_at_once() -> None:
    collector, app = stage()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "concurrent: every source" in shown(app))
        await pilot.press("s")
        await until(pilot, lambda: "polling: one source after the other" in shown(app))
        assert collector.strategy is Strategy.POLLING
        await pilot.press("s", "s")
        await until(pilot, lambda: "concurrent: every source" in shown(app))
        await pilot.press("escape")


async def test_the_figures_go_on() -> None:
    collector, app = stage()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "7.5 ms of the event loop" in shown(app))
        collector.figures = Diagnostics(longest_stall_ms=31.0)
        await until(pilot, lambda: "31 ms of the event loop" in shown(app))


async def test_the_board_opens_them() -> None:
    async with on_stage(sample_snapshot()) as board:
        await board.press("D")
        assert type(board.app.screen).__name__ == "DiagnosticsScreen"


async def test_the_board_says_which_row_is_selected_and_when_it_is_not_painted() -> None:
    async with on_stage(sample_snapshot()) as board:
        await board.press("j")
        assert board.board.row is not None
        assert board.collector.selected[-1] == board.board.row.target
        board.app.app_suspend_signal.publish(board.app)
        board.app.app_resume_signal.publish(board.app)
        await board.settle()
        assert board.collector.rested == [True, False]


def test_picture(snap_compare: Callable[..., bool]) -> None:
    async def wait(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "tmux" in shown(pilot.app))

    assert snap_compare(stage()[1], terminal_size=(80, 24), run_before=wait)
