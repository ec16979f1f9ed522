"""A terminal that takes nothing, or is gone: the board goes on, hears its signals, and leaves."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import anyio
import pytest

from legion_tui.ui.terminal import PatientWriter
from tests.support.commands import REPOSITORY
from tests.support.waiting import until

pytestmark = pytest.mark.live

# Far more than Textual queues, each a whole screen.
RESIZES = 80


class Terminal:
    """The other end of a terminal in which a board runs."""

    def __init__(self, ours: int, process: subprocess.Popen[bytes]) -> None:
        self.ours, self.process = ours, process
        self.seen = b""

    def read(self) -> None:
        """Take what it was sent."""
        while select.select([self.ours], [], [], 0)[0]:
            self.seen += os.read(self.ours, 65536)

    def shows(self, text: bytes) -> bool:
        """Whether this was ever on it."""
        self.read()
        return text in self.seen

    def resize(self, width: int) -> None:
        """Have the whole screen painted anew."""
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
        self.process.send_signal(signal.SIGWINCH)

    def hang_up(self) -> None:
        """Go away."""
        os.close(self.ours)
        self.ours = -1


@contextmanager
def board(home: Path) -> Iterator[Terminal]:
    """The real board of an empty machine on a terminal of its own."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMUX_TMPDIR": str(home),
        "TERM": "xterm-256color",
        "PYTHONPATH": str(REPOSITORY),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "legion_tui"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environ,
        cwd=home,
        # The terminal is its own, so that it hears when that hangs up.
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
    )
    os.close(theirs)
    terminal = Terminal(ours, process)
    try:
        yield terminal
    finally:
        process.kill()
        process.wait()
        if terminal.ours >= 0:
            os.close(terminal.ours)


async def stalled(terminal: Terminal) -> None:
    """Have it painted over and over while nobody reads."""
    await until(lambda: terminal.shows(b"legion-tui init"))
    for number in range(RESIZES):
        terminal.resize(100 + number % 20)
        # As a person drags a window: each is painted.
        await anyio.sleep(0.02)


async def test_while_its_terminal_takes_nothing_it_hears_its_signals(tmp_path: Path) -> None:
    with board(tmp_path) as terminal:
        await stalled(terminal)
        terminal.process.send_signal(signal.SIGTERM)
        assert await until(lambda: terminal.process.poll() is not None)
        assert terminal.process.returncode == 0


async def test_it_leaves_with_a_terminal_that_is_gone(tmp_path: Path) -> None:
    with board(tmp_path) as terminal:
        await stalled(terminal)
        terminal.hang_up()
        assert await until(lambda: terminal.process.poll() is not None)


async def test_a_terminal_that_goes_on_shows_everything(tmp_path: Path) -> None:
    with board(tmp_path) as terminal:
        await stalled(terminal)
        terminal.read()
        terminal.seen = b""
        terminal.resize(120)
        await until(lambda: terminal.shows(b"legion-tui init"))


class Gone(StringIO):
    """A terminal that hung up."""

    def write(self, text: str, /) -> int:
        raise OSError(5, "Input/output error")


class Stopped(StringIO):
    """A terminal that takes nothing until it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.goes_on = threading.Event()

    def write(self, text: str, /) -> int:
        self.goes_on.wait()
        return super().write(text)


def test_writing_to_one_that_is_gone_is_dropped() -> None:
    writer = PatientWriter(Gone())
    writer.start()
    for _ in range(500):
        writer.write("x")
    writer.stop()
    assert not writer.is_alive()


def test_writing_to_one_that_is_stopped_waits_for_nothing_and_loses_nothing() -> None:
    file = Stopped()
    writer = PatientWriter(file)
    writer.start()
    for _ in range(500):
        writer.write("x")
    file.goes_on.set()
    writer.stop()
    assert file.getvalue() == "x" * 500
