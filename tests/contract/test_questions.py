"""Questions, permissions and plans are shown in the agent's words, and it receives exactly what was chosen."""

from __future__ import annotations

import pytest

from legion_tui.state import Answer, AnswerOutcome, AnswerReceipt, Channel, Question, QuestionKind, WorkerState
from legion_tui.state.text import clean
from tests.contract.script import Asked, Gate, Say
from tests.contract.scripts import CACHE_PLAN, DATABASE, GOES_ON, MAKE_FOLDER, MIGRATION, asks
from tests.contract.stage import Stage

pytestmark = pytest.mark.contract

CHANNELS = (Channel.KEYS, Channel.HOOK)
WORDS = """Postgres, but read this first:
\t* the "old" one stays; $HOME and `ls` are no commands here
日本語の行も、絵文字 🙂👩‍🚀 も

and an empty line above; the last one ends in a semicolon;"""


def shows(question: Question, *asked: Asked) -> None:
    """Check that the product shows these questions, word for word."""
    assert question.kind is QuestionKind.QUESTION
    assert question.unanswerable == ""
    assert [(item.text, item.header, item.multi_select) for item in question.items] == [
        (one.question, one.header, one.multi_select) for one in asked
    ]
    assert [
        [(option.key, option.label, option.description, option.preview) for option in item.options]
        for item in question.items
    ] == [
        [
            (str(number), choice.label, choice.description, choice.preview)
            for number, choice in enumerate(one.choices, 1)
        ]
        for one in asked
    ]


def confirmed(receipt: AnswerReceipt) -> None:
    assert receipt.outcome is AnswerOutcome.CONFIRMED, receipt


async def test_single_choice(stage: Stage) -> None:
    await stage.start(asks(DATABASE), GOES_ON)
    worker, question = await stage.until_asked()
    assert worker.state is WorkerState.QUESTION
    assert not worker.conflict
    shows(question, DATABASE)
    receipt = await stage.answer(Answer(keys=("2",)), seen=worker)
    confirmed(receipt)
    assert receipt.answers[0].labels == ("Postgres",)
    assert receipt.via is stage.cell.channel
    # One key, and no other; none at all by hook.
    assert [command.split()[-1] for command in stage.typed] == (["'2'"] if receipt.via is Channel.KEYS else [])
    await stage.until_finished()
    (result,) = stage.received("AskUserQuestion")
    assert result.text == (
        'Your questions have been answered: "Which database should the service use?"="Postgres". '
        "You can now continue with these answers in mind."
    )
    assert not result.is_error


async def test_own_words(stage: Stage) -> None:
    await stage.start(asks(DATABASE), GOES_ON)
    worker, _ = await stage.until_asked()
    receipt = await stage.answer(Answer(text=WORDS), seen=worker)
    confirmed(receipt)
    assert receipt.answers[0].text == clean(WORDS)
    await stage.until_finished()
    (result,) = stage.received("AskUserQuestion")
    assert f'"Which database should the service use?"="{WORDS}"' in result.text


async def test_long_question(stage: Stage) -> None:
    await stage.start(asks(MIGRATION), GOES_ON)
    worker, question = await stage.until_asked()
    shows(question, MIGRATION)
    confirmed(await stage.answer(Answer(keys=("2",)), seen=worker))
    await stage.until_finished()
    (result,) = stage.received("AskUserQuestion")
    assert f'="{MIGRATION.choices[1].label}". You' in result.text


async def test_one_question_after_the_other(stage: Stage) -> None:
    await stage.start(asks(DATABASE), asks(MIGRATION), GOES_ON)
    worker, _ = await stage.until_asked()
    confirmed(await stage.answer(Answer(keys=("3",)), seen=worker))
    worker, second = await stage.until_asked(after=worker)
    shows(second, MIGRATION)
    confirmed(await stage.answer(Answer(keys=("1",)), seen=worker))
    await stage.until_finished()
    answers = [result.text.partition('"="')[2].partition('". You')[0] for result in stage.received("AskUserQuestion")]
    assert answers == ["DuckDB", MIGRATION.choices[0].label]


