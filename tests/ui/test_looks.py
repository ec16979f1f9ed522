"""What is on a screen reads the same in any theme, without colour and without motion."""

from __future__ import annotations

import pytest

from legion_tui.ui.preferences import Preferences
from tests.support.apps import on_stage
from tests.support.inboxes import alike_snapshot

SCREENS = {
    "inbox": ["i", "j"],
    "alike": ["i", "j", "A", "1", "enter"],
    "snooze": ["z", "j"],
    "sort": ["s", "j"],
    "filters": ["F", "j"],
    "goto": ["number_sign", *"settle"],
    "filter": ["slash", *"stats", "colon", "x"],
    "status": ["b", "j"],
    "compact": ["c", "j"],
    "help": ["i", "question_mark"],
}
# What marks the place of the keys there, beside its colour.
POINTERS = {"inbox": "▐", "snooze": "❯", "sort": "❯", "filters": "❯", "goto": "❯", "status": "▐", "compact": "▐"}
FILTERS = {"mine": "is:ready", "red": "ci:failing"}


async def shown(keys: list[str], preferences: Preferences) -> list[str]:
    async with on_stage(alike_snapshot(), preferences=preferences) as stage:
        await stage.press(*keys)
        return stage.lines()


@pytest.mark.parametrize("theme", ["legion-light", "legion-terminal"])
@pytest.mark.parametrize("screen", SCREENS)
async def test_any_theme_shows_the_same_words(screen: str, theme: str) -> None:
    usual = await shown(SCREENS[screen], Preferences(filters=FILTERS))
    there = await shown(SCREENS[screen], Preferences(filters=FILTERS, theme=theme))
    # What lies under a dialog is hidden where a theme has no colour to dim it with.
    assert all(line in (dimmed, "") or line.strip() in dimmed for line, dimmed in zip(there, usual, strict=True))
    assert POINTERS.get(screen, "") in "\n".join(there)
    assert sum(map(bool, there)) >= 4


@pytest.mark.parametrize("screen", SCREENS)
async def test_nothing_is_told_by_colour_or_motion_alone(screen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = await shown(SCREENS[screen], Preferences(filters=FILTERS))
    monkeypatch.setenv("NO_COLOR", "1")
    assert await shown(SCREENS[screen], Preferences(filters=FILTERS, animation=False)) == usual
