"""The heartbeat of a program that stays, over stand-in agents in a real tmux: what it finds, and what it parks."""

from __future__ import annotations

import os
import signal
import sys

import anyio
import pytest

from legion_tui.tmux import OneShotTmux
from tests.support.commands import Commands
from tests.support.pipeline import MakePipeline, PipelineProject
from tests.support.waiting import until, until_async

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]


@pytest.fixture
def project(pipeline: MakePipeline) -> PipelineProject:
    made = pipeline(issues=3, slots=5, status="In Progress", idles=True)
    made.configure(actions=["transition_to_done"])
    config = made.root / "legion.toml"
    quick = 'heartbeat_seconds = 1.0\nidle_after_seconds = 1.0\npark_finished_after = "1s"\n'
    config.write_text(config.read_text().replace("[workers]\n", f"[workers]\n{quick}"))
    return made


async def test_it_finds_the_idle_the_done_and_the_vanished(
    project: PipelineProject, commands: Commands, private_tmux: OneShotTmux
) -> None:
    for issue in ("ENG-1", "ENG-2", "ENG-3"):
        assert (await commands.run("dispatch", issue)).returncode == 0

    def life(issue: str) -> list[str]:
        return [r["data"]["to"] for r in project.records() if r["kind"] == "life" and r["issue"] == issue][2:]

    argv = [sys.executable, "-m", "legion_tui", "--socket", commands.socket, "run", "--json"]
    async with await anyio.open_process(argv, env=dict(project.environ), cwd=project.root, stdin=None) as watcher:
        await until(lambda: [life(f"ENG-{number}") for number in (1, 2, 3)] == [["running", "idle"]] * 3)
        # Moved on, it is done, and then parked, since it has been at rest for longer than it may.
        assert (await commands.run("issue", "move", "ENG-1", "Done")).returncode == 0
        await until(lambda: life("ENG-1") == ["running", "idle", "completed"])

        async def is_parked() -> bool:
            return "eng-1-implement" not in {pane.window_name for pane in await private_tmux.panes()}

        await until_async(is_parked)
        # Killed after its turn it has lost nothing; what its issue needs is not done, so it stays.
        pid = (await commands.issue("ENG-2"))["worker"]["pid"]
        os.kill(pid, signal.SIGKILL)
        await until(lambda: life("ENG-2") == ["running", "idle", "parked"])
        assert life("ENG-3") == ["running", "idle"]
        watcher.terminate()
        with anyio.fail_after(30):
            await watcher.wait()
        assert watcher.stdout is not None
        said = b"".join([chunk async for chunk in watcher.stdout]).decode()
    told = await commands.run("log", "ENG-2")
    assert "implement worker idle → parked: it is crashed, and its answer was finished" in told.stdout
    assert "implement worker running → rest: idle for" in said
    # Only one that has done its part is ended by it.
    assert {pane.window_name for pane in await private_tmux.panes() if not pane.dead} == {"eng-3-implement"}
