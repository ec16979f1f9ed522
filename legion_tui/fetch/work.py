"""Whether a worker that ended its turn left work that no remote has: one or two commands a worktree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import anyio

from legion_tui.processes import CommandRunner, CountedRunner, Ran
from legion_tui.state.diagnostics import Cost

# So many worktrees at a time: git reads the whole tree of each.
_AT_ONCE: Final = 4
_SECONDS: Final = 10.0
# A repository's own settings may name programs to run, and a lock that git takes for us would be in the agent's way.
_GIT: Final = ("git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-optional-locks")
# For the same reasons jj is not let look at the files.
_JJ: Final = ("jj", "--no-pager", "--color=never", "--ignore-working-copy")
_ONLY_HERE: Final = '(remote_bookmarks()..@) ~ (empty() & description(exact:""))'


class WorkReader:
    """Looks into worktrees. Never raises: where git or jj does not answer, nothing is known."""

    def __init__(self, runner: CommandRunner) -> None:
        """Take what runs them."""
        self._runner = CountedRunner(runner)

    @property
    def cost(self) -> Cost:
        """What looking has cost up to now."""
        return Cost(self._runner.printed, self._runner.count)

    async def read(self, folders: Iterable[str]) -> Mapping[str, bool]:
        """Return for each folder whether it has changes or commits that are on no remote; unknown ones are left out."""
        found: dict[str, bool] = {}
        limiter = anyio.CapacityLimiter(_AT_ONCE)

        async def look(folder: str) -> None:
            async with limiter:
                in_jj = await anyio.to_thread.run_sync(_is_in_jj, Path(folder))
                unpushed = await (self._unpushed_of_jj(folder) if in_jj else self._unpushed_of_git(folder))
            if unpushed is not None:
                found[folder] = unpushed

        async with anyio.create_task_group() as group:
            for folder in dict.fromkeys(folders):
                group.start_soon(look, folder)
        return found

    async def _unpushed_of_git(self, folder: str) -> bool | None:
        changes = await self._run(*_GIT, "-C", folder, "status", "--porcelain", "-z", "--untracked-files=normal")
        if not changes.ok:
            return None
        if changes.stdout:
            return True
        # Without a remote everything is only here.
        ahead = await self._run(*_GIT, "-C", folder, "rev-list", "--max-count=1", "HEAD", "--not", "--remotes")
        return bool(ahead.stdout.strip()) if ahead.ok else None

    async def _unpushed_of_jj(self, folder: str) -> bool | None:
        """Return True, or None: what was written since jj last looked at the files is not known."""
        ask = ("log", "--no-graph", "--limit", "1", "-r", _ONLY_HERE, "-T", "commit_id")
        ahead = await self._run(*_JJ, *ask, cwd=folder)
        return True if ahead.ok and ahead.stdout.strip() else None

    async def _run(self, *argv: str, cwd: str | None = None) -> Ran:
        return await self._runner(argv, cwd=cwd, timeout_seconds=_SECONDS)


def _is_in_jj(folder: Path) -> bool:
    """Whether the nearest repository is one that jj keeps; where git is beside it, its index is jj's."""
    for above in (folder, *folder.parents):
        if (above / ".jj" / "repo").exists():
            return True
        if (above / ".git").exists():
            return False
    return False
