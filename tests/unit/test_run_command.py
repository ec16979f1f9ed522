from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

import anyio
import pytest

from legion_tui.processes import MISSING, NOT_RUNNABLE, TIMED_OUT, Ran, process_facts, run_command, run_whole_command
from tests.support.waiting import until


async def test_output_status_and_input() -> None:
    code = "import sys; print(len(sys.stdin.buffer.read())); sys.stderr.write('why'); sys.exit(3)"
    done = await run_command([sys.executable, "-c", code], stdin=b"x" * 300_000)
    assert (done.stdout.strip(), done.stderr, done.returncode, done.ok) == ("300000", "why", 3, False)


async def test_bytes_that_are_no_text_are_replaced() -> None:
    assert await run_command(["printf", r"a\377b"]) == Ran("a\ufffdb", "", 0)


async def test_a_command_that_ends_without_reading_is_no_error() -> None:
    assert await run_command(["false"], stdin=b"x" * 1_000_000) == Ran("", "", 1)


async def test_without_input_there_is_none() -> None:
    assert await run_command(["cat"]) == Ran("", "", 0)


async def test_missing_and_not_runnable_programs_are_told_apart(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("no program")
    assert (await run_command(["no-such-program"])).returncode == MISSING
    assert (await run_command([str(plain)])).returncode == NOT_RUNNABLE


@pytest.mark.parametrize("size", [0, 1_000_000])
async def test_too_late_is_told_and_the_process_is_ended(tmp_path: Path, size: int) -> None:
    pid_file = tmp_path / "pid"
    began = time.monotonic()
    argv = ["sh", "-c", f"echo $$ > '{pid_file}'; exec sleep 60"]
    done = await run_command(argv, stdin=b"x" * size, timeout_seconds=0.5)
    assert done.returncode == TIMED_OUT
    assert "no answer within 0.5 s" in done.stderr
    assert time.monotonic() - began < 10
    assert process_facts(int(pid_file.read_text())) is None


def test_the_facts_of_a_living_process() -> None:
    facts = process_facts(os.getpid())
    assert facts is not None
    assert (facts.pid, facts.parent, facts.stopped) == (os.getpid(), os.getppid(), False)
    assert facts.started_at <= time.time()


PARENT = """
import pathlib, signal, subprocess, sys, time
child = subprocess.Popen(["sleep", "60"])
signal.signal(signal.SIGTERM, lambda *_: (pathlib.Path("cleaned").touch(), sys.exit(1)))
pathlib.Path("pid").write_text(f"{child.pid}\\n")
time.sleep(60)
"""


def pid_in(folder: Path) -> int:
    """The process that is told there, 0 before it is."""
    file = folder / "pid"
    text = file.read_text() if file.exists() else ""
    return int(text) if text.endswith("\n") else 0


async def test_what_a_cancelled_command_started_ends_with_it_and_it_may_clean_up(tmp_path: Path) -> None:
    async with anyio.create_task_group() as group:

        async def run() -> None:
            await run_whole_command([sys.executable, "-c", PARENT], cwd=str(tmp_path), timeout_seconds=60)

        group.start_soon(run)
        await until(lambda: pid_in(tmp_path) != 0)
        group.cancel_scope.cancel()
    assert (tmp_path / "cleaned").exists()
    await until(lambda: process_facts(pid_in(tmp_path)) is None)


async def test_what_a_late_command_started_ends_with_it(tmp_path: Path) -> None:
    argv = ["sh", "-c", "sleep 60 & echo $! > pid; wait"]
    done = await run_whole_command(argv, cwd=str(tmp_path), timeout_seconds=0.5)
    assert done.returncode == TIMED_OUT
    await until(lambda: process_facts(pid_in(tmp_path)) is None)


async def test_a_whole_command_tells_the_same() -> None:
    assert await run_whole_command(["sh", "-c", "cat; echo why >&2; exit 3"], stdin=b"in") == Ran("in", "why\n", 3)
    assert (await run_whole_command(["no-such-program"])).returncode == MISSING


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 40])
async def test_ctrl_c_leaves_nothing_at_whatever_moment_it_comes(tmp_path: Path, turns: int) -> None:
    """So does asyncio tell a program's first task of ctrl+c: once, wherever it is."""
    argv = ["sh", "-c", "sleep 60 & echo $! > pid; wait"]
    task = asyncio.create_task(run_whole_command(argv, cwd=str(tmp_path), timeout_seconds=60))
    for _ in range(turns):
        await anyio.lowlevel.checkpoint()
    task.cancel()
    with anyio.fail_after(20):
        (done,) = await asyncio.gather(task, return_exceptions=True)
    assert isinstance(done, asyncio.CancelledError)
    await until(lambda: pid_in(tmp_path) == 0 or process_facts(pid_in(tmp_path)) is None)
