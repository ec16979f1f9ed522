"""Channel A: the hook that waits beside the dialog; the terminal stays usable, the first answer counts."""

from __future__ import annotations

import os
import signal

import anyio
import pytest

from legion_tui.agents.claude_code.hook import hook_command, install, uninstall
from legion_tui.state import Answer, AnswerOutcome, AnswerReceipt, Channel, QuestionKind, Worker, WorkerState
from tests.contract.cells import Driven
from tests.contract.script import Ask, Asked, Choice, Gate, Reply, Say, Tool
from tests.contract.scripts import CACHE_PLAN, DATABASE, GOES_ON, MAKE_FOLDER, MIGRATION, asks
from tests.contract.stage import Stage
from tests.support.waiting import until

pytestmark = pytest.mark.contract

CHANNELS = (Channel.HOOK,)
FEATURES = Asked(
    question="Which features are wanted?",
    header="Features",
    choices=(Choice("Dark mode", "Less light"), Choice("Search, fuzzy", "Types ahead"), Choice("Export", "As CSV")),
    multi_select=True,
)
LAYOUT = Asked(
    question="Which layout?",
    header="Layout",
    choices=(Choice("Rows", "One below the other", "```\nA\nB\n```"), Choice("Columns", "Side by side", "A B")),
)
_SETTINGS_SECONDS = 3.0
POSTGRES = Answer(keys=("2",))


def confirmed(receipt: AnswerReceipt) -> AnswerReceipt:
    assert receipt.outcome is AnswerOutcome.CONFIRMED, receipt
    return receipt


def refused(receipt: AnswerReceipt, why: str) -> None:
    assert receipt.outcome is AnswerOutcome.REFUSED, receipt
    assert why in receipt.reason
    assert receipt.via is None


async def until_menu(stage: Stage) -> Worker:
    """Return the worker once its permission's whole menu was seen, and its hook waits."""

    def is_there(worker: Worker) -> bool:
        question = worker.question
        return question is not None and len(question.items[0].options) > 2 and question.channel is Channel.HOOK

    return await stage.until_worker(is_there, "the whole menu")


async def test_several_questions(stage: Stage) -> None:
    await stage.start(asks(DATABASE, FEATURES, LAYOUT), GOES_ON)
    worker, _ = await stage.until_asked()
    answers = (
        Answer(text="Neither; ask me tomorrow"),
        Answer(keys=("2", "1"), note="and a map"),
        Answer(keys=("1",), note="Only on wide screens."),
    )
    receipt = confirmed(await stage.answer(*answers, seen=worker))
    assert [(one.labels, one.text, one.note) for one in receipt.answers] == [
        ((), "Neither; ask me tomorrow", None),
        (("Dark mode", "Search, fuzzy"), "and a map", None),
        (("Rows",), None, "Only on wide screens."),
    ]
    await stage.until_finished()
    (result,) = stage.received("AskUserQuestion")
    assert '"Which database should the service use?"="Neither; ask me tomorrow"' in result.text
    assert '"Which features are wanted?"="Dark mode, Search, fuzzy, and a map"' in result.text
    assert '"Which layout?"="Rows" selected preview:\n```\nA\nB\n``` notes: Only on wide screens.' in result.text


async def test_equal_questions_in_their_order(stage: Stage) -> None:
    await stage.start((Ask((DATABASE,)), Ask((DATABASE,))), GOES_ON)
    worker, first = await stage.until_asked()
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


async def test_answered_in_the_terminal_first(stage: Stage) -> None:
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


async def test_dashboard_started_again(stage: Stage) -> None:
    await stage.start(asks(DATABASE), GOES_ON)
    _, question = await stage.until_asked()
    stage.start_product()
    worker, again = await stage.until_asked()
    assert again.id == question.id
    confirmed(await stage.answer(POSTGRES, seen=worker))
    await stage.until_finished()
    (result,) = stage.received("AskUserQuestion")
    assert '"="Postgres"' in result.text


async def test_two_dashboards_at_once(stage: Stage) -> None:
    await stage.start(asks(DATABASE), (Gate("on"), *GOES_ON))
    worker, _ = await stage.until_asked()
    receipts: dict[str, AnswerReceipt] = {}

    async def answer(key: str) -> None:
        receipts[key] = await stage.answer(Answer(keys=(key,)), seen=worker, by=stage.answerer())

    async with anyio.create_task_group() as group:
        group.start_soon(answer, "1")
        group.start_soon(answer, "2")
    assert sorted(receipt.outcome for receipt in receipts.values()) == ["confirmed", "refused"]
    won = next(receipt for receipt in receipts.values() if receipt.outcome is AnswerOutcome.CONFIRMED)
    stage.release("on")
    await stage.until_finished()
    (result,) = stage.received("AskUserQuestion")
    assert f'"="{won.answers[0].labels[0]}"' in result.text


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
