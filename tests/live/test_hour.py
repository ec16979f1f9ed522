"""An hour of readings while panes come, go, die and change their size; `make soak` asks for all of it."""

from __future__ import annotations

import gc
import json
import os
import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psutil
import pytest

from legion_tui.agents.claude_code import ClaudeCode
from legion_tui.fetch import Collector, LiveSource
from legion_tui.processes import run_command
from legion_tui.state import Mode, compute_session_id
from legion_tui.state.journal import Journal
from legion_tui.tmux import NewWindow, OneShotTmux
from tests.benchmarks.swarm import PROJECT, write_agent
from tests.fetch.fakes import FakeTracker, issue

# One a second would be an hour.
CYCLES = int(os.environ.get("LEGION_TUI_HOUR_CYCLES", "120"))
AGENTS = 50
# What a worker leaves behind would be more than this, and some hundred of them come and go.
OBJECTS = 400
MEGABYTE = 1024 * 1024

pytestmark = [pytest.mark.live, pytest.mark.timeout(120 + CYCLES)]


@dataclass
class Clock:
    """Seconds pass when a test says so; the day's are the machine's own, so that panes' times can be compared."""

    seconds: float = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.seconds)


@dataclass(frozen=True)
class Held:
    """What this process and the server hold on to."""

    objects: int
    files: int
    threads: int
    children: int
    ours: int
    servers: int

    @classmethod
    def now(cls, server: int) -> Held:
        gc.collect()
        process = psutil.Process()
        return cls(
            objects=len(gc.get_objects()),
            files=process.num_fds(),
            threads=threading.active_count(),
            children=len([child for child in process.children() if child.status() != psutil.STATUS_ZOMBIE]),
            ours=process.memory_info().rss,
            servers=psutil.Process(server).memory_info().rss,
        )


@dataclass(frozen=True)
class Agent:
    """One that lives: its pane, and its files. Without an issue it is a session of the machine."""

    pane: str
    window: str
    issue: str | None
    status: Path
    transcript: Path


class Crowd:
    """Agents that come, go, die and change their size."""

    def __init__(self, tmux: OneShotTmux, env: Mapping[str, str], folder: Path, chance: random.Random) -> None:
        self._tmux = tmux
        self._env = dict(env)
        self._folder = folder
        self._chance = chance
        self._free = [f"ENG-{number}" for number in range(1, AGENTS + 1)]
        self.agents: list[Agent] = []

    @property
    def folder(self) -> Path:
        return self._folder / "agent"

    async def come(self) -> None:
        """Start one, for an issue or of nobody's."""
        issue = self._free.pop(0) if self._free and self._chance.random() < 0.7 else None
        session = compute_session_id(PROJECT.id, issue, Mode.IMPLEMENT) if issue else str(uuid4())
        options = {"@legion_issue": issue, "@legion_mode": "implement", "@legion_session_id": session} if issue else {}
        window = NewWindow(session="work", name="it", cwd="/", argv=("cat",), env={}, options=options)
        opened = await self._tmux.open_window(window)
        pid = next(pane.pid for pane in await self._tmux.panes() if pane.pane_id == opened.pane_id)
        transcript = write_agent(self._folder, opened.pane_id, pid, opened.window_id, session)
        status = self.folder / "sessions" / f"{pid}.json"
        self.agents.append(Agent(opened.pane_id, opened.window_id, issue, status, transcript))

    async def leave(self, *, tidily: bool) -> None:
        """Have one end, by its own or with its window."""
        agent = self.agents.pop(self._chance.randrange(len(self.agents)))
        if tidily:
            await self._run("send-keys", "-t", agent.pane, "C-d")
        await self._run("kill-window", "-t", agent.window)
        agent.status.unlink()
        if agent.issue is not None:
            self._free.append(agent.issue)
        else:
            agent.transcript.unlink()

    async def change(self) -> None:
        """Have one change its size, and one write."""
        agent = self._chance.choice(self.agents)
        await self._run("resize-window", "-t", agent.window, "-x", str(self._chance.randint(60, 220)), "-y", "40")
        with self._chance.choice(self.agents).transcript.open("a") as file:
            file.write(json.dumps({"type": "system", "subtype": "turn_duration", "durationMs": 1}) + "\n")

    async def _run(self, *command: str) -> None:
        await run_command(["tmux", "-u", *self._tmux.socket.argv, *command], env=self._env)


async def test_nothing_grows_while_panes_come_and_go(
    private_tmux: OneShotTmux, tmux_env: dict[str, str], tmp_path: Path
) -> None:
    clock = Clock()
    crowd = Crowd(private_tmux, tmux_env, tmp_path, random.Random(7))  # noqa: S311  an order of events, no secret
    for _ in range(AGENTS):
        await crowd.come()
    tmux = OneShotTmux(run_command, private_tmux.socket, env=tmux_env, timeout_seconds=30.0, monotonic=clock.monotonic)

    async def no_journal() -> Journal:
        return Journal()

    collector = Collector(
        live=LiveSource(tmux, [ClaudeCode(crowd.folder)], PROJECT, clock.now),
        tracker=FakeTracker(*(issue(f"ENG-{number}", "In Progress") for number in range(1, AGENTS + 1))),
        pull_requests=None,
        read_journal=no_journal,
        clock=clock.now,
        project=PROJECT,
    )
    server = await tmux.server_pid()
    assert server is not None
    await collector.collect()
    early: Held | None = None
    for number in range(CYCLES):
        await crowd.leave(tidily=number % 2 == 0)
        await crowd.come()
        await crowd.change()
        clock.seconds += 1.0
        await collector.collect_live()
        assert all(health.ok for health in collector.latest.sources.values())
        if number == CYCLES // 4:
            early = Held.now(server)
    late = Held.now(server)
    assert early is not None
    seen = {worker.pane for worker in collector.latest.workers if worker.live}
    assert seen == {agent.pane for agent in crowd.agents}
    assert late.objects - early.objects < OBJECTS
    assert late.files <= early.files
    assert late.threads <= early.threads
    assert late.children <= early.children
    # Of memory only large steps say something within minutes.
    assert late.ours - early.ours < 24 * MEGABYTE
    assert late.servers - early.servers < 8 * MEGABYTE
