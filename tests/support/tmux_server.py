"""A real tmux server for one test: private, without configuration, of a fixed size, gone at its end."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import anyio
import pytest

from legion_tui.processes import CommandRunner, run_command
from legion_tui.tmux import CONTROL, NewWindow, OneShotTmux, Opened, Socket, SteadyTmux
from legion_tui.tmux.control_parser import Reply
from legion_tui.tmux.lane import Lane, LanePaces
from tests.support.waiting import until_async

# Sets a server up by plain tmux commands and returns what they print.
TmuxCommand = Callable[..., str]


@pytest.fixture
def tmux_env(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The environment of this test's tmux; its sockets are in a short folder of their own."""
    folder = tempfile.mkdtemp(prefix="lt-", dir="/tmp")
    monkeypatch.setenv("TMUX_TMPDIR", folder)
    yield dict(os.environ)
    _remove(Path(folder))


def _remove(folder: Path) -> None:
    """Remove the folder: programs of panes write for a moment after their server is gone."""
    deadline = time.monotonic() + 10
    while True:
        try:
            shutil.rmtree(folder)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


@pytest.fixture
def private_tmux(tmux_env: dict[str, str]) -> Iterator[OneShotTmux]:
    """The gateway to a server that does not run yet; `open_window` starts it."""
    name = f"test-{secrets.token_hex(4)}"
    yield OneShotTmux(run_command, Socket(name), env=tmux_env, config_file=Path("/dev/null"))
    subprocess.run(["tmux", "-L", name, "kill-server"], env=tmux_env, capture_output=True, timeout=10, check=False)


# On a server of a test's own nobody else loses anything by a crash.
ANY_VERSION = (0, 0)


class Settled(SteadyTmux):
    """Waits for control mode as soon as there is something to read, so that a test does not read by chance over it."""

    def __init__(self, runner: CommandRunner, socket: Socket, *, env: Mapping[str, str]) -> None:
        paces = LanePaces(first_pause_seconds=0.02, stands_seconds=0.0)
        super().__init__(runner, socket, env=env, config_file=Path("/dev/null"), paces=paces, control_from=ANY_VERSION)
        # How many of the readings went over control mode.
        self.over_control = 0

    async def open_window(self, window: NewWindow) -> Opened:
        opened = await super().open_window(window)
        await self.settle()
        return opened

    async def settle(self) -> None:
        """List until that goes over control mode."""

        async def controlled() -> bool:
            await self.panes()
            return self.transport.name == CONTROL

        await until_async(controlled)

    async def _ask(self, commands: Sequence[str], lanes: Sequence[Lane]) -> list[Reply] | None:
        replies = await super()._ask(commands, lanes)
        self.over_control += replies is not None
        return replies


@pytest.fixture
async def settled_tmux(private_tmux: OneShotTmux, tmux_env: dict[str, str]) -> AsyncIterator[Settled]:
    """The gateway of a dashboard to the same server, over control mode as soon as it runs."""
    tmux = Settled(run_command, private_tmux.socket, env=tmux_env)
    async with anyio.create_task_group() as group:
        group.start_soon(tmux.run)
        yield tmux
        group.cancel_scope.cancel()


@pytest.fixture
def tmux_command(private_tmux: OneShotTmux, tmux_env: dict[str, str]) -> TmuxCommand:
    """Runs `tmux ARGUMENTS…` on the private server and returns its output without the last line end."""
    return command_of(private_tmux, tmux_env)


def command_of(tmux: OneShotTmux, env: Mapping[str, str]) -> TmuxCommand:
    """Return what runs `tmux ARGUMENTS…` on that server and returns its output without the last line end."""

    def run(*arguments: str) -> str:
        argv = ["tmux", "-u", "-f", "/dev/null", *tmux.socket.argv, *arguments]
        done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=10, check=True)
        return done.stdout.removesuffix("\n")

    return run


@contextmanager
def bare_environment() -> Iterator[dict[str, str]]:
    """The environment of an agent's tmux: nothing of this machine's, so that nothing leads out of the test."""
    # The agent makes a socket in its folder for temporary files, and a socket's path has to be short.
    folder = Path(tempfile.mkdtemp(prefix="lt-", dir="/tmp"))
    try:
        yield {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "SHELL": shutil.which("bash") or "/bin/sh",
            "TMPDIR": str(folder),
            "TMUX_TMPDIR": str(folder),
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)
