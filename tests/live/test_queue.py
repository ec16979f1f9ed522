"""Workers that wait for a slot, on stand-in agents in a real tmux, through the commands that a person has."""

from __future__ import annotations

import json
import sys
from typing import Any

import anyio
import pytest

from legion_tui.tmux import OneShotTmux
from tests.support.commands import Commands
from tests.support.pipeline import MakePipeline, PipelineProject
from tests.support.waiting import until_async

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]


@pytest.fixture
def project(pipeline: MakePipeline) -> PipelineProject:
    made = pipeline(issues=4, slots=2, status="In Progress", idles=True)
    # It watches, and does nothing by itself.
    made.configure(actions=["transition_to_done"])
    return made


async def test_a_worker_waits_for_a_slot_and_is_started_when_one_comes_free(
    project: PipelineProject, commands: Commands, private_tmux: OneShotTmux
) -> None:
    # Nobody is there to start it later: it is refused.
    assert (await dispatched(commands, "ENG-1", "implement"))["outcome"] == "started"
    assert (await dispatched(commands, "ENG-2", "implement"))["outcome"] == "started"
    nobody = await dispatched(commands, "ENG-3", "implement", expect=3)
    assert (nobody["outcome"], nobody["reason"].partition(":")[0]) == ("refused", "no free slot")

    argv = [sys.executable, "-m", "legion_tui", "--socket", commands.socket, "run", "--json"]
    async with await anyio.open_process(argv, env=dict(project.environ), cwd=project.root, stdin=None) as watcher:

        async def is_queued() -> bool:
            receipt = await dispatched(commands, "ENG-3", "implement", expect=None)
            return bool(receipt["outcome"] == "queued")

        await until_async(is_queued)
        # What it would do is told before, and the suggested action of a row waits just as well.
        dry = await commands.run("dispatch", "ENG-4", "--mode", "implement", "--dry-run")
        assert dry.stdout == "ENG-4: implement: it waits for a free slot: 2 of 2 workers are live\n"
        would = await commands.run("advance", "ENG-4", "--dry-run")
        assert "  it waits for a free slot: 2 of 2 workers are live" in would.stdout.splitlines()
        assert len([r for r in project.records() if r["kind"] == "request"]) == 1
        advanced = await commands.json("advance", "ENG-4", "--json")
        assert (advanced["action"], advanced["outcome"]) == ("dispatch_implementer", "queued")
        # Asked for twice it waits once.
        assert (await dispatched(commands, "ENG-3", "implement"))["outcome"] == "queued"
        assert len([r for r in project.records() if r["kind"] == "request"]) == 2
        row = await commands.issue("ENG-3")
        assert (row["worker"]["state"], row["worker"]["detail"]) == (
            "queued",
            {"waits_for": "no free slot (2 at once)"},
        )
        assert row["attention"] == "waiting"
        told = await commands.run("explain", "ENG-3")
        assert "  waits: no free slot (2 at once)" in told.stdout.splitlines()
        # The younger one is taken back; the older one gets the slot that comes free.
        taken = await commands.json("stop", "ENG-4", "--yes", "--json")
        assert (taken["did"], taken["outcome"], taken["reason"]) == ("withdraw", "done", "")
        assert (await commands.issue("ENG-4"))["worker"] is None
        assert (await commands.run("stop", "ENG-2", "--yes")).returncode == 0

        async def is_started() -> bool:
            worker = (await commands.issue("ENG-3"))["worker"]
            return worker["state"] not in ("queued", "starting")

        await until_async(is_started)
        watcher.terminate()
        with anyio.fail_after(30):
            await watcher.wait()
    lives = [(r["issue"], r["data"]["to"]) for r in project.records() if r["kind"] == "life"]
    assert [to for issue, to in lives if issue == "ENG-3"][:3] == ["created", "queued", "running"]
    assert [to for issue, to in lives if issue == "ENG-4"] == ["created", "queued", "failed"]
    assert [to for issue, to in lives if issue == "ENG-2"][-1] == "parked"
    assert sum(not pane.dead for pane in await private_tmux.panes()) == 2


async def test_a_mode_has_a_limit_of_its_own(
    project: PipelineProject, commands: Commands, private_tmux: OneShotTmux
) -> None:
    project.add_to_config("[modes.implement]\nmax_concurrent = 1\n")
    assert (await commands.run("trust", "--yes")).returncode == 0
    assert (await dispatched(commands, "ENG-1", "implement"))["outcome"] == "started"
    second = await dispatched(commands, "ENG-2", "implement", expect=3)
    told = "no free slot: 1 of 1 implement workers are live; wait for one, or raise modes.implement.max_concurrent"
    assert second["reason"] == told
    assert (await dispatched(commands, "ENG-2", "review"))["outcome"] == "started"
    assert sum(not pane.dead for pane in await private_tmux.panes()) == 2


async def dispatched(commands: Commands, issue: str, mode: str, *, expect: int | None = 0) -> dict[str, Any]:
    """The receipt of a dispatch, which ends with that code (any code without one)."""
    ran = await commands.run("dispatch", issue, "--mode", mode, "--json")
    assert expect is None or ran.returncode == expect, (ran.stdout, ran.stderr)
    receipt: dict[str, Any] = json.loads(ran.stdout)
    return receipt
