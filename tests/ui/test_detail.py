from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import ModalScreen, Screen

from legion_tui.present import ansi
from legion_tui.state import EMPTY, Snapshot
from legion_tui.ui.ports import LiveScreen as Screenful
from legion_tui.ui.ports import LogLine
from legion_tui.ui.screens.detail import DetailScreen
from legion_tui.ui.widgets import live_screen
from legion_tui.ui.widgets.detail_pane import DetailPane, Tab
from legion_tui.ui.widgets.live_screen import LiveScreen
from tests.support.ports import FakeCollector
from tests.support.snapshots import NOW, sample_snapshot, with_issue, without_issue
from tests.support.stage import SIZES, Stage, shown, until

SNAPSHOT = sample_snapshot()
RULE = f"\x1b[2m{'─' * 150}\x1b[22m"
LINES = (
    "\x1b[38;5;153m❯\x1b[39m add a retry to the webhook sender",
    "",
    "\x1b[38;5;231m●\x1b[39m I'll look at the senders first.",
    "",
    '\x1b[38;5;114m●\x1b[39m \x1b[1mSearch\x1b[22m(pattern: "requests.post", path: "api")',
    "     Found \x1b[1m3\x1b[22m files",
    "",
    "\x1b[38;5;114m●\x1b[39m \x1b[1mUpdate\x1b[22m(api/hooks.py)",
    "      12   def deliver(event):",
    "      \x1b[48;2;61;1;0m13 -     requests.post(url, json=event)",
    "\x1b[48;2;2;40;0m      13 +     for attempt in range(5):",
    "      14 +         if send(url, event): return\x1b[0m",
    "",
    "\x1b[38;5;174m* Puzzling…\x1b[39m \x1b[2m(12s · 48 tokens · esc to interrupt)\x1b[22m",
    "",
    RULE,
    "❯\u00a0\x1b[7m \x1b[27m",
    RULE,
    "  \x1b[38;5;153maccept edits on\x1b[39m\x1b[2m (shift+tab to cycle)\x1b[22m",
    "",
    "",
)


def collector(lines: tuple[str, ...] = LINES) -> FakeCollector:
    made = FakeCollector()
    made.screens["ENG-21"] = Screenful(lines=lines, width=200)
    made.logs["ENG-21"] = (
        LogLine(at="2026-03-14T14:51:02Z", text="dispatched implement, window eng-21-implement"),
        LogLine(at="2026-03-14T14:58:40Z", text="answered: which database? SQLite, confirmed by keys"),
    )
    return made


def stage(
    made: FakeCollector | None = None, target: str = "ENG-21", snapshot: Snapshot = SNAPSHOT, tab: Tab = Tab.SCREEN
) -> Stage:
    reads = made or collector()
    return Stage(lambda: DetailScreen(reads, target, snapshot, now=lambda: NOW, tab=tab))


def screen_of(app: Stage) -> DetailScreen:
    screen = app.screen
    assert isinstance(screen, DetailScreen)
    return screen


async def seen(pilot: Pilot[Any], text: str) -> None:
    await until(pilot, lambda: text in shown(pilot.app))


async def test_the_screen_is_shown_in_colour() -> None:
    app = stage()
    async with app.run_test(size=(120, 40)) as pilot:
        await seen(pilot, "accept edits on")
        assert "ENG-21  Retry for the webhook sender" in shown(app)
        live = app.screen.query_one(LiveScreen)
        added = live.render_line(11)
        colours = {segment.style.bgcolor.triplet for segment in added if segment.style and segment.style.bgcolor}
        assert (2, 40, 0) in colours
        assert "if send(url, event): return" in added.text


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (["2"], "Deliveries that fail are lost."),
        (["3"], "#412"),
        (["4"], "dispatched implement"),
        (["5"], "a question waits for you"),
        (["5", "1"], "accept edits on"),
        (["tab"], "Deliveries that fail are lost."),
        (["right_square_bracket", "right_square_bracket"], "#412"),
        (["shift+tab"], "a question waits for you"),
        (["left_square_bracket", "left_square_bracket"], "dispatched implement"),
        (["tab", "tab", "tab", "tab", "tab"], "accept edits on"),
    ],
)
async def test_keys_open_the_pages(keys: list[str], text: str) -> None:
    app = stage()
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press(*keys)
        await seen(pilot, text)


