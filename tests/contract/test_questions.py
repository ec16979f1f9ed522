"""Questions, permissions and plans are shown in the agent's words, and it receives exactly what was chosen."""

from __future__ import annotations

import pytest

from legion_tui.state import Answer, AnswerOutcome, AnswerReceipt, Channel, Question, QuestionKind, Worker, WorkerState
from legion_tui.state.text import clean
from tests.contract.cells import Driven
from tests.contract.script import Ask, Asked, Gate, Reply, Say, Tool
from tests.contract.scripts import CACHE_PLAN, DATABASE, FEATURES, GOES_ON, LAYOUT, MAKE_FOLDER, MIGRATION, asks
from tests.contract.stage import Stage
from tests.support.waiting import until

pytestmark = pytest.mark.contract

NO_WORDS_WITH_A_YES = pytest.mark.not_by(Channel.HOOK, "a hook cannot say anything along with a yes")
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
    assert receipt.outcome is AnswerOutcome.CONFIRMED, receipt.reason


async def until_menu(stage: Stage) -> Worker:
    """Return the worker once its permission's whole menu was seen, and its channel is open."""

    def is_there(worker: Worker) -> bool:
        question = worker.question
        return question is not None and len(question.items[0].options) > 2 and question.channel is stage.cell.channel

    return await stage.until_worker(is_there, "the whole menu")


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


async def test_chat_about_a_question(stage: Stage) -> None:
    await stage.start(asks(DATABASE), GOES_ON)
    worker, _ = await stage.until_asked()
    receipt = await stage.answer(seen=worker, chat=True)
    confirmed(receipt)
    assert receipt.answers[0].labels == ("Chat about this",)
    # The turn goes on: the agent asks what there is to clarify.
    await stage.until_finished()
    (result,) = stage.received("AskUserQuestion")
    assert result.is_error
    assert "the user said:\nThe user wants to clarify these questions." in result.text
    assert '- "Which database should the service use?"\n  (No answer provided)' in result.text


async def test_chat_about_one_of_several_questions(stage: Stage) -> None:
    await stage.start(asks(LAYOUT, DATABASE, FEATURES), GOES_ON)
    worker, _ = await stage.until_asked()
    confirmed(await stage.answer(seen=worker, chat=True))
    await stage.until_finished()
    (result,) = stage.received("AskUserQuestion")
    assert "the user said:\nThe user wants to clarify these questions." in result.text


async def test_chat_with_words(stage: Stage) -> None:
    await stage.start(asks(DATABASE), GOES_ON)
    worker, _ = await stage.until_asked()
    receipt = await stage.answer(seen=worker, chat=True, text="Neither: what about DuckDB?")
    if stage.cell.channel is Channel.KEYS:
        assert receipt.outcome is AnswerOutcome.REFUSED, receipt
        assert "no words can go along with the chat" in receipt.reason
        assert stage.typed == []
        return
    confirmed(receipt)
    await stage.until_finished()
    (result,) = stage.received("AskUserQuestion")
    assert result.is_error
    assert "Neither: what about DuckDB?" in result.text


async def test_permission_allowed(stage: Stage) -> None:
    await stage.start((Say("First the folder."), MAKE_FOLDER), GOES_ON, permission_mode="manual")
    worker = await until_menu(stage)
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


async def test_several_questions(stage: Stage) -> None:
    await stage.start(asks(DATABASE, FEATURES, LAYOUT), GOES_ON)
    worker, _ = await stage.until_asked()
    answers = (
        Answer(text="Neither; ask me tomorrow"),
        Answer(keys=("2", "1"), note="and a map"),
        Answer(keys=("1",), note="Only on wide screens."),
    )
    receipt = await stage.answer(*answers, seen=worker)
    confirmed(receipt)
    assert [(one.labels, one.text, one.note) for one in receipt.answers] == [
        ((), "Neither; ask me tomorrow", None),
        (("Dark mode", "Search, fuzzy"), "and a map", None),
        (("Rows",), None, "Only on wide screens."),
    ]
    await stage.until_finished()
    (result,) = stage.received("AskUserQuestion")
    assert '"Which database should the service use?"="Neither; ask me tomorrow"' in result.text
    assert '"Which features are wanted?"="Dark mode, "Search, fuzzy", and a map"' in result.text
    assert '"Which layout?"="Rows" selected preview:\n```\nA\nB\n``` notes: Only on wide screens.' in result.text


async def test_equal_questions_in_their_order(stage: Stage) -> None:
    await stage.start((Ask((DATABASE,)), Ask((DATABASE,))), GOES_ON)
    worker, first = await stage.until_asked()
    if stage.cell.channel is Channel.HOOK:
        await until(lambda: len(stage.hooks()) == 2)
    confirmed(await stage.answer(Answer(keys=("1",)), seen=worker))
    worker, second = await stage.until_asked(after=worker)
    assert second.id != first.id
    confirmed(await stage.answer(Answer(keys=("3",)), seen=worker))
    await stage.until_finished()
    answers = [result.text.partition('"="')[2].partition('"')[0] for result in stage.received("AskUserQuestion")]
    assert answers == ["SQLite", "DuckDB"]


