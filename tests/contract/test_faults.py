"""What goes wrong around a question: whichever channel answers, it arrives at most once, and where it belongs."""

from __future__ import annotations

import anyio
import pytest

from legion_tui.state import Answer, AnswerOutcome, AnswerReceipt, Channel
from tests.contract.cells import Renderer
from tests.contract.script import Ask, Gate, Say
from tests.contract.scripts import DATABASE, GOES_ON, asks
from tests.contract.stage import Stage

pytestmark = pytest.mark.contract

POSTGRES = Answer(keys=("2",))


def confirmed(receipt: AnswerReceipt) -> AnswerReceipt:
    assert receipt.outcome is AnswerOutcome.CONFIRMED, receipt
    return receipt


async def received(stage: Stage, label: str) -> None:
    """Assert that the agent goes on with that answer, and got no other."""
    await stage.until_finished()
    (result,) = stage.received("AskUserQuestion")
    assert f'"="{label}"' in result.text


async def test_dashboard_started_again(stage: Stage) -> None:
    await stage.start(asks(DATABASE), GOES_ON)
    _, question = await stage.until_asked()
    stage.start_product()
    worker, again = await stage.until_asked()
    assert again.id == question.id
    confirmed(await stage.answer(POSTGRES, seen=worker))
    await received(stage, "Postgres")


async def test_two_dashboards_at_once(stage: Stage) -> None:
    await stage.start(asks(DATABASE), (Gate("on"), *GOES_ON))
    worker, _ = await stage.until_asked()
    await stage.shows("Chat about this")
    receipts: dict[str, AnswerReceipt] = {}

    async def answer(key: str) -> None:
        receipts[key] = await stage.answer(Answer(keys=(key,)), seen=worker, by=stage.answerer())

    async with anyio.create_task_group() as group:
        group.start_soon(answer, "1")
        group.start_soon(answer, "2")
    assert sorted(receipt.outcome for receipt in receipts.values()) == ["confirmed", "refused"], receipts
    won = next(receipt for receipt in receipts.values() if receipt.outcome is AnswerOutcome.CONFIRMED)
    stage.release("on")
    await received(stage, won.answers[0].labels[0])


async def test_settings_in_front(stage: Stage) -> None:
    if stage.cell.renderer is Renderer.CLASSIC:
        pytest.skip("n/a: drawn like this, the agent opens no menu while it works")
    await stage.start((Say("Looking."), Gate("ask"), Ask((DATABASE,))), GOES_ON)
    await stage.shows("Looking.")
    await stage.command("/config")
    await stage.shows("Search settings")
    stage.release("ask")
    worker, _ = await stage.until_asked()
    receipt = await stage.answer(POSTGRES, seen=worker)
    if stage.cell.channel is Channel.KEYS:
        assert receipt.outcome is AnswerOutcome.REFUSED, receipt
        assert "the screen shows another dialog" in receipt.reason
        assert stage.typed == []
        assert stage.recorded() == []
    else:
        confirmed(receipt)
    await stage.press("Escape")
    await stage.shows("Space to toggle")
    await stage.press("Escape")
    if stage.cell.channel is Channel.KEYS:
        await stage.shows("Chat about this")
        confirmed(await stage.answer(POSTGRES, seen=worker))
    await received(stage, "Postgres")
