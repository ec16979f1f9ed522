from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from legion_tui.present.prose import Role, plain, width_of
from legion_tui.present.syntax import shell_lines


def test_strings_words_that_run_and_comments_are_told_apart() -> None:
    (line,) = shell_lines("if true; then git commit -m 'a # b'; fi # why", 80)
    roles = {text.strip(): role for text, role in line}
    assert roles["if"] is Role.KEYWORD
    assert roles["'a # b'"] is Role.STRING
    assert roles["# why"] is Role.COMMENT


def test_a_very_long_command_is_shown_in_one_colour() -> None:
    lines = shell_lines("echo 'x' " * 3_000, 80)
    assert {role for line in lines for _, role in line} == {Role.CODE}


@given(st.text("ab '\"$(){}[]|&;#\\\n`<>漢é-", max_size=120), st.integers(20, 60))
def test_every_character_is_shown_and_no_line_is_too_wide(text: str, width: int) -> None:
    lines = shell_lines(text, width, edge=(("▏ ", Role.RULE),))
    assert all(width_of(line) <= width for line in lines)
    shown = "".join(plain(line).removeprefix("▏ ") for line in lines)
    assert "".join(shown.split()) == "".join(text.split())
