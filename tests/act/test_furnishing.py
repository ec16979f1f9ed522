"""What a new worktree gets, in a real repository with real commands."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from legion_tui.errors import LegionError
from tests.support.checkouts import made, trees

SETUP = ("sh", "-c", "echo set up >> ../log; test ! -e broken")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    (root / ".gitignore").write_text(".env*\nlocal/\n")
    (root / "tracked.txt").write_text("committed")
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, timeout=20)
    (root / ".env").write_text("SECRET=1")
    (root / ".env").chmod(0o600)
    (root / "local" / "deep").mkdir(parents=True)
    (root / "local" / "deep" / "key").write_text("k")
    (root / "tracked.txt").write_text("edited here")
    return root


async def test_files_that_git_does_not_keep_are_copied(project: Path) -> None:
    plan = await made(trees(project, copy=[".env*", "local", "tracked.txt", "no-such-*"]))
    assert plan.furnishing == ("copy .env* local tracked.txt 'no-such-*' into it".replace("'", ""),)
    place = plan.cwd
    assert (place / ".env").read_text() == "SECRET=1"
    assert (place / ".env").stat().st_mode & 0o777 == 0o600
    assert (place / "local" / "deep" / "key").read_text() == "k"
    # What git has put there is not overwritten.
    assert (place / "tracked.txt").read_text() == "committed"


async def test_nothing_from_elsewhere_and_nothing_of_gits_own_is_copied(project: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret").write_text("s")
    (project / "link").symlink_to(tmp_path / "elsewhere")
    (project / ".env.link").symlink_to(tmp_path / "elsewhere" / "secret")
    place = (await made(trees(project, copy=["link/*", ".git/config", ".env*"]))).cwd
    assert not (place / "link").exists()
    assert (place / ".git").is_file()
    # A link stays a link.
    assert (place / ".env.link").is_symlink()


async def test_a_worktree_is_set_up_once(project: Path) -> None:
    worktrees = trees(project, copy=[".env"], setup=[SETUP, ("true",)])
    first = await made(worktrees)
    assert first.furnishing == ("copy .env into it", f"run sh -c '{SETUP[2]}' in it", "run true in it")
    (first.cwd / ".env").write_text("changed")
    again = await made(worktrees)
    assert (again.cwd, again.making, again.furnishing) == (first.cwd, (), ())
    assert (first.cwd.parent / "log").read_text() == "set up\n"
    assert (first.cwd / ".env").read_text() == "changed"


async def test_a_set_up_that_failed_is_told_and_done_again(project: Path) -> None:
    (project / "broken").touch()
    worktrees = trees(project, copy=["broken"], setup=[SETUP, ("sh", "-c", "echo one; echo why >&2; exit 3")])
    with pytest.raises(LegionError, match=r"the worktree could not be set up: sh -c .* ended with 1") as raised:
        await made(worktrees)
    place = project.parent / "shop-worktrees" / "ENG-1"
    assert f"it stays: mend it in {place} or in worktrees.setup, then dispatch again" in str(raised.value)
    (place / "broken").unlink()
    (project / "broken").unlink()
    with pytest.raises(LegionError, match="ended with 3: why"):
        await made(worktrees)
    assert (place.parent / "log").read_text() == "set up\nset up\n"
    mended = trees(project, setup=[SETUP])
    assert (await made(mended)).furnishing
    assert (await made(mended)).furnishing == ()


async def test_a_program_that_is_not_there(project: Path) -> None:
    with pytest.raises(LegionError, match="no-such-program ended with"):
        await made(trees(project, setup=[("no-such-program",)]))
