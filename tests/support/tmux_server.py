"""A real tmux server for one test: private, without configuration, of a fixed size, gone at its end."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from legion_tui.processes import run_command
from legion_tui.tmux import OneShotTmux, Socket

# Sets a server up by plain tmux commands and returns what they print.
TmuxCommand = Callable[..., str]


@pytest.fixture
def tmux_env(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The environment of this test's tmux; its sockets are in a short folder of their own."""
    folder = tempfile.mkdtemp(prefix="lt-", dir="/tmp")
    monkeypatch.setenv("TMUX_TMPDIR", folder)
    yield dict(os.environ)
    shutil.rmtree(folder)


@pytest.fixture
def private_tmux(tmux_env: dict[str, str]) -> Iterator[OneShotTmux]:
    """The gateway to a server that does not run yet; `open_window` starts it."""
    name = f"test-{secrets.token_hex(4)}"
    yield OneShotTmux(run_command, Socket(name), env=tmux_env, config_file=Path("/dev/null"))
    subprocess.run(["tmux", "-L", name, "kill-server"], env=tmux_env, capture_output=True, timeout=10, check=False)


@pytest.fixture
def tmux_command(private_tmux: OneShotTmux, tmux_env: dict[str, str]) -> TmuxCommand:
    """Runs `tmux ARGUMENTS…` on the private server and returns its output without the last line end."""

    def run(*arguments: str) -> str:
        argv = ["tmux", "-u", "-f", "/dev/null", *private_tmux.socket.argv, *arguments]
        done = subprocess.run(argv, env=tmux_env, capture_output=True, text=True, timeout=10, check=True)
        return done.stdout.removesuffix("\n")

    return run
