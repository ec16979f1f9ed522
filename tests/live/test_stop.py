"""Interrupting and ending stand-in agents in a real tmux: what is signalled, and whom it must never reach."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from legion_tui.act.interrupt import Interrupter
from legion_tui.act.stop import Stopper
from legion_tui.errors import RefusedError
from legion_tui.processes import kill, process_facts
from legion_tui.state import Deed, Outcome, WorkerReceipt, WorkerState
from legion_tui.tmux import NewWindow, OneShotTmux
from tests.support.hands import Post, posted
from tests.support.standin import PACKAGE, StandIn, quick
from tests.support.tmux_server import TmuxCommand
from tests.support.waiting import until_async

pytestmark = [pytest.mark.live]

SILENT = quick({"silent": [{"pause": 3600}]})


async def interrupt(post: Post, *, within_seconds: float = 5.0) -> WorkerReceipt:
    return await Interrupter(post.hands(), within_seconds=within_seconds).interrupt("it")


def stopper(post: Post, *, within_seconds: float = 5.0) -> Stopper:
    hands = post.hands()
    return Stopper(hands, Interrupter(hands, within_seconds=1.0), within_seconds=within_seconds)


async def test_a_busy_worker_stops_and_stays(private_tmux: OneShotTmux, tmp_path: Path) -> None:
    async with posted(private_tmux, tmp_path, "demo:busy", scenario=quick()) as post:
        await post.until(WorkerState.BUSY)
        await post.standin.shows("Looking at the code")
        receipt = await interrupt(post)
        assert (receipt.deed, receipt.outcome, receipt.reason) == (Deed.INTERRUPT, Outcome.DONE, "")
        assert (await post.until(WorkerState.INTERRUPTED)).live
        assert await post.history() == [("interrupt", None), ("interrupt", "done")]


async def test_one_that_has_said_nothing_yet_leaves_no_record_and_stops_all_the_same(
    private_tmux: OneShotTmux, tmp_path: Path
) -> None:
    async with posted(private_tmux, tmp_path, "demo:silent", scenario=SILENT) as post:
        await post.until(WorkerState.BUSY)
        assert (await interrupt(post)).outcome is Outcome.DONE
        await post.standin.says("idle")


@pytest.mark.parametrize(
    ("play", "state", "why"),
    [
        ("ask", WorkerState.QUESTION, "a question is open: Escape would decline it"),
        ("permission", WorkerState.PERMISSION, "a question is open: Escape would decline it"),
        ("plan", WorkerState.PLAN, "a question is open: Escape would decline it"),
        ("hello", WorkerState.IDLE, "it is idle: there is nothing to interrupt"),
    ],
)
async def test_escape_goes_to_nobody_else(
    private_tmux: OneShotTmux, tmp_path: Path, play: str, state: WorkerState, why: str
) -> None:
    async with posted(private_tmux, tmp_path, f"demo:{play}", scenario=quick()) as post:
        await post.until(state)
        receipt = await interrupt(post)
        assert (receipt.outcome, receipt.reason) == (Outcome.REFUSED, f"not interrupted: {why}")

        async def is_as_it_was() -> bool:
            worker = await post.find("it")
            return worker is not None and worker.state is state and worker.asking is (state is not WorkerState.IDLE)

        await until_async(is_as_it_was)
        assert await post.history() == []


async def test_a_pane_in_copy_mode_gets_no_escape(
    private_tmux: OneShotTmux, tmp_path: Path, tmux_command: TmuxCommand
) -> None:
    async with posted(private_tmux, tmp_path, "demo:busy", scenario=quick()) as post:
        await post.until(WorkerState.BUSY)
        tmux_command("copy-mode", "-t", post.standin.pane_id)
        assert "copy mode" in (await interrupt(post)).reason


# -- ending


@pytest.mark.parametrize(
    ("play", "state"), [("hello", WorkerState.IDLE), ("busy", WorkerState.BUSY), ("ask", WorkerState.QUESTION)]
)
async def test_a_worker_is_ended_and_its_window_closed(
    private_tmux: OneShotTmux, tmp_path: Path, play: str, state: WorkerState
) -> None:
    async with posted(private_tmux, tmp_path, f"demo:{play}", scenario=quick()) as post:
        worker = await post.until(state)
        assert worker.pid is not None
        plan = await stopper(post).plan("it")
        assert plan.pid == worker.pid
        assert any(line.startswith("press Escape") for line in plan.lines) is (play == "busy")
        receipt = await stopper(post).stop("it", pid=plan.pid)
        assert (receipt.deed, receipt.outcome, receipt.reason) == (Deed.STOP, Outcome.DONE, "")
        assert process_facts(worker.pid) is None
        assert await private_tmux.panes() == ()
        # A clean end: no status file is left, and the session can be taken up again.
        assert post.standin.status() is None
        assert post.agent.has_transcript(worker.session_id)
        assert (await post.history())[-2:] == [("stop", None), ("stop", "done")]


# Keeps a status file, and does not hear SIGTERM.
STUBBORN = """
import os, signal, sys, time
from pathlib import Path
from legion_tui.demo.standin.status import StatusFile
signal.signal(signal.SIGTERM, signal.SIG_IGN)
status = StatusFile(Path(sys.argv[1]), os.environ, session_id=sys.argv[2], cwd="/", name="")
status.set("idle")
time.sleep(600)
"""


async def test_one_that_does_not_end_is_killed_only_when_that_is_asked_for(
    private_tmux: OneShotTmux, tmp_path: Path
) -> None:
    post = Post(StandIn(private_tmux, tmp_path))
    argv = (sys.executable, "-c", STUBBORN, str(post.standin.config), post.standin.session_id)
    await private_tmux.open_window(
        NewWindow(session="agents", name="agent", cwd="/", argv=argv, env={"PYTHONPATH": PACKAGE}, options={})
    )
    await post.standin.says("idle")
    worker = await post.find("it")
    assert worker is not None
    assert worker.pid is not None
    receipt = await stopper(post, within_seconds=0.3).stop("it")
    assert (receipt.outcome, receipt.lives) == (Outcome.UNCONFIRMED, True)
    assert receipt.reason == f"process {worker.pid} did not end within 0.3 s"
    assert process_facts(worker.pid) is not None
    receipt = await stopper(post, within_seconds=2).stop("it", killing=True)
    assert (receipt.outcome, receipt.lives) == (Outcome.DONE, False)
    assert process_facts(worker.pid) is None
    signals = [entry.data.get("signal") for entry in await post.ledger.history() if "signal" in entry.data]
    assert signals == ["SIGTERM", "SIGTERM", "SIGKILL"]


async def test_another_process_than_the_one_that_was_shown_is_not_ended(
    private_tmux: OneShotTmux, tmp_path: Path
) -> None:
    async with posted(private_tmux, tmp_path, "demo:hello", scenario=quick()) as post:
        worker = await post.until(WorkerState.IDLE)
        assert worker.pid is not None
        receipt = await stopper(post).stop("it", pid=worker.pid + 1)
        assert receipt.reason == f"not ended: another process has the session by now: {worker.pid}"
        assert process_facts(worker.pid) is not None


async def test_one_that_is_gone_is_not_ended(private_tmux: OneShotTmux, tmp_path: Path) -> None:
    async with posted(private_tmux, tmp_path, "demo:hello", scenario=quick()) as post:
        worker = await post.until(WorkerState.IDLE)
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        await post.standin.ended()
        assert (await stopper(post).stop("it")).reason == "not ended: no process of it lives here"
        with pytest.raises(RefusedError):
            await stopper(post).plan("it")


def test_a_number_that_another_process_has_by_now_is_left_alone() -> None:
    pid = os.posix_spawn(sys.executable, [sys.executable, "-c", "import time; time.sleep(60)"], os.environ)
    try:
        facts = process_facts(pid)
        assert facts is not None
        assert not kill(replace(facts, started_at=facts.started_at - 5))
        assert process_facts(pid) == facts
        assert kill(facts)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    assert process_facts(pid) is None
