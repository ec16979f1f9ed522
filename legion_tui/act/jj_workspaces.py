"""Jujutsu workspaces: one for each worker, with a bookmark of its own. Needs jj 0.35 or newer.

Before 0.38 jj does not tell where a workspace is: one whose folder was deleted is a person's to forget.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import anyio

from legion_tui.act.checkout import Linked, Shell, Step, commits, said
from legion_tui.errors import LegionError, RefusedError
from legion_tui.processes import MISSING, Ran
from legion_tui.state.text import clean_line

# The working copy is written into its commit by nearly every command; one that only asks leaves it alone.
_ASKING = "--ignore-working-copy"
_NAMES = 'json(name) ++ "\\n"'
_BOOKMARKS = 'local_bookmarks.map(|bookmark| json(bookmark.name()) ++ "\\n").join("")'
# What is in the working copy and has no description yet was not committed by anybody.
_UNSAVED = 'if(current_working_copy && !description, "change", "commit") ++ "\\n"'
_GONE = "Cannot resolve absolute workspace path"
# What jj warns of: files that are too big, and names that it cannot keep.
_SKIPPED = ("Refused to snapshot some files", "Skipped some paths")


@dataclass(frozen=True, slots=True, kw_only=True)
class JjWorkspaces:
    """The workspaces of the project in `root`; new bookmarks begin at `base` (a revset), or beside the project's own.

    A workspace that jj forgets leaves its commits behind, so only what jj does not keep can be lost with one.
    """

    shell: Shell
    root: Path
    base: str | None = None

    async def ready(self) -> bool:
        """Return True; LegionError where the project is in no jj repository, or there is no jj."""
        await self._asked(await self._top(), "log", "--no-graph", "-r", "@", "-T", "commit_id")
        return True

    async def at(self, path: Path, branch: str) -> Linked | None:
        """Return the workspace at `path`, with its bookmark, or the nearest one that is not in the trunk.

        RefusedError where there is one that jj knows nothing of.
        """
        if not await anyio.to_thread.run_sync(_is_secondary, path, await self._top()):
            return None
        nearest = f"(heads(::@ & bookmarks()) ~ ::present(trunk())) | (::@ & bookmarks(exact:{symbol(branch)}))"
        found = await self._jj(path, _ASKING, "log", "--no-graph", "-r", nearest, "-T", _BOOKMARKS)
        if not found.ok:
            raise RefusedError(
                f"{path} is a workspace that jj cannot read",
                said(found),
                "look into it, then move it away, or mend it with jj workspace add",
            )
        names = lines_of_json(found.stdout)
        return Linked(path, branch if branch in names else next(iter(names), None))

    async def steps(self, path: Path, branch: str, name: str) -> tuple[Step, ...]:
        """Return the `jj workspace add`, on the bookmark where it is there, else with a new one."""
        top = await self._top()
        names = lines_of_json(await self._asked(top, "workspace", "list", "-T", _NAMES))
        forget = (await self._forgetting(top, name),) if name in names else ()
        known = bool(await self._asked(top, "log", "--no-graph", "-r", f"bookmarks(exact:{symbol(branch)})", "-T", "1"))
        if not known and self.base is not None:
            await self._check_base(top, self.base)
        start = symbol(branch) if known else self.base
        revision = ("-r", start) if start is not None else ()
        add = (*jj(top), "workspace", "add", "--name", name, *revision, "--", str(path))
        made = (*forget, Step(add, "the workspace could not be made"))
        return made if known else (*made, _bookmark(path, branch))

    async def unfinished(self, linked: Linked, branch: str) -> tuple[Step, ...]:
        """Return what brings its files up to date and gives it its bookmark; LegionError where it is on nothing."""
        if await self._asked(linked.path, "log", "--no-graph", "-r", "@- & root()", "-T", "1"):
            raise LegionError(
                "the workspace is half made",
                f"jj was cut off, or is still at it, in {linked.path}",
                f"wait, or: jj workspace forget {linked.path.name}, remove the folder, then dispatch again",
            )
        files = Step((*jj(linked.path), "workspace", "update-stale"), "the workspace could not be brought up to date")
        known = await self._asked(
            linked.path, "log", "--no-graph", "-r", f"bookmarks(exact:{symbol(branch)})", "-T", "1"
        )
        return (files,) if known else (files, _bookmark(linked.path, branch))

    async def undo(self, path: Path, name: str) -> None:
        """Remove what a failed `jj workspace add` left: a folder with nothing but jj's own, or half of the files."""
        with contextlib.suppress(LegionError, OSError):
            top = await self._top()
            if await anyio.to_thread.run_sync(_is_secondary, path, top):
                # Fails where the files are not those of its commit.
                made = await self._jj(path, "log", "--no-graph", "-r", "@- & root()", "-T", "1")
                if made.ok and not made.stdout:
                    return
            elif not await anyio.to_thread.run_sync(_holds_nothing, path):
                return
            # Not from within: what is half made may be no workspace that jj can read.
            await self._jj(top, _ASKING, "workspace", "forget", "--", name)
            await anyio.to_thread.run_sync(shutil.rmtree, path)

    async def unsaved(self, linked: Linked) -> str:
        """Return what would be lost: files that jj does not keep, and commits on no remote and not in the project's."""
        status = await self._jj(linked.path, "status")
        if not status.ok:
            return f"its changes could not be read: {said(status)}"
        untracked = untracked_in(status)
        if untracked:
            return f"jj does not keep all of its files: {untracked}"
        base = self.base or (await self._asked(await self._top(), "log", "--no-graph", "-r", "@", "-T", "commit_id"))
        kept = f"remote_bookmarks() | present(trunk()) | ({base})"
        revset = f'(({kept})..@) ~ (empty() & description(exact:""))'
        ahead = await self._jj(linked.path, _ASKING, "log", "--no-graph", "-r", revset, "-T", _UNSAVED)
        if not ahead.ok:
            return f"its commits could not be read: {said(ahead)}"
        found = ahead.stdout.split()
        if "change" in found:
            return "uncommitted changes in its working-copy commit"
        return commits(len(found)) if found else ""

    async def remove(self, linked: Linked) -> None:
        """Forget a workspace and remove its folder; its commits and bookmarks stay. LegionError tells what failed."""
        if not await anyio.to_thread.run_sync(_is_secondary, linked.path, await self._top()):
            raise RefusedError(f"{linked.path} stays", "it is no workspace of this project any more")
        done = await self._jj(linked.path, "workspace", "forget")
        if not done.ok:
            raise LegionError("the workspace was not removed", said(done))
        try:
            await anyio.to_thread.run_sync(shutil.rmtree, linked.path)
        except OSError as error:
            what = f"{error.filename or linked.path}: {error.strerror or error}"
            raise LegionError("the workspace's folder was not removed", what, f"remove {linked.path}") from error

    async def _forgetting(self, top: Path, name: str) -> Step:
        """Return what frees the name of a workspace whose folder is gone; LegionError where it is not, or who knows."""
        found = await self._jj(top, _ASKING, "workspace", "root", "--name", name)
        if found.ok:
            where = clean_line(found.stdout)
            raise LegionError("the workspace's name is taken", f"{name} is in {where}", "jj workspace rename, in there")
        if _GONE not in found.stderr:
            raise LegionError(
                "the workspace's name is taken",
                f"jj does not tell where {name} is: {said(found)}",
                f"if it is gone: jj workspace forget {name}",
            )
        return Step((*jj(top), "workspace", "forget", "--", name), "the lost workspace was not forgotten")

    async def _check_base(self, top: Path, base: str) -> None:
        found = await self._jj(top, _ASKING, "log", "--no-graph", "--limit", "1", "-r", base, "-T", "commit_id")
        if not found.ok or not found.stdout:
            why = said(found) or f"{base} is nothing here"
            raise LegionError("nothing to base the workspace on", why, 'set worktrees.base, such as "main@origin"')

    async def _top(self) -> Path:
        """Return the folder that holds the project's own `.jj`."""
        top = await anyio.to_thread.run_sync(_top_of, self.root)
        if top is None:
            raise LegionError(
                "no place for the workspace",
                f"{self.root} is in no jj repository",
                'run: jj git init --colocate; or set worktrees.kind = "git"',
            )
        return top

    async def _asked(self, at: Path, *arguments: str) -> str:
        """Return what jj answers; LegionError with its own words where it does not."""
        ran = await self._jj(at, _ASKING, *arguments)
        if not ran.ok:
            raise LegionError("jj could not be asked", said(ran), "jj 0.35 or newer is needed")
        return ran.stdout

    async def _jj(self, at: Path, *arguments: str) -> Ran:
        ran = await self.shell.run((*jj(at), *arguments))
        if ran.returncode == MISSING:
            raise LegionError("no jj to run", "it is not on the PATH", 'install it, or set worktrees.kind = "git"')
        return ran


