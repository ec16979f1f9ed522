"""Every test here has a tmux server of its own within reach, and a project for it on demand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from legion_tui.tmux import OneShotTmux
from tests.support.commands import Commands
from tests.support.pipeline import MakePipeline, PipelineProject, pipeline_project
from tests.support.tmux_server import private_tmux, settled_tmux, tmux_command, tmux_env

__all__ = ["private_tmux", "settled_tmux", "tmux_command", "tmux_env"]


@pytest.fixture
async def pipeline(private_tmux: OneShotTmux, tmux_env: dict[str, str]) -> AsyncIterator[MakePipeline]:
    """Makes the project of a test; its workers end with the test."""
    yield partial(pipeline_project, Path(tmux_env["TMUX_TMPDIR"]) / "p")
    await private_tmux.kill_server()


@pytest.fixture
async def commands(project: PipelineProject, private_tmux: OneShotTmux) -> Commands:
    """The commands of the person who trusts the test's own `project`."""
    commands = Commands(project.environ, project.root, private_tmux.socket.name)
    assert (await commands.run("trust", "--yes")).returncode == 0
    return commands
