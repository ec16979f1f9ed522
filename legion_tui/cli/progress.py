"""A command that takes its time: what it does is told, and however it is ended, it takes back what it has begun."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from legion_tui.cli.context import warn


def teller(*, as_json: bool) -> Callable[[str], None] | None:
    """Return what prints each step as a line on stderr; nothing does for a script."""
    return None if as_json else warn


@contextmanager
def tidy_end() -> Iterator[None]:
    """Take SIGTERM and a closed terminal as ctrl+c, which lets everything under way end what it has started."""
    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_DFL:  # `nohup` ignores one of them, and that stays
                before[number] = signal.signal(number, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
