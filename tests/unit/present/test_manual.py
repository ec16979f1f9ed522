"""The manual: true of the keys and glyphs that are in use."""

from __future__ import annotations

import re

import pytest

from legion_tui.present.glyphs import ASCII, UNICODE, Glyphs, PullLook
from legion_tui.present.manual import manual
from legion_tui.present.markdown import markdown_lines
from legion_tui.present.prose import width_of
from legion_tui.state import WorkerState
from legion_tui.ui.commands import BY_ID, shown_keys


def page(glyphs: Glyphs = UNICODE, width: int = 100, **keymap: str) -> str:
    lines = markdown_lines(manual(shown_keys(keymap, glyphs.enter), glyphs), width)
    return "\n".join("".join(text for text, _ in line) for line in lines)


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_every_state_and_glyph_is_explained(glyphs: Glyphs) -> None:
    told = page(glyphs)
    for state in WorkerState:
        assert re.search(rf"^\W*{re.escape(glyphs.states[state])}\W", told, re.MULTILINE), state
    for look in PullLook:
        assert re.search(rf"^\W*{re.escape(glyphs.pulls[look])}\W.*{look}", told, re.MULTILINE), look


def test_keys_are_those_that_hold_now() -> None:
    assert "f8 opens the question of a row" in page(answer="f8")
    assert "a opens the question of a row" in page()


def test_every_key_it_names_is_a_commands() -> None:
    named = set(re.findall(r"\{(\w+)\}", manual({command: f"{{{command}}}" for command in BY_ID})))
    assert named <= set(BY_ID)
    assert len(named) > 12


@pytest.mark.parametrize("width", [40, 58, 78, 118])
def test_nothing_is_wider_than_the_screen(width: int) -> None:
    text = manual(shown_keys({}, "enter"))
    assert max(width_of(line) for line in markdown_lines(text, width)) <= width
