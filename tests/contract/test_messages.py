"""What a person sends through the product arrives as they wrote it, and only where it may."""

from __future__ import annotations

import pytest

from legion_tui.state import Channel, Outcome, WorkerState
from tests.contract.script import Gate, Say
from tests.contract.scripts import DATABASE, asks
from tests.contract.stage import Stage

pytestmark = [pytest.mark.contract, pytest.mark.not_by(Channel.HOOK, "nothing is answered")]

LINES = "\n".join(f"{number}. " + "words that matter, " * 7 + "漢字 ünïcode; and a #{hash}" for number in range(20))


@pytest.mark.parametrize("text", ["Go on; but -leave 'the' \"tests\" #{alone}", "one\n\nthree"], ids=["line", "lines"])
async def test_a_message_arrives(stage: Stage, text: str) -> None:
    await stage.start((Say("Hello."),))
    receipt = await stage.send(text, seen=await stage.until_finished())
    assert (receipt.outcome, receipt.reason) == (Outcome.DONE, ""), await stage.evidence()
    assert stage.prompts()[1:] == [text]


async def test_a_long_message_arrives(stage: Stage) -> None:
    # The name stands in the rule above the box.
    await stage.start((Say("Hello."),), name="eng-1-implement")
    receipt = await stage.send(LINES, seen=await stage.until_finished())
    if receipt.outcome is Outcome.REFUSED:
        # On the main screen the box grows off the top of the pane: nothing is typed.
        assert "too low" in receipt.reason
        assert len(stage.prompts()) == 1
        return
    assert (receipt.outcome, receipt.reason) == (Outcome.DONE, ""), await stage.evidence()
    assert stage.prompts()[1:] == [LINES]


async def test_no_message_for_one_that_is_busy(stage: Stage) -> None:
    await stage.start((Say("Looking at the code first."), Gate("never")))
    await stage.shows("Looking at the code first.")
    receipt = await stage.send("go on", seen=await stage.until(WorkerState.BUSY))
    assert receipt.outcome is Outcome.REFUSED
    assert "go on" not in "\n".join(await stage.screen())


async def test_no_message_for_one_that_asks(stage: Stage) -> None:
    await stage.start(asks(DATABASE))
    worker, question = await stage.until_asked()
    receipt = await stage.send("2", seen=worker, queue=True)
    assert receipt.outcome is Outcome.REFUSED
    again, _ = await stage.until_asked()
    assert again.question is not None
    assert again.question.id == question.id


async def test_no_message_beside_a_draft(stage: Stage) -> None:
    await stage.start((Say("Hello."),))
    worker = await stage.until_finished()
    stage.type("half a thou")
    await stage.shows("half a thou")
    receipt = await stage.send("go on", seen=worker)
    assert receipt.reason == "not sent: text is typed in its prompt box"
    await stage.shows("half a thou")
