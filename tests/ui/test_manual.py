"""The manual on the screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from legion_tui.present.rows import Look
from legion_tui.ui.commands import shown_keys
from legion_tui.ui.screens.manual import ManualScreen
from tests.support.apps import on_stage
from tests.support.snapshots import sample_snapshot
from tests.support.stage import Stage

LOOK = Look(keys=shown_keys({}, "⏎"))


@pytest.mark.parametrize("size", [(60, 20), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_picture(size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(Stage(lambda: ManualScreen(LOOK)), terminal_size=size)


async def test_f1_opens_it_and_the_last_page_can_be_reached() -> None:
    async with on_stage(sample_snapshot(), size=(80, 24)) as stage:
        await stage.press("f1")
        assert "Where a row stands" in stage.text()
        await stage.press("end")
        assert "One failure always keeps a cell." in stage.text()
        await stage.press("escape")
        assert "NEEDS YOU" in stage.text()
