"""Many issues through the whole pipeline, with an autopilot that is killed over and over. `make soak` asks for more."""

from __future__ import annotations

import os
import random
import sys
from collections import Counter

import anyio
import pytest

from legion_tui.tmux import OneShotTmux
from tests.support.commands import Commands
from tests.support.pipeline import MakePipeline, PipelineProject
from tests.support.waiting import until_async

ISSUES = int(os.environ.get("LEGION_TUI_SOAK_ISSUES", "8"))
# Without kills they are quick, and a few show as much.
PIPELINE_ISSUES = ISSUES if "LEGION_TUI_SOAK_ISSUES" in os.environ else 4
KILLS = int(os.environ.get("LEGION_TUI_SOAK_KILLS", "20"))
SLOTS = 3
# The implementer is resumed for the retro.
STARTS = {"plan": 1, "implement": 2, "review": 1, "merge": 1}
# A bound on a hang, not a measure: a kill costs a start of the program, an issue some five workers.
WITHIN_SECONDS = 120.0 + 5.0 * KILLS + 25.0 * ISSUES

pytestmark = [pytest.mark.live, pytest.mark.timeout(WITHIN_SECONDS + 60)]


@pytest.fixture
def project(pipeline: MakePipeline, request: pytest.FixtureRequest) -> PipelineProject:
    return pipeline(issues=ISSUES if "killed" in request.node.name else PIPELINE_ISSUES, slots=SLOTS)


async def test_issues_go_through_the_whole_pipeline(
    project: PipelineProject, commands: Commands, private_tmux: OneShotTmux
) -> None:
    most = 0

    async def count_workers() -> None:
        nonlocal most
        while True:
            most = max(most, sum(not pane.dead for pane in await private_tmux.panes()))
            await anyio.sleep(0.05)

    async with anyio.create_task_group() as group:
        group.start_soon(count_workers)
        with anyio.move_on_after(WITHIN_SECONDS):
            while not await is_done(project):
                ran = await commands.run("run", "--once")
                assert ran.returncode == 0, (ran.stdout, ran.stderr)
        group.cancel_scope.cancel()
    assert await is_done(project), await stuck(project, commands)
    # There was always more to do than there were slots, and never more done.
    assert most == SLOTS
    starts = Counter((record["issue"], record["data"]["mode"]) for record in project.told("dispatch"))
    ids = [f"ENG-{number}" for number in range(1, PIPELINE_ISSUES + 1)]
    assert starts == {(issue, mode): count for issue in ids for mode, count in STARTS.items()}
    moves = [(record["issue"], record["data"]["action"]) for record in project.told("advance")]
    assert len(moves) == len(set(moves))
    assert {record["by"]["program"] for record in project.told("dispatch")} == {"autopilot"}
    # The ledger agrees with tmux: of its workers those live that it has not ended since.
    started = {record["data"]["session_id"] for record in project.told("dispatch")}
    ended = {record["data"]["session_id"] for record in project.told("park")}
    living = {pane.legion_session_id for pane in await private_tmux.panes() if not pane.dead}
    assert started - ended <= living <= started
    assert not project.unconcluded()


async def test_killed_at_any_moment_it_starts_nothing_twice_and_loses_nothing(
    project: PipelineProject, commands: Commands, private_tmux: OneShotTmux
) -> None:
    argv = [sys.executable, "-m", "legion_tui", "--socket", commands.socket, "run", "--json"]
    chance = random.Random()  # noqa: S311  # moments, no secrets
    kills = 0
    with anyio.move_on_after(WITHIN_SECONDS):
        while not await is_done(project):
            async with await anyio.open_process(
                argv, env=dict(project.environ), cwd=project.root, stdin=None
            ) as process:
                with anyio.move_on_after(chance.uniform(0.4, 1.2) if kills < KILLS else 20.0):
                    await until_async(lambda: is_done(project), within_seconds=30)
                process.kill()
                kills += 1
            panes = [pane for pane in await private_tmux.panes() if not pane.dead]
            sessions = [pane.legion_session_id for pane in panes]
            assert len(sessions) == len(set(sessions)) <= SLOTS
    assert await is_done(project), await stuck(project, commands)
    assert kills >= KILLS
    # Whoever looks next settles what was cut off; no lock is left behind.
    ran = await commands.run("run", "--once")
    assert ran.returncode == 0, (ran.stdout, ran.stderr)
    assert not project.unconcluded()
    # What was confirmed stays: each mode was started, and what is told of as started was.
    starts = Counter((record["issue"], record["data"]["mode"]) for record in project.told("dispatch"))
    ids = [f"ENG-{number}" for number in range(1, ISSUES + 1)]
    assert all(starts[issue, mode] >= count for issue in ids for mode, count in STARTS.items())


async def is_done(project: PipelineProject) -> bool:
    return set(project.statuses()) == {"Done"}


async def stuck(project: PipelineProject, commands: Commands) -> str:
    """What there is to say of issues that get no further."""
    last = "\n".join(str({**record, "by": ""}) for record in project.records()[-12:])
    due = await commands.run("run", "--dry-run")
    late = [number for number, status in enumerate(project.statuses(), 1) if status != "Done"]
    told = [await commands.run("explain", f"ENG-{number}") for number in late]
    return "\n".join([str(project.statuses()), last, due.stdout, due.stderr, *(ran.stdout for ran in told)])
