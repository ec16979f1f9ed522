"""A prompt that another agent's call has caused: shown as that call, answered on the screen that shows it."""

from __future__ import annotations

import pytest

from legion_tui.state import Answer, AnswerOutcome, Channel, GivenAnswer, Question, QuestionKind, Worker, WorkerState
from tests.contract.script import Reply, Say, SubAgent
from tests.contract.scripts import GOES_ON, MAKE_FOLDER
from tests.contract.stage import Stage

pytestmark = [
    pytest.mark.contract,
    pytest.mark.not_by(Channel.HOOK, "a hook is not told which agent's call it waits for"),
]
HELPER = SubAgent(task="Make the folder", bash=MAKE_FOLDER, play="helper")
STARTS_ONE: Reply = (Say("A helper makes the folder."), HELPER)


async def until_it_asks(stage: Stage) -> tuple[Worker, Question]:
    plays = {HELPER.play: HELPER.script}
    await stage.start(STARTS_ONE, GOES_ON, GOES_ON, permission_mode="manual", plays=plays)
    # The dialog may be up before the other agent's call is on record.
    worker = await stage.until_answerable(lambda seen: seen.question is not None and not seen.question.unanswerable)
    question = worker.question
    assert question is not None
    assert worker.state is WorkerState.PERMISSION
    assert question.kind is QuestionKind.PERMISSION
    assert question.text == MAKE_FOLDER.command
    return worker, question


async def test_sub_agent_allowed(stage: Stage) -> None:
    worker, question = await until_it_asks(stage)
    receipt = await stage.answer(Answer(keys=("allow",)), seen=worker)
    assert receipt.outcome is AnswerOutcome.CONFIRMED, receipt
    assert receipt.answers == (GivenAnswer(question=question.text, labels=("Yes",)),)
    await stage.until_finished()
    if stage.api is not None:
        (result,) = stage.received("Bash")
        assert not result.is_error
        assert (stage.root / "build" / "marker").exists()


async def test_sub_agent_denied_with_words(stage: Stage) -> None:
    worker, _ = await until_it_asks(stage)
    receipt = await stage.answer(seen=worker, deny=True, text="Call it out/ instead.")
    assert receipt.outcome is AnswerOutcome.CONFIRMED, receipt
    # Unlike its session, it goes on.
    await stage.until_finished()
    if stage.api is not None:
        (result,) = stage.received("Bash")
        assert result.is_error
        assert result.text.endswith("The user said:\nCall it out/ instead.")
    assert not (stage.root / "build").exists()
