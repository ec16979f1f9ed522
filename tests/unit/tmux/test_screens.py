from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from legion_tui.tmux.screens import capture_script, read_captures

END = "@@E tok\n"


def test_screens_are_told_apart() -> None:
    captures, complete = read_captures(f"@@P1 tok\na  \n\n@@P2 tok\nb\n{END}", "tok", colour=False)
    assert complete
    assert {pane: capture.lines for pane, capture in captures.items()} == {"%1": ("a  ", ""), "%2": ("b",)}


def test_a_gone_pane_has_no_screen_and_an_empty_one_has() -> None:
    captures, complete = read_captures(f"@@P1 tok\n@@P2 tok\n\n{END}", "tok", colour=False)
    assert complete
    assert {pane: capture.lines for pane, capture in captures.items()} == {"%2": ("",)}


def test_a_screen_cannot_forge_a_marker() -> None:
    captures, _ = read_captures(f"@@P1 tok\n@@P2 other\n@@E\n{END}", "tok", colour=False)
    assert captures["%1"].lines == ("@@P2 other", "@@E")


def test_an_answer_that_breaks_off_is_not_complete() -> None:
    assert read_captures("@@P1 tok\na\n", "tok", colour=False)[1] is False


def test_only_colour_survives() -> None:
    line = "\x1b[1;38;5;153m\u276f\xa01.\x1b[0m\x1b]8;;https://x\x1b\\link\x1b]8;;\x1b\\\x1b[2J\x0eqx\x0f\u202e\x9b1mz"
    captures, _ = read_captures(f"@@P1 tok\n{line}\n{END}", "tok", colour=True)
    assert captures["%1"].lines == ("\x1b[1;38;5;153m\u276f\xa01.\x1b[0mlink\u2500\u2502z",)
    captures, _ = read_captures(f"@@P1 tok\n{line}\n{END}", "tok", colour=False)
    assert captures["%1"].lines == ("\u276f\xa01.linkqxz",)


def test_markers_hold_nothing_that_tmux_expands() -> None:
    script = capture_script(["%12"], "tok", colour=True)
    assert [line.removesuffix("\n") for line in script] == [
        "'display-message' '-p' '@@P12 tok'",
        "'capture-pane' '-p' '-N' '-e' '-t' '%12'",
        "'display-message' '-p' '@@E tok'",
    ]


@given(st.text(), st.booleans())
def test_no_answer_raises(text: str, colour: bool) -> None:
    read_captures(f"@@P1 tok\n{text}\n{END}", "tok", colour=colour)
