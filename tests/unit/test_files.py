"""Files that must not be lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from legion_tui.files import write_durably


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
