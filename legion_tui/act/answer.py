"""Answering a pending question, by the hook that waits for it, else by keys: look, one key, look again.

Confirmed by the agent's own record only.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime

import anyio

from legion_tui.act.answer_choices import answers_for, as_given, in_one_line, in_short, in_words, is_on_record
from legion_tui.act.answer_hook import Courier, Journal
from legion_tui.act.answer_keys import Driven, Driver, refusal
from legion_tui.act.looking import Lookout, Sight
from legion_tui.act.records import Kind
from legion_tui.agents.protocol import Agent
from legion_tui.errors import LegionError, RefusedError
from legion_tui.state.questions import (
    Answer,
    AnswerOutcome,
    AnswerReceipt,
    AnswerRequest,
    Channel,
    GivenAnswer,
    Question,
    QuestionKind,
)
from legion_tui.state.workers import NOT_LIVE, Worker
from legion_tui.tmux import Tmux

# A dialog that has just come up may drop the first keys.
SETTLE_SECONDS = 1.0
_CONFIRM_EVERY_SECONDS = 0.05


class Answerer:
    """Answers questions. The agent is this object's own: it reads on in the agent's files by itself."""

    def __init__(
        self,
        *,
        tmux: Tmux,
        agent: Agent,
        find: Callable[[str, str | None], Awaitable[Worker | None]],
        lock: Callable[[Worker], AbstractAsyncContextManager[None]],
        journal: Journal,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the parts. `find` returns the worker that an issue or session id (and a question id) means, or None.

        `lock` keeps out all others who could answer this worker, whatever project they are in.
        """
        self._tmux = tmux
        self._agent = agent
        self._lookout = Lookout(tmux, agent, clock)
        self._find = find
        self._lock = lock
        self._journal = journal
        self._clock = clock
        self._sleep = sleep
        self._seconds = seconds
        self._courier = Courier(agent, journal, sleep=sleep, seconds=seconds)

    async def answer(self, request: AnswerRequest) -> AnswerReceipt:
        """Answer and return what came of it; what is refused is a receipt, and nothing was typed.

        Raises UsageError where the words are off, and TmuxError, AgentError and LegionError where something could not
        be read before the first key.
        """
        began = self._seconds()
        question_id = request.question_id or ""
        receipt = AnswerReceipt(issue=None, question_id=question_id, outcome=AnswerOutcome.REFUSED)
        try:
            worker = await self._find(request.target, request.question_id)
            if worker is None:
                raise RefusedError("nothing is pending", f"{request.target} has no worker that asks")
            receipt = replace(receipt, issue=worker.issue, session_id=worker.session_id)
            async with self._lock(worker):
                receipt = await self._answer(worker, request)
        except RefusedError as refused:
            receipt = replace(receipt, reason=str(refused))
        return replace(receipt, took_ms=round((self._seconds() - began) * 1000))

    async def _answer(self, worker: Worker, request: AnswerRequest) -> AnswerReceipt:
        sight = await self.sight(worker)
        wanted_id = request.question_id or (worker.question.id if worker.question is not None else None)
        question = await self._pending(sight, worker.question, wanted_id)
        answers = answers_for(question, request)
        by_hook = await self._courier.deliver(worker, question, answers, within_seconds=request.timeout_seconds)
        if by_hook is not None:
            return by_hook
        sight = await self._settle(worker, sight, question)
        why = refusal(sight, question)
        if why:
            raise RefusedError("not answered", why)
        driver = Driver(self._tmux, self._agent, lambda: self.sight(worker), self._sleep, self._seconds)
        # Known before anything is written or typed: most refusals are.
        driver.first(question, answers, sight)
        name = worker.issue or worker.session_id
        entry = await self._journal.intend(
            Kind.ANSWER,
            name,
            question_id=question.id,
            session_id=question.session_id,
            via="keys",
            answers=in_words(question, answers),
        )
        receipt = AnswerReceipt(
            issue=worker.issue,
            question_id=question.id,
            outcome=AnswerOutcome.SENT_UNCONFIRMED,
            reason="it was cut off",
            via=Channel.KEYS,
            answers=as_given(question, answers),
            kind=question.kind,
            session_id=worker.session_id,
        )
        try:
            driven = await driver.drive(question, answers)
            receipt = await self._confirm(
                worker, question, answers, driven, receipt=receipt, within_seconds=request.timeout_seconds
            )
        except LegionError as error:
            outcome = AnswerOutcome.SENT_UNCONFIRMED if driver.pressed else AnswerOutcome.REFUSED
            receipt = replace(receipt, outcome=outcome, reason=str(error))
        finally:
            with anyio.CancelScope(shield=True):
                await self._journal.conclude(entry, Kind.ANSWER, name, receipt.outcome, receipt.reason)
        return receipt

    async def sight(self, worker: Worker) -> Sight:
        """Read the worker, its pane and its screen again. TmuxError, AgentError."""
        return await self._lookout.sight(worker)

    async def _pending(self, sight: Sight, before: Question | None, wanted_id: str | None) -> Question:
        question = sight.worker.question if sight.worker is not None else None
        if question is not None and wanted_id in (None, question.id):
            return question
        if before is not None and before.id == wanted_id and await self._given(before) is not None:
            raise RefusedError("not answered", "the question was answered meanwhile")
        if question is None:
            if before is not None and before.id == wanted_id:
                raise RefusedError("not answered", refusal(sight, before))
            raise RefusedError("nothing is pending", "the agent asks nothing now")
        raise RefusedError("not answered", f"the question changed: it is now {in_one_line(question)!r}")

    async def _settle(self, worker: Worker, sight: Sight, question: Question) -> Sight:
        """Wait until the dialog takes keys: a moment after it came up, or after it is first seen."""
        if question.asked_at is None:
            wait = SETTLE_SECONDS
        else:
            wait = SETTLE_SECONDS - (self._clock() - question.asked_at).total_seconds()
        if wait <= 0:
            return sight
        await self._sleep(min(wait, SETTLE_SECONDS))
        return await self.sight(worker)

    async def _given(self, question: Question) -> tuple[GivenAnswer, ...] | None:
        return await anyio.to_thread.run_sync(self._agent.given, question)

    async def _confirm(
        self,
        worker: Worker,
        question: Question,
        answers: Sequence[Answer],
        driven: Driven,
        *,
        receipt: AnswerReceipt,
        within_seconds: float,
    ) -> AnswerReceipt:
        if driven.refused and not driven.pressed:
            return replace(receipt, outcome=AnswerOutcome.REFUSED, reason=driven.refused, via=None)
        # Stopped half-way: the record may still have it, but it is not waited for.
        deadline = self._seconds() + (0.0 if driven.refused else within_seconds)
        while True:
            record = await self._record(worker, question)
            if record is not None and is_on_record(question, answers, record):
                # Of a menu the record shows no more than yes or no.
                told = record if record and question.kind is QuestionKind.QUESTION else receipt.answers
                return replace(receipt, outcome=AnswerOutcome.CONFIRMED, reason="", answers=told)
            if record is not None:
                return replace(receipt, reason=f"the agent's record shows another answer: {in_short(record)}")
            if self._seconds() >= deadline:
                late = f"the agent's record does not show it after {within_seconds:g} s"
                return replace(receipt, reason=driven.refused or late)
            await self._sleep(_CONFIRM_EVERY_SECONDS)

    async def _record(self, worker: Worker, question: Question) -> tuple[GivenAnswer, ...] | None:
        record = await self._given(question)
        if record is not None or question.kind is not QuestionKind.TRUST:
            return record
        # No record is made of a start-up dialog: what follows it tells.
        sight = await self.sight(worker)
        if sight.worker is None or sight.worker.state in NOT_LIVE:
            return as_given(question, (Answer(keys=("exit",)),))
        asks = sight.worker.question
        return None if asks is None or asks.id == question.id else as_given(question, (Answer(keys=("trust",)),))
