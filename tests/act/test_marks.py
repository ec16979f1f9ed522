"""What is kept of a checkout that is not finished, on real files and processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from legion_tui.act.marks import Mark
from legion_tui.act.worktrees import Worktrees
from legion_tui.errors import RefusedError
from legion_tui.processes import run_whole_command


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        yield process
        process.kill()


async def test_a_mark_is_there_until_everything_is_done(tmp_path: Path) -> None:
    mark = Mark(tmp_path / "state" / "unfinished" / "ENG-1")
    assert not await mark.exists()
    await mark.write(tmp_path)
    assert await mark.exists()
    assert await mark.running() is None
    await mark.remove()
    await mark.remove()
    assert not await mark.exists()


async def test_the_very_process_that_sets_it_up_is_known(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    mark = Mark(tmp_path / "ENG-1")
    await mark.started(tmp_path, sleeper.pid)
    running = await mark.running()
    assert running is not None
    assert running.pid == sleeper.pid
    # Another one that has its number by now.
    mark.path.write_text(mark.path.read_text().replace('"started": ', '"started": 1'))
    assert await mark.running() is None
    await mark.started(tmp_path, sleeper.pid)
    sleeper.kill()
    sleeper.wait(10)
    assert await mark.running() is None
    # One that has ended before it could be looked at leaves what was noted.
    await mark.started(tmp_path, sleeper.pid)
    assert await mark.exists()


@pytest.mark.parametrize("held", [b"", b"[]", b"{}", b'{"process": {"pid": "x"}}', b"\xff"])
async def test_a_mark_of_another_version_still_marks(tmp_path: Path, held: bytes) -> None:
    mark = Mark(tmp_path / "ENG-1")
    mark.path.write_bytes(held)
    assert await mark.exists()
    assert await mark.running() is None


async def test_what_is_still_set_up_is_neither_set_up_twice_nor_removed(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    root = tmp_path / "shop"
    git = ("git", "-C", str(root))
    for argv in (
        ("git", "init", "-q", "-b", "main", str(root)),
        (*git, "commit", "-q", "--allow-empty", "-m", "first"),
        (*git, "worktree", "add", "-q", "../shop-worktrees/ENG-1"),
    ):
        assert (await run_whole_command(argv)).ok
    worktrees = Worktrees(
        runner=run_whole_command, project_root=root, environ={}, marks=tmp_path / "unfinished", kind="git"
    )
    assert await worktrees.of("ENG-1") is not None
    await Mark(tmp_path / "unfinished" / "ENG-1").started(root.parent / "shop-worktrees" / "ENG-1", sleeper.pid)
    said = f"still being set up: process {sleeper.pid} .*; if its dispatch was killed: kill {sleeper.pid}"
    with pytest.raises(RefusedError, match=said):
        await worktrees.plan("ENG-1")
    with pytest.raises(RefusedError, match=said):
        await worktrees.of("ENG-1")
    sleeper.kill()
    sleeper.wait(10)
    assert await worktrees.of("ENG-1") is not None
