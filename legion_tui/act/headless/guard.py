"""Ties runs to this process: they are over when it is, however it ends."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from anyio.abc import Process

from legion_tui.errors import LegionError

_PROGRAM = "legion_tui.act.headless.guard_program"


class Guard:
    """A small process that outlives this one, and ends what this one leaves behind."""

    def __init__(self, process: Process) -> None:
        """Take the guard's process; see `guarding`."""
        self._process = process
        self._lock = anyio.Lock()

    async def add(self, mark: str) -> None:
        """Take a run in, before its process is started; LegionError where the guard is gone."""
        try:
            await self._tell(f"+ {mark}\n")
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            raise LegionError(
                "the run was not started", "its guard, which ends it with this program, is gone", "try again"
            ) from None

    async def remove(self, mark: str) -> None:
        """Let a run out that is over."""
        with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
            await self._tell(f"- {mark}\n")

    async def _tell(self, line: str) -> None:
        if self._process.stdin is not None:
            async with self._lock:
                await self._process.stdin.send(line.encode())


@asynccontextmanager
async def guarding() -> AsyncIterator[Guard]:
    """Start the guard; at the end of the block it ends what is left, and leaves. LegionError."""
    argv = [sys.executable, "-I", "-m", _PROGRAM]
    try:
        with anyio.CancelScope(shield=True):
            process = await anyio.open_process(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
    except OSError as error:
        raise LegionError("nothing was started", f"{argv[0]}: {error.strerror or error}") from None
    try:
        yield Guard(process)
    finally:
        with anyio.CancelScope(shield=True):
            if process.stdin is not None:
                await process.stdin.aclose()
            await process.wait()