async def test_a_click_opens_a_page() -> None:
    app = stage()
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.pause()
        await pilot.click(".detail-tabs", offset=(24, 0))
        await seen(pilot, "#412")


@pytest.mark.parametrize(
    ("key", "result"), [("escape", None), ("q", None), ("space", None), ("t", "attach"), ("a", "answer")]
)
async def test_keys_leave(key: str, result: str | None) -> None:
    app = stage()
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.pause()
        await pilot.press(key)
        await pilot.pause()
        assert app.results == [result]


async def test_a_session_has_all_pages_too() -> None:
    session = SNAPSHOT.sessions[0].session_id
    app = stage(target=session)
    async with app.run_test(size=(100, 40)) as pilot:
        await seen(pilot, "no screen")
        for key, text in (
            ("2", "This session belongs to no issue."),
            ("3", "has no pull request here"),
            ("4", "Nothing was done here yet"),
            ("5", "status file decided"),
        ):
            await pilot.press(key)
            await seen(pilot, text)


async def test_the_newest_snapshot_is_shown_and_what_left_the_board_says_so() -> None:
    app = stage(tab=Tab.ISSUE)
    async with app.run_test(size=(100, 40)) as pilot:
        await seen(pilot, "Deliveries that fail")
        state = SNAPSHOT.issue("ENG-21")
        assert state is not None
        screen_of(app).show(with_issue(SNAPSHOT, replace(state, issue=replace(state.issue, body="Other words."))))
        await seen(pilot, "Other words.")
        screen_of(app).show(without_issue(SNAPSHOT, "ENG-21"))
        await seen(pilot, "not on the board any more")


async def test_the_log_is_read_again_with_every_snapshot() -> None:
    reads = collector()
    app = stage(reads, tab=Tab.LOG)
    async with app.run_test(size=(100, 40)) as pilot:
        await seen(pilot, "confirmed by keys")
        reads.logs["ENG-21"] = (*reads.logs["ENG-21"], LogLine(at="2026-03-15T00:00:00Z", text="a new line"))
        screen_of(app).show(sample_snapshot())
        await seen(pilot, "a new line")


async def test_a_page_scrolls() -> None:
    app = stage(tab=Tab.ISSUE)
    async with app.run_test(size=(60, 14)) as pilot:
        await seen(pilot, "status")
        assert "session" not in shown(app)
        await pilot.press("end")
        await seen(pilot, "session")


# The live screen


async def test_it_follows_the_end_until_it_is_scrolled_and_again_after_G() -> None:
    lines = tuple(f"line {n}" for n in range(60))
    reads = collector(lines)
    app = stage(reads)
    async with app.run_test(size=(60, 20)) as pilot:
        await seen(pilot, "line 59")
        reads.screens["ENG-21"] = Screenful(lines=(*lines, "line 60"), width=200)
        await seen(pilot, "line 60")
        await pilot.press("k", "pageup", "ctrl+u", "k")
        reads.screens["ENG-21"] = Screenful(lines=(*lines, "line 60", "line 61"), width=200)
        await pilot.pause(0.7)
        assert "line 61" not in shown(app)
        await pilot.press("g")
        await seen(pilot, "line 0 ")
        await pilot.press("j", "pagedown")
        await until(pilot, lambda: "line 0 " not in shown(app))
        await pilot.press("G")
        await seen(pilot, "line 61")


async def test_it_scrolls_sideways() -> None:
    app = stage(collector(("a" * 100 + "END",)))
    async with app.run_test(size=(60, 20)) as pilot:
        await seen(pilot, "aaaa")
        assert "END" not in shown(app)
        await pilot.press(*["right"] * 8)
        await seen(pilot, "END")
        await pilot.press(*["left"] * 8)
        await until(pilot, lambda: "END" not in shown(app))


