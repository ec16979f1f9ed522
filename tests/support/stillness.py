"""Waiting until an app has done all that was asked of it, by what is left to do, not by how busy it seems."""

from __future__ import annotations

import asyncio
import time
from asyncio import TimerHandle

import anyio.to_thread
import pytest
import textual.app
import textual.pilot
from textual._context import active_app

# What is due so soon belongs to what was asked; an age that ticks every second does not.
_SOON_SECONDS = 0.005
_MOST_SECONDS = 10.0
# Turns of the loop without anything to do before nothing is believed to come of the last one.
_STILL_TURNS = 3


async def until_still(min_sleep: float = 0, max_sleep: float = 0) -> None:
    """Wait until no task can go on, no thread is at work, no timer is about to ring, and all is painted.

    It stands in for Textual's `wait_for_idle`, which sleeps for a fiftieth of a second at least, and twice for a key,
    to see whether the processor has rested meanwhile. The arguments are that function's; they mean nothing here.
    """
    loop = asyncio.get_running_loop()
    deadline = time.monotonic() + _MOST_SECONDS
    still = 0
    while still < _STILL_TURNS:
        await asyncio.sleep(0)
        if time.monotonic() > deadline:
            raise AssertionError(f"the app did not come to rest within {_MOST_SECONDS:g} s")
        if _is_still(loop):
            still += 1
            continue
        still = 0
        if not _ready(loop):
            # A thread or a timer is waited for.
            await asyncio.sleep(0.001)


def _is_still(loop: asyncio.AbstractEventLoop) -> bool:
    if _ready(loop) or anyio.to_thread.current_default_thread_limiter().borrowed_tokens:
        return False
    soon = loop.time() + _SOON_SECONDS
    scheduled: list[TimerHandle] = loop._scheduled  # type: ignore[attr-defined]
    if any(handle.when() <= soon and not handle.cancelled() for handle in scheduled):
        return False
    app = active_app.get(None)
    if app is None or not app.is_running or not app.screen_stack:
        return True
    if app._resize_timer is not None:
        return False
    screen = app.screen
    waits = screen._layout_required or screen._repaint_required or screen._dirty_widgets or screen._callbacks
    if waits and screen.is_current and not app._batch_count:
        # What its own timer would do within a sixtieth of a second.
        screen._on_timer_update()
        return False
    return True


def _ready(loop: asyncio.AbstractEventLoop) -> bool:
    return bool(loop._ready)  # type: ignore[attr-defined]


def make_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have Pilot wait for what is left to do."""
    monkeypatch.setattr(textual.app, "wait_for_idle", until_still)
    monkeypatch.setattr(textual.pilot, "wait_for_idle", until_still)
