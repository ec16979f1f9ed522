"""Where a worker works: the project's own folder, or a git worktree of its own."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import anyio

from legion_tui.act.furnishing import UNFINISHED, Furnishing
from legion_tui.errors import LegionError
from legion_tui.processes import CommandRunner, Ran
from legion_tui.state.text import clean_line

_GIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Where a worker will work. `argv` makes the place; it is empty where the place is there."""

    cwd: Path
    branch: str | None = None
    argv: tuple[str, ...] = ()
    # What is done in it before anybody works there; of one that is there, only what was cut off.
    furnishing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Linked:
    """A worktree as git lists it; `branch` is None where its head is detached."""

    path: Path
    branch: str | None
    locked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Worktrees:
    """Plans and makes the folders. `root` and `branch` are templates over {project} and {issue}."""

    runner: CommandRunner
    project_root: Path
    environ: Mapping[str, str]
    kind: Literal["git", "none"] = "none"
    root: str = "../{project}-worktrees/{issue}"
    branch: str = "{issue}"
    base: str | None = None
    furnishing: Furnishing | None = None

    async def plan(self, issue_id: str) -> Plan:
        """Return where the worker of an issue works, and what is needed for that; changes nothing."""
        top = await self._git("rev-parse", "--show-toplevel")
        if not top.ok:
            return Plan(cwd=self.project_root)  # no repository: there is nothing to branch off
        if self.kind == "none":
            head = await self._git("symbolic-ref", "--short", "-q", "HEAD")
            return Plan(cwd=self.project_root, branch=clean_line(head.stdout) or None)
        path = self._path(issue_id)
        branch = self._filled(self.branch, issue_id)
        there = await self._worktrees()
        if path in there:
            unfinished = await self._unfinished(path)
            cut_off = unfinished is not None and await anyio.Path(unfinished).exists()
            return Plan(cwd=path, branch=there[path], furnishing=self._steps if cut_off else ())
        if await anyio.Path(path).exists():
            raise LegionError(
                "no place for the worktree",
                f"{path} is there and is no worktree of this repository",
                "move it away, or set worktrees.root",
            )
        known = await self._git("rev-parse", "--verify", "-q", f"refs/heads/{branch}")
        new = () if known.ok else ("-b", branch)
        start = branch if known.ok else self.base or "HEAD"
        argv = ("git", "-C", str(self.project_root), "worktree", "add", *new, "--", str(path), start)
        return Plan(cwd=path, branch=branch, argv=argv, furnishing=self._steps)

    async def make(self, plan: Plan) -> None:
        """Carry the plan out; raises LegionError with git's own words."""
        if plan.argv:
            done = await self._run(plan.argv)
            if not done.ok:
                raise LegionError("the worktree could not be made", _said(done))
        if plan.furnishing and self.furnishing is not None:
            await self._furnish(plan.cwd, self.furnishing)

    @property
    def _steps(self) -> tuple[str, ...]:
        return self.furnishing.steps if self.furnishing is not None else ()

    async def _furnish(self, path: Path, furnishing: Furnishing) -> None:
        """Furnish a worktree; where that is cut off or fails, the next dispatch does it again."""
        unfinished = await self._unfinished(path)
        if unfinished is not None:
            await anyio.Path(unfinished).touch()
        await furnishing.furnish(path)
        if unfinished is not None:
            await anyio.Path(unfinished).unlink(missing_ok=True)

    async def _unfinished(self, path: Path) -> Path | None:
        """Return the mark of a worktree that is not furnished yet, beside git's own files of it."""
        found = await self._git("rev-parse", "--absolute-git-dir", at=path)
        return Path(found.stdout.rstrip("\n")) / UNFINISHED if found.ok else None

    async def of(self, issue_id: str) -> Linked | None:
        """Return the worktree of an issue; None where it has none of its own."""
        if self.kind == "none":
            return None
        path = self._path(issue_id)
        resolved = await _resolved(path)
        for linked in await self._linked():
            if linked.path in (path, resolved) and linked.path != await _resolved(self.project_root):
                return linked
        return None

    async def unsaved(self, linked: Linked) -> str:
        """Return what would be lost with a worktree, or why that is not known; empty where nothing would."""
        if linked.locked:
            return "it is locked: git worktree unlock"
        changes = await self._git("status", "--porcelain", "-z", "--untracked-files=normal", at=linked.path)
        if not changes.ok:
            return f"its changes could not be read: {_said(changes)}"
        if changes.stdout:
            count = changes.stdout.rstrip("\0").count("\0") + 1
            first = clean_line(changes.stdout.split("\0")[0][3:], limit=200)
            return f"{count} uncommitted {'change' if count == 1 else 'changes'}: {first}"
        # In the main checkout, or on any remote as far as it was fetched and pushed from here.
        base = await self._git("rev-parse", "--verify", "-q", f"{self.base or 'HEAD'}^{{commit}}")
        if not base.ok:
            return "what it is based on could not be read"
        kept = ("--not", "--remotes", clean_line(base.stdout))
        ahead = await self._git("rev-list", "--count", "HEAD", *kept, at=linked.path)
        if not ahead.ok:
            return f"its commits could not be read: {_said(ahead)}"
        count = int(ahead.stdout)
        verb = "commit is" if count == 1 else "commits are"
        return f"{count} {verb} neither pushed nor merged" if count else ""

    async def remove(self, linked: Linked) -> None:
        """Remove a worktree, its branch stays; raises LegionError with git's own words. Git looks for changes too."""
        done = await self._git("worktree", "remove", "--", str(linked.path))
        if not done.ok:
            raise LegionError("the worktree was not removed", _said(done))

    def _path(self, issue_id: str) -> Path:
        return Path(os.path.normpath(self.project_root / self._filled(self.root, issue_id)))

    def _filled(self, template: str, issue_id: str) -> str:
        return template.replace("{project}", self.project_root.name).replace("{issue}", issue_id)

    async def _worktrees(self) -> dict[Path, str | None]:
        """Return the linked worktrees that can be used, with their branches."""
        found = {linked.path: linked.branch for linked in await self._linked()}
        return {**found, **{await _resolved(path): branch for path, branch in found.items()}}

    async def _linked(self) -> list[Linked]:
        listed = await self._git("worktree", "list", "--porcelain", "-z")
        found: list[Linked] = []
        for record in listed.stdout.split("\0\0"):
            fields = dict(line.partition(" ")[::2] for line in record.split("\0"))
            if "worktree" in fields and "prunable" not in fields:
                branch = fields.get("branch", "").removeprefix("refs/heads/")
                found.append(Linked(Path(fields["worktree"]), branch or None, "locked" in fields))
        return found

    async def _git(self, *arguments: str, at: Path | None = None) -> Ran:
        return await self._run(("git", "-C", str(at or self.project_root), *arguments))

    async def _run(self, argv: Sequence[str]) -> Ran:
        # Nobody is there to type a password.
        env = {**self.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
        return await self.runner(argv, env=env, timeout_seconds=_GIT_SECONDS)


async def _resolved(path: Path) -> Path:
    return Path(await anyio.Path(path).resolve())


def _said(done: Ran) -> str:
    return clean_line(done.stderr or done.stdout, limit=500)
