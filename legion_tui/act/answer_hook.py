"""Answering by the hook that waits beside the dialog: no pane matters to it, nor what it shows, nor who types there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

import anyio

from legion_tui.act.answer_choices import as_given, in_short, in_words, is_on_record
from legion_tui.act.records import Kind
from legion_tui.agents.protocol import Agent, Offer
from legion_tui.state.questions import (
    Answer,
    AnswerOutcome,
    AnswerReceipt,
    Channel,
    Question,
    QuestionKind,
)
from legion_tui.state.workers import Worker

# The agent writes its records in batches, every tenth of a second.
_CONFIRM_EVERY_SECONDS = 0.03


class Journal(Protocol):
    """The ledger, as far as an answer needs it."""

    async def intend(self, kind: str, issue: str, **data: Any) -> str:
        """Write what is about to be done."""
        ...

    async def conclude(self, entry_id: str, kind: str, issue: str, outcome: str, reason: str = "", **data: Any) -> None:
        """Write what came of it."""
        ...


class Courier:
    """Brings answers to waiting hooks, for one who holds the issue's lock."""

    def __init__(
        self,
        agent: Agent,
        journal: Journal,
        *,
        sleep: Callable[[float], Awaitable[None]],
        seconds: Callable[[], float],
    ) -> None:
        """Take the parts."""
        self._agent = agent
        self._journal = journal
        self._sleep = sleep
        self._seconds = seconds

    async def deliver(
        self, worker: Worker, question: Question, answers: Sequence[Answer], *, within_seconds: float
    ) -> AnswerReceipt | None:
        """Hand the answers over and return what came of it; None where no hook takes them, and nothing was done."""
        offer = None
        if question.channel is Channel.HOOK:
            offer = await anyio.to_thread.run_sync(self._agent.offer, question, answers)
        if offer is None:
            return None
        name = worker.issue or worker.session_id
        entry = await self._journal.intend(
            Kind.ANSWER,
            name,
            question_id=question.id,
            session_id=question.session_id,
            via="hook",
            answers=in_words(question, answers),
        )
        receipt = AnswerReceipt(
            issue=worker.issue,
            question_id=question.id,
            outcome=AnswerOutcome.SENT_UNCONFIRMED,
            reason="it was cut off",
            via=Channel.HOOK,
            answers=as_given(question, answers),
            kind=question.kind,
            session_id=worker.session_id,
        )
        try:
            refused = await _give(offer)
            if refused:
                receipt = _refused(receipt, refused)
                # A hook leaves when its question is over, or when it is killed: then keys may still do.
                return receipt if await self._is_over(question) else None
            receipt = await self._confirm(offer, question, answers, receipt, within_seconds=within_seconds)
        finally:
            with anyio.CancelScope(shield=True):
                await self._journal.conclude(entry, Kind.ANSWER, name, receipt.outcome, receipt.reason)
        return receipt

    async def _confirm(
        self,
        offer: Offer,
        question: Question,
        answers: Sequence[Answer],
        receipt: AnswerReceipt,
        *,
        within_seconds: float,
    ) -> AnswerReceipt:
        deadline = self._seconds() + within_seconds
        while True:
            record = await anyio.to_thread.run_sync(self._agent.given, question)
            if record is not None and is_on_record(question, answers, record):
                # Of a menu the record shows no more than yes or no.
                told = record if record and question.kind is QuestionKind.QUESTION else receipt.answers
                return replace(receipt, outcome=AnswerOutcome.CONFIRMED, reason="", answers=told)
            if record is not None:
                # The first answer counts; the agent takes no notice of a later one.
                await anyio.to_thread.run_sync(offer.withdraw)
                return _refused(receipt, f"the question was answered meanwhile: {in_short(record)}")
            if self._seconds() >= deadline:
                break
            await self._sleep(_CONFIRM_EVERY_SECONDS)
        if await anyio.to_thread.run_sync(offer.withdraw):
            return _refused(receipt, "the agent's hook did not take the answer, which was taken back")
        return replace(receipt, reason=f"the agent's record does not show it after {within_seconds:g} s")

    async def _is_over(self, question: Question) -> bool:
        return await anyio.to_thread.run_sync(self._agent.given, question) is not None


async def _give(offer: Offer) -> str:
    """Hand the answer over; return why it could not be."""
    try:
        given = await anyio.to_thread.run_sync(offer.give)
    except OSError as error:
        return f"the answer could not be written: {error.strerror or error}"
    return "" if given else "the agent's hook has left"


def _refused(receipt: AnswerReceipt, why: str) -> AnswerReceipt:
    return replace(receipt, outcome=AnswerOutcome.REFUSED, via=None, reason=why)
