"""Git worktrees: one for each worker, on a branch of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import anyio

from legion_tui.act.checkout import Linked, Shell, Step, commits, resolved, said
from legion_tui.errors import LegionError, RefusedError
from legion_tui.processes import Ran
from legion_tui.state.text import clean_line

# Why git itself locks a worktree while it makes it.
_MAKING = "initializing"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """A worktree as git lists it, the main one too; `gone`: git finds nothing there; `lock`: why it is locked."""

    path: Path
    branch: str | None
    head: str
    lock: str | None
    gone: bool


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
        """Return the worktree at `path`, on whatever branch it is by now.

        RefusedError where it is locked and its folder is not there: it may be on a disk that is not mounted.
        """
        found = await self._record_at(path)
        if found is None or found.gone:
            return None
        if found.lock is not None and not await anyio.Path(found.path).exists():
            why = f": {found.lock}" if found.lock else ""
            raise RefusedError(
                "the worktree is not there",
                f"{found.path} is locked{why}, and there is no such folder",
                f"bring it back, or: git worktree unlock {found.path}",
            )
        return Linked(found.path, found.branch, found.lock is not None)

    async def steps(self, path: Path, branch: str, name: str) -> tuple[Step, ...]:
        """Return the `git worktree add`: of the branch where it is there, else with a new one."""
        gone = await self._record_at(path)
        forget = (await self._forgetting(gone),) if gone is not None else ()
        for other in await self._records():
            if other.branch == branch and other != gone:
                remedy = "git worktree prune" if other.gone else "switch to another branch there"
                raise LegionError(
                    "the branch is in use",
                    f"{branch} is checked out in {other.path}",
                    f"{remedy}, or set worktrees.branch",
                )
        known = await self._git("rev-parse", "--verify", "-q", f"refs/heads/{branch}")
        if known.ok:
            await self._check_related(branch)
        else:
            await self._check_start()
        new = () if known.ok else ("-b", branch)
        start = branch if known.ok else self.base or "HEAD"
        argv = ("git", "-C", str(self.root), "worktree", "add", *new, "--", str(path), start)
        return (*forget, Step(argv, "the worktree could not be made"))

    async def unfinished(self, linked: Linked, branch: str) -> tuple[Step, ...]:
        """Return nothing: git makes a worktree in one step. LegionError where that step was not ended."""
        found = await self._record_at(linked.path)
        if found is not None and found.lock == _MAKING:
            raise LegionError(
                "the worktree is half made",
                f"git was cut off, or is still at it, in {linked.path}",
                f"wait, or: git worktree remove -f -f {linked.path}, then dispatch again",
            )
        return ()

    async def undo(self, path: Path, name: str) -> None:
        """Remove what git left where it was killed; it takes back itself what it could not finish."""
        found = await self._record_at(path)
        if found is not None and found.lock == _MAKING:
            await self._git("worktree", "remove", "--force", "--force", "--", str(found.path))

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

    async def _forgetting(self, gone: _Record) -> Step:
        """Return what frees the place of a worktree whose folder is gone; LegionError where commits would go too."""
        if gone.branch is None:
            ahead = await self._git("rev-list", "--count", gone.head, "--not", "--branches", "--remotes", "--tags")
            if not ahead.ok or int(ahead.stdout):
                raise LegionError(
                    "the folder of the worktree is gone",
                    f"{gone.path} was at {gone.head[:12]}, which is on no branch",
                    f"keep it, with: git branch NAME {gone.head[:12]}; then dispatch again",
                )
        argv = ("git", "-C", str(self.root), "worktree", "remove", "--", str(gone.path))
        return Step(argv, "the worktree without a folder could not be removed")

    async def _check_start(self) -> None:
        """See that there is something that a new branch can begin at."""
        if (await self._git("rev-parse", "--verify", "-q", f"{self.base or 'HEAD'}^{{commit}}")).ok:
            return
        what, remedy = f"{self.root} has no commit yet", "commit something first"
        if self.base is not None:
            what, remedy = f"worktrees.base is {self.base}, which is not here", "set it to a branch that is"
            remote, slash, _ = self.base.partition("/")
            if slash and remote in (await self._git("remote")).stdout.split():
                remedy = f"git fetch {remote}, or {remedy}"
            elif slash:
                what = f"worktrees.base is {self.base}, and there is no remote {remote}"
        raise LegionError("nothing to base the worktree on", what, remedy)

    async def _check_related(self, branch: str) -> None:
        """See that a branch with the name that ours would have is not of another history altogether."""
        shallow = await self._git("rev-parse", "--is-shallow-repository")
        common = await self._git("merge-base", branch, self.base or "HEAD")
        # 1 is git's "none"; a shallow clone does not know.
        if common.returncode == 1 and shallow.stdout.strip() == "false":
            raise LegionError(
                "the branch is another's",
                f"{branch} has no commit in common with {self.base or 'what the project has checked out'}",
                "rename it, or set worktrees.branch",
            )

    async def _record_at(self, path: Path) -> _Record | None:
        places, main = (path, await resolved(path)), await resolved(self.root)
        for record in await self._records():
            if record.path in places and record.path != main:
                return record
        return None

    async def _records(self) -> list[_Record]:
        listed = await self._git("worktree", "list", "--porcelain", "-z")
        found: list[_Record] = []
        for text in listed.stdout.split("\0\0"):
            fields = dict(line.partition(" ")[::2] for line in text.split("\0"))
            if "worktree" in fields:
                found.append(
                    _Record(
                        path=Path(fields["worktree"]),
                        branch=fields.get("branch", "").removeprefix("refs/heads/") or None,
                        head=clean_line(fields.get("HEAD", "")),
                        lock=clean_line(fields["locked"], limit=200) if "locked" in fields else None,
                        gone="prunable" in fields,
                    )
                )
        return found

    async def _git(self, *arguments: str, at: Path | None = None) -> Ran:
        return await self.shell.run(("git", "-C", str(at or self.root), *arguments))
