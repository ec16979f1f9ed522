"""Whether a worker that ended its turn left work that no remote has: one or two `git` a worktree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import anyio

from legion_tui.processes import CommandRunner, Ran

# So many worktrees at a time: git reads the whole tree of each.
_AT_ONCE: Final = 4
_SECONDS: Final = 10.0
# A repository's own settings may name programs to run, and a lock that git takes for us would be in the agent's way.
_QUIET: Final = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-optional-locks")


class WorkReader:
    """Looks into worktrees. Never raises: where git does not answer, nothing is known."""

    def __init__(self, runner: CommandRunner) -> None:
        """Take what runs git."""
        self._runner = runner

    async def read(self, folders: Iterable[str]) -> Mapping[str, bool]:
        """Return for each folder whether it has changes or commits that are on no remote; unknown ones are left out."""
        found: dict[str, bool] = {}
        limiter = anyio.CapacityLimiter(_AT_ONCE)

        async def look(folder: str) -> None:
            async with limiter:
                unpushed = await self._unpushed(folder)
            if unpushed is not None:
                found[folder] = unpushed

        async with anyio.create_task_group() as group:
            for folder in dict.fromkeys(folders):
                group.start_soon(look, folder)
        return found

    async def _unpushed(self, folder: str) -> bool | None:
        changes = await self._git(folder, "status", "--porcelain", "-z", "--untracked-files=normal")
        if not changes.ok:
            return None
        if changes.stdout:
            return True
        # Without a remote everything is only here.
        ahead = await self._git(folder, "rev-list", "--max-count=1", "HEAD", "--not", "--remotes")
        return bool(ahead.stdout.strip()) if ahead.ok else None

    async def _git(self, folder: str, *arguments: str) -> Ran:
        return await self._runner(["git", *_QUIET, "-C", folder, *arguments], timeout_seconds=_SECONDS)
