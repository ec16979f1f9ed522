"""Where a worker works: the project's own folder, or a checkout of its own."""

from __future__ import annotations

import functools
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import anyio

from legion_tui.act.checkout import Checkouts, Linked, Shell, Step, said
from legion_tui.act.furnishing import Furnishing, Tell
from legion_tui.act.git_worktrees import GitWorktrees
from legion_tui.act.jj_workspaces import JjWorkspaces
from legion_tui.act.marks import Mark
from legion_tui.errors import LegionError, RefusedError
from legion_tui.files import file_error
from legion_tui.processes import CommandRunner
from legion_tui.state.text import clean_line

Kind = Literal["git", "jj", "none"]


async def _silent(what: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Where a worker will work. `making` makes the place; it is empty where the place is there."""

    cwd: Path
    branch: str | None = None
    making: tuple[Step, ...] = ()
    # What is done in it before anybody works there; of one that is there, only what was cut off.
    furnishing: tuple[str, ...] = ()
    # There from before the making until everything is done.
    mark: Mark | None = None

    @property
    def steps(self) -> tuple[str, ...]:
        """What is done, a line each."""
        return (*(f"run {shlex.join(step.argv)}" for step in self.making), *self.furnishing)


@dataclass(frozen=True, kw_only=True)
class Worktrees:
    """Plans and makes the folders. `root` and `branch` are templates over {project} and {issue}.

    `marks` is a folder of ours that tells, by issue, which checkouts are not made or furnished to the end.
    """

    runner: CommandRunner
    project_root: Path
    environ: Mapping[str, str]
    marks: Path
    kind: Kind = "none"
    root: str = "../{project}-worktrees/{issue}"
    branch: str = "{issue}"
    base: str | None = None
    furnishing: Furnishing | None = None

    @cached_property
    def _shell(self) -> Shell:
        return Shell(runner=self.runner, environ=self.environ)

    @cached_property
    def _checkouts(self) -> Checkouts:
        if self.kind == "jj":
            return JjWorkspaces(shell=self._shell, root=self.project_root, base=self.base)
        return GitWorktrees(shell=self._shell, root=self.project_root, base=self.base)

    async def plan(self, issue_id: str) -> Plan:
        """Return where the worker of an issue works, and what is needed for that; changes nothing.

        Raises LegionError that says what stands in the way.
        """
        if self.kind == "none":
            return Plan(cwd=self.project_root, branch=await self._own_branch())
        if not await self._checkouts.ready():
            return Plan(cwd=self.project_root)  # no repository: there is nothing to branch off
        path, branch, mark = self._path(issue_id), self._filled(self.branch, issue_id), Mark(self.marks / issue_id)
        there = await self._checkouts.at(path, branch)
        if there is not None and not await mark.exists():
            return Plan(cwd=path, branch=there.branch)
        if there is not None:
            await _check_nothing_runs(mark, path)
            making = await self._checkouts.unfinished(there, branch)
            return Plan(cwd=path, branch=there.branch or branch, making=making, furnishing=self._steps, mark=mark)
        if await anyio.to_thread.run_sync(os.path.lexists, path):
            raise LegionError(
                "no place for the worktree",
                f"{path} is there and is no worktree of this repository",
                "move it away, or set worktrees.root",
            )
        making = await self._checkouts.steps(path, branch, issue_id)
        return Plan(cwd=path, branch=branch, making=making, furnishing=self._steps, mark=mark)

    async def make(self, plan: Plan, tell: Tell = _silent) -> None:
        """Carry the plan out, telling each step of the furnishing; where it is cut off, the next dispatch goes on.

        Raises LegionError with the command's own words.
        """
        if plan.mark is None:
            return
        # Before anything is there: what a crash leaves must never count as furnished.
        await plan.mark.write(plan.cwd)
        if plan.making:
            await self._make(plan, plan.mark.path.name)
        if self.furnishing is not None:
            await self.furnishing.furnish(plan.cwd, tell, functools.partial(plan.mark.started, plan.cwd))
        await plan.mark.remove()

    async def _make(self, plan: Plan, name: str) -> None:
        try:
            await anyio.Path(plan.cwd.parent).mkdir(parents=True, exist_ok=True)
            for step in plan.making:
                done = await self._shell.run(step.argv, making=True)
                if not done.ok:
                    raise LegionError(step.failed, said(done), _remedy(said(done), plan.cwd))
        except OSError as error:
            raise file_error("no place for the worktree", error, plan.cwd.parent) from error
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self._checkouts.undo(plan.cwd, name)
            raise

    async def of(self, issue_id: str) -> Linked | None:
        """Return the checkout of an issue; None where it has none, RefusedError where it can't be touched."""
        if self.kind == "none":
            return None
        found = await self._checkouts.at(self._path(issue_id), self._filled(self.branch, issue_id))
        if found is not None:
            await _check_nothing_runs(Mark(self.marks / issue_id), found.path)
        return found

    async def unsaved(self, linked: Linked) -> str:
        """Return what would be lost with a checkout, or why that is not known; empty where nothing would."""
        return await self._checkouts.unsaved(linked)

    async def remove(self, linked: Linked) -> None:
        """Remove a checkout, its branch stays; raises LegionError with the command's own words."""
        await self._checkouts.remove(linked)

    @property
    def _steps(self) -> tuple[str, ...]:
        return self.furnishing.steps if self.furnishing is not None else ()

    async def _own_branch(self) -> str | None:
        git = ("git", "-C", str(self.project_root))
        return clean_line((await self._shell.run((*git, "symbolic-ref", "--short", "-q", "HEAD"))).stdout) or None

    def _path(self, issue_id: str) -> Path:
        return Path(os.path.normpath(self.project_root / self._filled(self.root, issue_id)))

    def _filled(self, template: str, issue_id: str) -> str:
        return template.replace("{project}", self.project_root.name).replace("{issue}", issue_id)


async def _check_nothing_runs(mark: Mark, path: Path) -> None:
    """Refuse where a setup command still runs, as it does when its dispatch was killed: two spoil each other's work."""
    running = await mark.running()
    if running is not None:
        raise RefusedError(
            "its worktree is still being set up",
            f"process {running.pid} ({running.name}) goes on in {path}",
            f"wait for it; if its dispatch was killed: kill {running.pid}",
        )


def _remedy(words: str, path: Path) -> str:
    """Return how to mend what git and jj do not tell clearly: that there is no room, or that nothing may be written."""
    if any(sign in words for sign in ("No space left", "unable to write", "write error")):
        return f"see that there is room for {path}, and dispatch again"
    return "see that its disk can be written" if "Read-only file system" in words else ""
