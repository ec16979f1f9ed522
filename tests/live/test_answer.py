"""Answers by keys on stand-in agents in a real tmux: every kind, and what must never be typed."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import pytest

from legion_tui.act.answer import Answerer
from legion_tui.act.ledger import Ledger
from legion_tui.act.locks import Locks
from legion_tui.agents.claude_code import ClaudeCode
from legion_tui.state import (
    Answer,
    AnswerOutcome,
    AnswerReceipt,
    AnswerRequest,
    QuestionKind,
    Worker,
    WorkerState,
)
from legion_tui.tmux import OneShotTmux
from tests.support.standin import StandIn, blocks, quick
from tests.support.tmux_server import TmuxCommand
from tests.support.waiting import until_async

pytestmark = [pytest.mark.live]

Start = Callable[..., Any]


def now() -> datetime:
    return datetime.now(UTC)


class Desk:
    """A stand-in, and one who answers it."""

    def __init__(self, standin: StandIn) -> None:
        self.standin = standin
        self.agent = ClaudeCode(standin.config)
        self.ledger = Ledger(standin.folder / "ledger", clock=now)
        self.locks = Locks(standin.folder / "locks", wait_seconds=0.2)
        self.answerer = self.another()

    def another(self) -> Answerer:
        """One more who answers, as of another dashboard."""
        return Answerer(
            tmux=self.standin.tmux,
            agent=ClaudeCode(self.standin.config),
            find=lambda target, question_id: self.worker(),
            lock=lambda worker: self.locks.hold(worker.session_id),
            journal=self.ledger,
            clock=now,
        )

    async def worker(self) -> Worker | None:
        """The agent as it is now."""
        panes = await self.standin.tmux.panes()
        seen = await anyio.to_thread.run_sync(self.agent.look, panes, ())
        for sighting in seen:
            assert sighting.pane is not None
            screens = await self.standin.tmux.capture([sighting.pane.pane_id], colour=True)
            return self.agent.judge(sighting, screens[sighting.pane.pane_id].lines, now())
        return None

    async def asks(self, kind: QuestionKind = QuestionKind.QUESTION) -> Worker:
        """Wait for its question."""

        async def look() -> Worker | None:
            worker = await self.worker()
            return worker if worker and worker.question and worker.question.kind is kind else None

        worker = await until_async(look)
        assert worker is not None
        return worker

    async def answer(self, *answers: Answer, **more: Any) -> AnswerReceipt:
        request = AnswerRequest(target=self.standin.session_id, answers=answers, **more)
        return await self.answerer.answer(request)

    def result(self) -> Mapping[str, Any]:
        """What the newest result of a tool holds for the program."""
        found = [record for record in self.standin.records() if record.get("toolUseResult") is not None]
        value: Mapping[str, Any] = found[-1]["toolUseResult"]
        return value


@pytest.fixture
def start(private_tmux: OneShotTmux, tmp_path: Path) -> Start:
    @asynccontextmanager
    async def desk(play: str, *options: str, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Desk]:
        standin = StandIn(private_tmux, tmp_path, size=size, scenario=quick())
        await standin.start(f"demo:{play}", *options)
        yield Desk(standin)

    return desk


def keys(*chosen: str, note: str | None = None) -> Answer:
    return Answer(keys=chosen, note=note)


DATABASE, CACHE = "Which database should the service use?", "Which cache should sit in front of it?"
FEATURES, LAYOUT = "Which features should be in the first release?", "Which layout do you prefer?"
WORDS = 'MariaDB, please: "quotes", a ; and a #{hash}\nsecond line 漢字 ünïcode'


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (200, 50)])
@pytest.mark.parametrize(
    ("play", "answers", "given"),
    [
        ("ask", (keys("2"),), {DATABASE: "Postgres"}),
        ("ask", (Answer(text=WORDS),), {DATABASE: WORDS}),
        ("tabs", (keys("2"), Answer(text="none at all")), {DATABASE: "Postgres", CACHE: "none at all"}),
        (
            "three-tabs",
            (keys("1"), keys("1", "3"), keys("1")),
            {DATABASE: "SQLite", FEATURES: "Dark mode, Search", CACHE: "Redis"},
        ),
        ("multi", (keys("2", "4", note="Printing"),), {FEATURES: "Export, Offline, Printing"}),
        ("preview", (keys("2", note="more contrast"),), {LAYOUT: "Top bar"}),
    ],
)
async def test_questions(
    start: Start, play: str, answers: tuple[Answer, ...], given: dict[str, str], size: tuple[int, int]
) -> None:
    async with start(play, size=size) as desk:
        asked = await desk.asks()
        receipt = await desk.answer(*answers)
        assert receipt.outcome is AnswerOutcome.CONFIRMED, receipt.reason
        assert receipt.question_id == asked.question.id
        assert desk.result()["answers"] == given
        await desk.standin.finished()
        history = [(entry.kind, entry.data.get("outcome")) for entry in await desk.ledger.history()]
        assert history == [("answer", None), ("answer", "confirmed")]


@pytest.mark.parametrize(
    ("play", "options", "kind", "request_", "shown"),
    [
        ("permission", (), QuestionKind.PERMISSION, {"answers": (keys("allow"),)}, "The folder is there."),
        ("permission", (), QuestionKind.PERMISSION, {"deny": True, "text": "not now"}, "Not run · rejected"),
        ("edit", (), QuestionKind.PERMISSION, {"answers": (keys("allow_always"),)}, "Edited."),
        ("plan", (), QuestionKind.PLAN, {"answers": (keys("approve_manual"),)}, "Approved Claude's plan"),
        ("plan", (), QuestionKind.PLAN, {"text": "Use 500 entries"}, "Rejected Claude's plan"),
        ("ask", (), QuestionKind.QUESTION, {"deny": True}, "Declined to answer Claude's questions"),
    ],
)
async def test_menus_and_denials(
    start: Start,
    *,
    play: str,
    options: tuple[str, ...],
    kind: QuestionKind,
    request_: dict[str, Any],
    shown: str,
) -> None:
    async with start(play, *options) as desk:
        await desk.asks(kind)
        answers = request_.pop("answers", ())
        receipt = await desk.answer(*answers, **request_)
        assert receipt.outcome is AnswerOutcome.CONFIRMED, receipt.reason
        await desk.standin.shows(shown)


async def test_two_questions_are_answered_in_their_order(start: Start) -> None:
    async with start("parallel") as desk:
        first = await desk.asks()
        assert (await desk.answer(keys("1"))).outcome is AnswerOutcome.CONFIRMED

        async def second() -> bool:
            worker = await desk.worker()
            return worker is not None and worker.question is not None and worker.question.id != first.question.id

        await until_async(second)
        # An answer that was meant for the first one goes nowhere.
        late = await desk.answer(keys("1"), question_id=first.question.id)
        assert late.outcome is AnswerOutcome.REFUSED
        receipt = await desk.answer(keys("2"))
        assert receipt.outcome is AnswerOutcome.CONFIRMED
        assert desk.result()["answers"] == {"Ship it now?": "No"}


async def test_a_pane_in_copy_mode_gets_no_key(start: Start, tmux_command: TmuxCommand) -> None:
    async with start("ask") as desk:
        await desk.asks()
        tmux_command("copy-mode", "-t", desk.standin.pane_id)
        receipt = await desk.answer(keys("2"))
        assert (receipt.outcome, receipt.reason) == (
            AnswerOutcome.REFUSED,
            "not answered: the pane is in copy mode",
        )
        tmux_command("send-keys", "-t", desk.standin.pane_id, "-X", "cancel")
        assert (await desk.answer(keys("2"))).outcome is AnswerOutcome.CONFIRMED


async def test_words_of_somebody_else_are_left_alone(start: Start) -> None:
    async with start("ask") as desk:
        await desk.asks()
        await desk.standin.tmux.paste(desk.standin.pane_id, "half a thou")
        await desk.standin.shows("half a thou")
        receipt = await desk.answer(keys("2"))
        assert receipt.outcome is AnswerOutcome.REFUSED
        assert "somebody has typed" in receipt.reason
        assert "half a thou" in await desk.standin.screen()


async def test_what_was_answered_in_the_terminal_first_is_not_answered_again(start: Start) -> None:
    async with start("ask-work") as desk:
        asked = await desk.asks()
        await desk.standin.shows("Enter to select")
        await desk.standin.key("1")
        await desk.standin.recorded("tool_result")
        receipt = await desk.answer(keys("2"), question_id=asked.question.id)
        assert receipt.outcome is AnswerOutcome.REFUSED
        assert desk.result()["answers"] == {DATABASE: "SQLite"}
        assert "❯\u00a0\n" in await desk.standin.screen()


async def test_an_agent_that_was_killed_while_it_asked_gets_no_key(start: Start) -> None:
    async with start("ask") as desk:
        worker = await desk.asks()
        os.kill(worker.pid, signal.SIGKILL)
        await desk.standin.ended()
        receipt = await desk.answer(keys("2"), question_id=worker.question.id)
        assert receipt.outcome is AnswerOutcome.REFUSED
        dead = await desk.worker()
        assert dead is not None
        assert (dead.state, dead.question) == (WorkerState.CRASHED, None)


async def test_of_two_who_answer_at_once_one_is_refused(start: Start) -> None:
    async with start("ask") as desk:
        await desk.asks()
        receipts: list[AnswerReceipt] = []

        async def answer(answerer: Answerer, key: str) -> None:
            request = AnswerRequest(target=desk.standin.session_id, answers=(keys(key),))
            receipts.append(await answerer.answer(request))

        async with anyio.create_task_group() as group:
            group.start_soon(answer, desk.answerer, "1")
            group.start_soon(answer, desk.another(), "2")
        outcomes = sorted(receipt.outcome for receipt in receipts)
        assert outcomes == [AnswerOutcome.CONFIRMED, AnswerOutcome.REFUSED]
        confirmed = next(receipt for receipt in receipts if receipt.outcome is AnswerOutcome.CONFIRMED)
        assert desk.result()["answers"] == {DATABASE: confirmed.answers[0].labels[0]}
        records = desk.standin.records()
        assert sum(block["type"] == "tool_result" for record in records for block in blocks(record)) == 1
