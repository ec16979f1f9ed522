"""Locks between programs, on real files."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest

from legion_tui.act.locks import Locks
from legion_tui.errors import RefusedError

CONTENDER = """
import sys, anyio
from pathlib import Path
from legion_tui.act.locks import Locks

async def main():
    locks, counter = Locks(Path(sys.argv[1]), wait_seconds=60, retry_seconds=0.001), Path(sys.argv[2])
    for _ in range(int(sys.argv[3])):
        async with locks.hold("ENG-1"):
            value = int(counter.read_text())
            await anyio.sleep(0)
            counter.write_text(str(value + 1))

anyio.run(main)
"""
HOLDER = """
import sys, anyio
from pathlib import Path
from legion_tui.act.locks import Locks

async def main():
    async with Locks(Path(sys.argv[1])).hold("ENG-1"):
        print("held", flush=True)
        await anyio.sleep_forever()

anyio.run(main)
"""


async def test_one_at_a_time_within_one_program(tmp_path: Path) -> None:
    locks = Locks(tmp_path, wait_seconds=0.2, retry_seconds=0.02)
    async with locks.hold("ENG-1"):
        began = time.monotonic()
        with pytest.raises(RefusedError, match="another dashboard is acting on eng-1") as refused:
            async with locks.hold("eng-1"):
                pytest.fail("two hold one lock")
        assert refused.value.exit_code == 3
        assert 0.2 <= time.monotonic() - began < 2
        async with locks.hold("ENG-2"):
            pass
    async with locks.hold("ENG-1"):
        pass


async def test_it_waits_for_one_that_comes_free(tmp_path: Path) -> None:
    locks = Locks(tmp_path, retry_seconds=0.01)
    order = []

    async def first(task_status: anyio.abc.TaskStatus[None]) -> None:
        async with locks.hold("ENG-1"):
            task_status.started()
            await anyio.sleep(0.05)
            order.append("first")

    async with anyio.create_task_group() as group:
        await group.start(first)
        async with locks.hold("ENG-1"):
            order.append("second")
    assert order == ["first", "second"]


async def test_a_cancelled_wait_and_a_cancelled_holder_leave_it_free(tmp_path: Path) -> None:
    locks = Locks(tmp_path, wait_seconds=30, retry_seconds=0.01)
    with anyio.move_on_after(0.1):
        async with locks.hold("ENG-1"):
            with anyio.move_on_after(0.05) as waiting:
                async with locks.hold("ENG-1"):
                    pytest.fail("two hold one lock")
            assert waiting.cancelled_caught
            await anyio.sleep_forever()
    async with Locks(tmp_path, wait_seconds=0).hold("ENG-1"):
        pass


async def test_names_are_ids(tmp_path: Path) -> None:
    for name in ("../evil", "", "a/b", "a" * 65):
        with pytest.raises(RefusedError):
            async with Locks(tmp_path).hold(name):
                pytest.fail("held")


async def test_six_programs_contend_for_one_lock(tmp_path: Path) -> None:
    counter = anyio.Path(tmp_path / "counter")
    await counter.write_text("0")
    argv = [sys.executable, "-c", CONTENDER, str(tmp_path / "locks"), str(counter), "25"]
    processes = [await anyio.open_process(argv, stdout=None, stderr=None) for _ in range(6)]
    for process in processes:
        assert await process.wait() == 0
    assert await counter.read_text() == "150"
    assert await anyio.Path(tmp_path / "locks" / "eng-1.lock").exists()


async def test_a_dead_holders_lock_is_free(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", HOLDER, str(tmp_path)]
    async with await anyio.open_process(argv, stderr=subprocess.DEVNULL) as holder:
        assert holder.stdout is not None
        assert (await holder.stdout.receive()).startswith(b"held")
        with pytest.raises(RefusedError):
            async with Locks(tmp_path, wait_seconds=0.1).hold("ENG-1"):
                pytest.fail("held")
        holder.kill()
        await holder.wait()
    async with Locks(tmp_path, wait_seconds=0.1).hold("ENG-1"):
        pass


async def test_what_the_holder_does_is_told(tmp_path: Path) -> None:
    began = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    times = [began, began + timedelta(seconds=30), began + timedelta(minutes=3)]
    locks = Locks(tmp_path, wait_seconds=0.0, clock=lambda: times.pop(0))
    async with locks.hold("ENG-1"):
        await locks.tell("ENG-1", "setting up its worktree:\n uv sync")
        for took in ("30 s", "3 min"):
            with pytest.raises(RefusedError) as refused:
                async with locks.hold("eng-1"):
                    pytest.fail("two hold one lock")
            assert str(refused.value) == (
                "another dashboard is acting on eng-1: "
                f"setting up its worktree: uv sync, since 03:04:05 UTC ({took}); wait until it is through"
            )
    assert not await anyio.Path(tmp_path / "eng-1.doing").exists()


@pytest.mark.parametrize("note", [b"", b"[]", b'{"what": "x"}', b'{"what": "x", "since": 1e300}', b"\xff"])
async def test_a_note_that_is_none_tells_nothing(tmp_path: Path, note: bytes) -> None:
    locks = Locks(tmp_path, wait_seconds=0.0)
    async with locks.hold("ENG-1"):
        (tmp_path / "eng-1.doing").write_bytes(note)
        with pytest.raises(RefusedError, match="its lock is not free"):
            async with locks.hold("ENG-1"):
                pytest.fail("two hold one lock")


async def test_what_one_who_was_killed_did_is_not_told_of_the_next(tmp_path: Path) -> None:
    (tmp_path / "eng-1.doing").write_text('{"what": "an old thing", "since": 1.0}')
    locks = Locks(tmp_path, wait_seconds=0.0)
    async with locks.hold("ENG-1"):
        with pytest.raises(RefusedError, match="its lock is not free"):
            async with locks.hold("ENG-1"):
                pytest.fail("two hold one lock")


async def test_where_nothing_can_be_noted_the_holder_goes_on(tmp_path: Path) -> None:
    locks = Locks(tmp_path / "locks")
    async with locks.hold("ENG-1"):
        (tmp_path / "locks" / "eng-1.doing").mkdir()
        await locks.tell("ENG-1", "something")


async def test_who_comes_second_is_told_who_runs_the_autopilot(tmp_path: Path) -> None:
    locks = Locks(tmp_path)
    async with locks.hold_autopilot("legion-tui run"):
        with pytest.raises(RefusedError, match="another dashboard is running the autopilot") as refused:
            async with Locks(tmp_path).hold_autopilot("a dashboard"):
                pytest.fail("two run it")
        assert f": legion-tui run (process {os.getpid()}) has it, since " in str(refused.value)
    assert not await anyio.Path(tmp_path / ".autopilot.doing").exists()


async def test_a_refusal_while_the_autopilot_runs_is_told_as_it_is(tmp_path: Path) -> None:
    locks = Locks(tmp_path, wait_seconds=0.1)
    async with locks.hold("ENG-1"):
        with pytest.raises(RefusedError, match="another dashboard is acting on ENG-1"):
            async with locks.hold_autopilot(), locks.hold("ENG-1"):
                pytest.fail("two hold one lock")