@pytest.mark.parametrize("note", ["no worker", "the pane is gone", "[/nope] [bold]x"])
async def test_a_note_stands_where_there_is_no_screen(note: str) -> None:
    reads = collector()
    reads.screens["ENG-21"] = Screenful(note=note)
    app = stage(reads)
    async with app.run_test(size=(60, 20)) as pilot:
        await seen(pilot, note)
        reads.screens["ENG-21"] = Screenful(lines=("back",), width=10)
        await seen(pilot, "back")


async def test_an_empty_screen_says_so() -> None:
    app = stage(collector(("", "   ")))
    async with app.run_test(size=(60, 20)) as pilot:
        await seen(pilot, "The screen is empty.")


class Alone(Screen[None]):
    """A live screen with nothing around it."""

    def __init__(self, reads: FakeCollector, clock: Callable[[], float]) -> None:
        super().__init__()
        self.live = LiveScreen(reads.screen, monotonic=clock)
        self.live.target = "ENG-21"

    def compose(self) -> Any:
        yield self.live


async def test_only_lines_that_changed_and_are_in_view_are_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []

    def counting(text: str, entry: ansi.Sgr = ansi.PLAIN) -> tuple[tuple[ansi.Run, ...], ansi.Sgr]:
        parsed.append(text)
        return ansi.parse_line(text, entry)

    monkeypatch.setattr(live_screen, "parse_line", counting)
    lines = tuple(f"line {n}" for n in range(200))
    reads = collector(lines)
    app = Stage(lambda: Alone(reads, lambda: 0.0))
    async with app.run_test(size=(60, 20)) as pilot:
        await seen(pilot, "line 199")
        assert set(parsed) <= {*lines[:20], *lines[180:]}
        parsed.clear()

        reads.screens["ENG-21"] = Screenful(lines=("other", *lines[1:190], "changed", *lines[191:]), width=200)

        await seen(pilot, "changed")
        assert parsed == ["changed"]


async def test_colour_that_changes_above_the_view_repaints_the_lines_that_it_reaches() -> None:
    lines = tuple("x" for _ in range(40))
    reads = collector(lines)
    app = Stage(lambda: Alone(reads, lambda: 0.0))
    async with app.run_test(size=(20, 10)) as pilot:
        await seen(pilot, "x")
        live = app.screen.query_one(LiveScreen)
        reads.screens["ENG-21"] = Screenful(lines=("\x1b[48;2;1;2;3mx", *lines[1:]), width=200)

        def painted() -> bool:
            style = next(iter(live.render_line(9))).style
            return style is not None and style.bgcolor is not None and style.bgcolor.triplet == (1, 2, 3)

        await until(pilot, painted)


async def test_it_reads_often_after_a_key_and_seldom_otherwise() -> None:
    reads = collector(("still",))
    now = [100.0]
    app = Stage(lambda: Alone(reads, lambda: now[0]))
    async with app.run_test(size=(20, 10)) as pilot:
        await seen(pilot, "still")
        now[0] += 10
        await pilot.pause(0.2)
        reads.asked_screens.clear()
        reads.asked_closely.clear()
        await pilot.pause(1.1)
        assert 1 <= len(reads.asked_screens) <= 3
        assert not any(reads.asked_closely)
        app.screen.query_one(LiveScreen).focus()
        await pilot.press("j")
        reads.asked_screens.clear()
        reads.asked_closely.clear()
        await pilot.pause(1.1)
        assert len(reads.asked_screens) >= 5
        assert all(reads.asked_closely)


@pytest.fixture
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """So often that what is not read for a moment is not read at all."""
    monkeypatch.setattr(live_screen, "FAST_SECONDS", 0.01)
    monkeypatch.setattr(live_screen, "SLOW_SECONDS", 0.01)


