"""What a new worktree gets before anybody works in it: files that git does not keep, and commands that set it up."""

from __future__ import annotations

import errno
import shlex
import shutil
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import anyio

from legion_tui.errors import LegionError
from legion_tui.processes import Started, WholeRunner
from legion_tui.state.text import clean_line

# Installing what a project depends on takes minutes where nothing is cached.
_SETUP_SECONDS = 900.0
# What git and jj keep for themselves.
_OTHERS = frozenset({".git", ".jj"})

# Told what is begun, in words.
Tell = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Furnishing:
    """`[worktrees] copy` (patterns below the project's root) and `setup` (argvs, run in the worktree in turn)."""

    runner: WholeRunner
    project_root: Path
    environ: Mapping[str, str]
    copy: Sequence[str] = ()
    setup: Sequence[Sequence[str]] = field(default=())

    @property
    def steps(self) -> tuple[str, ...]:
        """What would be done, a line each."""
        copied = (f"copy {' '.join(self.copy)} into it",) if self.copy else ()
        return (*copied, *(f"run {shlex.join(argv)} in it" for argv in self.setup))

    async def furnish(self, worktree: Path, tell: Tell, started: Started) -> None:
        """Copy and set up, telling each before it begins; LegionError tells what failed.

        Doing it again is harmless. `started` gets the process of each command; a cancelled one ends with all in it.
        """
        if self.copy:
            await tell(f"copying {' '.join(self.copy)} into its worktree")
        try:
            await anyio.to_thread.run_sync(self._copy, worktree)
        except OSError as error:
            what = f"{error.filename or worktree}: {error.strerror or error}"
            remedy = "make room there, then dispatch again" if error.errno == errno.ENOSPC else "dispatch again"
            raise LegionError("a file could not be copied into the worktree", what, remedy) from error
        for argv in self.setup:
            await tell(f"setting up its worktree: {shlex.join(argv)}")
            ran = await self.runner(
                argv, cwd=str(worktree), env=self.environ, timeout_seconds=_SETUP_SECONDS, started=started
            )
            if not ran.ok:
                said = (ran.stderr or ran.stdout).strip().rpartition("\n")[2]
                why = clean_line(f"{shlex.join(argv)} ended with {ran.returncode}: {said}", limit=500)
                remedy = f"it stays: mend it in {worktree} or in worktrees.setup, then dispatch again"
                raise LegionError("the worktree could not be set up", why, remedy)

    def _copy(self, worktree: Path) -> None:
        for source in self._matching():
            target = worktree / source.relative_to(self.project_root)
            # What git has put there, or somebody has changed since, is not overwritten.
            if not target.exists() and not target.is_symlink():
                target.parent.mkdir(parents=True, exist_ok=True)
                _copy_whole(source, target)

    def _matching(self) -> Iterator[Path]:
        """Yield the files that the patterns name; nothing outside the project, and nothing of git's or jj's own."""
        root = self.project_root.resolve()
        for pattern in self.copy:
            for path in sorted(self.project_root.glob(pattern)):
                inside = path.parent.resolve().is_relative_to(root) and not _OTHERS.intersection(path.parts)
                if not inside:
                    continue
                if path.is_dir() and not path.is_symlink():
                    yield from (one for one in sorted(path.rglob("*")) if one.is_file() or one.is_symlink())
                elif path.is_file() or path.is_symlink():
                    yield path


def _copy_whole(source: Path, target: Path) -> None:
    """Copy a file so that a full disk or a kill leaves no part of it, which would pass for the file."""
    beside = target.with_name(f".{target.name}.legion-tui.tmp")
    beside.unlink(missing_ok=True)
    try:
        shutil.copy2(source, beside, follow_symlinks=False)
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
