"""The demo on a real tmux: everything is there, and nothing of it is left, whatever ends it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import psutil
import pytest

from legion_tui.agents.claude_code import ClaudeCode
from legion_tui.agents.protocol import Known
from legion_tui.demo.project import PROJECT_ID
from legion_tui.demo.swarm import Demo, Swarm
from legion_tui.errors import LegionError, UsageError
from legion_tui.processes import run_command
from legion_tui.state import Mode, Worker, WorkerState, compute_session_id
from legion_tui.tmux import NewWindow, OneShotTmux, Socket
from legion_tui.trackers.local import LocalTracker
from tests.support.standin import PACKAGE, alive
from tests.support.waiting import until, until_async

pytestmark = pytest.mark.live

HOLD = """
import anyio, os, sys
from legion_tui.demo.swarm import Swarm
async def main():
    async with Swarm(agents=2, environ=os.environ) as demo:
        print(demo.root, flush=True)
        await anyio.sleep_forever()
anyio.run(main)
"""


@dataclass(frozen=True)
class Held:
    """A demo in a process of its own: its folder, and the tmux server and agents that it started."""

    process: subprocess.Popen[str]
    root: Path
    pids: frozenset[int]


def tmux_of(demo: Demo) -> OneShotTmux:
    return OneShotTmux(run_command, Socket(demo.socket), env=demo.environ)


async def workers(demo: Demo, agent: ClaudeCode) -> list[Worker]:
    """What the product's own eyes see."""
    panes = await tmux_of(demo).panes()
    known = [
        Known(session_id=pane.legion_session_id, issue=pane.issue, mode=Mode(pane.mode), pane=pane)
        for pane in panes
        if pane.issue
    ]
    sightings = agent.look(panes, known)
    captures = await tmux_of(demo).capture([pane.pane_id for pane in panes], colour=True)
    return [
        agent.judge(
            s, captures[s.pane.pane_id].lines if s.pane and s.pane.pane_id in captures else None, datetime.now(UTC)
        )
        for s in sightings
    ]


