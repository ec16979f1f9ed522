from __future__ import annotations

from collections.abc import Callable

import pytest

from legion_tui.present.glyphs import ASCII, UNICODE, Glyphs
from legion_tui.ui.command import Section
from legion_tui.ui.commands import COMMANDS
from legion_tui.ui.screens.help import HelpEntry, HelpScreen, help_entries, mark_entries
from tests.support.stage import SIZES, Stage, shown

HOSTILE = (HelpEntry("[/nope]", "[", "[bold]x[/]", "漢字 " * 60), HelpEntry("[/nope]", "x" * 20, "name", ""))


def test_every_command_is_told_once_with_its_keys() -> None:
    entries = help_entries({}, "RET")
    assert sorted(entry.name for entry in entries) == sorted(command.name for command in COMMANDS)
    assert list(dict.fromkeys(entry.group for entry in entries)) == list(Section)
    by_name = {entry.name: entry for entry in entries}
    assert by_name["Answer"].key == "a"
    assert by_name["Choose"].key == "1-9"
    assert by_name["Do the next step"].key == "RET"
    assert by_name["Help"].key == "?"


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=lambda glyphs: glyphs.name)
async def test_marks_of_rows_are_told(glyphs: Glyphs) -> None:
    app = Stage(lambda: HelpScreen(mark_entries(glyphs)))
    async with app.run_test(size=(120, 40)):
        assert f"{glyphs.untested}  untested" in shown(app)
        assert "not covered by the contract tests" in shown(app)


def test_remapped_keys_are_told_as_they_are_now() -> None:
    by_name = {entry.name: entry for entry in help_entries({"answer": "A, ctrl+a"})}
    assert by_name["Answer"].key == "A ctrl+a"


@pytest.mark.parametrize("key", ["escape", "q", "enter"])
async def test_keys_leave(key: str) -> None:
    app = Stage(HelpScreen)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(key)
        await pilot.pause()
        assert app.results == [None]


async def test_it_scrolls() -> None:
    app = Stage(HelpScreen)
    async with app.run_test(size=(60, 20)) as pilot:
        assert "Act on the row" in shown(app)
        for down, up in (("end", "home"), ("G", "g")):
            await pilot.press(down)
            assert "leave; the workers go on" in shown(app)
            await pilot.press(up)
            assert "Act on the row" in shown(app)
        await pilot.press("pagedown", "ctrl+d", "j", "space", "down")
        assert "Act on the row" not in shown(app)
        await pilot.press("pageup", "pageup", "ctrl+u", "ctrl+u", "k", "up")
        assert "Act on the row" in shown(app)


@pytest.mark.parametrize("size", [*SIZES, (30, 10)])
async def test_any_text_fits(size: tuple[int, int]) -> None:
    app = Stage(lambda: HelpScreen(HOSTILE))
    async with app.run_test(size=size):
        assert "[/nope]" in shown(app)
        assert [strip.cell_length for strip in app.screen._compositor.render_strips()] == [size[0]] * size[1]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_picture(size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(Stage(HelpScreen), terminal_size=size)
