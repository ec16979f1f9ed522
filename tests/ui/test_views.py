"""The board in other ways: by status, one line for every row, without columns that a person does not want."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from legion_tui.present.sorting import Sort
from legion_tui.ui.preferences import Preferences
from tests.support.apps import Stage, make_stage, on_stage
from tests.support.snapshots import NOW, sample_snapshot, with_issue
from tests.support.stage import SIZES


def headers(stage: Stage) -> list[str]:
    """The names of the groups, top to bottom."""
    return [line[1:].split(" ╌")[0].rstrip("0123456789 ") for line in stage.lines() if "╌╌" in line]


async def test_the_board_is_grouped_by_status_and_back_with_the_selection_kept() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press("j", "j", "b")
        assert headers(stage)[:4] == ["TODO", "IN PROGRESS", "TESTING", "NEEDS REVIEW"]
        assert "by status" in stage.lines()[0]
        assert stage.board.selected == "issue:ENG-40"
        assert any(line.startswith("▐ENG-40") for line in stage.lines())
        await stage.press("b")
        assert headers(stage)[:3] == ["NEEDS YOU", "READY", "WORKING"]
        assert "by status" not in stage.lines()[0]
        assert stage.board.selected == "issue:ENG-40"


async def test_what_is_selected_comes_into_sight_in_a_group_that_was_folded() -> None:
    async with on_stage(sample_snapshot()) as stage:
        stage.board.select("group:quiet")
        await stage.press("right", "j")
        assert stage.board.selected == "issue:ENG-9"
        await stage.press("b")
        assert stage.board.selected == "issue:ENG-9"
        assert any(line.startswith("▐ENG-9") for line in stage.lines())


async def test_all_keys_do_there_what_they_do_on_the_board() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press("b", "g", "tab", "tab")
        assert stage.board.selected in {"issue:ENG-21", "issue:ENG-34"}
        await stage.press("left")
        assert stage.board.selected.startswith("group:status:")
        await stage.press("enter")
        assert stage.board.row is not None
        await stage.press("slash", *"refund", "enter")
        assert headers(stage) == ["BACKLOG", "NEEDS REVIEW"]
        await stage.press("escape", "s", "2")
        assert "by status, by id" in stage.lines()[0]


async def test_an_issue_that_moves_on_goes_to_its_new_status_once_the_keys_rest() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press("b")
        state = sample_snapshot().issue("ENG-29")
        assert state is not None
        await stage.show(with_issue(sample_snapshot(NOW), replace(state, status="Testing")))
        stage.seconds += 60
        stage.board.settle()
        await stage.settle()
        lines = stage.lines()
        assert stage.line_of("TESTING") < stage.line_of("ENG-29") < stage.line_of("NEEDS REVIEW"), lines


async def test_rows_have_one_line_each_where_it_is_to_be_compact() -> None:
    async with on_stage(sample_snapshot()) as stage:
        assert "↳" in stage.text()
        await stage.press("j", "c")
        assert "↳" not in stage.text()
        assert stage.line_of("ENG-21") == stage.line_of("ENG-34") + 1
        assert stage.board.selected == "issue:ENG-21"
        # A refresh moves nothing, and a question is still opened by its digit.
        await stage.show(sample_snapshot())
        assert "↳" not in stage.text()
        await stage.press("2")
        assert "question 1 of 3" in stage.text()
        await stage.press("escape", "c")
        assert "↳" in stage.text()


async def test_density_order_and_columns_are_the_persons_own() -> None:
    preferences = Preferences(compact=True, sort=Sort.ID, hidden_columns=frozenset({"status", "mode", "checks"}))
    async with on_stage(sample_snapshot(), preferences=preferences) as stage:
        text = stage.text()
        assert "↳" not in text
        assert "In Progress" not in text
        assert "implement" not in text
        assert "▰" not in text
        assert "#412" in text
        assert stage.line_of("ENG-21") < stage.line_of("ENG-34")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("keys", [["b"], ["c"]], ids=["status", "compact"])
def test_picture(keys: list[str], size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(make_stage([sample_snapshot()]).app, press=keys, terminal_size=size)


async def test_wide_terminals_show_how_much_each_worker_worked_of_late() -> None:
    async with on_stage(sample_snapshot(), size=(200, 50)) as stage:
        for _ in range(3):
            stage.screen.tick()
            stage.now += timedelta(seconds=30)
        stage.screen.tick()
        await stage.settle()
        busy, asks = stage.lines()[stage.line_of("ENG-29")], stage.lines()[stage.line_of("ENG-21")]
        assert "⡇⡇⡇⡇" in busy
        assert "⡀⡀⡀⡀" in asks
        # While something lies over the board it goes on; while nothing is read it does not.
        await stage.press("i")
        stage.now += timedelta(seconds=30)
        stage.screen.tick()
        await stage.press("escape", "p")
        stage.now += timedelta(seconds=30)
        stage.screen.tick()
        await stage.settle()
        assert "⡇⡇⡇⡇⡇ " in stage.lines()[stage.line_of("ENG-29")]
        assert not {*"⡀⡄⡆⡇"} & {*stage.lines()[stage.line_of("ENG-52")]}
