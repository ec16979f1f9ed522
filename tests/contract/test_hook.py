"""Channel A: the hook that waits beside the dialog; the terminal stays usable, the first answer counts."""

from __future__ import annotations

import os
import signal

import anyio
import pytest

from legion_tui.agents.claude_code.hook import hook_command, install, uninstall
from legion_tui.state import Answer, AnswerOutcome, AnswerReceipt, Channel, WorkerState
from tests.contract.script import Ask, Gate, Say
from tests.contract.scripts import DATABASE, GOES_ON, MIGRATION, asks
from tests.contract.stage import Stage
from tests.support.waiting import until

pytestmark = [pytest.mark.contract, pytest.mark.not_by(Channel.KEYS, "there is no hook")]
_SETTINGS_SECONDS = 3.0
POSTGRES = Answer(keys=("2",))


def confirmed(receipt: AnswerReceipt) -> AnswerReceipt:
    assert receipt.outcome is AnswerOutcome.CONFIRMED, receipt
    return receipt


def refused(receipt: AnswerReceipt, why: str) -> None:
    assert receipt.outcome is AnswerOutcome.REFUSED, receipt
    assert why in receipt.reason
    assert receipt.via is None


async def test_answered_in_the_terminal(stage: Stage) -> None:
    await stage.start(asks(DATABASE), (Gate("on"), *GOES_ON))
    worker, _ = await stage.until_asked()
    await stage.shows("Chat about this")
    await stage.press("1")
    await until(stage.recorded)
    refused(await stage.answer(POSTGRES, seen=worker), "the question was answered meanwhile")
    await until(lambda: not stage.hooks())
    stage.release("on")
    await stage.until_finished()
    (result,) = stage.received("AskUserQuestion")
    assert '"="SQLite"' in result.text


async def test_declined_in_the_terminal(stage: Stage) -> None:
    await stage.start(asks(DATABASE), GOES_ON)
    await stage.until_asked()
    await stage.shows("Chat about this")
    await stage.press("Escape")
    await stage.until(WorkerState.INTERRUPTED)
    await until(lambda: not stage.hooks())
    assert list(stage.spool.iterdir()) == []


async def test_agent_killed_while_it_asks(stage: Stage) -> None:
    await stage.start(asks(DATABASE), GOES_ON)
    worker, _ = await stage.until_asked()
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    await until(lambda: not stage.hooks())
    refused(await stage.answer(POSTGRES, seen=worker), "not answered")
    assert list(stage.spool.iterdir()) == []


async def test_pane_in_copy_mode(stage: Stage) -> None:
    await stage.start(asks(DATABASE), GOES_ON)
    worker, _ = await stage.until_asked()
    await stage.shows("Chat about this")
    stage.tmux_command("copy-mode", "-t", stage.pane_id)
    confirmed(await stage.answer(POSTGRES, seen=worker))
    stage.tmux_command("send-keys", "-t", stage.pane_id, "-X", "cancel")
    await stage.until_finished()


async def test_transcript_view(stage: Stage) -> None:
    await stage.start(asks(DATABASE), GOES_ON)
    worker, _ = await stage.until_asked()
    await stage.shows("Chat about this")
    await stage.press("C-o")
    await stage.shows("Showing detailed transcript")
    confirmed(await stage.answer(POSTGRES, seen=worker))
    await stage.until_finished()


async def test_draft_in_the_box(stage: Stage) -> None:
    await stage.start((Say("Looking."), Gate("ask"), Ask((DATABASE,))), GOES_ON)
    await stage.shows("Looking.")
    stage.type("half a thought")
    await stage.shows("half a thought")
    stage.release("ask")
    worker, _ = await stage.until_asked()
    confirmed(await stage.answer(POSTGRES, seen=worker))
    await stage.until_finished()
    assert any("half a thought" in line for line in await stage.screen())


async def test_installed_while_the_session_runs(stage: Stage) -> None:
    await stage.start((Say("Looking."), Gate("ask"), Ask((DATABASE,))), asks(MIGRATION), GOES_ON, with_hook=False)
    await stage.shows("Looking.")
    install(stage.config, hook_command(stage.spool, origin="user"))
    # It reads its settings anew when they have not changed for a while, and shows that nowhere.
    await anyio.sleep(_SETTINGS_SECONDS)
    stage.release("ask")
    worker, _ = await stage.until_asked()
    uninstall(stage.config)
    confirmed(await stage.answer(POSTGRES, seen=worker))
    # One that was asked before still waits; from here on there is none.
    await stage.until_worker(
        lambda worker: worker.question is not None and worker.question.text == MIGRATION.question, "the next question"
    )


async def test_two_hooks_for_one_session(stage: Stage) -> None:
    stage.config.mkdir()
    install(stage.config, hook_command(stage.spool, origin="user"))
    await stage.start(asks(DATABASE), GOES_ON)
    await until(lambda: len(stage.hooks()) == 2)
    await until(lambda: len(stage.hooks()) == 1)
    worker, _ = await stage.until_asked()
    confirmed(await stage.answer(POSTGRES, seen=worker))
    await stage.until_finished()
    (result,) = stage.received("AskUserQuestion")
    assert '"="Postgres"' in result.text
