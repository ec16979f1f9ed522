from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legion_tui.act.wording import is_that, pieces, problem, tidy


@given(st.text(alphabet="ab \n", max_size=3000))
def test_pieces_are_the_text_and_each_is_pasted_as_typed_words(text: str) -> None:
    found = pieces(text)
    assert "".join(found) == text
    assert all(len(piece) <= 600 and piece.count("\n") <= 2 for piece in found)


@pytest.mark.parametrize(
    ("text", "by_hand", "why"),
    [
        ("go on", False, ""),
        ("", True, "empty"),
        ("a\x1b[201~", True, "control character at position 2"),
        ("a\x00", True, "control character at position 2"),
        ("\ud800", True, "no valid Unicode"),
        ("x" * 8001, True, "put it into a file"),
        ("!ls", False, "more than read it"),
        ("/clear", False, "more than read it"),
        ("#note", False, "more than read it"),
        ("see\nthe @file", False, "more than read it"),
        ("/clear", True, ""),
        ("see @file", True, ""),
    ],
)
def test_what_may_be_sent(text: str, by_hand: bool, why: str) -> None:
    assert why in problem(text, by_hand=by_hand)
    assert bool(problem(text, by_hand=by_hand)) is bool(why)


def test_one_kind_of_line_end() -> None:
    assert tidy("\r\n a\r\nb\rc \n") == "a\nb\nc"


@pytest.mark.parametrize(
    ("text", "record", "same"),
    [
        ("go on", "go on", True),
        ("go on", "go on and on", False),
        ("a\tb", "a    b", True),
        ("!ls -la", "<bash-input>ls -la</bash-input>", True),
        ("!ls", "<bash-input>rm</bash-input>", False),
        ("/compact", "<command-name>/compact</command-name>\n<command-args></command-args>", True),
        ("/compac", "<command-name>/compact</command-name>", False),
        ("/tmp is full", "/tmp is full", True),
    ],
)
def test_what_is_on_record(text: str, record: str, same: bool) -> None:
    assert is_that(text, record) is same
