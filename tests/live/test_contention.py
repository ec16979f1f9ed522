"""Many programs that want the same thing at the same time, on a real tmux server."""

from __future__ import annotations

import sys
from collections import Counter

import anyio
import pytest

from legion_tui.processes import Ran, run_command
from legion_tui.tmux import OneShotTmux
from tests.support.pipeline import MakePipeline, PipelineProject

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]

PROGRAMS, ATTEMPTS = 6, 40


@pytest.fixture
def project(pipeline: MakePipeline) -> PipelineProject:
    return pipeline(issues=1, slots=5, status="In Progress", idles=True)


@pytest.mark.usefixtures("commands")
async def test_six_programs_with_forty_attempts_each_start_one_worker(
    project: PipelineProject, private_tmux: OneShotTmux
) -> None:
    ran: list[Ran] = []

    async def attempt() -> None:
        argv = [sys.executable, "-m", "tests.support.attempts", private_tmux.socket.name, "ENG-1", str(ATTEMPTS)]
        ran.append(await run_command(argv, env=dict(project.environ), cwd=str(project.root), timeout_seconds=250))

    async with anyio.create_task_group() as group:
        for _ in range(PROGRAMS):
            group.start_soon(attempt)
    outcomes = Counter(word for one in ran for word in one.stdout.split("\n") if word)
    assert outcomes == {"started": 1, "refused": PROGRAMS * ATTEMPTS - 1}, (outcomes, [one.stderr for one in ran])
    # One window, one intent, one outcome, one life: whoever was refused has left nothing.
    assert len(await private_tmux.panes()) == 1
    records = [record for record in project.records() if record["kind"] == "dispatch"]
    assert [record["phase"] for record in records] == ["intent", "outcome"]
    lives = [record["data"]["to"] for record in project.records() if record["kind"] == "life"]
    assert lives == ["created", "queued", "running"]
