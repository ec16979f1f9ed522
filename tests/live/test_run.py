"""The autopilot on stand-in agents in a real tmux: whole pipelines, limits, ends."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from legion_tui.tmux import OneShotTmux
from tests.support.commands import Commands
from tests.support.pipeline import PipelineProject, pipeline_project
from tests.support.waiting import until_async

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]

ISSUES, SLOTS = 3, 2
# `LEGION_TUI_KILLS=200` for a soak.
KILLS = int(os.environ.get("LEGION_TUI_KILLS", "6"))


@pytest.fixture
async def project(private_tmux: OneShotTmux, tmux_env: dict[str, str]) -> AsyncIterator[PipelineProject]:
    yield pipeline_project(Path(tmux_env["TMUX_TMPDIR"]) / "p", issues=ISSUES, slots=SLOTS)
    await private_tmux.kill_server()


@pytest.fixture
async def commands(project: PipelineProject, private_tmux: OneShotTmux) -> Commands:
    commands = Commands(project.environ, project.root, private_tmux.socket.name)
    assert (await commands.run("trust", "--yes")).returncode == 0
    return commands


def told(project: PipelineProject, kind: str) -> list[dict[str, Any]]:
    """The intents of that kind, as the ledger has them."""
    return [record for record in records(project) if record["kind"] == kind and record["phase"] == "intent"]


def records(project: PipelineProject) -> list[dict[str, Any]]:
    """Every record of the ledger; a line that a kill cut off is none."""
    found = []
    for line in project.ledger.read_text().splitlines():
        with contextlib.suppress(ValueError):
            found.append(json.loads(line))
    return found


def unconcluded(project: PipelineProject) -> set[str]:
    """The intents of which nothing tells what came of them."""
    phases: dict[str, set[str]] = {}
    for record in records(project):
        phases.setdefault(record["id"], set()).add(record["phase"])
    return {name for name, seen in phases.items() if seen == {"intent"}}


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
        with anyio.fail_after(200):
            while set(project.statuses()) != {"Done"}:
                ran = await commands.run("run", "--once")
                assert ran.returncode == 0, (ran.stdout, ran.stderr)
        group.cancel_scope.cancel()
    # There was always more to do than there were slots, and never more done.
    assert most == SLOTS
    starts = Counter((record["issue"], record["data"]["mode"]) for record in told(project, "dispatch"))
    ids = [f"ENG-{number}" for number in range(1, ISSUES + 1)]
    # The implementer is resumed for the retro.
    times = {"plan": 1, "implement": 2, "review": 1, "merge": 1}
    assert starts == {(issue, mode): count for issue in ids for mode, count in times.items()}
    moves = [(record["issue"], record["data"]["action"]) for record in told(project, "advance")]
    assert len(moves) == len(set(moves))
    assert {record["by"]["program"] for record in told(project, "dispatch")} == {"autopilot"}


async def test_killed_at_any_moment_it_starts_nothing_twice_and_loses_nothing(
    project: PipelineProject, commands: Commands, private_tmux: OneShotTmux
) -> None:
    argv = [sys.executable, "-m", "legion_tui", "--socket", commands.socket, "run", "--json"]
    chance = random.Random(7)  # noqa: S311  # moments, no secrets
    kills = 0
    with anyio.move_on_after(200):
        while not await is_done(project):
            async with await anyio.open_process(
                argv, env=dict(project.environ), cwd=project.root, stdin=None
            ) as process:
                with anyio.move_on_after(chance.uniform(0.5, 4.0) if kills < KILLS else 20.0):
                    await until_async(lambda: is_done(project), within_seconds=30)
                process.kill()
                kills += 1
            panes = [pane for pane in await private_tmux.panes() if not pane.dead]
            sessions = [pane.legion_session_id for pane in panes]
            assert len(sessions) == len(set(sessions)) <= SLOTS
    last = "\n".join(str({**record, "by": ""}) for record in records(project)[-12:])
    assert await is_done(project), f"{project.statuses()}\n{last}"
    assert kills >= KILLS
    # Whoever looks next settles what was cut off; no lock is left behind.
    assert (await commands.run("run", "--once")).returncode == 0
    assert not unconcluded(project)


async def is_done(project: PipelineProject) -> bool:
    return set(project.statuses()) == {"Done"}


async def test_it_goes_on_until_it_is_told_to_end(
    project: PipelineProject, commands: Commands, private_tmux: OneShotTmux
) -> None:
    project.configure(actions=["dispatch_planner"])
    argv = [sys.executable, "-m", "legion_tui", "--socket", commands.socket, "run", "--json"]
    async with await anyio.open_process(argv, env=dict(project.environ), cwd=project.root, stdin=None) as process:

        async def planned() -> bool:
            return project.ledger.exists() and len(told(project, "dispatch")) == SLOTS

        await until_async(planned, within_seconds=40)
        # One autopilot at a time.
        second = await commands.run("run", "--once")
        assert second.returncode == 3
        assert "the autopilot runs already: legion-tui run (process " in second.stderr
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