def processes_below(folder: Path) -> list[int]:
    """Everything that runs in that folder or with the agents' folder in it."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("CLAUDE_CONFIG_DIR", "").startswith(str(folder)):
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


async def test_every_state_is_there_and_then_nothing_is(home: Path, tmux_env: dict[str, str]) -> None:
    async with Swarm(environ=tmux_env) as demo:
        agent = ClaudeCode(demo.claude_config)
        expected = {
            "ENG-21": WorkerState.QUESTION,
            "ENG-27": WorkerState.QUESTION,
            "ENG-34": WorkerState.PLAN,
            "ENG-40": WorkerState.PERMISSION,
            "ENG-29": WorkerState.BUSY,
            "ENG-31": WorkerState.BUSY,
            "ENG-33": WorkerState.RATE_LIMITED,
            "ENG-36": WorkerState.RETRYING,
            "ENG-44": WorkerState.CRASHED,
            "ENG-47": WorkerState.IDLE,
            "ENG-49": WorkerState.STARTUP_DIALOG,
            "ENG-18": WorkerState.IDLE,
        }
        seen: dict[str, WorkerState] = {}

        async def look() -> bool:
            seen.clear()
            seen.update({w.issue: w.state for w in await workers(demo, agent) if w.issue})
            return seen == expected

        try:
            await until_async(look, within_seconds=20)
        except AssertionError:
            assert seen == expected
        strays = [w for w in await workers(demo, agent) if w.issue is None]
        ask = next(w for w in await workers(demo, agent) if w.issue == "ENG-21")
        assert {w.state for w in strays} == {WorkerState.QUESTION, WorkerState.IDLE}
        assert ask.session_id == compute_session_id(PROJECT_ID, "ENG-21", "implement")
        assert ask.branch == "ENG-21"
        assert ask.question
        assert [item.multi_select for item in ask.question.items] == [False, True, False]
        assert processes_below(demo.root)
    assert not demo.root.exists()
    assert not processes_below(demo.root)
    # The user's own home, agent settings and tmux are as empty as they were.
    assert [path async for path in anyio.Path(home).iterdir()] == []
    assert [path async for path in anyio.Path(tmux_env["TMUX_TMPDIR"]).iterdir()] == []


async def test_the_project_is_a_clean_one(tmux_env: dict[str, str]) -> None:
    async with Swarm(environ=tmux_env, agents=1) as demo:
        reading = await LocalTracker(demo.project / ".legion" / "issues", root=demo.project, key="ENG").read()
        tree = await run_command(["git", "status", "--porcelain"], cwd=str(demo.project), env=demo.environ)
        worktrees = await run_command(["git", "worktree", "list"], cwd=str(demo.project), env=demo.environ)
    assert not reading.problems
    assert {issue.status for issue in reading.issues} >= {
        "Icebox",
        "Backlog",
        "Todo",
        "In Progress",
        "Needs Review",
        "Done",
    }
    assert (tree.stdout, tree.returncode) == ("", 0)
    assert len(worktrees.stdout.splitlines()) == 2


async def test_an_answer_by_a_key_is_gone_on_with(tmux_env: dict[str, str]) -> None:
    async with Swarm(environ=tmux_env, agents=4) as demo:
        tmux = tmux_of(demo)
        pane = next(pane.pane_id for pane in await tmux.panes() if pane.issue == "ENG-27")

        async def shows(text: str) -> bool:
            return text in "\n".join((await tmux.capture([pane]))[pane].lines)

        await until_async(lambda: shows("❯ 1. The merchant"))
        await tmux.send_key(pane, "2")
        await until_async(lambda: shows("● The customer: I write that down"))
        await until_async(lambda: shows("esc to interrupt"))


@pytest.mark.parametrize("agents", [0, 3, 14])
async def test_so_many_agents_as_are_asked_for(tmux_env: dict[str, str], agents: int) -> None:
    async with Swarm(environ=tmux_env, agents=agents) as demo:
        panes = await tmux_of(demo).panes()
        assert len([pane for pane in panes if pane.issue]) == agents
        assert len([pane for pane in panes if not pane.issue]) == 2


@pytest.mark.parametrize("agents", [-1, 100_000])
def test_a_senseless_number_of_agents_is_refused(agents: int) -> None:
    with pytest.raises(UsageError):
        Swarm(environ={}, agents=agents)


async def test_nothing_stays_behind_an_error(tmux_env: dict[str, str]) -> None:
    roots: list[Path] = []

    async def fall_over() -> None:
        async with Swarm(environ=tmux_env, agents=1) as demo:
            roots.append(demo.root)
            raise RuntimeError("the dashboard fell over")

    with pytest.raises(RuntimeError, match="the dashboard fell over"):
        await fall_over()
    assert not roots[0].exists()
    assert not processes_below(roots[0])


async def test_nothing_stays_where_it_cannot_be_made(tmux_env: dict[str, str], tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    folders = tmp_path / "folders"
    empty.mkdir()
    folders.mkdir()
    # Neither git nor tmux.
    environ = tmux_env | {"PATH": str(empty), "TMPDIR": str(folders)}
    with pytest.raises(LegionError, match="tmux is not installed"):
        async with Swarm(environ=environ, agents=1):
            pass
    assert list(folders.iterdir()) == []


async def test_the_demo_ends_well_without_its_guard(tmux_env: dict[str, str]) -> None:
    async with Swarm(environ=tmux_env, agents=1) as demo:
        children = psutil.Process().children()
        (guard,) = [child for child in children if "legion_tui.demo.guard" in child.cmdline()]
        guard.kill()
    assert not demo.root.exists()
    assert not processes_below(demo.root)


@pytest.mark.parametrize("gone", ["tmux.sock", "."])
async def test_a_server_without_its_socket_ends_too(tmux_env: dict[str, str], gone: str) -> None:
    with held(tmux_env) as demo:
        if gone == ".":
            shutil.rmtree(demo.root, ignore_errors=True)
        else:
            (demo.root / gone).unlink()
        demo.process.kill()
        await until(lambda: not demo.root.exists(), within_seconds=15)
        await until(lambda: not [pid for pid in demo.pids if alive(pid) and not _buried(pid)])


async def test_keep_leaves_the_folder_and_nothing_else(tmux_env: dict[str, str]) -> None:
    async with Swarm(environ=tmux_env, agents=1, keep=True) as demo:
        root = demo.root
    try:
        assert (root / "payments" / "legion.toml").is_file()
        assert not (root / "tmux.sock").exists()
        assert not processes_below(root)
    finally:
        shutil.rmtree(root)


@contextmanager
def held(environ: Mapping[str, str]) -> Iterator[Held]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD],
        env={**environ, "PYTHONPATH": PACKAGE},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        root = Path(process.stdout.readline().strip())
        listed = subprocess.run(
            ["tmux", "-S", str(root / "tmux.sock"), "list-panes", "-a", "-F", "#{pid} #{pane_pid}"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
        yield Held(process, root, frozenset(int(pid) for pid in listed.stdout.split()))
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
async def test_nothing_is_left_when_the_demo_is_killed(tmux_env: dict[str, str], number: int) -> None:
    with held(tmux_env) as demo:
        assert len(demo.pids) == 5
        # A terminal that goes away signals the whole group.
        os.killpg(demo.process.pid, number)
        await until(lambda: not demo.root.exists(), within_seconds=15)
        await until(lambda: not processes_below(demo.root))
        await until(lambda: not [pid for pid in demo.pids if alive(pid) and not _buried(pid)])


def _buried(pid: int) -> bool:
    """Whether only its entry in the table of processes is left, which is init's to clear."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def test_a_dispatched_worker_reads_works_asks_and_finishes(tmux_env: dict[str, str]) -> None:
    """What the stand-in plays where the dashboard starts it, with a play of no time in place of the demo's own."""
    async with Swarm(environ=tmux_env, agents=0) as demo:
        scenario = demo.root / "scenario.json"
        plays = json.loads(await anyio.Path(scenario).read_text())
        for step in plays["plays"]["dispatched"]:
            step.update(_without_time(step))
        await anyio.Path(scenario).write_text(json.dumps({**plays, "pace_seconds": 0}))
        pane = await _dispatch(demo, "ENG-52")
        tmux = tmux_of(demo)

        async def shows(text: str) -> bool:
            return text in "\n".join((await tmux.capture([pane]))[pane].lines)

        await until_async(lambda: shows("❯ 1. Roll all back"))
        await tmux.send_key(pane, "1")
        await until_async(lambda: shows("● Roll all back. I finish it that way."))
        await until_async(lambda: shows("● Done. The tests pass and the issue is labelled."), within_seconds=20)
        tracker = LocalTracker(demo.project / ".legion" / "issues", root=demo.project, key="ENG")
        assert "worker-done" in (await tracker.get("ENG-52")).labels


def _without_time(step: dict[str, Any]) -> dict[str, Any]:
    return {"work": 0, "calls": [{**call, "seconds": 0} for call in step["calls"]]} if "work" in step else {}


async def _dispatch(demo: Demo, issue: str) -> str:
    opened = await tmux_of(demo).open_window(
        NewWindow(
            session="legion",
            name=issue.lower(),
            cwd=str(demo.project),
            argv=(*demo.agent_command, "--", f"You are the implement worker of {issue}. Do what the brief says."),
            env={"LEGION_ISSUE": issue, "LEGION_PROJECT": str(demo.project), "LEGION_MODE": "implement"},
            options={},
        )
    )
    return opened.pane_id
