"""When each source is read, and in which order."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import anyio
from anyio.lowlevel import checkpoint

from legion_tui.fetch.schedule import Job, Schedule
from legion_tui.state import Strategy
from tests.fetch.fakes import Asked
from tests.support.waiting import until


class Source(Asked):
    """Something to read."""

    async def read(self) -> None:
        await self.answer(None)


def job(name: str, source: Source, every: float = 1000.0, rest: float = 0.0) -> Job:
    return Job(name=name, every_seconds=lambda: every, read=source.read, rest_seconds=lambda: rest)


@asynccontextmanager
async def running(schedule: Schedule, jobs: Sequence[Job]) -> AsyncIterator[None]:
    async with anyio.create_task_group() as group:
        group.start_soon(schedule.run, jobs)
        yield
        group.cancel_scope.cancel()


async def turns(times: int = 40) -> None:
    for _ in range(times):
        await checkpoint()


async def test_side_by_side_none_waits_for_another() -> None:
    slow, fast = Source(gate=anyio.Event()), Source()
    async with running(Schedule(), [job("slow", slow), job("fast", fast, every=0.001)]):
        await until(lambda: fast.times > 5)
    assert slow.times == 1


async def test_one_after_the_other_all_wait_for_the_slow_one() -> None:
    slow, fast = Source(gate=anyio.Event()), Source()
    schedule = Schedule(Strategy.POLLING)
    async with running(schedule, [job("slow", slow, every=0.001), job("fast", fast, every=0.001)]):
        await until(lambda: slow.at_once)
        await turns()
        assert fast.times == 0
        assert slow.gate is not None
        slow.gate.set()
        await until(lambda: fast.times > 2 and slow.times > 2)


async def test_another_strategy_holds_from_the_next_reading_on() -> None:
    slow, fast = Source(gate=anyio.Event()), Source()
    schedule = Schedule(Strategy.POLLING)
    async with running(schedule, [job("slow", slow), job("fast", fast, every=0.001)]):
        await until(lambda: slow.at_once)
        schedule.strategy = Strategy.CONCURRENT
        # The one that waits for its turn already goes on waiting; nothing is cancelled.
        await turns()
        assert fast.times == 0
        assert slow.gate is not None
        slow.gate.set()
        slow.gate = anyio.Event()
        await until(lambda: fast.times > 2)
        schedule.trigger("slow")
        await until(lambda: slow.at_once)
        asked = fast.times
        await until(lambda: fast.times > asked + 5)


async def test_triggers_that_come_together_are_one() -> None:
    source = Source(gate=anyio.Event())
    schedule = Schedule()
    async with running(schedule, [job("it", source)]):
        await until(lambda: source.at_once)
        for _ in range(4):
            schedule.trigger("it")
        schedule.trigger("another")
        assert source.gate is not None
        source.gate.set()
        await until(lambda: source.times == 2)
        await turns()
    assert (source.times, source.most_at_once) == (2, 1)


async def test_a_job_without_a_clock_waits_for_its_trigger() -> None:
    events, clock = Source(), Source()
    schedule = Schedule()
    async with running(schedule, [job("events", events, every=math.inf), job("clock", clock)]):
        await until(lambda: clock.times)
        await turns()
        assert events.times == 0
        schedule.trigger_all()
        await until(lambda: clock.times == 2)
        assert events.times == 0
        schedule.trigger("events")
        await until(lambda: events.times == 1)


async def test_a_trigger_is_followed_after_a_rest() -> None:
    source = Source()
    schedule = Schedule()
    async with running(schedule, [job("it", source, rest=1000.0)]):
        await until(lambda: source.times)
        schedule.trigger("it")
        await turns()
    assert source.times == 1


async def test_pausing_holds_one_that_waits_for_its_turn() -> None:
    slow, other = Source(gate=anyio.Event()), Source()
    schedule = Schedule(Strategy.POLLING)
    async with running(schedule, [job("slow", slow), job("other", other)]):
        await until(lambda: slow.at_once)
        schedule.pause(True)
        assert slow.gate is not None
        slow.gate.set()
        await turns()
        assert other.times == 0
        schedule.pause(False)
        await until(lambda: other.times)


async def test_the_pace_is_asked_for_anew_each_time() -> None:
    source, paces = Source(), [0.001, 0.001, 1000.0]
    it = Job(name="it", every_seconds=lambda: paces.pop(0) if len(paces) > 1 else paces[0], read=source.read)
    async with running(Schedule(), [it]):
        await until(lambda: len(paces) == 1 and source.times)
        asked = source.times
        await turns()
    assert source.times == asked
