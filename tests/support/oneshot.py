"""`legion-tui oneshot` as a process of its own, and what its run leaves behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import psutil
from anyio.abc import ByteReceiveStream, Process

from legion_tui.act.headless.marks import VARIABLE
from legion_tui.state.oneshot import OneshotTask
from tests.support.waiting import until

REPOSITORY = Path(__file__).parents[2]


NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def a_task(**changes: Any) -> OneshotTask:
    """Return a task of a run; `changes` to one that has not begun."""
    task = OneshotTask(
        run="20260102-030405-abcd",
        number=1,
        text="Mend the door.",
        cwd="/shop",
        session_id="11111111-2222-4333-8444-555555555555",
        audited=True,
        max_rounds=5,
        created_at=NOW,
        since=NOW,
    )
    return replace(task, **changes)


def agent_on_path(folder: Path, argv: Sequence[str]) -> Path:
    """Make a folder that is to be the first one on PATH, in which `claude` runs `argv`."""
    folder.mkdir()
    words = " ".join(f"'{word}'" for word in argv)
    program = folder / "claude"
    program.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
    program.chmod(0o700)
    return folder


class Oneshot:
    """One run of the command."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.stdout = bytearray()
        self.stderr = bytearray()

    @property
    def lines(self) -> Sequence[str]:
        """What it has told so far, on either stream."""
        return (self.stdout + self.stderr).decode().splitlines()

    async def until_told(self, words: str) -> str:
        """Return the first line that holds these words, as soon as there is one."""
        try:
            return await until(lambda: next((line for line in self.lines if words in line), ""))
        except AssertionError:
            raise AssertionError(f"not told: {words!r}\n" + "\n".join(self.lines)) from None

    async def ended(self, *, within_seconds: float = 60.0) -> int:
        """Return its exit code."""
        with anyio.move_on_after(within_seconds):
            return await self.process.wait()
        raise AssertionError(f"not over within {within_seconds:g} s\n" + "\n".join(self.lines))

    def document(self) -> Any:
        """Return what it printed with `--json`."""
        return json.loads(self.stdout)


@asynccontextmanager
async def oneshot(environ: Mapping[str, str], cwd: Path, *arguments: str) -> AsyncIterator[Oneshot]:
    """Start it, and see that nothing of it is left at the end."""
    process = await anyio.open_process(
        [sys.executable, "-m", "tests.support.person", "oneshot", *arguments],
        env={**environ, "PYTHONPATH": str(REPOSITORY)},
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    run = Oneshot(process)
    async with anyio.create_task_group() as group:
        group.start_soon(_drain, process.stdout, run.stdout)
        group.start_soon(_drain, process.stderr, run.stderr)
        try:
            yield run
            await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
            with anyio.CancelScope(shield=True):
                await process.wait()
                await until(lambda: not agents_of(environ))
            group.cancel_scope.cancel()
    await process.aclose()


async def _drain(stream: ByteReceiveStream | None, into: bytearray) -> None:
    if stream is not None:
        async for part in stream:
            into += part


def agents_of(environ: Mapping[str, str]) -> list[psutil.Process]:
    """Return the processes that live and belong to a run of this home."""
    found = []
    for process in psutil.process_iter():
        try:
            given = process.environ()
            ours = VARIABLE in given and given.get("HOME") == environ["HOME"] and process.pid != os.getpid()
            if ours and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def ledger_of(environ: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the records of all runs."""
    path = Path(environ["XDG_STATE_HOME"], "legion-tui", "oneshot", "ledger.ndjson")
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def steps_of(environ: Mapping[str, str], number: int = 1) -> list[str]:
    """Return the states that a task went through, from the ledger."""
    return [
        record["data"]["to"]
        for record in ledger_of(environ)
        if record["kind"] == "life" and record["issue"].endswith(f"-{number}")
    ]


def most_at_once(environ: Mapping[str, str]) -> int:
    """Return how many tasks were between their start and their end at the same time, by the ledger."""
    now = most = 0
    for record in ledger_of(environ):
        if record["kind"] == "life":
            now += (record["data"]["event"] == "start") - (record["data"]["to"] in ("completed", "failed", "parked"))
            most = max(most, now)
    return most
