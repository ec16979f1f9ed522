"""A worktree whose setting up takes its time: who waits for it is told, and ending it leaves nothing half done."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from anyio.abc import Process

from legion_tui.processes import kill, process_facts
from legion_tui.tmux import OneShotTmux
from tests.support.commands import Commands
from tests.support.pipeline import MakePipeline, PipelineProject
from tests.support.waiting import until

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]
# The second command waits for a child of its own, until the project has a file that lets it through.
WAITS = ["sh", "-c", "test -e ../../shop/go && exit; sleep 300 & echo $! > ../began; wait"]


@pytest.fixture
def project(pipeline: MakePipeline) -> PipelineProject:
    project = pipeline(issues=1, slots=1)
    toml = project.root / "legion.toml"
    setup = json.dumps([["sh", "-c", "echo once >> ../log"], WAITS])
    toml.write_text(toml.read_text().replace('kind = "none"', f'kind = "git"\nsetup = {setup}'))
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "first"]):
        subprocess.run(["git", *arguments], cwd=project.root, check=True, capture_output=True, timeout=20)
    return project


def trees(project: PipelineProject) -> Path:
    return project.root.parent / "shop-worktrees"


def child_of_setup(project: PipelineProject) -> int:
    """The process that the waiting command has started; 0 before that."""
    began = trees(project) / "began"
    text = began.read_text() if began.exists() else ""
    return int(text) if text.endswith("\n") else 0


def setter(project: PipelineProject) -> int:
    """The process of the waiting command itself."""
    child = process_facts(child_of_setup(project))
    return child.parent if child is not None else 0


def noted(project: PipelineProject) -> int | None:
    """The process that is noted beside the worktree."""
    file = project.ledger.parent / "unfinished" / "ENG-1"
    told = json.loads(file.read_bytes()) if file.exists() else {}
    return told["process"]["pid"] if "process" in told else None


@asynccontextmanager
async def dispatching(project: PipelineProject, commands: Commands, *more: str) -> AsyncIterator[Process]:
    """A dispatch that has come to the command that waits."""
    argv = [sys.executable, "-m", "tests.support.person", "--socket", commands.socket, "dispatch", "ENG-1", *more]
    async with await anyio.open_process(argv, env=dict(project.environ), cwd=project.root) as process:
        try:
            await until(lambda: child_of_setup(project) != 0, within_seconds=40)
            # It is noted a moment after it was started.
            await until(lambda: noted(project) == setter(project), within_seconds=40)
            yield process
        finally:
            if process.returncode is None:
                process.kill()


async def output(process: Process) -> tuple[str, str]:
    """Everything that a process that ends printed."""
    assert process.stdout is not None
    assert process.stderr is not None
    with anyio.fail_after(30):
        out = b"".join([chunk async for chunk in process.stdout])
        err = b"".join([chunk async for chunk in process.stderr])
        await process.wait()
    return out.decode(), err.decode()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_setting_up_is_told_ended_and_begun_again(
    project: PipelineProject, commands: Commands, private_tmux: OneShotTmux, number: signal.Signals
) -> None:
    async with dispatching(project, commands) as process:
        for word in ("dispatch", "advance"):
            other = await commands.run(word, "ENG-1")
            assert other.returncode == 3
            told = r"another dashboard is acting on ENG-1: setting up its worktree: sh -c .*, since \d\d:\d\d:\d\d UTC"
            assert re.search(rf"{told} \(\d+ s\); wait until it is through", other.stderr), other.stderr
        process.send_signal(number)
        out, err = await output(process)
        assert (process.returncode, out) == (130, "")
    lines = err.splitlines()
    assert len(lines) == 2
    assert lines[0] == "legion-tui: ENG-1: setting up its worktree: sh -c 'echo once >> ../log'"
    assert lines[1].startswith("legion-tui: ENG-1: setting up its worktree: sh -c 'test -e")
    await until(lambda: process_facts(child_of_setup(project)) is None)
    assert await private_tmux.panes() == ()
    log = (await commands.run("log", "ENG-1")).stdout.splitlines()
    assert "cancelled while its place was made" in log[-1]

    (project.root / "go").touch()
    done = await commands.run("dispatch", "ENG-1")
    assert done.returncode == 0, done.stderr
    assert (trees(project) / "log").read_text() == "once\nonce\n"
    assert len(await private_tmux.panes()) == 1


async def test_a_script_is_told_nothing_beside_its_document(project: PipelineProject, commands: Commands) -> None:
    async with dispatching(project, commands, "--json") as process:
        process.send_signal(signal.SIGINT)
        assert await output(process) == ("", "")


async def test_one_that_was_killed_is_furnished_by_the_next(project: PipelineProject, commands: Commands) -> None:
    async with dispatching(project, commands) as process:
        left = process_facts(child_of_setup(project))
        process.kill()
        await process.wait()
    # Nobody was there to end it, and two would spoil each other's work.
    second = await commands.run("dispatch", "ENG-1")
    assert second.returncode == 3
    said = r"still being set up: process (\d+) \(sh\) goes on in .*ENG-1; wait for it; .* was killed: kill (\d+)"
    found = re.search(said, second.stderr)
    assert found is not None, second.stderr
    assert found[1] == found[2]
    assert left is not None
    assert left.parent == int(found[1])
    assert kill(left)
    await until(lambda: process_facts(left.parent) is None)
    (project.root / "go").touch()
    done = await commands.run("dispatch", "ENG-1")
    assert done.returncode == 0, done.stderr
    assert (trees(project) / "log").read_text() == "once\nonce\n"
