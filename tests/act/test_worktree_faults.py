"""What goes wrong with worktrees in real repositories: a clear line, nothing lost, and done once it is mended."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import anyio
import pytest

from legion_tui.act.furnishing import Furnishing
from legion_tui.act.worktrees import Plan
from tests.support.checkouts import git, made, refusal, trees
from tests.support.waiting import until


def new_repository(root: Path) -> Path:
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    (root / "a.txt").write_text("a\n")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "first")
    return root


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return new_repository(tmp_path / "shop")


def place_of(root: Path) -> Path:
    return root.parent / "shop-worktrees" / "ENG-1"


async def test_uncommitted_work_is_worked_on(shop: Path) -> None:
    place = place_of(shop)
    await made(trees(shop))
    (place / "a.txt").write_text("changed\n")
    (place / "new.txt").write_text("new\n")
    assert await made(trees(shop)) == Plan(cwd=place, branch="ENG-1")
    assert git(place, "status", "--porcelain").split() == ["M", "a.txt", "??", "new.txt"]


async def test_a_detached_head_is_worked_on(shop: Path) -> None:
    place = place_of(shop)
    await made(trees(shop))
    git(place, "checkout", "-q", "--detach")
    assert await made(trees(shop)) == Plan(cwd=place)


async def test_a_base_on_a_remote_that_is_not_there(shop: Path, tmp_path: Path) -> None:
    place = place_of(shop)
    worktrees = trees(shop, base="origin/next")
    assert await refusal(worktrees) == (
        "nothing to base the worktree on: worktrees.base is origin/next, and there is no remote origin; "
        "set it to a branch that is"
    )
    other = new_repository(tmp_path / "other")
    git(other, "branch", "next")
    git(shop, "remote", "add", "origin", str(other))
    assert await refusal(worktrees) == (
        "nothing to base the worktree on: worktrees.base is origin/next, which is not here; "
        "git fetch origin, or set it to a branch that is"
    )
    git(shop, "fetch", "-q", "origin")
    await made(worktrees)
    assert git(place, "rev-parse", "HEAD") == git(other, "rev-parse", "next")


async def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    assert "has no commit yet; commit something first" in await refusal(trees(root))
    git(root, "commit", "-q", "--allow-empty", "-m", "first")
    await made(trees(root))


async def test_a_branch_that_is_checked_out_elsewhere(shop: Path, tmp_path: Path) -> None:
    place = place_of(shop)
    git(shop, "switch", "-q", "-c", "ENG-1")
    assert await refusal(trees(shop)) == (
        f"the branch is in use: ENG-1 is checked out in {shop}; switch to another branch there, or set worktrees.branch"
    )
    git(shop, "switch", "-q", "main")
    git(shop, "worktree", "add", "-q", str(tmp_path / "mine"), "ENG-1")
    assert f"ENG-1 is checked out in {tmp_path}/mine; switch" in await refusal(trees(shop))
    shutil.rmtree(tmp_path / "mine")
    assert f"ENG-1 is checked out in {tmp_path}/mine; git worktree prune, or" in await refusal(trees(shop))
    git(shop, "worktree", "prune")
    await made(trees(shop))
    assert git(place, "symbolic-ref", "--short", "HEAD") == "ENG-1"


async def test_a_branch_of_another_history(shop: Path, tmp_path: Path) -> None:
    place = place_of(shop)
    other = new_repository(tmp_path / "other")
    git(other, "commit", "-q", "--amend", "-m", "another first")
    git(shop, "fetch", "-q", str(other), "main:ENG-1")
    assert await refusal(trees(shop)) == (
        "the branch is another's: ENG-1 has no commit in common with what the project has checked out; "
        "rename it, or set worktrees.branch"
    )
    assert not place.exists()
    git(shop, "branch", "-m", "ENG-1", "another")
    await made(trees(shop))


async def test_a_shallow_clone_does_not_know_of_histories(shop: Path, tmp_path: Path) -> None:
    git(shop, "branch", "ENG-1")
    git(shop, "commit", "-q", "--allow-empty", "-m", "second")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth", "1", "--no-single-branch", f"file://{shop}", str(clone))
    git(clone, "branch", "-q", "ENG-1", "origin/ENG-1")
    await made(trees(clone))


async def test_a_name_that_git_cannot_have_beside_another(shop: Path) -> None:
    git(shop, "branch", "ENG-1/part")
    assert "the worktree could not be made" in await refusal(trees(shop))
    git(shop, "branch", "-D", "ENG-1/part")
    await made(trees(shop))


@pytest.mark.parametrize("what", ["folder", "file", "link"])
async def test_a_place_that_is_taken(shop: Path, what: str) -> None:
    place = place_of(shop)
    place.parent.mkdir()
    if what == "folder":
        place.mkdir()
        (place / "work").write_text("mine")
    elif what == "file":
        place.write_text("mine")
    else:
        place.symlink_to("nowhere")
    assert await refusal(trees(shop)) == (
        f"no place for the worktree: {place} is there and is no worktree of this repository; "
        "move it away, or set worktrees.root"
    )
    place.rename(place.with_name("moved"))
    await made(trees(shop))


async def test_a_file_where_the_folder_of_all_would_be(shop: Path) -> None:
    place = place_of(shop)
    place.parent.write_text("mine")
    assert await refusal(trees(shop)) == f"no place for the worktree: {place.parent}: File exists"
    place.parent.unlink()
    await made(trees(shop))


async def test_a_folder_deleted_by_hand_is_made_again(shop: Path) -> None:
    place = place_of(shop)
    await made(trees(shop))
    git(place, "commit", "-q", "--allow-empty", "-m", "work")
    shutil.rmtree(place)
    plan = await trees(shop, setup=(("touch", "set-up"),)).plan("ENG-1")
    assert [step.argv[3:5] for step in plan.making] == [("worktree", "remove"), ("worktree", "add")]
    await made(trees(shop, setup=(("touch", "set-up"),)))
    assert (place / "set-up").exists()
    assert git(place, "log", "-1", "--format=%s") == "work"


async def test_commits_of_a_deleted_folder_that_are_on_no_branch_are_kept(shop: Path) -> None:
    place = place_of(shop)
    await made(trees(shop))
    git(place, "checkout", "-q", "--detach")
    git(place, "commit", "-q", "--allow-empty", "-m", "work")
    head = git(place, "rev-parse", "HEAD")
    shutil.rmtree(place)
    assert await refusal(trees(shop)) == (
        f"the folder of the worktree is gone: {place} was at {head[:12]}, which is on no branch; "
        f"keep it, with: git branch NAME {head[:12]}; then dispatch again"
    )
    git(shop, "gc", "-q", "--prune=now")
    git(shop, "branch", "kept", head)
    await made(trees(shop))
    assert git(place, "symbolic-ref", "--short", "HEAD") == "ENG-1"


async def test_a_locked_worktree_is_worked_in_and_missed_when_it_is_gone(shop: Path) -> None:
    place = place_of(shop)
    await made(trees(shop))
    git(shop, "worktree", "lock", "--reason", "on a stick", str(place))
    assert await made(trees(shop)) == Plan(cwd=place, branch="ENG-1")
    place.rename(place.with_name("away"))
    assert await refusal(trees(shop)) == (
        f"the worktree is not there: {place} is locked: on a stick, and there is no such folder; "
        f"bring it back, or: git worktree unlock {place}"
    )
    git(shop, "worktree", "unlock", str(place))
    await made(trees(shop))
    assert place.is_dir()


@pytest.fixture
def slow(shop: Path) -> Path:
    """Have git take a minute for the file, once it has begun."""
    (shop / ".gitattributes").write_text("a.txt filter=slow\n")
    git(shop, "add", ".")
    git(shop, "commit", "-q", "-m", "slow")
    git(shop, "config", "filter.slow.smudge", f"touch '{shop.parent}/began'; sleep 60; cat")
    return shop


async def test_a_making_that_is_cancelled_leaves_nothing(slow: Path) -> None:
    place = place_of(slow)
    worktrees = trees(slow)
    async with anyio.create_task_group() as group:
        group.start_soon(made, worktrees)
        await until((slow.parent / "began").exists)
        group.cancel_scope.cancel()
    assert not place.exists()
    assert str(place) not in git(slow, "worktree", "list", "--porcelain")
    git(slow, "config", "--unset", "filter.slow.smudge")
    await made(worktrees)
    assert (place / "a.txt").read_text() == "a\n"


async def test_a_making_that_was_killed_is_told_until_it_is_cleared_away(slow: Path) -> None:
    place = place_of(slow)
    worktrees = trees(slow, setup=(("touch", "set-up"),))
    plan = await worktrees.plan("ENG-1")
    assert plan.mark is not None
    await plan.mark.write(place)
    async with await anyio.open_process(plan.making[0].argv, start_new_session=True) as adding:
        await until((slow.parent / "began").exists)
        assert f"half made: git was cut off, or is still at it, in {place}; wait" in await refusal(worktrees)
        os.killpg(adding.pid, signal.SIGKILL)
    assert "half made" in await refusal(worktrees)
    git(slow, "config", "--unset", "filter.slow.smudge")
    git(slow, "worktree", "remove", "-f", "-f", str(place))
    await made(worktrees)
    assert (place / "set-up").exists()


async def test_what_a_kill_left_right_after_the_making_is_furnished(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = place_of(shop)
    worktrees = trees(shop, setup=(("touch", "set-up"),))
    seen = []

    class Killed(BaseException):
        pass

    async def killed(folder: Path) -> None:
        seen.append(folder)
        raise Killed

    plan = await worktrees.plan("ENG-1")
    monkeypatch.setattr(Furnishing, "furnish", lambda self, folder, tell, started: killed(folder))
    with pytest.raises(Killed):
        await worktrees.make(plan)
    monkeypatch.undo()
    assert seen == [place]
    again = await worktrees.plan("ENG-1")
    assert (again.making, again.furnishing) == ((), ("run touch set-up in it",))
    await worktrees.make(again)
    assert (place / "set-up").exists()
    assert (await worktrees.plan("ENG-1")).furnishing == ()
