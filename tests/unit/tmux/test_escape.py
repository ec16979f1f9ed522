from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from legion_tui.errors import TmuxError
from legion_tui.tmux.escape import Form, as_argv, as_source, escape, literal

NO_NUL = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


def read_as_tmux(argument: str) -> tuple[str, bool]:
    """What `cmd_parse_from_arguments` of tmux makes of one argument, and whether the command ends there."""
    if not argument.endswith(";"):
        return argument, False
    cut = argument[:-1]
    if cut.endswith("\\"):
        return f"{cut[:-1]};", False
    return cut, True


def expand_as_tmux(text: str) -> str:
    """What `format_expand` of tmux makes of a text without any `#` but doubled ones."""
    out, at = "", 0
    while at < len(text):
        if text[at] != "#":
            out += text[at]
            at += 1
            continue
        end = at
        while end < len(text) and text[end] == "#":
            end += 1
        if end < len(text) and text[end] == "[":
            out += text[at:end]
        else:
            assert (end - at) % 2 == 0, f"tmux would expand at {at} of {text!r}"
            out += "#" * ((end - at) // 2)
        at = end
    return out


@given(NO_NUL)
def test_an_argument_arrives_and_never_ends_its_command(text: str) -> None:
    assert read_as_tmux(escape(text, Form.ARGV)) == (text, False)


def unquoted(word: str) -> str:
    """Read a word of a command file as tmux does; a blank outside of quotes would be the word's end."""
    out, at, quoted = "", 0, False
    while at < len(word):
        if word[at] == "'":
            quoted = not quoted
        elif quoted:
            out += word[at]
        else:
            assert word[at] == "\\", word
            at += 1
            out += {"n": "\n", "r": "\r"}.get(word[at], word[at])
        at += 1
    assert not quoted
    return out


@given(NO_NUL)
@example("\\r")
def test_text_is_one_word_on_one_line(text: str) -> None:
    quoted = escape(text, Form.SOURCE)
    assert "\n" not in quoted
    assert "\r" not in quoted
    assert unquoted(quoted) == text


@given(st.text(st.sampled_from("#[({}a,S ")))
def test_a_literal_expands_to_itself(text: str) -> None:
    assert expand_as_tmux(literal(text)) == text


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_what_cannot_be_passed_on_is_refused(form: Form, text: str) -> None:
    with pytest.raises(TmuxError):
        escape(text, form)


def test_commands_are_joined() -> None:
    assert as_argv([("a", "b;"), ("c", ";")]) == ["a", "b\\;", ";", "c", "\\;"]
    assert as_source([("a", "it's"), ("b",)]) == "'a' 'it'\\''s' ; 'b'\n"


def test_lengths_are_checked_in_bytes() -> None:
    assert as_argv([("x" * 15_000,)])
    assert as_source([("x" * 29_000,)])
    with pytest.raises(TmuxError, match="16000"):
        as_argv([("é" * 9_000,)])
    with pytest.raises(TmuxError, match="30000"):
        as_source([("é" * 16_000,)])
