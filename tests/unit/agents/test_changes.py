"""What an edit's call wants to change is shown as a diff, whatever its input holds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legion_tui.agents.claude_code.changes import change_lines
from legion_tui.present.diff import is_diff


def change(**given: Any) -> list[str]:
    lines = change_lines("/x/app.py", given)
    assert lines[:2] == ["--- /x/app.py", "+++ /x/app.py"]
    assert is_diff("\n".join(lines))
    return lines[2:]


def test_an_edit_is_compared_line_by_line() -> None:
    old = "def f():\n    a = 1\n    return a"
    assert change(old_string=old, new_string=old.replace("1", "2")) == [
        "@@ … @@",
        " def f():",
        "-    a = 1",
        "+    a = 2",
        "     return a",
    ]
    assert change(old_string="a", new_string="b", replace_all=True)[0] == "@@ … @@ everywhere in the file"


def test_places_far_apart_are_told_apart() -> None:
    old = [f"line {n}" for n in range(30)]
    new = ["first", *old[1:-1], "last"]
    lines = change(old_string="\n".join(old), new_string="\n".join(new))
    assert [n for n, line in enumerate(lines) if line == "@@ … @@"] == [0, 6]
    assert "-line 29" in lines


def test_a_file_that_is_written_is_all_new() -> None:
    assert change(content="a\n\n@@ b\n") == ["@@ … @@", "+a", "+", "+@@ b"]
    assert change(new_source="cell") == ["@@ … @@", "+cell"]
    assert change(edits=[{"old_string": "a", "new_string": "b"}, {"old_string": "c", "new_string": ""}]) == [
        "@@ … @@",
        "-a",
        "+b",
        "@@ … @@",
        "-c",
    ]


def test_very_long_texts_are_shown_without_being_compared() -> None:
    lines = change(old_string="a\n" * 4_000, new_string="a\n" * 3_999 + "b")
    assert len(lines) == 1 + 4_000 + 4_000
    assert lines[-1] == "+b"


@pytest.mark.parametrize("given", [{}, {"old_string": 1}, {"edits": [None, 3]}, {"edits": "x"}, {"content": None}])
def test_another_form_has_no_change(given: dict[str, Any]) -> None:
    assert change_lines("/x", given) == []


@given(st.text("ab@-+ \n\r\u2028"), st.text("ab@-+ \n\r\u2028"))
def test_both_texts_are_in_the_change(old: str, new: str) -> None:
    lines = change(old_string=old, new_string=new)
    removed, added = ([line[1:] for line in lines if line.startswith(sign)] for sign in "-+")
    assert set(removed) <= set(old.splitlines())
    assert set(added) <= set(new.splitlines())
    assert bool(removed or added) is (old.splitlines() != new.splitlines())
