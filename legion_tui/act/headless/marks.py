"""Processes by a mark in their environment, which all that they start inherit. Everything here blocks.

Tools of an agent are in sessions of their own, and go on without it where it is killed: neither its group nor its
children tell what belongs to it. psutil, because macOS has no /proc.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Mapping

import psutil

VARIABLE = "LEGION_TUI_RUN"
_LOOK_AGAIN_SECONDS = 0.05
_KILLED_WITHIN_SECONDS = 5.0


def marked_environment(environ: Mapping[str, str], mark: str) -> dict[str, str]:
    """Return the environment in which everything that is started is found by `mark`."""
    return {**environ, VARIABLE: mark}


def marked(mark: str) -> list[psutil.Process]:
    """Return the living processes of this user that have the mark; not this one."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get(VARIABLE) == mark and _lives(process):
                found.append(process)
    return found


def end_marked(mark: str, *, within_seconds: float) -> int:
    """End all processes that have the mark, and return how many there were; those that outlast a SIGTERM are killed.

    With 0 seconds they are killed at once. One that not even that ends, in the middle of a system call, is left.
    """
    seen: set[int] = set()
    deadline = time.monotonic() + within_seconds
    while (left := marked(mark)) and time.monotonic() < deadline + _KILLED_WITHIN_SECONDS:
        late = time.monotonic() >= deadline
        for process in left:
            if late or process.pid not in seen:
                _signal(process, signal.SIGKILL if late else signal.SIGTERM)
        seen |= {process.pid for process in left}
        time.sleep(_LOOK_AGAIN_SECONDS)
    return len(seen)


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.Error, OSError):
        process.send_signal(number)  # psutil looks first whether it still is that process
        if number is not signal.SIGKILL:
            process.send_signal(signal.SIGCONT)  # one that was stopped hears of it only then


def _lives(process: psutil.Process) -> bool:
    return process.is_running() and process.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
