"""Files that must not be lost."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from legion_tui.files import _exchange, create_durably, replace_unless_changed, write_durably


@pytest.mark.parametrize("bits", [0o600, 0o640, 0o666])
def test_a_replaced_file_keeps_its_permissions_whatever_the_umask(tmp_path: Path, bits: int) -> None:
    path = tmp_path / "ENG-1.md"
    path.write_text("old")
    path.chmod(bits)
    before = os.umask(0o077)
    try:
        write_durably(path, b"new", mode=0o644)
    finally:
        os.umask(before)
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == bits


def test_a_failed_write_leaves_the_old_file_and_nothing_beside(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_durably(tmp_path / "taken", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_a_new_file_takes_the_place_of_none(tmp_path: Path) -> None:
    path = tmp_path / "ENG-1.md"
    create_durably(path, b"first", mode=0o644)
    with pytest.raises(FileExistsError):
        create_durably(path, b"second", mode=0o644)
    assert path.read_bytes() == b"first"
    assert [one.name for one in tmp_path.iterdir()] == ["ENG-1.md"]


def test_what_others_changed_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "ENG-1.md"
    path.write_bytes(b"old")
    path.chmod(0o640)
    assert replace_unless_changed(path, b"old", b"new")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o640)
    assert not replace_unless_changed(path, b"old", b"lost")
    assert path.read_bytes() == b"new"
    assert not replace_unless_changed(tmp_path / "none.md", b"old", b"lost")
    assert [one.name for one in tmp_path.iterdir()] == ["ENG-1.md"]


def test_what_others_save_at_the_very_moment_stays(tmp_path: Path) -> None:
    path, other = tmp_path / "ENG-1.md", tmp_path / "other"
    path.write_bytes(b"0 ")
    other.write_bytes(b"")
    if not _exchange(path, other):
        pytest.skip("this file system cannot swap two files")
    assert _exchange(path, other)
    lost: list[tuple[int, bytes]] = []
    ended = threading.Event()

    def save_often() -> None:
        number = 0
        while not ended.is_set():
            until = time.monotonic() + 5
            # For a moment the other one can be there, until it is seen that this one is newer.
            while int((found := path.read_bytes()).split()[0]) != number:
                if time.monotonic() > until:
                    lost.append((number, found))
                    return
            number += 1
            other.write_bytes(b"%d " % number)
            other.replace(path)

    editor = threading.Thread(target=save_often)
    editor.start()
    try:
        done = 0
        for _ in range(3000):
            before = path.read_bytes()
            done += replace_unless_changed(path, before, before + b"x")
            if done >= 50 or lost:
                break
    finally:
        ended.set()
        editor.join()
    assert lost == []
    before = path.read_bytes()
    assert replace_unless_changed(path, before, before + b"x")
    assert [one.name for one in tmp_path.iterdir() if one.name != "other"] == ["ENG-1.md"]
