"""For how long the event loop did nothing else: seen by a task that wants to run often and is late."""

from __future__ import annotations

import time
from collections.abc import Callable

import anyio

# Ten looks a second cost a thousandth of a core, and see a stall as long as it lasts from the next look on.
_EVERY_SECONDS = 0.1


class Stalls:
    """Keeps the longest one."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Take a clock that only goes forward."""
        self._monotonic = monotonic
        self.longest_ms = 0.0

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            began = self._monotonic()
            await anyio.sleep(_EVERY_SECONDS)
            late = self._monotonic() - began - _EVERY_SECONDS
            self.longest_ms = max(self.longest_ms, late * 1000)