def jj(at: Path) -> tuple[str, ...]:
    """Return how jj is called about the workspace `at`."""
    return ("jj", "-R", str(at), "--no-pager", "--color=never")


def symbol(name: str) -> str:
    """Return a name as jj's revsets take it, whatever is in it."""
    return json.dumps(name, ensure_ascii=False)


def lines_of_json(text: str) -> list[str]:
    """Return the strings of a template that prints one as JSON on each line; LegionError where it did not."""
    try:
        return [str(json.loads(line)) for line in text.splitlines() if line]
    except ValueError as error:
        raise LegionError("jj could not be understood", clean_line(text, limit=200)) from error


def untracked_in(status: Ran) -> str:
    """Return a file that `jj status` says jj does not keep, for whatever reason; empty where there is none."""
    for line in status.stdout.splitlines():
        if line.startswith("? "):
            return clean_line(line[2:], limit=200)
    told = status.stderr.splitlines()
    for number, line in enumerate(told, 1):
        if any(sign in line for sign in _SKIPPED):
            return clean_line("".join(told[number : number + 1]), limit=200) or "it skipped some"
    return ""


def _bookmark(path: Path, branch: str) -> Step:
    return Step((*jj(path), "bookmark", "create", "-r", "@", "--", branch), "the bookmark could not be made")


def _top_of(root: Path) -> Path | None:
    return next((folder for folder in (root, *root.parents) if (folder / ".jj" / "repo").exists()), None)


def _store_of(folder: Path) -> Path | None:
    """Return the repository that a workspace's `.jj/repo` is, or names."""
    named = folder / ".jj" / "repo"
    try:
        if named.is_dir():
            return named.resolve()
        return (folder / ".jj" / named.read_text("utf-8").strip()).resolve()
    except (OSError, ValueError, RuntimeError):  # unreadable; bytes that no path holds; links in a circle
        return None


def _is_secondary(path: Path, top: Path) -> bool:
    """Whether `path` is a workspace of the repository of `top`, and not its main one."""
    return (path / ".jj" / "repo").is_file() and not path.is_symlink() and _store_of(path) == _store_of(top)


def _holds_nothing(path: Path) -> bool:
    """Whether `path` is a folder in which there is nothing but what jj keeps for itself."""
    return path.is_dir() and not path.is_symlink() and {entry.name for entry in path.iterdir()} <= {".jj"}
