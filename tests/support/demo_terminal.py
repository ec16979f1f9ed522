"""The demo in a pane of a real tmux, as a person has it; all of it ends with the test."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from legion_tui.tmux import NewWindow, OneShotTmux
from tests.support.commands import REPOSITORY
from tests.support.terminal import Terminal
from tests.support.waiting import until


@dataclass
class DemoTerminal(Terminal):
    """The pane in which the demo runs."""

    folder: Path

    def processes(self) -> list[psutil.Process]:
        """The demo's own process, as long as it runs."""
        found = []
        for process in psutil.process_iter(["cmdline"]):
            words = process.info["cmdline"] or []
            with contextlib.suppress(psutil.Error):
                if words[1:] == ["-m", "legion_tui", "demo"] and process.environ().get("TMPDIR") == str(self.folder):
                    found.append(process)
        return found

    def leftovers(self) -> list[str]:
        """Folders and processes of this demo."""
        left = [str(path) for path in self.folder.glob("legion-demo-*")]
        for process in psutil.process_iter(["cmdline"]):
            words = " ".join(process.info["cmdline"] or [])
            if str(self.folder) in words:
                left.append(words)
        return left


@asynccontextmanager
async def demo_terminal(
    tmux: OneShotTmux, folder: Path, *, size: tuple[int, int] = (120, 40), config: Path | None = None
) -> AsyncIterator[DemoTerminal]:
    """Run the demo, all of its files in `folder`; `config` is the person's own configuration folder."""
    width, height = size
    environ = {"PYTHONPATH": str(REPOSITORY), "TMPDIR": str(folder), "HOME": os.environ["HOME"]}
    programs = folder / "bin"
    programs.mkdir()
    for name in ("tmux", "git", "sh", "cat", "sleep", "env"):
        found = shutil.which(name)
        assert found is not None, name
        (programs / name).symlink_to(found)
    opened = await tmux.open_window(
        NewWindow(
            session="outer",
            name="demo",
            cwd=str(folder),
            # A path of its own, so that a program can be taken away; tmux itself sets its client's in a new window.
            argv=("env", f"PATH={programs}", sys.executable, "-m", "legion_tui", "demo"),
            env=environ | ({"XDG_CONFIG_HOME": str(config)} if config is not None else {}),
            options={},
            width=width,
            height=height,
        )
    )
    terminal = DemoTerminal(tmux, opened.pane_id, folder)
    yield terminal
    for process in terminal.processes():
        process.terminate()
    await until(lambda: not terminal.leftovers(), within_seconds=30)
