"""A receipt is read to its last word, at any width."""

from __future__ import annotations

import pytest

from tests.support.apps import on_stage
from tests.support.snapshots import sample_snapshot
from tests.support.stage import until


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
async def test_the_last_word_is_never_cut_off(width: int) -> None:
    async with on_stage(sample_snapshot(), size=(width, 40)) as stage:
        most = width * 4 // 5
        for length in (*range(most - 14, most + 2), 2 * most, 150):
            stage.app.clear_notifications()
            stage.app.notify("ENG-27 answered: " + "confirmed " * (length // 10) + "x" * (length % 10) + " by:it")
            await until(stage.pilot, lambda: "by:it" in stage.text())
