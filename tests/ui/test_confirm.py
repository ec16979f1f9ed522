from __future__ import annotations

from collections.abc import Callable

import pytest

from legion_tui.ui.ports import Preview
from legion_tui.ui.screens.confirm import ConfirmScreen
from tests.support.stage import SIZES, Stage, shown

PREVIEW = Preview(
    title="Dispatch ENG-52",
    lines=(
        "open a window eng-52-plan in tmux session legion-3kgAnyAe",
        "claude --session-id 5cce734b-f8a7-57da-969d-9e18f974f710 -- 'Read and do /home/ann/briefs/ENG-52-plan.md'",
        "add the label worker-active",
    ),
)
REFUSED = Preview(title="Dispatch ENG-52", lines=("never shown",), refused="a live worker holds this session")


@pytest.mark.parametrize(
    ("keys", "result"),
    [
        (["y"], True),
        (["n"], False),
        (["escape"], False),
        (["q"], False),
        # The safe side is marked first.
        (["enter"], False),
        (["tab", "enter"], True),
        (["right", "enter"], True),
        (["l", "h", "enter"], False),
        (["left", "shift+tab", "enter"], False),
        (["x", "y"], True),
    ],
)
async def test_keys(keys: list[str], result: bool) -> None:
    app = Stage(lambda: ConfirmScreen(PREVIEW))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        assert app.results == [result]


async def test_where_a_slip_costs_nothing_enter_does_it() -> None:
    app = Stage(lambda: ConfirmScreen(PREVIEW, careful=False))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        assert app.results == [True]


async def test_what_is_marked_is_seen_without_colours() -> None:
    app = Stage(lambda: ConfirmScreen(PREVIEW))
    async with app.run_test(size=(80, 24)) as pilot:
        assert "[ Cancel ] n      Do it   y" in shown(app)
        await pilot.press("tab")
        assert "  Cancel   n    [ Do it ] y" in shown(app)


async def test_the_exact_commands_are_shown() -> None:
    app = Stage(lambda: ConfirmScreen(PREVIEW))
    async with app.run_test(size=(80, 24)):
        text = shown(app)
        assert "Dispatch ENG-52" in text
        assert "claude --session-id 5cce734b-f8a7-57da-969d-9e18f974f710" in text
        assert "add the label worker-active" in text


@pytest.mark.parametrize("careful", [True, False])
async def test_what_is_refused_shows_the_reason_only_and_cannot_be_done(careful: bool) -> None:
    app = Stage(lambda: ConfirmScreen(REFUSED, careful=careful))
    async with app.run_test(size=(80, 24)) as pilot:
        assert "a live worker holds this session" in shown(app)
        assert "never shown" not in shown(app)
        await pilot.press("y", "tab", "right")
        assert app.results == []
        await pilot.press("enter")
        await pilot.pause()
        assert app.results == [False]


async def test_long_previews_scroll_over_the_two_sides() -> None:
    long = Preview(title="[/nope] [bold]", lines=tuple(f"step {n} [/nope] [bold]x[/] 漢字" for n in range(20)))
    app = Stage(lambda: ConfirmScreen(long))
    async with app.run_test(size=(60, 20)) as pilot:
        assert "step 0 [/nope] [bold]x[/] 漢字" in shown(app)
        assert "Do it" in shown(app)
        await pilot.press(*["down"] * 5, "up", *["j"] * 6, "k", "j")
        assert "step 19" in shown(app)
        assert "Do it" in shown(app)
        assert [strip.cell_length for strip in app.screen._compositor.render_strips()] == [60] * 20


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_picture(size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(Stage(lambda: ConfirmScreen(PREVIEW)), terminal_size=size)


def test_picture_of_a_refusal(snap_compare: Callable[..., bool]) -> None:
    assert snap_compare(Stage(lambda: ConfirmScreen(REFUSED)), terminal_size=(80, 24))
