from __future__ import annotations

from collections.abc import Callable

from textual.pilot import Pilot

from legion_tui.ui.ports import LogLine
from legion_tui.ui.screens.log import LogScreen
from tests.support.ports import FakeCollector
from tests.support.stage import Stage, shown, until


def stage(*lines: LogLine) -> Stage:
    collector = FakeCollector()
    collector.logs["ENG-21"] = lines
    return Stage(lambda: LogScreen(collector, "ENG-21"))


async def test_the_newest_line_is_in_view() -> None:
    app = stage(*(LogLine(at=f"2026-03-14T10:{n:02}:00Z", text=f"step {n} [/nope] 漢字") for n in range(60)))
    async with app.run_test(size=(60, 20)) as pilot:
        await until(pilot, lambda: "10:59:00  step 59 [/nope] 漢字" in shown(app))
        assert "log of ENG-21" in shown(app)
        await pilot.press("g")
        assert "step 0 " in shown(app)
        await pilot.press("escape")
        await pilot.pause()
        assert app.results == [None]


async def test_nothing_was_done_yet() -> None:
    app = stage()
    async with app.run_test(size=(60, 20)) as pilot:
        await until(pilot, lambda: "Nothing was done here yet" in shown(app))


def test_picture(snap_compare: Callable[..., bool]) -> None:
    async def wait(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "SQLite" in shown(pilot.app))

    app = stage(
        LogLine(at="2026-03-13T18:51:02Z", text="dispatched implement, window eng-21-implement"),
        LogLine(at="2026-03-14T14:58:40Z", text="answered: which database? SQLite, confirmed by keys"),
    )
    assert snap_compare(app, terminal_size=(80, 24), run_before=wait)
