from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from legion_tui.processes import MISSING, NOT_RUNNABLE, TIMED_OUT, Ran, process_facts, run_command


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
