"""Worktrees of a real repository, made as a dispatch makes them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from legion_tui.act.furnishing import Furnishing
from legion_tui.act.worktrees import Plan, Worktrees
from legion_tui.errors import LegionError
from legion_tui.processes import run_whole_command


def git(root: Path, *arguments: str) -> str:
    """What git prints in `root`."""
    argv = ["git", "-C", str(root), *arguments]
    return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=20).stdout.strip()


def trees(
    root: Path, *, base: str | None = None, copy: Sequence[str] = (), setup: Sequence[Sequence[str]] = ()
) -> Worktrees:
    """The worktrees of the project in `root`."""
    environ = dict(os.environ)
    return Worktrees(
        runner=run_whole_command,
        project_root=root,
        environ=environ,
        marks=root.parent / "state" / "unfinished",
        kind="git",
        base=base,
        furnishing=Furnishing(runner=run_whole_command, project_root=root, environ=environ, copy=copy, setup=setup),
    )


async def made(worktrees: Worktrees) -> Plan:
    """Make the worktree of ENG-1."""
    plan = await worktrees.plan("ENG-1")
    await worktrees.make(plan)
    return plan


async def refusal(worktrees: Worktrees) -> str:
    """Why it could not be made, on one line."""
    with pytest.raises(LegionError) as raised:
        await made(worktrees)
    assert "\n" not in str(raised.value)
    return str(raised.value)
