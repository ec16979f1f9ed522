"""Filters with terms, saved ones, the orders of rows, and going to a row, by keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual import events

from legion_tui.present.sorting import Sort
from legion_tui.ui.preferences import Preferences
from tests.support.apps import Stage, make_stage, on_stage
from tests.support.snapshots import sample_snapshot, without_issue
from tests.support.stage import SIZES

SAVED = {"ready and green": "is:ready -ci:failing", "[b]odd": "stats:x webhook"}


def ids(stage: Stage) -> list[str]:
    """The issues in sight, top to bottom."""
    found = [line[1:].split()[0] for line in stage.lines() if line[1:].startswith("ENG-")]
    return found


async def test_terms_filter_while_they_are_typed() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press("slash", *"is", "colon", *"ready")
        assert ids(stage) == ["ENG-18", "ENG-52", "ENG-44"]
        await stage.press("space", "minus", *"ci", "colon", *"fail")
        assert ids(stage) == ["ENG-18", "ENG-52"]
        await stage.press("enter", "j")
        assert stage.board.selected == "issue:ENG-52"
        await stage.press("escape")
        assert len(ids(stage)) > 5


async def test_what_is_not_understood_is_told_under_the_line_while_the_rest_holds() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press("slash", *"stats", "colon", "x", "space", *"webhook")
        assert "no field stats: did you mean status?" in stage.text()
        assert ids(stage) == ["ENG-21", "ENG-9"]
        await stage.press("ctrl+u")
        assert "no field" not in stage.text()
        await stage.press(*"nothing", "space", *"such")
        assert "Nothing matches “nothing such”. esc shows all rows again." in stage.text()


async def test_a_saved_filter_is_chosen_by_key() -> None:
    async with on_stage(sample_snapshot(), preferences=Preferences(filters=SAVED)) as stage:
        await stage.press("F")
        assert "1 ready and green   is:ready -ci:failing" in stage.text()
        await stage.press("1")
        assert ids(stage) == ["ENG-18", "ENG-52"]
        assert "/ is:ready -ci:failing" in stage.text()
        # The keys are the board's again; another one takes its place.
        await stage.press("j")
        assert stage.board.selected == "issue:ENG-52"
        await stage.press("F", "2")
        assert ids(stage) == ["ENG-21", "ENG-9"]
        assert "no field stats" in stage.text()
        await stage.press("escape")
        assert len(ids(stage)) > 5


async def test_where_none_is_saved_the_key_says_how() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press("F")
        assert stage.toasts == ['no filter is saved; in your config.toml: [filters] mine = "label:mine is:ready"']


async def test_the_palette_finds_rows_and_saved_filters_by_name() -> None:
    async with on_stage(sample_snapshot(), preferences=Preferences(filters=SAVED)) as stage:
        await stage.press("ctrl+p", *"ready and")
        await stage.pilot.pause(0.3)
        assert "Filter: ready and green" in stage.text()
        await stage.press("enter")
        assert ids(stage) == ["ENG-18", "ENG-52"]
        await stage.press("ctrl+p", *"ENG-62")
        await stage.pilot.pause(0.3)
        assert "ENG-62 Split settlement files by acquirer  #" in stage.text()
        await stage.press("enter")
        # Its group was folded, and the filter hid it.
        assert stage.board.selected == "issue:ENG-62"


async def test_rows_are_sorted_by_key_within_their_groups_and_the_header_says_how() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press("j", "s")
        assert "❯ 1 attention" in stage.text()
        await stage.press("2")
        assert ids(stage)[:4] == ["ENG-21", "ENG-34", "ENG-37", "ENG-40"]
        assert "by id" in stage.lines()[0]
        assert stage.board.selected == "issue:ENG-21"
        await stage.press("s")
        assert "❯ 2 id" in stage.text()
        await stage.press("k", "enter")
        assert ids(stage)[:4] == ["ENG-34", "ENG-21", "ENG-40", "ENG-37"]
        assert "by id" not in stage.lines()[0]


async def test_the_first_order_is_the_persons_own() -> None:
    async with on_stage(sample_snapshot(), preferences=Preferences(sort=Sort.ID), size=(60, 20)) as stage:
        assert ids(stage)[:4] == ["ENG-21", "ENG-34", "ENG-37", "ENG-40"]
        assert "by id" in stage.lines()[0]
        # A refresh keeps it.
        await stage.show(without_issue(sample_snapshot(), "ENG-34"))
        stage.board.settle()
        await stage.settle()
        assert ids(stage)[:3] == ["ENG-21", "ENG-37", "ENG-40"]


async def test_going_to_a_row_by_its_number_opens_its_group() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press("number_sign", *"62")
        assert "❯ ENG-62  Split settlement files" in stage.text()
        await stage.press("enter")
        assert stage.board.selected == "issue:ENG-62"
        assert "ENG-62" in ids(stage)


async def test_going_to_a_row_that_a_filter_hides_ends_the_filter() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press("slash", *"refund", "enter")
        assert "ENG-40" not in ids(stage)
        await stage.press("number_sign", *"40", "enter")
        assert stage.board.selected == "issue:ENG-40"
        assert "ENG-29" in ids(stage)


async def test_one_of_several_is_chosen_by_arrows_and_nothing_by_escape() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press("number_sign", *"settle", "down", "enter")
        assert stage.board.selected == "issue:ENG-62"
        before = stage.board.selected
        await stage.press("number_sign", *"40", "escape")
        assert stage.board.selected == before
        await stage.press("number_sign", *"nonsense", "enter")
        assert "Nothing is called so." in stage.text()
        await stage.press("escape")
        assert stage.board.selected == before


async def test_a_row_that_left_while_it_was_named_is_told() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press("number_sign", *"ENG-40")
        await stage.show(without_issue(sample_snapshot(), "ENG-40"))
        await stage.press("enter")
        assert "Nothing is called so." in stage.text()


async def test_in_ascii_all_of_it_is_ascii() -> None:
    async with on_stage(sample_snapshot(), preferences=Preferences(glyphs="ascii", filters={"a": "b"})) as stage:
        for key in ("s", "F", "number_sign", "slash"):
            await stage.press(key)
            assert stage.text().isascii(), stage.text()
            await stage.press("escape")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("keys", [["s"], ["number_sign", *"settle"]], ids=["sort", "goto"])
def test_picture(keys: list[str], size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(make_stage([sample_snapshot()]).app, press=keys, terminal_size=size)


@pytest.mark.parametrize("size", [(60, 20), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_picture_of_a_filter_that_is_not_understood(size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    keys = ["slash", *"stats", "colon", "x", "space", *"webhook"]
    assert snap_compare(make_stage([sample_snapshot()]).app, press=keys, terminal_size=size)


async def test_what_is_typed_after_enter_is_not_part_of_what_was_meant() -> None:
    async with on_stage(sample_snapshot()) as stage:
        for key, character in (("number_sign", "#"), ("4", "4"), ("0", "0"), ("enter", "\r"), ("z", "z")):
            stage.app.post_message(events.Key(key, character))
        await stage.settle()
        assert stage.board.selected == "issue:ENG-40"
