"""The dashboard's autopilot on stand-in agents in a real tmux: one at a time, paused, let go, limits."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from legion_tui.tmux import NewWindow, OneShotTmux
from tests.support.commands import Commands
from tests.support.pipeline import MakePipeline, PipelineProject
from tests.support.terminal import Terminal
from tests.support.waiting import until_async

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]

SLOTS = 1


@pytest.fixture
def project(pipeline: MakePipeline) -> PipelineProject:
    return pipeline(issues=2, slots=SLOTS)


async def board(project: PipelineProject, commands: Commands, tmux: OneShotTmux) -> Terminal:
    """Open the dashboard in a pane of a session of its own."""
    opened = await tmux.open_window(
        NewWindow(
            session="outer",
            name="board",
            cwd=str(project.root),
            argv=(sys.executable, "-m", "tests.support.person", "--socket", commands.socket),
            env=dict(project.environ),
            options={},
            width=120,
            height=40,
        )
    )
    terminal = Terminal(tmux, opened.pane_id)
    await terminal.shows("legion  shop", "? help", "tmux ok")
    return terminal


def starts(project: PipelineProject) -> list[dict[str, Any]]:
    """The dispatches that were set out on."""
    if not project.ledger.exists():
        return []
    records = [json.loads(line) for line in project.ledger.read_text().splitlines() if line]
    return [record for record in records if record["kind"] == "dispatch" and record["phase"] == "intent"]


async def test_it_takes_an_issue_on_and_run_beside_it_is_refused(
    project: PipelineProject, commands: Commands, private_tmux: OneShotTmux
) -> None:
    project.configure(actions=["dispatch_planner"])
    terminal = await board(project, commands, private_tmux)
    await terminal.press("A")
    await terminal.shows("may run: dispatch_planner", "limits:", "now:", "held back:", "no free slot (1 at once)")
    await terminal.press("Enter")
    await terminal.shows("autopilot on", "autopilot: ENG-1 dispatch done: started", gone="Do it")
    second = await commands.run("run", "--once")
    assert second.returncode == 3
    assert "another dashboard is running the autopilot: a dashboard (process " in second.stderr
    assert [(start["issue"], start["by"]["program"]) for start in starts(project)] == [("ENG-1", "autopilot")]
    # Why the other one waits is told where one looks for it.
    # For want of a slot it is in the backlog, which is folded.
    await terminal.press("G", "Right")
    await terminal.select("ENG-2")
    await terminal.press("e")
    await terminal.shows("autopilot: dispatch_planner waits: no free slot (1 at once)")
    await terminal.press("Escape")
    await terminal.shows("? help")
    await terminal.press("A")
    await terminal.shows("autopilot ended: it was switched off; the workers live on")
    await terminal.press("q")

    async def left() -> bool:
        panes = await private_tmux.panes()
        return not any(pane.window_name == "board" and not pane.dead for pane in panes)

    await until_async(left)
    assert sum(not pane.dead and pane.issue == "ENG-1" for pane in await private_tmux.panes()) == 1


async def test_paused_it_starts_nothing_and_leaving_lets_it_go(
    project: PipelineProject, commands: Commands, private_tmux: OneShotTmux
) -> None:
    project.configure(actions=["dispatch_planner"])
    # The one slot is for the first of them, whenever it was moved.
    for issue, status in (("ENG-1", "Backlog"), ("ENG-2", "Done")):
        await commands.run("issue", "move", issue, status)
    terminal = await board(project, commands, private_tmux)
    await terminal.press("A")
    await terminal.shows("now: nothing to do")
    await terminal.press("y")
    await terminal.shows("autopilot on", gone="Do it")
    await terminal.press("P")
    await terminal.shows("autopilot paused")
    await commands.run("issue", "move", "ENG-1", "Todo")
    await terminal.shows("READY", "ENG-1", "Todo")
    assert starts(project) == []
    await terminal.press("P")
    await terminal.shows("autopilot on", "autopilot: ENG-1 dispatch done: started")
    await terminal.press("q")

    async def free() -> bool:
        return (await commands.run("run", "--once")).returncode == 0

    await until_async(free, within_seconds=40)
    assert [start["issue"] for start in starts(project)] == ["ENG-1"]


async def test_where_the_configuration_says_no_the_key_says_so(
    project: PipelineProject, commands: Commands, private_tmux: OneShotTmux
) -> None:
    project.configure(enabled=False)
    terminal = await board(project, commands, private_tmux)
    await terminal.press("A")
    await terminal.shows("the autopilot is off", "config.toml")
