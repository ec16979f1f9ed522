"""What the product says of an agent is what the agent is doing."""

from __future__ import annotations

import os
import signal

import pytest

from legion_tui.state import Channel, Turn, WorkerState
from tests.contract.script import Gate, Say, Server
from tests.contract.scripts import DATABASE, GOES_ON, asks
from tests.contract.stage import ISSUE, Stage

pytestmark = [pytest.mark.contract, pytest.mark.not_by(Channel.HOOK, "nothing is answered")]


async def test_idle_after_start(stage: Stage) -> None:
    await stage.start()
    worker = await stage.until(WorkerState.IDLE)
    assert worker.pane == stage.pane_id
    assert worker.pid is not None
    assert worker.question is None
    assert not worker.conflict


async def test_busy_while_streaming(stage: Stage) -> None:
    await stage.start((Say("Looking at the code first."), Gate("more"), Say("It is small.")))
    await stage.shows("Looking at the code first.")
    worker = await stage.until(WorkerState.BUSY)
    assert worker.turn is Turn.RUNNING
    assert not worker.conflict
    stage.release("more")
    worker = await stage.until_finished()
    assert worker.last_words == "It is small."


async def test_interrupted_by_escape(stage: Stage) -> None:
    await stage.start((Say("Looking at the code first."), Gate("never")))
    await stage.shows("Looking at the code first.")
    await stage.until(WorkerState.BUSY)
    await stage.press("Escape")
    worker = await stage.until(WorkerState.INTERRUPTED)
    assert worker.question is None
    # What was cut off is not over.
    assert worker.turn is Turn.RUNNING


async def test_declined_question(stage: Stage) -> None:
    await stage.start(asks(DATABASE), GOES_ON)
    await stage.until_asked()
    await stage.shows("Chat about this")
    await stage.press("Escape")
    worker = await stage.until(WorkerState.INTERRUPTED)
    assert worker.question is None
    (result,) = stage.recorded()
    assert result.is_error
    assert "doesn't want to proceed" in result.text


async def test_shell_in_the_background(stage: Stage) -> None:
    await stage.start((Say("I start the server."), Server("sleep 30")), GOES_ON)
    worker = await stage.until_finished()
    # What runs on beside it is no turn of its own.
    status = [piece.value for piece in worker.evidence if piece.source.startswith("sessions/")]
    assert status == ["shell"]
    assert not worker.conflict


async def test_cleared_conversation(stage: Stage) -> None:
    await stage.start((Say("It is small."),))
    before = await stage.until_finished()
    await stage.command("/clear")
    # A new session under the same process: the pane says whose it is.
    worker = await stage.until_worker(lambda worker: worker.session_id != before.session_id, "in another session")
    assert worker.pid == before.pid
    assert worker.issue == before.issue
    worker = await stage.until(WorkerState.IDLE)
    assert worker.turn is None
    assert worker.question is None


async def test_menu_of_the_users(stage: Stage) -> None:
    await stage.start((Say("It is small."),))
    await stage.until_finished()
    await stage.command("/config")
    worker = await stage.until(WorkerState.DIALOG)
    assert worker.question is None
    assert worker.live


async def test_session_held_twice(stage: Stage) -> None:
    await stage.start((Say("It is small."),))
    await stage.until_finished()
    again = await stage.resume_elsewhere()
    # Both are of the issue, and each says that there is the other.
    await stage.until_worker(lambda worker: worker.conflict, "in conflict")
    found = (await stage.collector.collect()).issue(ISSUE)
    assert found is not None
    assert found.worker is not None
    workers = (found.worker, *found.other_workers)
    assert {worker.pane for worker in workers} == {stage.pane_id, again}
    assert all(worker.conflict for worker in workers)
    for worker, other in (workers, workers[::-1]):
        assert f"also held by pid {other.pid}" in [piece.value for piece in worker.evidence]


async def test_exited(stage: Stage) -> None:
    await stage.start((Say("It is small."),))
    await stage.until_finished()
    stage.type("/exit")
    await stage.shows("Exit the CLI" if stage.api else "/exit")
    await stage.press("Enter")
    worker = await stage.until(WorkerState.EXITED)
    assert not worker.live


async def test_crashed_by_kill(stage: Stage) -> None:
    await stage.start(asks(DATABASE), GOES_ON)
    worker, _ = await stage.until_asked()
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    worker = await stage.until(WorkerState.CRASHED)
    assert not worker.live
    # Its question died with it, although its files still tell of one.
    assert worker.question is None
    assert list((stage.config / "sessions").glob("*.json"))


async def test_suspended_under_a_shell(stage: Stage) -> None:
    await stage.start((Say("It is small."),), under_shell=True)
    await stage.until_finished()
    await stage.press("C-z")
    worker = await stage.until(WorkerState.SUSPENDED)
    assert worker.live
    stage.type("fg")
    await stage.press("Enter")
    await stage.until(WorkerState.IDLE)
