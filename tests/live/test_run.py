"""The autopilot on stand-in agents in a real tmux: what it may do, and how it ends."""

from __future__ import annotations

import json
import signal
import sys

import anyio
import pytest

from legion_tui.tmux import OneShotTmux
from tests.support.commands import Commands
from tests.support.pipeline import MakePipeline, PipelineProject
from tests.support.waiting import until_async

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]

ISSUES, SLOTS = 3, 2


@pytest.fixture
def project(pipeline: MakePipeline) -> PipelineProject:
    return pipeline(issues=ISSUES, slots=SLOTS)


async def test_it_goes_on_until_it_is_told_to_end(
    project: PipelineProject, commands: Commands, private_tmux: OneShotTmux
) -> None:
    project.configure(actions=["dispatch_planner"])
    argv = [sys.executable, "-m", "legion_tui", "--socket", commands.socket, "run", "--json"]
    async with await anyio.open_process(argv, env=dict(project.environ), cwd=project.root, stdin=None) as process:

        async def planned() -> bool:
            return project.ledger.exists() and len(project.told("dispatch")) == SLOTS

        await until_async(planned, within_seconds=40)
        # One autopilot at a time.
        second = await commands.run("run", "--once")
        assert second.returncode == 3
        assert "another dashboard is running the autopilot: legion-tui run (process " in second.stderr
        process.send_signal(signal.SIGTERM)
        with anyio.fail_after(30):
            assert await process.wait() == 0
        assert process.stdout is not None
        lines = b"".join([chunk async for chunk in process.stdout]).decode().splitlines()
    events = [json.loads(line) for line in lines]
    assert [event["issue"] for event in events if event["kind"] == "done"] != []
    assert events[-1]["kind"] == "ended"
    assert events[-1]["text"].startswith("SIGTERM")
    # It lets go; they go on.
    assert sum(not pane.dead for pane in await private_tmux.panes()) == SLOTS


async def test_only_what_the_user_listed_and_only_where_it_is_switched_on(
    project: PipelineProject, commands: Commands, private_tmux: OneShotTmux
) -> None:
    project.configure(enabled=False)
    refused = await commands.run("run", "--once")
    assert refused.returncode == 3
    assert "the autopilot is off" in refused.stderr
    # What it would do may be asked at any time.
    dry = await commands.run("run", "--dry-run")
    assert dry.returncode == 0
    assert dry.stdout.count("would run") == SLOTS
    assert "waits: no free slot" in dry.stdout
    project.configure(actions=["transition_*"], label="by-itself")
    listed = await commands.run("run", "--once")
    assert (listed.returncode, listed.stdout) == (0, "0 done, 0 failed, 0 refused\n")
    unlisted = await commands.run("run", "--once", "--only", "dispatch_planner")
    assert unlisted.returncode == 2
    assert "autopilot.actions does not list dispatch_planner" in unlisted.stderr
    project.configure(actions=["dispatch_*"], label="by-itself")
    held = await commands.run("run", "--once")
    assert "waits: it is not labelled by-itself" in held.stdout
    assert await private_tmux.panes() == ()
    project.configure(actions=["merge_pr"])
    wrong = await commands.run("run", "--once")
    assert wrong.returncode == 1
    assert "autopilot.actions: 'merge_pr' is none that it may run" in wrong.stderr
