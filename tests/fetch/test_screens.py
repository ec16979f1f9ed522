"""Panes' screens, taken anew only where something may have changed."""

from __future__ import annotations

from dataclasses import replace

import anyio
import pytest

from legion_tui.errors import TmuxError
from legion_tui.fetch.screens import Screens
from legion_tui.state import Pane
from tests.fetch.fakes import NOW, FakeClock, FakeTmux, pane

SECOND = int(NOW.timestamp())


class House:
    """One pane with a screen, last written to a while ago."""

    def __init__(self) -> None:
        self.tmux = FakeTmux(pane("%1", activity=SECOND - 9))
        self.tmux.screens = {"%1": ("one",)}
        self.clock = FakeClock()
        self.screens = Screens(self.tmux, self.listed, self.clock, keep_seconds=60)

    def listed(self, pane_id: str) -> Pane | None:
        return next((one for one in self.tmux.listing if one.pane_id == pane_id), None)

    async def lines(self, *, closely: bool = False) -> tuple[str, ...] | None:
        capture = await self.screens.look("%1", closely=closely)
        return capture.lines if capture is not None else None

    def change(self, **fields: object) -> None:
        self.tmux.listing = (replace(self.tmux.listing[0], **fields),)  # type: ignore[arg-type]


async def test_where_nothing_changed_nothing_is_asked() -> None:
    house = House()
    assert await house.lines() == ("one",)
    house.tmux.screens = {"%1": ("two",)}
    for _ in range(5):
        assert await house.lines() == ("one",)
    assert len(house.tmux.captured) == 1


async def test_a_sign_of_a_change_is_followed_once() -> None:
    house = House()
    await house.lines()
    house.tmux.screens = {"%1": ("two",)}
    house.clock.move(5)
    house.change(cursor_x=7, activity=SECOND + 4)
    assert await house.lines() == ("two",)
    assert await house.lines() == ("two",)
    assert len(house.tmux.captured) == 2


async def test_within_a_second_of_a_change_it_may_have_changed_again() -> None:
    house = House()
    house.change(activity=SECOND)
    await house.lines()
    await house.lines()
    assert len(house.tmux.captured) == 2


async def test_who_looks_closely_sees_it_as_it_is() -> None:
    house = House()
    await house.lines(closely=True)
    house.tmux.screens = {"%1": ("two",)}
    assert await house.lines(closely=True) == ("two",)
    # And whoever does not, sees the same from then on.
    assert await house.lines() == ("two",)
    assert len(house.tmux.captured) == 2


async def test_a_pane_that_is_not_listed_or_gone_is_asked_for() -> None:
    house = House()
    house.tmux.listing = ()
    assert await house.lines() == ("one",)
    house.tmux.screens = {}
    assert await house.lines() is None
    assert len(house.tmux.captured) == 2


async def test_a_failure_is_told_and_kept_for_nobody() -> None:
    house = House()
    house.tmux.capture_error = TmuxError("hangs")
    with pytest.raises(TmuxError):
        await house.lines()
    house.tmux.capture_error = None
    assert await house.lines() == ("one",)


async def test_two_who_look_at_a_time_share_it() -> None:
    house = House()
    async with anyio.create_task_group() as group:
        group.start_soon(house.lines)
        group.start_soon(house.lines)
    assert len(house.tmux.captured) == 1


async def test_what_is_remembered_of_panes_is_bounded() -> None:
    house = House()
    for number in range(100):
        await house.screens.look(f"%{number}", closely=False)
    assert await house.lines() == ("one",)
    assert len(house.tmux.captured) == 101