@pytest.mark.usefixtures("_hasty")
async def test_it_reads_nothing_while_hidden_or_behind_another_screen() -> None:
    reads = collector()
    app = stage(reads)
    async with app.run_test(size=(60, 20)) as pilot:
        await seen(pilot, "accept edits")
        await pilot.press("2")
        await pilot.pause(0.1)
        reads.asked_screens.clear()
        await pilot.pause(0.1)
        assert reads.asked_screens == []

        await pilot.press("1")
        await until(pilot, lambda: bool(reads.asked_screens))
        await app.push_screen(ModalScreen[None]())
        reads.asked_screens.clear()
        await until(pilot, lambda: bool(reads.asked_screens))

        await app.push_screen(Screen[None]())
        await pilot.pause(0.1)
        reads.asked_screens.clear()
        await pilot.pause(0.1)
        assert reads.asked_screens == []


@pytest.mark.usefixtures("_hasty")
async def test_it_rests_while_the_app_is_suspended() -> None:
    reads = collector()
    app = stage(reads)
    async with app.run_test(size=(60, 20)) as pilot:
        await seen(pilot, "accept edits")
        app.app_suspend_signal.publish(app)
        await pilot.pause(0.1)
        reads.asked_screens.clear()
        await pilot.pause(0.1)
        assert reads.asked_screens == []
        app.app_resume_signal.publish(app)
        await until(pilot, lambda: bool(reads.asked_screens))


async def test_another_target_never_shows_the_first_ones_screen() -> None:
    reads = collector(("of the first",))
    reads.screens["ENG-29"] = Screenful(lines=("of the second",), width=20)
    app = stage(reads)
    async with app.run_test(size=(60, 20)) as pilot:
        await seen(pilot, "of the first")
        pane = app.screen.query_one(DetailPane)
        pane.show("ENG-29", SNAPSHOT)
        assert pane.target == "ENG-29"
        await pilot.pause()
        assert "of the first" not in shown(app)
        await seen(pilot, "of the second")
        assert "Ledger export" in shown(app)
        pane.show(None, EMPTY)
        await seen(pilot, "No worker is selected.")


@pytest.mark.parametrize("size", [*SIZES, (30, 8)])
async def test_foreign_text_does_not_bleed(size: tuple[int, int]) -> None:
    hostile = (
        "\x1b]0;title\x07\x1b[31m[/nope] [bold]漢字e\u0301👩\u200d💻\x1b]8;;http://e\x1b\\z\x1b[2J\x9b1m\u202eא" * 9
    )
    reads = collector((hostile, *LINES, hostile))
    state = SNAPSHOT.issue("ENG-21")
    assert state is not None
    body = "[/nope] [bold]x[/] # 漢字 [l](javascript:x) <script> " * 30
    snapshot = with_issue(SNAPSHOT, replace(state, issue=replace(state.issue, title=body, body=body)))
    app = stage(reads, snapshot=snapshot)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: bool(reads.asked_screens))
        for key in "12345":
            await pilot.press(key)
            await pilot.pause(0.05)
            rows = app.screen._compositor.render_strips()
            assert [row.cell_length for row in rows] == [size[0]] * size[1]
            text = "\n".join(row.text for row in rows)
            assert not set(text) & set("\x1b\x9b\x07\u202e")


# Pictures


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_picture_of_the_screen(size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    async def wait(pilot: Pilot[None]) -> None:
        await seen(pilot, "accept edits on")

    assert snap_compare(stage(), terminal_size=size, run_before=wait)


@pytest.mark.parametrize("size", [(60, 20), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize(
    ("tab", "text"),
    [(Tab.ISSUE, "Deliveries"), (Tab.PULL_REQUEST, "#412"), (Tab.LOG, "confirmed"), (Tab.WHY, "decided")],
    ids=["issue", "pr", "log", "why"],
)
def test_picture_of_a_page(tab: Tab, text: str, size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    async def wait(pilot: Pilot[None]) -> None:
        await seen(pilot, text)

    assert snap_compare(stage(tab=tab), terminal_size=size, run_before=wait)
