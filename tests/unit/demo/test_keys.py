from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legion_tui.demo.standin.composer import Composer
from legion_tui.demo.standin.keys import Keys


@pytest.mark.parametrize(
    ("data", "events"),
    [
        (b"2", ["text:2"]),
        (b"123", ["text:123"]),
        ("ä日".encode(), ["text:ä日"]),
        (b"\r", ["enter"]),
        (b"\x1b[A\x1b[B", ["up", "down"]),
        (b"\x1bOA", ["up"]),
        (b"\x1b[Z", ["backtab"]),
        (b"ab\r", ["text:ab", "enter"]),
        (b"\x15", ["ctrl+u"]),
        (b"\x03", ["ctrl+c"]),
        (b"\x1b[200~two\rlines\x1b[201~", ["paste:two\nlines"]),
        (b"\x1b[200~\x1b[A\x1b[201~\r", ["paste:\x1b[A", "enter"]),
        (b"\x1b[<0;10;5M\x1b[I\x1b[O", []),
        (b"\x1b[I2", ["text:2"]),
    ],
)
def test_one_read(data: bytes, events: list[str]) -> None:
    assert Keys().feed(data) == events


def test_an_escape_alone_is_the_key_once_nothing_follows() -> None:
    keys = Keys()
    assert keys.feed(b"\x1b") == []
    assert keys.waiting
    assert keys.expire() == ["escape"]
    assert not keys.waiting


def test_an_escape_that_was_only_cut_off_is_none() -> None:
    keys = Keys()
    assert keys.feed(b"\x1b[") == []
    assert keys.feed(b"B") == ["down"]


@given(text=st.text().map(lambda text: text.replace("\x1b", "").replace("\r", "")), cut=st.integers(0, 60))
def test_a_paste_arrives_whole_however_it_is_cut(text: str, cut: int) -> None:
    data = b"\x1b[200~" + text.encode("utf-8", "replace") + b"\x1b[201~"
    keys = Keys()
    events = [*keys.feed(data[:cut]), *keys.feed(data[cut:])] if cut else keys.feed(data)
    assert events == ["paste:" + text.encode("utf-8", "replace").decode()]


def test_the_box_is_edited() -> None:
    box = Composer()
    for event in ("text:ab", "newline", "text:cd", "backspace"):
        assert box.key(event, 1.0)
    assert box.text == "ab\nc"
    assert not box.key("up", 2.0)
    assert box.typed_at == 1.0
    box.key("ctrl+u", 3.0)
    assert box.text == "ab\n"
    box.key("ctrl+u", 3.0)
    assert box.text == "ab"
    assert box.take() == "ab"
    assert box.text == ""


@pytest.mark.parametrize(
    ("event", "folded"), [("paste:a\nb\nc", False), ("paste:a\nb\nc\nd", True), ("text:" + "x" * 801, True)]
)
def test_long_text_is_folded_until_it_is_taken(event: str, folded: bool) -> None:
    box = Composer()
    box.key(event, 0.0)
    assert box.text.startswith("[Pasted text #1") == folded
    taken = box.take()
    assert event.partition(":")[2] in taken
    assert ("<pasted_content id=" in taken) == folded
