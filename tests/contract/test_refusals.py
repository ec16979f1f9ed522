"""Where an answer could reach a wrong place, nothing is typed, and the receipt says why."""

from __future__ import annotations

import os
import signal

import anyio
import pytest

from legion_tui.state import Answer, AnswerOutcome, Channel, Worker
from tests.contract.script import Ask, Gate, Say
from tests.contract.scripts import DATABASE, GOES_ON, MIGRATION, asks
from tests.contract.stage import Stage
from tests.support.waiting import until

pytestmark = [pytest.mark.contract, pytest.mark.not_by(Channel.HOOK, "no key is pressed")]

# A draft holds a dialog back for longer than this after its last key.
_TYPING_SECONDS = 0.3

POSTGRES = Answer(keys=("2",))


async def refuses(stage: Stage, worker: Worker, *reasons: str) -> None:
    receipt = await stage.answer(POSTGRES, seen=worker)
    assert receipt.outcome is AnswerOutcome.REFUSED, receipt
    assert any(reason in receipt.reason for reason in reasons), receipt.reason
    assert stage.typed == []


async def test_pane_in_copy_mode(stage: Stage) -> None:
    await stage.start(asks(DATABASE), GOES_ON)
    worker, _ = await stage.until_asked()
    await stage.shows("Chat about this")
    stage.tmux_command("copy-mode", "-t", stage.pane_id)
    await refuses(stage, worker, "copy mode")
    assert stage.recorded() == []
    stage.tmux_command("send-keys", "-t", stage.pane_id, "-X", "cancel")
    receipt = await stage.answer(POSTGRES, seen=worker)
    assert receipt.outcome is AnswerOutcome.CONFIRMED, receipt


async def test_transcript_view(stage: Stage) -> None:
    await stage.start(asks(DATABASE), GOES_ON)
    worker, _ = await stage.until_asked()
    await stage.shows("Chat about this")
    await stage.press("C-o")
    await stage.shows("Showing detailed transcript")
    await refuses(stage, worker, "transcript view")
    assert stage.recorded() == []


async def test_words_typed_in_the_dialog(stage: Stage) -> None:
    await stage.start(asks(DATABASE), GOES_ON)
    worker, _ = await stage.until_asked()
    await stage.shows("Type something.")
    await stage.press("4")
    # Keys that arrive together are text.
    await stage.shows("❯ 4.")
    stage.type("MariaDB")
    await stage.shows("4. MariaDB")
    await refuses(stage, worker, "typed")
    assert stage.recorded() == []


async def test_draft_in_the_box(stage: Stage) -> None:
    await stage.start((Say("Looking."), Gate("ask"), Ask((DATABASE,))), GOES_ON)
    await stage.shows("Looking.")
    typed = 0

    async def keep_typing() -> None:
        nonlocal typed
        while True:
            stage.type("x")
            typed += 1
            await anyio.sleep(_TYPING_SECONDS)

    async with anyio.create_task_group() as group:
        group.start_soon(keep_typing)
        await stage.shows("❯\u00a0x")
        stage.release("ask")
        worker, _ = await stage.until_asked()
        await refuses(stage, worker, "text stands in the prompt box")
        group.cancel_scope.cancel()
    assert stage.recorded() == []
    # The dialog comes up when nobody types any more, and takes no key for a moment.
    await stage.shows("Chat about this")
    receipt = await stage.answer(POSTGRES, seen=worker)
    assert receipt.outcome is AnswerOutcome.CONFIRMED, receipt
    await stage.until_finished()
    (result,) = stage.received("AskUserQuestion")
    assert '"="Postgres"' in result.text
    # What was typed is as it was.
    assert f"❯\u00a0{'x' * typed}" in [line.rstrip() for line in await stage.screen()]


async def test_answered_in_the_terminal(stage: Stage) -> None:
    await stage.start(asks(DATABASE), (Gate("on"), *GOES_ON))
    worker, _ = await stage.until_asked()
    await stage.shows("Chat about this")
    await stage.press("1")
    await stage.shows("→ SQLite")
    # Within these moments the record may still show it as open.
    await refuses(stage, worker, "not answered")
    await until(stage.recorded)
    await refuses(stage, worker, "the question was answered meanwhile")
    stage.release("on")
    await stage.until_finished()
    (result,) = stage.received("AskUserQuestion")
    assert '"="SQLite"' in result.text


async def test_another_question_in_its_place(stage: Stage) -> None:
    await stage.start(asks(DATABASE), asks(MIGRATION), GOES_ON)
    first, _ = await stage.until_asked()
    await stage.shows("Chat about this")
    await stage.press("1")
    await stage.until_asked(after=first)
    await refuses(stage, first, "the question was answered meanwhile")
    assert len(stage.recorded()) == 1


async def test_agent_killed_while_it_asks(stage: Stage) -> None:
    await stage.start(asks(DATABASE), GOES_ON)
    worker, _ = await stage.until_asked()
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    await stage.until_worker(lambda worker: not worker.live, "not live")
    await refuses(stage, worker, "the agent's process is gone")


async def test_shell_in_front(stage: Stage) -> None:
    await stage.start(asks(DATABASE), GOES_ON, under_shell=True)
    worker, _ = await stage.until_asked()
    await stage.shows("Chat about this")
    await stage.press("C-z")
    await stage.shows("Claude Code is suspended")
    # Both are so; which is seen first is the process table's to say.
    await refuses(stage, worker, "a shell is in front", "the agent is suspended")
