"""When each source is read: at its own pace, earlier when something asks for it, in the order of a strategy."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import anyio

from legion_tui.state.names import Strategy


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One source's reading. `every_seconds` is asked anew after each; infinite is only when it is triggered.

    `rest_seconds` pass after a reading before a trigger is followed.
    """

    name: str
    every_seconds: Callable[[], float]
    read: Callable[[], Awaitable[None]]
    rest_seconds: Callable[[], float] = lambda: 0.0

    @property
    def timed(self) -> bool:
        """Whether it is read by the clock too."""
        return not math.isinf(self.every_seconds())


class Schedule:
    """Runs jobs side by side; no job is ever run twice at a time, and triggers that come together are one."""

    def __init__(self, strategy: Strategy = Strategy.CONCURRENT) -> None:
        """Begin with this strategy; another one may be set at any time and holds from the next reading on."""
        self.strategy = strategy
        self._wake: dict[str, anyio.Event] = {}
        self._timed: frozenset[str] = frozenset()
        self._turn = anyio.Lock()
        self._paused = False
        self._resumed = anyio.Event()

    async def run(self, jobs: Sequence[Job]) -> None:
        """Run every job at its own pace until cancelled."""
        self._timed = frozenset(job.name for job in jobs if job.timed)
        async with anyio.create_task_group() as group:
            for job in jobs:
                group.start_soon(self._loop, job)

    def trigger(self, name: str) -> None:
        """Have a job run once more as soon as it can; asking twice is asking once."""
        event = self._wake.get(name)
        if event is not None:
            event.set()

    def trigger_all(self) -> None:
        """Have every job run that is run by the clock."""
        for name in self._timed:
            self.trigger(name)

    @property
    def paused(self) -> bool:
        """Whether nothing is run."""
        return self._paused

    def pause(self, paused: bool) -> None:
        """Run nothing, or take it up again at once."""
        self._paused = paused
        if not paused:
            self._resumed.set()
            self._resumed = anyio.Event()
            self.trigger_all()

    async def _loop(self, job: Job) -> None:
        wake = self._wake[job.name] = anyio.Event()
        if not job.timed:
            await wake.wait()
        while True:
            wake = await self._take_turn(job)
            await anyio.sleep(job.rest_seconds())
            with anyio.move_on_after(job.every_seconds()):
                await wake.wait()

    async def _until_resumed(self) -> None:
        while self._paused:
            await self._resumed.wait()

    async def _take_turn(self, job: Job) -> anyio.Event:
        """Run a job once it may be run, and return what its next trigger sets."""
        while True:
            await self._until_resumed()
            async with self._turn if self.strategy is Strategy.POLLING else nullcontext():
                if self._paused:
                    continue
                # Set before reading: a trigger that arrives meanwhile asks for one more reading, not for two.
                wake = self._wake[job.name] = anyio.Event()
                await job.read()
                return wake
