"""From Enter to the receipt: shown while under way, closed when it is confirmed, kept with its reason when not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from legion_tui.state import (
    AnswerOutcome,
    AnswerReceipt,
    AnswerRequest,
    Channel,
    GivenAnswer,
    IssueState,
    Question,
    QuestionKind,
    Snapshot,
    Worker,
)
from legion_tui.ui.preferences import Preferences
from tests.support.apps import Stage, on_stage
from tests.support.ports import FakeCommands
from tests.support.snapshots import NOW, question, sample_snapshot, with_issue

KEY = "issue:ENG-40"


class SlowCommands(FakeCommands):
    """An answer takes until `receipt` is given."""

    receipt: asyncio.Future[AnswerReceipt]

    async def answer(self, request: AnswerRequest) -> AnswerReceipt:
        self.calls.append(("answer", request))
        self.receipt = asyncio.get_running_loop().create_future()
        return await self.receipt


def showing(stage: Stage) -> str:
    return type(stage.app.screen).__name__


def issue_of(snapshot: Snapshot) -> IssueState:
    return next(issue for issue in snapshot.issues if issue.id == "ENG-40")


def asking(snapshot: Snapshot, asked: Question | None) -> Snapshot:
    issue = issue_of(snapshot)
    assert issue.worker is not None
    return with_issue(snapshot, replace(issue, worker=replace(issue.worker, question=asked)))


@asynccontextmanager
async def dialog(
    snapshot: Snapshot | None = None, *, keymap: dict[str, str] | None = None
) -> AsyncIterator[tuple[Stage, SlowCommands]]:
    commands = SlowCommands()
    preferences = Preferences(keymap=keymap or {})
    async with on_stage(snapshot or sample_snapshot(), commands=commands, preferences=preferences) as stage:
        stage.board.select(KEY)
        await stage.settle()
        await stage.press("a")
        assert showing(stage) == "AnswerScreen"
        yield stage, commands


def outcome(outcome: AnswerOutcome, reason: str = "") -> AnswerReceipt:
    return AnswerReceipt(
        issue="ENG-40",
        question_id="x",
        outcome=outcome,
        reason=reason,
        via=Channel.HOOK,
        answers=(GivenAnswer(question="May I?", labels=("Yes",)),),
        took_ms=212,
    )


async def test_it_stays_open_and_says_so_until_the_receipt_is_there() -> None:
    async with dialog() as (stage, commands):
        await stage.press("enter")
        assert "sending…" in stage.text()
        assert "esc let it go on" in stage.text()
        # Nothing is sent a second time, nothing is changed under way.
        await stage.press("enter", "2", "enter", "w", "n", "j", "space", "tab")
        assert len(commands.named("answer")) == 1
        # That the question is gone is the expected thing now.
        await stage.show(asking(sample_snapshot(), None))
        assert "answered elsewhere" not in stage.text()
        commands.receipt.set_result(outcome(AnswerOutcome.CONFIRMED))
        await stage.settle()
        assert showing(stage) == "BoardScreen"
        assert stage.toasts == ["ENG-40 answered: Yes · confirmed in 0.2 s by hook"]


@pytest.mark.parametrize(
    ("what", "told"),
    [
        (AnswerOutcome.REFUSED, "Nothing was sent: the pane is in copy mode"),
        (AnswerOutcome.SENT_UNCONFIRMED, "Sent, not confirmed: the pane is in copy mode"),
    ],
)
async def test_a_failure_is_told_where_it_was_sent_from_and_the_draft_is_there(what: AnswerOutcome, told: str) -> None:
    async with dialog() as (stage, commands):
        await stage.press("1", "n", *"because", "enter")
        (request,) = commands.named("answer")
        commands.receipt.set_result(outcome(what, "the pane is in copy mode"))
        await stage.settle()
        assert showing(stage) == "AnswerScreen"
        assert told in stage.text()
        assert "because" in stage.text()
        assert "the pane is in copy mode" in stage.toasts[-1]
        await stage.press("enter")
        assert commands.named("answer") == [request, request]
        commands.receipt.set_result(outcome(AnswerOutcome.CONFIRMED))
        await stage.settle()
        assert showing(stage) == "BoardScreen"


async def test_one_that_was_answered_elsewhere_meanwhile_is_named_after_the_failure() -> None:
    async with dialog() as (stage, commands):
        await stage.press("enter")
        await stage.show(asking(sample_snapshot(), None))
        commands.receipt.set_result(outcome(AnswerOutcome.REFUSED, "the question was answered meanwhile: No"))
        await stage.settle()
        assert "Nothing was sent: the question was answered meanwhile: No" in stage.text()
        assert "answered elsewhere or withdrawn" in stage.text()


async def test_left_under_way_it_goes_on_and_the_receipt_is_told() -> None:
    async with dialog() as (stage, commands):
        await stage.press("enter", "escape")
        assert showing(stage) == "BoardScreen"
        commands.receipt.set_result(outcome(AnswerOutcome.CONFIRMED))
        await stage.settle()
        assert stage.toasts == ["ENG-40 answered: Yes · confirmed in 0.2 s by hook"]


async def test_confirmed_under_the_help_it_closes_with_the_help() -> None:
    async with dialog() as (stage, commands):
        await stage.press("enter", "question_mark")
        assert showing(stage) == "HelpScreen"
        commands.receipt.set_result(outcome(AnswerOutcome.CONFIRMED))
        await stage.settle()
        assert showing(stage) == "HelpScreen"
        await stage.press("escape")
        assert showing(stage) == "BoardScreen"


async def test_a_send_that_breaks_is_told_and_the_dialog_goes_on() -> None:
    async with dialog() as (stage, commands):
        await stage.press("enter")
        commands.receipt.set_exception(OSError("no such spool"))
        await stage.settle()
        assert "Nothing was sent: it broke off" in stage.text()
        assert "no such spool" in stage.toasts[-1]
        await stage.press("2")
        assert "2 ✓" in stage.text()


# What is said before it is sent


def by_hook(worker: Worker, **changes: object) -> Snapshot:
    snapshot = sample_snapshot()
    issue = issue_of(snapshot)
    assert worker.question is not None
    asked = replace(worker.question, channel=Channel.HOOK)
    return with_issue(snapshot, replace(issue, worker=replace(worker, question=asked, **changes)))  # type: ignore[arg-type]


def worker_of(snapshot: Snapshot) -> Worker:
    found = issue_of(snapshot).worker
    assert found is not None
    return found


async def test_words_with_a_yes_are_said_to_go_by_keys() -> None:
    async with dialog(by_hook(worker_of(sample_snapshot()))) as (stage, commands):
        assert "keys are typed" not in stage.text()
        await stage.press("n")
        assert "No hook takes words along with a yes: keys are typed into its pane." in stage.text()
        await stage.press(*"then test", "escape", "j")
        assert "keys are typed" not in stage.text(), "a no takes them by hook"
        await stage.press("k")
        assert "keys are typed" in stage.text()
        await stage.press("enter")
        (request,) = commands.named("answer")
        assert request.answers[0].note == "then test"


async def test_words_with_a_yes_are_not_sent_where_no_key_can_be_typed() -> None:
    async with dialog(by_hook(worker_of(sample_snapshot()), pane=None)) as (stage, commands):
        await stage.press("n", *"ok", "enter")
        assert "It has no pane to type these words into" in stage.text()
        assert commands.named("answer") == []


async def test_words_with_a_plan_go_with_the_agents_first_row_only() -> None:
    asked = question(NOW, "# A plan", "Yes, manually", "Yes, auto", "Change it", kind=QuestionKind.PLAN)
    async with dialog(asking(sample_snapshot(), asked)) as (stage, _):
        await stage.press("n", *"ok")
        assert "along with the first row of its own menu only" in stage.text()


async def test_a_sub_agents_question_names_it() -> None:
    asked = worker_of(sample_snapshot()).question
    assert asked is not None
    async with dialog(asking(sample_snapshot(), replace(asked, asker="general-purpose"))) as (stage, _):
        assert "Bash · from the general-purpose agent" in stage.text()


# Help


async def test_the_help_lists_every_key_of_the_dialog_as_it_is_now() -> None:
    async with dialog(keymap={"answer.attach": "T", "answer.write": "W"}) as (stage, _):
        assert "T attach" in stage.text()
        await stage.press("question_mark")
        text = stage.text()
        for name in ("Choose by number", "Take and go on", "Chat about it", "Words beside it", "Not now"):
            assert name in text
        assert any(line.split()[1:3] == ["T", "Attach"] for line in stage.lines() if "Attach" in line)
        await stage.press("escape")
        assert showing(stage) == "AnswerScreen"
