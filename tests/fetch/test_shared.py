"""One reading for all who ask at a time, and for those who accept an older one."""

from __future__ import annotations

from dataclasses import dataclass

import anyio
import pytest
from anyio.lowlevel import checkpoint

from legion_tui.fetch.shared import SharedReading
from tests.fetch.fakes import Asked
from tests.support.waiting import until


@dataclass
class Read(Asked):
    """What is read: works, does not, or is broken."""

    works: bool = True
    defect: Exception | None = None

    async def __call__(self) -> bool:
        await self.answer(None)
        if self.defect is not None:
            raise self.defect
        return self.works


async def turns(times: int = 20) -> None:
    for _ in range(times):
        await checkpoint()


async def test_equal_calls_join() -> None:
    read = Read(gate=anyio.Event())
    shared = SharedReading(read, keep_seconds=60)
    told: list[bool] = []

    async def ask() -> None:
        told.append(await shared.kept())

    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(ask)
        await until(lambda: read.at_once)
        assert read.gate is not None
        read.gate.set()
    assert (told, read.times) == ([True] * 5, 1)
    assert await shared.kept()
    assert read.times == 1


async def test_a_fresh_one_begins_after_the_call() -> None:
    read = Read(gate=anyio.Event())
    shared = SharedReading(read, keep_seconds=60)
    async with anyio.create_task_group() as group:
        group.start_soon(shared.fresh)
        await until(lambda: read.at_once)
        # These two come too late for the first, and share the next.
        group.start_soon(shared.fresh)
        group.start_soon(shared.fresh)
        await turns()
        assert read.times == 1
        assert read.gate is not None
        read.gate.set()
    assert (read.times, read.most_at_once) == (2, 1)
    await shared.fresh()
    assert read.times == 3


async def test_what_failed_is_kept_for_nobody() -> None:
    read = Read()
    read.works = False
    shared = SharedReading(read, keep_seconds=60)
    assert not await shared.kept()
    assert not await shared.kept()
    read.works = True
    assert await shared.kept()
    assert await shared.kept()
    assert read.times == 3


async def test_what_is_read_may_be_nothing() -> None:
    # A reading that gives nothing is one that worked: it is kept like any other.
    read = Read()
    shared = SharedReading(read, keep_seconds=60)
    assert await shared.kept()
    assert await shared.kept()
    assert read.times == 1


async def test_a_cancelled_caller_takes_it_from_nobody() -> None:
    read = Read(gate=anyio.Event())
    shared = SharedReading(read, keep_seconds=60)
    told: list[bool] = []

    async def ask() -> None:
        told.append(await shared.fresh())

    async with anyio.create_task_group() as group:
        with anyio.CancelScope() as impatient:
            async with anyio.create_task_group() as inner:
                inner.start_soon(shared.fresh)
                await until(lambda: read.at_once)
                group.start_soon(ask)
                await turns()
                impatient.cancel()
        assert read.gate is not None
        read.gate.set()
    assert told == [True]


async def test_who_alone_waited_ends_it() -> None:
    read = Read(gate=anyio.Event())
    shared = SharedReading(read, keep_seconds=60)
    with anyio.move_on_after(0):
        await shared.fresh()
    await until(lambda: not read.at_once)
    read.gate = None
    assert await shared.fresh()


async def test_after_an_act_of_ours_nobody_is_given_what_was_read_before() -> None:
    read = Read()
    shared = SharedReading(read, keep_seconds=60)
    await shared.kept()
    shared.forget()
    shared.forget()
    await shared.kept()
    assert read.times == 2


async def test_it_is_kept_for_a_time() -> None:
    read = Read()
    shared = SharedReading(read, keep_seconds=0.01)
    await shared.kept()

    async def again() -> bool:
        await shared.kept()
        return read.times == 2

    with anyio.fail_after(10):
        while not await again():
            await checkpoint()


async def test_a_defect_reaches_everybody() -> None:
    read = Read(gate=anyio.Event())
    read.defect = ZeroDivisionError("ours")
    shared = SharedReading(read, keep_seconds=60)
    seen: list[str] = []

    async def ask() -> None:
        with pytest.raises(ZeroDivisionError):
            await shared.kept()
        seen.append("it")

    async with anyio.create_task_group() as group:
        group.start_soon(ask)
        group.start_soon(ask)
        await until(lambda: read.at_once)
        assert read.gate is not None
        read.gate.set()
    assert seen == ["it", "it"]
