"""One program of a project at a time does a thing over and over; the others stand by for when it is gone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

from legion_tui.errors import LegionError


async def take_turns(
    hold: Callable[[], AbstractAsyncContextManager[None]],
    step: Callable[[], Awaitable[None]],
    *,
    every_seconds: float,
    sleep: Callable[[float], Awaitable[None]],
) -> None:
    """Hold the lock and do a step every so often, until cancelled; where another holds it, try as often.

    What could not be read or written (its source says so) gives the lock back, and is tried again the next time.
    """
    while True:
        try:
            async with hold():
                while True:
                    await step()
                    await sleep(every_seconds)
        except LegionError:
            await sleep(every_seconds)
