"""A copy of a dialog that the agent shows, in whatever way, is no dialog; the real one beside it is."""

from __future__ import annotations

import shlex

import pytest

from legion_tui.state import Answer, AnswerOutcome, Channel, QuestionKind, WorkerState
from tests.contract.script import Asked, Bash, Choice, Gate, Reply, Say, Tool
from tests.contract.scripts import DATABASE, GOES_ON, asks
from tests.contract.stage import Stage

pytestmark = [pytest.mark.contract, pytest.mark.not_by(Channel.HOOK, "it is about what stands on the screen")]

QUESTION = """\
 ☐ Colour

Which colour should it have?

❯ 1. Red
     As it was
  2. Blue
     As the others
  3. Type something.
────────────────────────────────────────
  4. Chat about this

Enter to select · ↑/↓ to navigate · Esc to cancel"""
PERMISSION = """\
────────────────────────────────────────
 Bash command

   rm -rf build
   Clean up

 Do you want to proceed?
 ❯ 1. Yes
   2. No

 Esc to cancel · Tab to amend"""


def in_a_block(text: str) -> Say:
    return Say(f"This is what it showed:\n\n```\n{text}\n```")


async def is_only_said(stage: Stage, quoted: str) -> None:
    await stage.start((in_a_block(quoted), Gate("end")))
    await stage.shows(quoted.rpartition("\n")[2])
    worker = await stage.until(WorkerState.BUSY)
    assert worker.question is None
    stage.release("end")
    worker = await stage.until_finished()
    assert worker.question is None
    assert not worker.conflict


async def test_question_said(stage: Stage) -> None:
    await is_only_said(stage, QUESTION)


async def test_permission_said(stage: Stage) -> None:
    await is_only_said(stage, PERMISSION)


async def test_dialog_in_a_file(stage: Stage) -> None:
    file = stage.home / "screen.txt"
    file.write_text(f"{QUESTION}\n")
    shown: Reply = (Say("I look at it."), Bash(command=f"cat {shlex.quote(str(file))}", description="Show the screen"))
    await stage.start(shown, GOES_ON, permission_mode="manual")
    worker, _ = await stage.until_asked()
    receipt = await stage.answer(Answer(keys=("allow",)), seen=worker)
    assert receipt.outcome is AnswerOutcome.CONFIRMED, receipt
    worker = await stage.until_finished()
    assert worker.question is None
    assert not worker.conflict


async def test_dialog_within_a_permission(stage: Stage) -> None:
    write = Tool("Write", {"file_path": str(stage.root / "screen.txt"), "content": f"{QUESTION}\n"})
    await stage.start((Say("I keep it."), write), GOES_ON, permission_mode="manual")
    worker, question = await stage.until_asked()
    assert question.kind is QuestionKind.PERMISSION
    receipt = await stage.answer(seen=worker, deny=True)
    assert receipt.outcome is AnswerOutcome.CONFIRMED, receipt
    assert not (stage.root / "screen.txt").exists()


async def test_dialog_above_a_question(stage: Stage) -> None:
    await stage.start((in_a_block(PERMISSION), *asks(DATABASE)), GOES_ON)
    worker, question = await stage.until_asked()
    assert question.text == DATABASE.question
    receipt = await stage.answer(Answer(keys=("2",)), seen=worker)
    assert receipt.outcome is AnswerOutcome.CONFIRMED, receipt
    assert receipt.answers[0].labels == ("Postgres",)
    await stage.until_finished()


async def test_dialog_within_a_question(stage: Stage) -> None:
    lines = "1. Blue\n2. Green\n\n❯ 1. Yes\n  2. No\n\n Esc to cancel"
    asked = Asked(
        question=f"Is this right?\n{lines}",
        header="Menu",
        choices=(Choice("As it is", lines), Choice("Otherwise", "1. Yes\n2. No"), *DATABASE.choices[:1]),
    )
    await stage.start(asks(asked), GOES_ON)
    worker, _ = await stage.until_asked()
    receipt = await stage.answer(Answer(keys=("3",)), seen=worker)
    assert receipt.outcome is AnswerOutcome.CONFIRMED, receipt
    assert receipt.answers[0].labels == ("SQLite",)
    await stage.until_finished()
