"""What a version control system is asked for: a checkout of its own for each worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import anyio

from legion_tui.processes import CommandRunner, Ran
from legion_tui.state.text import clean_line

_SECONDS = 60.0
# Putting a big project on the disk takes its time.
_MAKING_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Linked:
    """A checkout beside the main one; `branch` is None where it is on none."""

    path: Path
    branch: str | None
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One command that makes a checkout, and the title of the error where it fails."""

    argv: tuple[str, ...]
    failed: str


class Checkouts(Protocol):
    """One kind of checkouts of one project. Every method raises LegionError where the project cannot be read."""

    async def ready(self) -> bool:
        """Return whether the project is in a repository that can have checkouts."""
        ...

    async def at(self, path: Path, branch: str) -> Linked | None:
        """Return the checkout at `path`, None where there is none; `branch` is what it was made for.

        RefusedError where there should be one and it cannot be used.
        """
        ...

    async def steps(self, path: Path, branch: str, name: str) -> tuple[Step, ...]:
        """Return what makes a checkout at `path`, where nothing is, on `branch`; changes nothing.

        `name` is its own among those of the project. LegionError says what stands in the way.
        """
        ...

    async def unfinished(self, linked: Linked, branch: str) -> tuple[Step, ...]:
        """Return what is left to do for one whose making was cut off; LegionError where that is for a person."""
        ...

    async def undo(self, path: Path, name: str) -> None:
        """Take back what a step that failed a moment ago has left at `path`, if it is no use. Never raises."""
        ...

    async def unsaved(self, linked: Linked) -> str:
        """Return what would be lost with a checkout, or why that is not known; empty where nothing would."""
        ...

    async def remove(self, linked: Linked) -> None:
        """Remove a checkout; its commits and its branch stay."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """Runs the commands of a version control system, with nobody there to type a password."""

    runner: CommandRunner
    environ: Mapping[str, str]

    async def run(self, argv: Sequence[str], *, making: bool = False) -> Ran:
        """Run one within its time; `making`: it may put a whole project on the disk."""
        env = {**self.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
        return await self.runner(argv, env=env, timeout_seconds=_MAKING_SECONDS if making else _SECONDS)


def said(ran: Ran) -> str:
    """Return a command's own words about its failure, on one line."""
    return clean_line(ran.stderr or ran.stdout, limit=500)


def commits(count: int) -> str:
    """Return that so many commits are nowhere else."""
    return f"{count} {'commit is' if count == 1 else 'commits are'} neither pushed nor merged"


async def resolved(path: Path) -> Path:
    """Return `path` without links."""
    return Path(await anyio.Path(path).resolve())
