"""Git worktrees: one for each worker, on a branch of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from legion_tui.act.checkout import Linked, Shell, Step, commits, resolved, said
from legion_tui.errors import LegionError
from legion_tui.processes import Ran
from legion_tui.state.text import clean_line


@dataclass(frozen=True, slots=True, kw_only=True)
class GitWorktrees:
    """The worktrees of the project in `root`; new branches begin at `base`, or at what the project has checked out."""

    shell: Shell
    root: Path
    base: str | None = None

    async def ready(self) -> bool:
        """Return whether the project is in a repository with files."""
        return (await self._git("rev-parse", "--show-toplevel")).ok

    async def at(self, path: Path, branch: str) -> Linked | None:
        """Return the worktree at `path`, on whatever branch it is by now."""
        places, main = (path, await resolved(path)), await resolved(self.root)
        for linked in await self._linked():
            if linked.path in places and linked.path != main:
                return linked
        return None

    async def steps(self, path: Path, branch: str, name: str) -> tuple[Step, ...]:
        """Return the `git worktree add`: of the branch where it is there, else with a new one."""
        known = await self._git("rev-parse", "--verify", "-q", f"refs/heads/{branch}")
        new = () if known.ok else ("-b", branch)
        start = branch if known.ok else self.base or "HEAD"
        argv = ("git", "-C", str(self.root), "worktree", "add", *new, "--", str(path), start)
        return (Step(argv, "the worktree could not be made"),)

    async def unfinished(self, linked: Linked, branch: str) -> tuple[Step, ...]:
        """Return nothing: git makes a worktree in one step."""
        return ()

    async def undo(self, path: Path) -> None:
        """Leave everything: git takes back itself what it could not finish."""

    async def unsaved(self, linked: Linked) -> str:
        """Return what would be lost: uncommitted changes, and commits on no remote and not in the main checkout."""
        if linked.locked:
            return "it is locked: git worktree unlock"
        changes = await self._git("status", "--porcelain", "-z", "--untracked-files=normal", at=linked.path)
        if not changes.ok:
            return f"its changes could not be read: {said(changes)}"
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
            return f"its commits could not be read: {said(ahead)}"
        count = int(ahead.stdout)
        return commits(count) if count else ""

    async def remove(self, linked: Linked) -> None:
        """Remove a worktree; raises LegionError with git's own words. Git looks for changes too."""
        done = await self._git("worktree", "remove", "--", str(linked.path))
        if not done.ok:
            raise LegionError("the worktree was not removed", said(done))

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
        return await self.shell.run(("git", "-C", str(at or self.root), *arguments))
