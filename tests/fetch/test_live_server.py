"""The collector on a real tmux server that dies, comes back, and stops answering."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest

from legion_tui.fetch import Collector, LiveSource, Paces
from legion_tui.processes import run_command
from legion_tui.state import Mode, Snapshot, Source, window_name
from legion_tui.state.journal import Journal
from legion_tui.tmux import CONTROL, ONE_SHOT, NewWindow, OneShotTmux, SteadyTmux
from tests.fetch.fakes import PROJECT, FakeAgent, FakeTracker, issue, session_id
from tests.support.tmux_server import ANY_VERSION
from tests.support.waiting import until

pytestmark = pytest.mark.live


async def no_journal() -> Journal | None:
    return None


@asynccontextmanager
async def running(tmux: OneShotTmux, agent: FakeAgent) -> AsyncIterator[Collector]:
    collector = Collector(
        live=LiveSource(tmux, [agent], PROJECT, lambda: datetime.now(UTC)),
        tracker=FakeTracker(issue("ENG-1", "In Progress", "worker-active")),
        pull_requests=None,
        read_journal=no_journal,
        clock=lambda: datetime.now(UTC),
        project=PROJECT,
        paces=Paces(live_seconds=0.02),
    )
    async with anyio.create_task_group() as group:
        group.start_soon(collector.run)
        yield collector
        group.cancel_scope.cancel()


async def newer(collector: Collector, wanted: Callable[[Snapshot], bool]) -> Snapshot:
    with anyio.fail_after(20):
        async for snapshot in collector.snapshots():
            if wanted(snapshot):
                return snapshot
    raise AssertionError("no snapshot")


async def open_worker(tmux: OneShotTmux) -> str:
    opened = await tmux.open_window(
        NewWindow(
            session="work",
            name=window_name("ENG-1", Mode.IMPLEMENT),
            cwd="/",
            argv=("cat",),
            env={},
            options={
                "@legion_issue": "ENG-1",
                "@legion_mode": "implement",
                "@legion_session_id": session_id("ENG-1"),
            },
        )
    )
    return opened.pane_id


def has_worker(snapshot: Snapshot) -> bool:
    return bool(snapshot.issues) and snapshot.issues[0].worker is not None


async def test_a_server_dies_and_comes_back(private_tmux: OneShotTmux) -> None:
    async with running(private_tmux, FakeAgent()) as collector:
        # No server is no pane, and no failure.
        empty = await newer(collector, lambda it: it.sources[Source.AGENTS].known and bool(it.issues))
        assert empty.sources[Source.TMUX].ok
        assert not has_worker(empty)
        pane_id = await open_worker(private_tmux)
        alive = await newer(collector, has_worker)
        assert alive.issues[0].worker is not None
        assert alive.issues[0].worker.pane == pane_id
        await private_tmux.kill_server()
        dead = await newer(collector, lambda it: not has_worker(it))
        assert dead.sources[Source.TMUX].ok
        assert [row.id for row in dead.issues] == ["ENG-1"]
        await open_worker(private_tmux)
        await newer(collector, has_worker)


async def test_a_server_that_stops_answering_keeps_its_rows_and_is_named(
    private_tmux: OneShotTmux, tmux_env: dict[str, str]
) -> None:
    impatient = OneShotTmux(run_command, private_tmux.socket, env=tmux_env, timeout_seconds=0.5)
    await open_worker(private_tmux)
    server = await private_tmux.server_pid()
    assert server is not None
    async with running(impatient, FakeAgent()) as collector:
        before = await newer(collector, has_worker)
        os.kill(server, signal.SIGSTOP)
        try:
            hung = await newer(collector, lambda it: not it.sources[Source.TMUX].ok)
            later = await newer(collector, lambda it: it.sequence > hung.sequence + 1)
        finally:
            os.kill(server, signal.SIGCONT)
        health = later.sources[Source.TMUX]
        assert (health.error or "").startswith("tmux does not answer: no reply from server ")
        assert health.remedy
        assert health.failing_since == hung.sources[Source.TMUX].failing_since
        assert later.issues == before.issues
        assert later.sources[Source.AGENTS].ok
        after = await newer(collector, lambda it: it.sources[Source.TMUX].ok)
        assert after.issues == before.issues
        assert after.sources[Source.TMUX].failing_since is None


async def test_the_way_that_panes_are_read_is_told(private_tmux: OneShotTmux, tmux_env: dict[str, str]) -> None:
    steady = SteadyTmux(run_command, private_tmux.socket, env=tmux_env, control_from=ANY_VERSION)
    await open_worker(private_tmux)
    async with anyio.create_task_group() as group:
        group.start_soon(steady.run)
        async with running(steady, FakeAgent()) as collector:
            read = await newer(collector, lambda it: it.sources[Source.TMUX].via == CONTROL)
            assert read.sources[Source.TMUX].fallback == ""
            client = steady._lanes[0].client
            assert client is not None
            client.drop("for a test")
            alone = await newer(collector, lambda it: it.sources[Source.TMUX].via == ONE_SHOT)
            assert alone.sources[Source.TMUX].fallback == "for a test"
            assert has_worker(alone)
            back = await newer(collector, lambda it: it.sources[Source.TMUX].via == CONTROL)
            assert back.sources[Source.TMUX].fallback == ""
        group.cancel_scope.cancel()


async def test_panes_are_followed_as_they_come_and_go(private_tmux: OneShotTmux, tmp_path: Path) -> None:
    agent = FakeAgent()

    def listed() -> set[str]:
        return {pane.pane_id for pane in agent.panes}

    async with running(private_tmux, agent):
        first = await open_worker(private_tmux)
        await until(lambda: listed() == {first})
        window = NewWindow(session="work", name="other", cwd=str(tmp_path), argv=("cat",), env={}, options={})
        other = await private_tmux.open_window(window)
        await until(lambda: listed() == {first, other.pane_id})
        await private_tmux.kill_window(other.window_id)
        await until(lambda: listed() == {first})
