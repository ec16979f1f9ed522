"""What a person interrupts stops and stays; what they end is gone, and can be taken up again."""

from __future__ import annotations

import psutil
import pytest

from legion_tui.state import Channel, Outcome, WorkerState
from tests.contract.script import Gate, Say
from tests.contract.scripts import DATABASE, asks
from tests.contract.stage import Stage
from tests.support.waiting import until

pytestmark = [pytest.mark.contract, pytest.mark.not_by(Channel.HOOK, "nothing is answered")]


@pytest.mark.parametrize("draft", ["", "half a thou"], ids=["alone", "draft"])
async def test_a_busy_one_is_interrupted(stage: Stage, draft: str) -> None:
    await stage.start((Say("Looking at the code first."), Gate("never")))
    await stage.shows("Looking at the code first.")
    worker = await stage.until(WorkerState.BUSY)
    if draft:
        stage.type(draft)
        await stage.shows(draft)
    receipt = await stage.interrupt(seen=worker)
    assert (receipt.outcome, receipt.reason) == (Outcome.DONE, ""), await stage.evidence()
    assert (await stage.until(WorkerState.INTERRUPTED)).live
    await stage.shows(f"❯\u00a0{draft}")


async def test_ctrl_c_stops_what_another_key_did_not(stage: Stage) -> None:
    await stage.start((Say("Looking at the code first."), Gate("never")))
    await stage.shows("Looking at the code first.")
    worker = await stage.until(WorkerState.BUSY)
    # One that does nothing stands for an Escape that the agent takes for something else.
    receipt = await stage.interrupt(seen=worker, keys=("F8", "C-c"))
    assert (receipt.outcome, receipt.reason) == (Outcome.DONE, "F8 alone did not stop it"), await stage.evidence()
    assert (await stage.until(WorkerState.INTERRUPTED)).live
    # Once is not twice: it has not begun to end.
    assert (await stage.stop(seen=worker)).outcome is Outcome.DONE


async def test_a_draft_is_not_lost_to_ctrl_c(stage: Stage) -> None:
    await stage.start((Say("Looking at the code first."), Gate("never")))
    await stage.shows("Looking at the code first.")
    worker = await stage.until(WorkerState.BUSY)
    stage.type("half a thou")
    await stage.shows("half a thou")
    receipt = await stage.interrupt(seen=worker, keys=("F8", "C-c"))
    assert receipt.outcome is Outcome.UNCONFIRMED
    assert "ctrl-c would take the draft in its box" in receipt.reason
    await stage.shows("half a thou")
    assert (await stage.until(WorkerState.BUSY)).live


async def test_one_that_asks_is_not_interrupted(stage: Stage) -> None:
    await stage.start(asks(DATABASE))
    worker, question = await stage.until_asked()
    assert (await stage.interrupt(seen=worker)).outcome is Outcome.REFUSED
    again, _ = await stage.until_asked()
    assert again.question is not None
    assert again.question.id == question.id


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "busy"])
async def test_one_is_ended_and_leaves_a_session_to_resume(stage: Stage, busy: bool) -> None:
    await stage.start((Say("Hello."), Gate("never")) if busy else (Say("Hello."),))
    await stage.shows("Hello.")
    worker = await (stage.until(WorkerState.BUSY) if busy else stage.until_finished())
    receipt = await stage.stop(seen=worker)
    assert (receipt.outcome, receipt.reason) == (Outcome.DONE, ""), await stage.evidence()
    pid = worker.pid
    assert pid is not None
    # It has ended; tmux takes note of that in its own time.
    await until(lambda: not psutil.pid_exists(pid))
    assert not list((stage.config / "sessions").glob("*.json"))
    assert stage.agent.has_transcript(stage.session_id)
    assert not any(pane.pane_id == stage.pane_id for pane in await stage.tmux.panes())
