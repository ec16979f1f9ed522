"""Before there is a session: dialogs that are shown, and answered only when somebody asks for it."""

from __future__ import annotations

import pytest

from legion_tui.state import Answer, AnswerOutcome, Channel, Question, QuestionKind, Worker, WorkerState
from tests.contract.script import Say
from tests.contract.stage import Stage

pytestmark = [pytest.mark.contract, pytest.mark.not_by(Channel.HOOK, "before a session there is no hook")]

SMALL = (Say("It is small."),)
# It refuses to run as root without its permissions anywhere else.
SANDBOX = {"IS_SANDBOX": "1"}


async def until_asked(stage: Stage, *labels: str) -> tuple[Worker, Question]:
    """Return the worker in a start-up dialog of these choices; nothing has been typed."""
    worker = await stage.until(WorkerState.STARTUP_DIALOG)
    question = worker.question
    assert question is not None
    assert question.kind is QuestionKind.TRUST
    assert question.unanswerable == ""
    assert [option.label for option in question.items[0].options] == list(labels)
    assert stage.typed == []
    # It waits for somebody: nothing of ours goes on by itself.
    assert (await stage.until(WorkerState.STARTUP_DIALOG)).question == question
    return worker, question


async def goes_on(stage: Stage, worker: Worker, key: str) -> None:
    """Answer with that choice, and see the agent start."""
    receipt = await stage.answer(Answer(keys=(key,)), seen=worker)
    assert receipt.outcome is AnswerOutcome.CONFIRMED, receipt
    worker = await stage.until_finished()
    assert worker.last_words == "It is small."


async def test_trust_given(stage: Stage) -> None:
    await stage.start(SMALL, trusted=False)
    worker, question = await until_asked(stage, "Yes, I trust this folder", "No, exit")
    assert str(stage.root) in "".join(question.text.split())
    await goes_on(stage, worker, "trust")


async def test_trust_refused(stage: Stage) -> None:
    await stage.start(SMALL, trusted=False)
    worker, _ = await until_asked(stage, "Yes, I trust this folder", "No, exit")
    receipt = await stage.answer(Answer(keys=("exit",)), seen=worker)
    assert receipt.outcome is AnswerOutcome.CONFIRMED, receipt
    worker = await stage.until_worker(lambda seen: seen.state in (WorkerState.CRASHED, WorkerState.EXITED), "over")
    told = await stage.exit_status()
    # An older tmux does not always say how a pane's program ended: then nothing is concluded from it.
    assert worker.state is (WorkerState.EXITED if told is None else WorkerState.CRASHED)
    assert told in (None, 1)
    assert worker.detail.error == (None if told is None else "ended with status 1")


async def test_api_key_used(stage: Stage) -> None:
    await stage.start(SMALL, key_approved=False)
    worker, question = await until_asked(stage, "Yes", "No (recommended)")
    assert "Do you want to use this API key?" in question.text
    await goes_on(stage, worker, "trust")


async def test_bypass_accepted(stage: Stage) -> None:
    await stage.start(SMALL, permission_mode="bypassPermissions", env=SANDBOX)
    worker, question = await until_asked(stage, "Yes, I accept", "No, exit")
    assert "will not ask for your approval" in question.text
    await goes_on(stage, worker, "trust")
