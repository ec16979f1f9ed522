from __future__ import annotations

import itertools
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from legion_tui.tmux.control_parser import ControlParser, Event, Reply

# As tmux 3.3a printed it, from the start of a client to its end.
RECORDED = b"""\
%begin 1795699694 265 0
%end 1795699694 265 0
%window-add @1
%sessions-changed
%session-changed $1 _legion-1
%begin 1795699694 272 1
_legion-1 1
work 0
%end 1795699694 272 1
%begin 1795699694 274 1
parse error: unknown command: bogus
%error 1795699694 274 1
%begin 1795699694 276 1
%end 1795699694 276 1
%unlinked-window-renamed @0 cat
%exit
"""
READ: list[Reply | Event] = [
    Reply(True, "", asked=False),
    Event("window-add", "@1"),
    Event("sessions-changed", ""),
    Event("session-changed", "$1 _legion-1"),
    Reply(True, "_legion-1 1\nwork 0\n"),
    Reply(False, "parse error: unknown command: bogus\n"),
    Reply(True, ""),
    Event("unlinked-window-renamed", "@0 cat"),
    Event("exit", ""),
]


def fed(parts: Sequence[bytes]) -> list[Reply | Event]:
    parser = ControlParser()
    return [one for part in parts for one in parser.feed(part)]


def split(data: bytes, cuts: Sequence[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


def reply(text: str, *, number: int = 7, end: str = "end") -> bytes:
    return f"%begin 1 {number} 1\n{text}%{end} 1 {number} 1\n".encode()


def test_a_recorded_stream() -> None:
    assert fed([RECORDED]) == READ


def test_byte_for_byte() -> None:
    assert fed([bytes([byte]) for byte in RECORDED]) == READ


# Lines as commands print them, among them what looks like the stream's own.
LINES = st.lists(
    st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=20)
    | st.sampled_from(["", "%end 1 8 1", "%error 1 7 0", "%begin 1 9 1", "%exit", "%end 1 7 1 ", " %end 1 7 1"]),
    max_size=8,
)


@given(st.lists(st.tuples(LINES, st.booleans()), max_size=6), st.lists(st.integers(min_value=0), max_size=12))
def test_replies_are_the_same_however_they_are_split(replies: list[tuple[list[str], bool]], cuts: list[int]) -> None:
    wanted: list[Reply | Event] = []
    stream = b""
    for lines, ok in replies:
        text = "".join(f"{line}\n" for line in lines)
        stream += reply(text, end="end" if ok else "error")
        wanted.append(Reply(ok, text))
    assert fed(split(stream, cuts)) == wanted


GARBAGE = st.binary(max_size=40) | st.sampled_from(
    [b"%begin 1 2 1\n", b"%end 1 2 1\n", b"%error 1 2 1\n", b"%begin ", b"\n", b"%", b"\xff\xfe\n", b"%begin 1 2\n"]
)


@given(st.lists(GARBAGE, max_size=20), st.lists(st.integers(min_value=0), max_size=8))
def test_garbage_raises_nothing_and_is_read_the_same_however_it_is_split(parts: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(parts)
    assert fed(split(stream, cuts)) == fed([stream])


@given(st.lists(GARBAGE, max_size=20))
def test_after_any_garbage_an_event_still_comes_through_once_its_reply_has_ended(parts: list[bytes]) -> None:
    parser = ControlParser()
    for part in parts:
        parser.feed(part)
    # Whichever of the replies above is still open.
    parser.feed(b"\n%end 1 2 1\n")
    assert parser.feed(b"%exit bye\n") == [Event("exit", "bye")]


def test_only_the_reply_s_own_end_ends_it() -> None:
    forged = "%end 1 6 1\n%end 2 7 1\n%end 1 7 0\n%error 1 7\n%end 1 7 1x\n%begin 1 8 1\n"
    assert fed([reply(forged)]) == [Reply(True, forged)]


def test_a_reply_to_a_command_that_was_not_asked_here_is_told_apart() -> None:
    assert fed([b"%begin 1 2 0\nhook\n%end 1 2 0\n"]) == [Reply(True, "hook\n", asked=False)]


def test_characters_that_are_torn_or_none() -> None:
    stream = b"%begin 1 7 1\n" + "✳ 日本".encode() + b"\xff\n%end 1 7 1\n"
    assert fed([bytes([byte]) for byte in stream]) == [Reply(True, "✳ 日本\ufffd\n")]


def test_what_is_too_long_is_left_out_and_said_to_be() -> None:
    parser = ControlParser(most_bytes=100, most_line_bytes=50)
    assert parser.feed(reply("x" * 40 + "\n")) == [Reply(True, "x" * 40 + "\n")]
    assert parser.feed(reply(("x" * 40 + "\n") * 3)) == [Reply(True, "", whole=False)]
    assert parser.feed(reply("short\n" + "x" * 60 + "\nshort\n")) == [Reply(True, "", whole=False)]
    assert parser.feed(b"y" * 60 + b"\n%exit\n") == [Event("exit", "")]
    assert parser.feed(reply("and on\n")) == [Reply(True, "and on\n")]


def test_what_never_ends_takes_no_memory() -> None:
    parser = ControlParser(most_bytes=1000, most_line_bytes=1000)
    for _ in range(100):
        assert parser.feed(b"z" * 500) == []
    assert len(parser._line) <= 1000
    parser.feed(b"\n%begin 1 2 1\n")
    for _ in range(100):
        assert parser.feed(b"z" * 99 + b"\n") == []
    assert sum(map(len, parser._lines)) <= 1000
