from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legion_tui.agents.tails import Grown, Tail


def has_start(lines: Sequence[bytes]) -> bool:
    return any(line.startswith(b"start") for line in lines)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.jsonl"


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def test_first_read_gives_all_of_a_small_file_and_then_only_what_is_new(path: Path) -> None:
    path.write_bytes(b"one\ntwo\n")
    tail = Tail(path, has_start)
    assert tail.read() == Grown(lines=(b"one", b"two"), anew=True, whole=True)
    assert tail.read() == Grown(whole=True)
    append(path, b"three\n\nfour\n")
    assert tail.read() == Grown(lines=(b"three", b"four"), whole=True)


def test_a_torn_last_line_is_left_for_the_next_read(path: Path) -> None:
    path.write_bytes(b'{"a":1}\n{"b"')
    tail = Tail(path, has_start)
    assert tail.read().lines == (b'{"a":1}',)
    append(path, b":2")
    assert tail.read().lines == ()
    append(path, b"}\n")
    assert tail.read().lines == (b'{"b":2}',)


def test_first_read_grows_only_until_it_is_enough(path: Path) -> None:
    path.write_bytes(b"".join(b"%06d filler\n" % i for i in range(1000)) + b"start\n" + b"x" * 90 + b"\nend\n")
    tail = Tail(path, has_start, first_bytes=64, most_bytes=1 << 20)
    grown = tail.read()
    assert grown.anew
    assert not grown.whole
    assert b"start" in grown.lines
    assert len(grown.lines) < 20


def test_first_read_stops_at_its_bound(path: Path) -> None:
    path.write_bytes(b"".join(b"%06d filler\n" % i for i in range(1000)))
    grown = Tail(path, has_start, first_bytes=64, most_bytes=256).read()
    assert 10 < len(grown.lines) < 20
    assert grown.lines[-1] == b"000999 filler"


def test_a_line_that_starts_right_at_the_window_is_not_taken_for_whole(path: Path) -> None:
    path.write_bytes(b"start" + b"a" * 59 + b"\n" + b"b" * 63 + b"\n")
    grown = Tail(path, lambda lines: True, first_bytes=64, most_bytes=64).read()
    assert grown.lines == ()


def test_a_line_of_five_megabytes(path: Path) -> None:
    long = b"start" + b"y" * 5_000_000
    path.write_bytes(b"before\n" + long + b"\n")
    tail = Tail(path, has_start)
    assert long in tail.read().lines
    append(path, long + b"\nlast\n")
    assert tail.read().lines == (long, b"last")


def test_what_grew_beyond_the_bound_is_read_anew_from_the_end(path: Path) -> None:
    path.write_bytes(b"one\n")
    tail = Tail(path, has_start, first_bytes=64, most_bytes=128)
    tail.read()
    append(path, b"".join(b"%06d filler\n" % i for i in range(100)))
    grown = tail.read()
    assert grown.anew
    assert grown.lines[-1] == b"000099 filler"


def test_a_truncated_file_is_read_anew(path: Path) -> None:
    path.write_bytes(b"one\ntwo\nthree\n")
    tail = Tail(path, has_start)
    tail.read()
    path.write_bytes(b"new\n")
    assert tail.read() == Grown(lines=(b"new",), anew=True, whole=True)


def test_a_file_written_anew_and_longer_is_read_anew(path: Path) -> None:
    path.write_bytes(b"one\ntwo\n")
    tail = Tail(path, has_start)
    tail.read()
    path.write_bytes(b"uno\ndue\ntre\n")
    assert tail.read() == Grown(lines=(b"uno", b"due", b"tre"), anew=True, whole=True)


def test_a_replaced_file_is_read_anew(path: Path, tmp_path: Path) -> None:
    path.write_bytes(b"one\n")
    tail = Tail(path, has_start)
    tail.read()
    other = tmp_path / "b"
    other.write_bytes(b"one\ntwo\n")
    other.replace(path)
    assert tail.read() == Grown(lines=(b"one", b"two"), anew=True, whole=True)


def test_a_touched_file_gives_nothing_new(path: Path) -> None:
    path.write_bytes(b"one\n")
    tail = Tail(path, has_start)
    tail.read()
    os.utime(path, ns=(1, 1))
    assert tail.read() == Grown(whole=True)


def test_a_missing_file_is_an_error_value_and_can_come_later(path: Path) -> None:
    tail = Tail(path, has_start)
    assert tail.read().error == "No such file or directory"
    path.write_bytes(b"one\n")
    assert tail.read() == Grown(lines=(b"one",), anew=True, whole=True)
    path.unlink()
    assert tail.read().error == "No such file or directory"


def test_a_folder_or_a_pipe_is_an_error_value(tmp_path: Path) -> None:
    assert Tail(tmp_path, has_start).read().error == "not a regular file"
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert Tail(pipe, has_start).read().error == "not a regular file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_an_error_value(path: Path) -> None:
    path.write_bytes(b"one\n")
    path.chmod(0)
    assert Tail(path, has_start).read().error == "Permission denied"


def test_reading_goes_on_where_it_was_after_an_error(path: Path, tmp_path: Path) -> None:
    path.write_bytes(b"one\n")
    tail = Tail(path, has_start)
    tail.read()
    aside = path.rename(tmp_path / "aside")
    assert tail.read().error
    aside.rename(path)
    append(path, b"two\n")
    assert tail.read() == Grown(lines=(b"two",), whole=True)


@given(parts=st.lists(st.binary(max_size=40), max_size=12))
def test_any_bytes_written_in_any_pieces_give_the_same_lines(
    tmp_path_factory: pytest.TempPathFactory, parts: list[bytes]
) -> None:
    path = tmp_path_factory.mktemp("tails") / "a"
    path.write_bytes(b"")
    tail = Tail(path, has_start)
    got: list[bytes] = []
    for part in parts:
        append(path, part)
        grown = tail.read()
        assert not grown.error
        got = list(grown.lines) if grown.anew else got + list(grown.lines)
    whole = b"".join(parts)
    assert got == [line for line in whole[: whole.rfind(b"\n") + 1].split(b"\n") if line]
