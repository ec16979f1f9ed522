"""Waiting for what comes in its own time, without a guess of how long it takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

T = TypeVar("T")


async def until(condition: Callable[[], T], *, within_seconds: float = 30.0) -> T:
    """Ask until `condition` gives something true, and return that; AssertionError when it is too late."""

    async def ask() -> T:
        return condition()

    return await until_async(ask, within_seconds=within_seconds)


async def until_async(condition: Callable[[], Awaitable[T]], *, within_seconds: float = 30.0) -> T:
    """Ask until `condition` gives something true, and return that; AssertionError when it is too late."""
    given: list[T] = []
    with anyio.move_on_after(within_seconds):
        while not given or not given[-1]:
            given = [await condition()]
            await anyio.sleep(0 if given[-1] else 0.02)
    if given and given[-1]:
        return given[-1]
    raise AssertionError(f"not within {within_seconds:g} s; at last: {given}")
