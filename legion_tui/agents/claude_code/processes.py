"""Facts of processes that are asked for in every cycle. Blocks."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

import psutil

from legion_tui.agents.claude_code.status_file import StatusFile
from legion_tui.processes import ProcessFacts, ancestors, process_facts

# A pid is not given to another process within this time; a look at everything is 100 times as dear as a signal 0.
CLOSELY_EVERY_SECONDS = 5.0
# The file's own clock and the process's start are read in different ways.
_START_SECONDS = 2.0
_CLOCK_SECONDS = 60.0


class Processes:
    """Remembers what it saw of a process; whether it lives is asked anew each time."""

    def __init__(
        self,
        facts: Callable[[int], ProcessFacts | None] = process_facts,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the source of the facts and a steady clock."""
        self._facts = facts
        self._seconds = seconds
        self._seen: dict[int, tuple[float, ProcessFacts]] = {}
        self._chains: dict[tuple[int, float], tuple[int, ...]] = {}
        self._boot: float | None = None

    def facts(self, pid: int, *, closely: bool = False) -> ProcessFacts | None:
        """Return the facts of a living process, a few seconds old at most (`closely`: fresh); None when it is gone."""
        seen = self._seen.get(pid)
        now = self._seconds()
        # One that was stopped may go on at any moment.
        closely = closely or (seen is not None and seen[1].stopped)
        if seen is not None and not closely and now - seen[0] < CLOSELY_EVERY_SECONDS and _exists(pid):
            return seen[1]
        facts = self._facts(pid)
        if facts is None:
            self._seen.pop(pid, None)
        else:
            self._seen[pid] = (now, facts)
        return facts

    def chain(self, facts: ProcessFacts) -> tuple[int, ...]:
        """Return a process's pid and those above it, nearest first."""
        key = (facts.pid, facts.started_at)
        if key not in self._chains:
            self._chains[key] = (facts.pid, *ancestors(facts.pid))
        return self._chains[key]

    def wrote(self, facts: ProcessFacts | None, status: StatusFile) -> bool:
        """Whether this process is the one that wrote the file, and not a later one with the same pid."""
        if facts is None:
            return False
        if status.started_at is not None and facts.started_at > status.started_at.timestamp() + _CLOCK_SECONDS:
            return False
        if sys.platform == "linux" and status.proc_start.isascii() and status.proc_start.isdigit():
            ticks = int(status.proc_start) / os.sysconf("SC_CLK_TCK")
            return abs(facts.started_at - self._boot_time() - ticks) < _START_SECONDS
        if status.started_at is None:
            return False
        return facts.started_at <= status.started_at.timestamp() + _START_SECONDS

    def forget_but(self, pids: set[int]) -> None:
        """Drop what is known of all other processes."""
        self._seen = {pid: seen for pid, seen in self._seen.items() if pid in pids}
        self._chains = {key: chain for key, chain in self._chains.items() if key[0] in pids}

    def _boot_time(self) -> float:
        if self._boot is None:
            self._boot = psutil.boot_time()
        return self._boot


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # another user's
    return True
