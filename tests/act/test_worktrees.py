"""Worktrees in a real repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from legion_tui.act.worktrees import Kind, Worktrees
from legion_tui.errors import LegionError
from legion_tui.processes import run_command
from tests.support.checkouts import git


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "my project"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    git(root, "commit", "-q", "--allow-empty", "-m", "first")
    return root


def worktrees(root: Path, *, kind: Kind = "git", branch: str = "{issue}", base: str | None = None) -> Worktrees:
    return Worktrees(
        runner=run_command,
        project_root=root,
        environ=dict(os.environ),
        marks=root.parent / "state" / "unfinished",
        kind=kind,
        branch=branch,
        base=base,
    )


async def test_without_a_repository_work_is_done_in_the_project(tmp_path: Path) -> None:
    plan = await worktrees(tmp_path).plan("ENG-1")
    assert (plan.cwd, plan.branch, plan.making) == (tmp_path, None, ())


async def test_without_worktrees_the_projects_branch_is_told(repository: Path) -> None:
    plan = await worktrees(repository, kind="none").plan("ENG-1")
    assert (plan.cwd, plan.branch, plan.making) == (repository, "main", ())
    git(repository, "checkout", "-q", "--detach")
    assert (await worktrees(repository, kind="none").plan("ENG-1")).branch is None


async def test_a_worktree_is_planned_made_and_used_again(repository: Path) -> None:
    trees = worktrees(repository, branch="work/{issue}")
    plan = await trees.plan("ENG-1")
    place = repository.parent / "my project-worktrees" / "ENG-1"
    assert (plan.cwd, plan.branch) == (place, "work/ENG-1")
    assert not place.exists()
    await trees.make(plan)
    assert git(place, "symbolic-ref", "--short", "HEAD") == "work/ENG-1"
    git(place, "checkout", "-q", "-b", "another")
    again = await trees.plan("ENG-1")
    assert (again.cwd, again.branch, again.making) == (place, "another", ())
    await trees.make(again)


async def test_a_branch_that_is_there_is_used(repository: Path) -> None:
    git(repository, "branch", "ENG-2")
    trees = worktrees(repository)
    await trees.make(await trees.plan("ENG-2"))
    assert git(repository.parent / "my project-worktrees" / "ENG-2", "symbolic-ref", "--short", "HEAD") == "ENG-2"


async def test_a_worktree_whose_folder_is_gone_is_made_again(repository: Path) -> None:
    trees = worktrees(repository)
    plan = await trees.plan("ENG-1")
    await trees.make(plan)
    git(repository, "worktree", "remove", "--force", str(plan.cwd))
    again = await trees.plan("ENG-1")
    assert "-b" not in again.making[-1].argv
    await trees.make(again)
    assert plan.cwd.is_dir()


async def test_a_folder_that_is_somebody_elses_is_left_alone(repository: Path) -> None:
    place = repository.parent / "my project-worktrees" / "ENG-1"
    place.mkdir(parents=True)
    with pytest.raises(LegionError, match="no worktree of this repository"):
        await worktrees(repository).plan("ENG-1")


async def test_gits_own_words_are_told(repository: Path) -> None:
    trees = worktrees(repository, base="nowhere")
    with pytest.raises(LegionError, match="nowhere"):
        await trees.make(await trees.plan("ENG-1"))
