"""The commands, run as processes of their own inside a demo's project."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from legion_tui.demo.swarm import Demo, Swarm
from legion_tui.processes import Ran, run_command

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True)
class Commands:
    """`legion-tui` of one user, in one folder."""

    environ: Mapping[str, str]
    cwd: Path
    socket: str

    async def run(self, *arguments: str, cwd: Path | None = None, stdin: str | None = None) -> Ran:
        """Run one command and return what it printed."""
        path = f"{REPOSITORY}:{self.environ.get('PYTHONPATH', '')}"
        return await run_command(
            [sys.executable, "-m", "tests.support.person", "--socket", self.socket, *arguments],
            env={**self.environ, "PYTHONPATH": path},
            cwd=str(cwd or self.cwd),
            stdin=stdin.encode() if stdin is not None else None,
            timeout_seconds=40.0,
        )

    async def json(self, *arguments: str, expect: int = 0) -> Any:
        """Run one command and return the document that it printed."""
        ran = await self.run(*arguments)
        assert ran.returncode == expect, ran.stderr
        return json.loads(ran.stdout)

    async def issue(self, issue_id: str) -> dict[str, Any]:
        """Return what `state` says of an issue."""
        found: dict[str, Any] = (await self.json("state"))["issues"][issue_id]
        return found


@asynccontextmanager
async def trusted_swarm(environ: Mapping[str, str]) -> AsyncIterator[tuple[Demo, Commands]]:
    """A demo swarm without a board, and the commands of the person who trusts its project."""
    async with Swarm(environ=environ) as demo:
        commands = Commands(demo.environ, demo.project, demo.socket)
        trusted = await commands.run("trust", "--yes")
        assert trusted.returncode == 0, trusted.stderr
        yield demo, commands
