"""Rows that are put to sleep by key, and how they wake."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from textual.pilot import Pilot

from legion_tui.errors import LegionError
from legion_tui.state import WorkerState
from legion_tui.state.snooze import Snooze, snooze_mark
from legion_tui.ui.preferences import Preferences
from legion_tui.ui.screens.inbox import InboxScreen
from tests.support.apps import Stage, make_stage, on_stage
from tests.support.snapshots import NOW, sample_snapshot, with_issue
from tests.support.stage import SIZES

HOUR = timedelta(hours=1)


@dataclass
class Keeper:
    """Keeps in memory what it is told, and fails where it is to."""

    kept: dict[str, Snooze] = field(default_factory=dict)
    broken: str = ""
    changes: list[Mapping[str, Snooze | None]] = field(default_factory=list)

    async def load(self) -> Mapping[str, Snooze]:
        self._check()
        return dict(self.kept)

    async def change(self, changes: Mapping[str, Snooze | None]) -> Mapping[str, Snooze]:
        self._check()
        self.changes.append(dict(changes))
        for target, snooze in changes.items():
            self.kept.pop(target, None)
            if snooze is not None:
                self.kept[target] = snooze
        return self.kept

    def _check(self) -> None:
        if self.broken:
            raise LegionError("what is snoozed could not be read", self.broken, "mend it")


def mark_of(issue_id: str) -> str:
    state = sample_snapshot().issue(issue_id)
    assert state is not None
    return snooze_mark(state)


async def settled(stage: Stage) -> None:
    """Let the board come to rest, as it does once nobody touches it."""
    stage.seconds += 60
    stage.board.settle()
    await stage.settle()


async def tick(stage: Stage, by: timedelta) -> None:
    """Move the clock on, and have the app look at it."""
    stage.now += by
    stage.app.look_again()
    await settled(stage)


async def test_a_row_sleeps_for_as_long_as_was_chosen_and_leaves_what_needs_you() -> None:
    keeper = Keeper()
    async with on_stage(sample_snapshot(), snoozes=keeper) as stage:
        await stage.press("j", "z")
        assert "snooze ENG-21" in stage.text()
        assert "2 1 hour" in stage.text()
        await stage.press("2")
        assert keeper.kept == {"ENG-21": Snooze(mark=mark_of("ENG-21"), until=NOW + HOUR)}
        assert stage.toasts == ["ENG-21: snoozed until 16:09, or until a change; z wakes"]
        # It keeps its place while keys are pressed, and says how long it sleeps.
        assert stage.board.selected == "issue:ENG-21"
        assert "until 16:09" in stage.lines()[stage.line_of("ENG-21")]
        assert "z wake" in stage.lines()[-1]
        assert "3 need you" in stage.lines()[0]
        await settled(stage)
        assert "SNOOZED 1 ▸" in stage.text()
        assert "ENG-21" not in stage.text().replace("after ENG-21", "").replace("ENG-21: snoozed", "")
        assert stage.board.selected == "issue:ENG-40"


async def test_the_same_key_again_wakes_it() -> None:
    keeper = Keeper()
    async with on_stage(sample_snapshot(), snoozes=keeper) as stage:
        await stage.press("j", "z", "2", "z")
        assert keeper.kept == {}
        assert stage.toasts[-1] == "ENG-21: awake"
        await settled(stage)
        assert "4 need you" in stage.lines()[0]
        assert stage.board.selected == "issue:ENG-21"


@pytest.mark.parametrize("keys", [["escape"], ["q"], ["9"]], ids=lambda keys: keys[0])
async def test_nothing_sleeps_without_a_choice(keys: list[str]) -> None:
    keeper = Keeper()
    async with on_stage(sample_snapshot(), snoozes=keeper) as stage:
        await stage.press("j", "z", *keys)
        assert keeper.changes == []


async def test_the_choice_is_marked_by_keys_or_pressed_with_the_mouse() -> None:
    keeper = Keeper()
    async with on_stage(sample_snapshot(), snoozes=keeper) as stage:
        await stage.press("j", "z", "k", *"jjjjjjjj", "enter")
        assert keeper.kept["ENG-21"].until is None
        assert stage.toasts == ["ENG-21: snoozed until something changes; z wakes"]
        await stage.press("j", "z")
        await stage.pilot.click("#choosing-choices", offset=(4, 2))
        await stage.settle()
        assert keeper.kept["ENG-40"].until == NOW + 4 * HOUR


async def test_it_wakes_by_itself_when_its_time_has_come() -> None:
    keeper = Keeper()
    async with on_stage(sample_snapshot(), snoozes=keeper) as stage:
        await stage.press("j", "z", "1")
        await tick(stage, timedelta(minutes=14, seconds=59))
        assert "SNOOZED 1" in stage.text()
        await tick(stage, timedelta(seconds=1))
        assert "SNOOZED" not in stage.text()
        assert stage.toasts[-1] == "awake again: ENG-21"
        assert keeper.kept == {}
        # Once is enough.
        await tick(stage, timedelta(seconds=1))
        assert stage.toasts.count("awake again: ENG-21") == 1


async def test_a_change_wakes_it_and_its_id_is_bold() -> None:
    async with on_stage(sample_snapshot(), snoozes=Keeper()) as stage:
        await stage.press("j", "z", "5", "j")
        await settled(stage)
        state = sample_snapshot().issue("ENG-21")
        assert state is not None
        assert state.worker is not None
        crashed = replace(state, worker=replace(state.worker, state=WorkerState.CRASHED, question=None))
        await stage.show(with_issue(sample_snapshot(), crashed))
        await settled(stage)
        assert "crashed" in stage.lines()[stage.line_of("ENG-21 ")]
        assert "issue:ENG-21" in stage.board._sheet.unseen


async def test_what_was_snoozed_sleeps_on_after_a_restart() -> None:
    keeper = Keeper({"ENG-21": Snooze(mark=mark_of("ENG-21"), until=NOW + HOUR)})
    async with on_stage(sample_snapshot(), snoozes=keeper) as stage:
        await settled(stage)
        assert "SNOOZED 1" in stage.text()
        assert "3 need you" in stage.lines()[0]


async def test_what_cannot_be_read_is_told_once_and_everything_is_shown() -> None:
    async with on_stage(sample_snapshot(), snoozes=Keeper(broken="/s/snoozed.json: [b]bad")) as stage:
        assert stage.toasts == ["what is snoozed could not be read: /s/snoozed.json: [b]bad; mend it"]
        assert "4 need you" in stage.lines()[0]
        await stage.press("z", "1")
        assert any("this holds until the board is left" in toast for toast in stage.toasts)
        await settled(stage)
        assert "SNOOZED 1" in stage.text()


async def test_what_another_dashboard_has_put_to_sleep_is_taken_over_with_the_next_change() -> None:
    keeper = Keeper()
    async with on_stage(sample_snapshot(), snoozes=keeper) as stage:
        keeper.kept["ENG-40"] = Snooze(mark=mark_of("ENG-40"), until=NOW + HOUR)
        await settled(stage)
        assert "SNOOZED" not in stage.text()
        await stage.press("j", "z", "1")
        await settled(stage)
        assert "SNOOZED 2" in stage.text()


async def test_what_could_not_be_kept_is_kept_with_the_next_change() -> None:
    keeper = Keeper()
    async with on_stage(sample_snapshot(), snoozes=keeper) as stage:
        keeper.broken = "/s/snoozed.json: disk full"
        await stage.press("z", "1")
        keeper.broken = ""
        await stage.press("j", "z", "1")
        assert set(keeper.kept) == {"ENG-34", "ENG-21"}
        await settled(stage)
        assert "SNOOZED 2" in stage.text()


async def test_all_that_are_marked_sleep_and_wake_together() -> None:
    keeper = Keeper()
    async with on_stage(sample_snapshot(), snoozes=keeper) as stage:
        await stage.press("v", "j", "v", "z")
        assert "snooze 2 marked" in stage.text()
        await stage.press("1")
        assert set(keeper.kept) == {"ENG-34", "ENG-21"}
        assert stage.board.marked == ()
        await settled(stage)
        stage.board.select("group:snoozed")
        await stage.press("right", "v", "j", "v", "z")
        assert keeper.kept == {}


async def test_a_row_that_sleeps_can_be_answered_all_the_same() -> None:
    async with on_stage(sample_snapshot(), snoozes=Keeper()) as stage:
        await stage.press("j", "z", "2")
        await stage.press("enter")
        assert stage.toasts[-1] == "ENG-21 is snoozed: wake it first"
        await stage.press("2")
        assert "question 1 of 3" in stage.text()


async def test_in_the_inbox_it_leaves_the_list() -> None:
    keeper = Keeper()
    async with on_stage(sample_snapshot(), snoozes=keeper) as stage:
        await stage.press("i", "z", "1")
        assert set(keeper.kept) == {"ENG-34"}
        await stage.press("z")
        assert keeper.kept == {}
        await stage.press("z", "1")
        screen = stage.app.screen
        assert isinstance(screen, InboxScreen)
        stage.seconds += 60
        screen.board.settle()
        await stage.settle()
        assert "INBOX 2" in stage.text()
        assert screen.board.selected == "issue:ENG-21"


async def test_a_record_that_could_not_be_read_cannot_sleep() -> None:
    async with on_stage(sample_snapshot(), snoozes=Keeper()) as stage:
        stage.board.select("problem:.legion/issues/ENG-77.md")
        await stage.press("z")
        assert stage.toasts == ["this record could not be read: y copies where it is"]


async def test_in_ascii_all_of_it_is_ascii() -> None:
    async with on_stage(sample_snapshot(), snoozes=Keeper(), preferences=Preferences(glyphs="ascii")) as stage:
        await stage.press("z")
        assert stage.text().isascii()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_picture(size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(make_stage([sample_snapshot()]).app, press=["j", "z", "j"], terminal_size=size)


@pytest.mark.parametrize("size", [(60, 20), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_picture_of_rows_that_sleep(size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    keeper = Keeper(
        {
            "ENG-21": Snooze(mark=mark_of("ENG-21"), until=NOW + HOUR),
            "ENG-40": Snooze(mark=mark_of("ENG-40"), until=NOW + 18 * HOUR),
            "ENG-34": Snooze(mark=mark_of("ENG-34")),
        }
    )
    stage = make_stage([sample_snapshot()], snoozes=keeper)

    async def before(pilot: Pilot[None]) -> None:
        stage.pilot = pilot
        await stage.settle()
        await settled(stage)
        stage.board.select("group:snoozed")
        await stage.press("right")

    assert snap_compare(stage.app, terminal_size=size, run_before=before)