async def test_always_allowed(stage: Stage) -> None:
    reply: Reply = (Say("First the folder."), MAKE_FOLDER)
    await stage.start(reply, GOES_ON, permission_mode="manual")
    worker = await until_menu(stage)
    confirmed(await stage.answer(Answer(keys=("allow_always",)), seen=worker))
    await stage.until_finished()
    (result,) = stage.received("Bash")
    assert not result.is_error
    if stage.cell.agent is Driven.REAL:
        rules = (stage.root / ".claude" / "settings.local.json").read_text()
        assert "Bash(touch build/marker" in rules


async def test_allowed_with_auto_mode(stage: Stage) -> None:
    await stage.start((Say("First the folder."), MAKE_FOLDER), GOES_ON, permission_mode="manual")
    worker = await until_menu(stage)
    confirmed(await stage.answer(Answer(keys=("allow_auto",)), seen=worker))
    await stage.until_finished()
    await stage.shows("auto mode on")


async def test_file_written(stage: Stage) -> None:
    write = Tool("Write", {"file_path": str(stage.root / "notes.txt"), "content": "kept\n"})
    await stage.start((Say("A note."), write), GOES_ON, permission_mode="manual")
    worker, question = await stage.until_asked()
    assert question.kind is QuestionKind.PERMISSION
    confirmed(await stage.answer(Answer(keys=("allow",)), seen=worker))
    await stage.until_finished()
    (result,) = stage.received("Write")
    assert not result.is_error
    if stage.cell.agent is Driven.REAL:
        assert (stage.root / "notes.txt").read_text() == "kept\n"


async def test_plan_approved_with_auto_mode(stage: Stage) -> None:
    await stage.start(CACHE_PLAN, GOES_ON, permission_mode="plan")
    worker, _ = await stage.until_asked()
    confirmed(await stage.answer(Answer(keys=("approve_auto",)), seen=worker))
    await stage.until_finished()
    (result,) = stage.received("ExitPlanMode")
    assert result.text.startswith("User has approved your plan.")
    await stage.shows("auto mode on")


async def test_several_boxes(stage: Stage) -> None:
    await stage.start(asks(FEATURES), GOES_ON)
    worker, question = await stage.until_asked()
    shows(question, FEATURES)
    receipt = await stage.answer(Answer(keys=("1", "3")), seen=worker)
    confirmed(receipt)
    assert receipt.answers[0].labels == ("Dark mode", "Export")
    await stage.until_finished()
    (result,) = stage.received("AskUserQuestion")
    assert '"Which features are wanted?"="Dark mode, Export"' in result.text


async def test_previews(stage: Stage) -> None:
    await stage.start(asks(LAYOUT), GOES_ON)
    worker, question = await stage.until_asked()
    shows(question, LAYOUT)
    confirmed(await stage.answer(Answer(keys=("2",)), seen=worker))
    await stage.until_finished()
    (result,) = stage.received("AskUserQuestion")
    assert '"Which layout?"="Columns" selected preview:\nA B' in result.text


async def test_previews_with_a_note(stage: Stage) -> None:
    await stage.start(asks(LAYOUT), GOES_ON)
    worker, _ = await stage.until_asked()
    confirmed(await stage.answer(Answer(keys=("2",), note="Only on wide screens."), seen=worker))
    await stage.until_finished()
    (result,) = stage.received("AskUserQuestion")
    assert '"Which layout?"="Columns" selected preview:\nA B notes: Only on wide screens.' in result.text


async def test_question_behind_a_permission(stage: Stage) -> None:
    await stage.start((Say("Two things."), MAKE_FOLDER, Ask((DATABASE,))), GOES_ON, permission_mode="manual")
    worker, first = await stage.until_asked()
    assert first.kind is QuestionKind.PERMISSION
    confirmed(await stage.answer(Answer(keys=("allow",)), seen=worker))
    worker, second = await stage.until_asked(after=worker)
    shows(second, DATABASE)
    confirmed(await stage.answer(Answer(keys=("3",)), seen=worker))
    await stage.until_finished()
    (result,) = stage.received("AskUserQuestion")
    assert '"="DuckDB"' in result.text


@NO_WORDS_WITH_A_YES
async def test_permission_allowed_with_words(stage: Stage) -> None:
    await stage.start((Say("First the folder."), MAKE_FOLDER), GOES_ON, permission_mode="manual")
    worker, _ = await stage.until_asked()
    confirmed(await stage.answer(Answer(keys=("allow",), note="Then list it."), seen=worker))
    await stage.until_finished()
    (result,) = stage.received("Bash")
    assert not result.is_error
    await stage.shows("Then list it.")


@NO_WORDS_WITH_A_YES
async def test_plan_approved_with_words(stage: Stage) -> None:
    await stage.start(CACHE_PLAN, GOES_ON, permission_mode="plan")
    worker, _ = await stage.until_asked()
    # The agent takes words only with the approval that its first row gives.
    receipt = await stage.answer(Answer(keys=("approve_manual",), note="Begin with the test."), seen=worker)
    assert receipt.outcome is AnswerOutcome.REFUSED
    assert "Yes, and use auto mode" in receipt.reason
    assert stage.typed == []
    confirmed(await stage.answer(Answer(keys=("approve_auto",), note="Begin with the test."), seen=worker))
    await stage.until_finished()
    (result,) = stage.received("ExitPlanMode")
    assert not result.is_error
    await stage.shows("Begin with the test.")
    await stage.shows("auto mode on")
