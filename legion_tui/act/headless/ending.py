"""Ending a run: asked first, then told, then killed with all that is its own."""

from __future__ import annotations

import signal

import anyio
from anyio.abc import Process

from legion_tui.act.headless.happenings import Signalled, Tell
from legion_tui.act.headless.marks import end_marked


class Ending:
    """Ends one process and what it has started. Each signal is told before it is sent, so that it is on record."""

    def __init__(self, process: Process, mark: str, *, within_seconds: float, tell: Tell) -> None:
        """Take the process, and how long it may take to end after each signal."""
        self._process = process
        self._mark = mark
        self._within_seconds = within_seconds
        self._tell = tell
        self._over = anyio.Event()

    def over(self) -> None:
        """Note that the process has ended."""
        self._over.set()

    async def ends_within(self, seconds: float) -> bool:
        """Wait so long for the end of the process; whether it has come."""
        with anyio.move_on_after(seconds):
            await self._over.wait()
        return self._over.is_set()

    async def escalate(self, why: str, *signals: signal.Signals) -> None:
        """Send these signals, each where the one before was not enough, and kill what outlasts them."""
        for number in signals:
            if self._over.is_set():
                return
            await self._tell(Signalled(number.name, why))
            if self._process.returncode is None:
                self._process.send_signal(number)
                # One that was stopped hears of it only when it goes on.
                self._process.send_signal(signal.SIGCONT)
            if await self.ends_within(self._within_seconds):
                return
        await self._tell(Signalled(signal.SIGKILL.name, why))
        await anyio.to_thread.run_sync(lambda: end_marked(self._mark, within_seconds=0))
