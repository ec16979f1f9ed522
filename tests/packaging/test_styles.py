"""`styles_dir` finds the style sheets wherever the package lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from legion_tui.errors import LegionError
from legion_tui.ui.styles import styles_dir

REPOSITORY = Path(__file__).resolve().parents[2]


def sheet_in(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "board.tcss").write_text("Screen { layout: vertical; }\n", "utf-8")
    return folder


def test_in_the_repository_and_so_in_an_editable_install() -> None:
    assert styles_dir() == REPOSITORY / "styles"


def test_inside_the_package_of_a_wheel(tmp_path: Path) -> None:
    styles = sheet_in(tmp_path / "legion_tui" / "styles")
    sheet_in(tmp_path / "styles")  # another package's, in the same site-packages

    assert styles_dir(tmp_path / "legion_tui") == styles


def test_an_empty_folder_is_no_find(tmp_path: Path) -> None:
    (tmp_path / "legion_tui" / "styles").mkdir(parents=True)
    styles = sheet_in(tmp_path / "styles")

    assert styles_dir(tmp_path / "legion_tui") == styles


def test_none_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(LegionError) as caught:
        styles_dir(tmp_path / "legion_tui")

    assert str(tmp_path / "legion_tui" / "styles") in caught.value.message