async def test_declined_through_the_product(stage: Stage) -> None:
    await stage.start(asks(DATABASE), GOES_ON)
    worker, _ = await stage.until_asked()
    confirmed(await stage.answer(seen=worker, deny=True))
    worker = await stage.until(WorkerState.INTERRUPTED)
    assert worker.question is None
    (result,) = stage.recorded()
    assert result.is_error


async def test_permission_allowed(stage: Stage) -> None:
    await stage.start((Say("First the folder."), MAKE_FOLDER), GOES_ON, permission_mode="manual")
    worker = await stage.until_worker(
        lambda worker: worker.question is not None and len(worker.question.items[0].options) > 2, "the whole menu"
    )
    assert worker.state is WorkerState.PERMISSION
    question = worker.question
    assert question is not None
    assert question.kind is QuestionKind.PERMISSION
    assert question.text == MAKE_FOLDER.command
    labels = {option.key: option.label for option in question.items[0].options}
    assert labels.pop("allow_always").startswith("Yes, and ")
    assert labels == {
        "allow": "Yes",
        "allow_auto": "Yes, and switch to auto mode · auto mode handles these prompts for you",
        "deny": "No",
    }
    confirmed(await stage.answer(Answer(keys=("allow",)), seen=worker))
    await stage.until_finished()
    (result,) = stage.received("Bash")
    assert not result.is_error


async def test_permission_denied(stage: Stage) -> None:
    await stage.start((Say("First the folder."), MAKE_FOLDER), GOES_ON, permission_mode="manual")
    worker, _ = await stage.until_asked()
    confirmed(await stage.answer(seen=worker, deny=True))
    await stage.until(WorkerState.INTERRUPTED)
    (result,) = stage.recorded()
    assert result.is_error
    assert not (stage.root / "build").exists()


async def test_permission_denied_with_words(stage: Stage) -> None:
    await stage.start((Say("First the folder."), MAKE_FOLDER), GOES_ON, permission_mode="manual")
    worker, _ = await stage.until_asked()
    confirmed(await stage.answer(seen=worker, deny=True, text="Call it out/ instead; build/ is taken."))
    await stage.until_finished()
    (result,) = stage.received("Bash")
    assert result.is_error
    assert result.text.endswith("the user said:\nCall it out/ instead; build/ is taken.")
    assert not (stage.root / "build").exists()


async def test_plan_approved(stage: Stage) -> None:
    await stage.start(CACHE_PLAN, (Gate("approved"), *GOES_ON), permission_mode="plan")
    worker, question = await stage.until_asked()
    assert worker.state is WorkerState.PLAN
    assert question.kind is QuestionKind.PLAN
    assert question.text == CACHE_PLAN.text.strip()
    assert [option.key for option in question.items[0].options] == ["approve_manual", "approve_auto", "revise"]
    confirmed(await stage.answer(Answer(keys=("approve_manual",)), seen=worker))
    stage.release("approved")
    await stage.until_finished()
    (result,) = stage.received("ExitPlanMode")
    assert not result.is_error
    assert result.text.startswith("User has approved your plan.")


async def test_plan_sent_back(stage: Stage) -> None:
    await stage.start(CACHE_PLAN, GOES_ON, permission_mode="plan")
    worker, _ = await stage.until_asked()
    confirmed(await stage.answer(Answer(keys=("revise",), note="Use 500 entries, and say why."), seen=worker))
    await stage.until_finished()
    (result,) = stage.received("ExitPlanMode")
    assert result.is_error
    assert "Use 500 entries, and say why." in result.text


async def test_trust_given(stage: Stage) -> None:
    if stage.cell.channel is Channel.HOOK:
        pytest.skip("n/a: before a session there is no hook")
    await stage.start((Say("It is small."),), trusted=False)
    worker, question = await stage.until_asked()
    assert question.kind is QuestionKind.TRUST
    confirmed(await stage.answer(Answer(keys=("trust",)), seen=worker))
    worker = await stage.until_finished()
    assert worker.last_words == "It is small."
