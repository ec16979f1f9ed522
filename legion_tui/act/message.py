"""Telling a worker something: into its own prompt box, confirmed by its own record of it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import anyio

from legion_tui.act.ledger import Ledger
from legion_tui.act.looking import Lookout
from legion_tui.act.reach import Hindrance, hindrance, is_too_tall
from legion_tui.act.records import Kind
from legion_tui.act.typist import Typist
from legion_tui.act.wording import is_that, problem, tidy
from legion_tui.agents.protocol import Agent, Listener
from legion_tui.errors import LegionError, RefusedError, UsageError
from legion_tui.state.journal import QueuedMessage
from legion_tui.state.receipts import Deed, MessageRequest, Outcome, WorkerReceipt
from legion_tui.state.workers import Worker
from legion_tui.tmux import Tmux

_CONFIRM_EVERY_SECONDS = 0.05
# Records are stamped by the agent, by the same clock of this machine.
_SLACK = timedelta(seconds=1)

Find = Callable[[str], Awaitable[Worker | None]]
Lock = Callable[[Worker], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """What everything that a person does to a live worker is done with.

    `find` returns the worker that an issue or session id means; `lock` keeps out all others who could act on it.
    """

    tmux: Tmux
    agent: Agent
    listener: Listener
    find: Find
    lock: Lock
    journal: Ledger
    clock: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep
    seconds: Callable[[], float] = time.monotonic

    @property
    def lookout(self) -> Lookout:
        """Looks at one worker anew."""
        return Lookout(self.tmux, self.agent, self.clock)


class Messenger:
    """Sends messages. Its agent is its own: it reads on in the agent's files by itself."""

    def __init__(self, hands: Hands) -> None:
        """Take the parts."""
        self._hands = hands
        self._lookout = hands.lookout

    async def send(self, request: MessageRequest) -> WorkerReceipt:
        """Send, or queue, and return what came of it; what is refused is a receipt, and nothing was typed.

        Raises UsageError where the text is off, and TmuxError, AgentError and LegionError where something could not
        be read or written before the first key.
        """
        began = self._hands.seconds()
        text = tidy(request.text)
        why = problem(text, by_hand=request.by_hand)
        if why:
            raise UsageError("the message", why)
        receipt = WorkerReceipt(deed=Deed.SEND, issue=None, outcome=Outcome.REFUSED)
        try:
            worker = await self._hands.find(request.target)
            if worker is None:
                raise RefusedError("nobody to tell", f"{request.target} has no worker")
            receipt = replace(receipt, issue=worker.issue, session_id=worker.session_id)
            async with self._hands.lock(worker):
                receipt = await self._send(worker, text, request, receipt)
        except RefusedError as refused:
            receipt = replace(receipt, reason=str(refused))
        return replace(receipt, took_ms=round((self._hands.seconds() - began) * 1000))

    async def foresee(self, target: str) -> WorkerReceipt:
        """Return what a short message would meet now: nothing in its way, a wait, or a refusal. Types nothing.

        Raises TmuxError, AgentError and LegionError where something could not be read.
        """
        receipt = WorkerReceipt(deed=Deed.SEND, issue=None, outcome=Outcome.REFUSED)
        worker = await self._hands.find(target)
        if worker is None:
            return replace(receipt, reason=f"{target} has no worker")
        receipt = replace(receipt, issue=worker.issue, session_id=worker.session_id)
        found = await self.hindrance(worker, "")
        if found is None:
            return replace(receipt, outcome=Outcome.DRY_RUN)
        return replace(receipt, outcome=Outcome.QUEUED if found.busy else Outcome.REFUSED, reason=found.why)

    async def _send(self, worker: Worker, text: str, request: MessageRequest, receipt: WorkerReceipt) -> WorkerReceipt:
        found = await self.hindrance(worker, text)
        if found is not None and found.busy and request.queue:
            name = worker.issue or worker.session_id
            queued = await self._hands.journal.note(Kind.QUEUE, name, session_id=worker.session_id, text=text)
            return replace(receipt, outcome=Outcome.QUEUED, reason=found.why, message_id=queued)
        if found is not None:
            remedy = "--queue sends it once it is idle" if found.busy else ""
            raise RefusedError("not sent", found.why, remedy)
        return await self._type(worker, text, receipt, within_seconds=request.timeout_seconds)

    async def hindrance(self, worker: Worker, text: str) -> Hindrance | None:
        """Return what stands in the way of telling it this now. TmuxError, AgentError."""
        sight = await self._lookout.sight(worker)
        if sight.pane is not None and is_too_tall(sight.pane, text):
            return Hindrance("its pane is too low to see so long a message in: put it into a file")
        return hindrance(sight, self._hands.listener.box(sight.lines), self._hands.clock())

    async def deliver(
        self, message: QueuedMessage, worker: Worker, *, within_seconds: float = 10.0
    ) -> WorkerReceipt | None:
        """Send a message that waited; None, and nothing is written, where it has to wait on.

        One whose worker is gone is dropped, and that is journalled: the next worker is told nothing that was meant
        for another. Raises what `send` raises.
        """
        async with self._hands.lock(worker):
            # Another may have sent it, or taken it back.
            if all(waits.id != message.id for waits in await self._hands.journal.queue()):
                return None
            receipt = WorkerReceipt(
                deed=Deed.SEND,
                issue=worker.issue,
                session_id=worker.session_id,
                outcome=Outcome.REFUSED,
                message_id=message.id,
            )
            found = await self.hindrance(worker, message.text)
            if found is not None and found.gone:
                return await self.drop(message, receipt, found.why)
            if found is not None:
                return None
            return await self._type(worker, message.text, receipt, within_seconds=within_seconds)

    async def drop(
        self, message: QueuedMessage, receipt: WorkerReceipt, why: str, *, outcome: str = "dropped"
    ) -> WorkerReceipt:
        """Take a message out of the queue unsent."""
        await self._hands.journal.note(Kind.QUEUE, message.issue, message=message.id, outcome=outcome, reason=why)
        return replace(receipt, reason=why)

    async def _type(self, worker: Worker, text: str, receipt: WorkerReceipt, *, within_seconds: float) -> WorkerReceipt:
        hands, name = self._hands, worker.issue or worker.session_id
        data = {"session_id": worker.session_id, "pane": worker.pane, "text": text, "message": receipt.message_id}
        entry = await hands.journal.intend(Kind.MESSAGE, name, **data)
        typist = Typist(
            hands.tmux,
            hands.listener,
            lambda: self._lookout.sight(worker),
            clock=hands.clock,
            sleep=hands.sleep,
            seconds=hands.seconds,
        )
        receipt = replace(receipt, outcome=Outcome.UNCONFIRMED, reason="it was cut off")
        try:
            await typist.write(text)
            receipt = await self._confirm(worker, text, typist.entered_at, receipt, within_seconds=within_seconds)
        except LegionError as error:
            left = "; what was typed stands in its prompt box" if typist.typed else ""
            outcome = Outcome.UNCONFIRMED if typist.typed else Outcome.REFUSED
            receipt = replace(receipt, outcome=outcome, reason=f"{error}{left}")
        finally:
            with anyio.CancelScope(shield=True):
                await hands.journal.conclude(entry, Kind.MESSAGE, name, receipt.outcome, receipt.reason)
        return receipt

    async def _confirm(
        self,
        worker: Worker,
        text: str,
        entered_at: datetime | None,
        receipt: WorkerReceipt,
        *,
        within_seconds: float,
    ) -> WorkerReceipt:
        hands = self._hands
        deadline = hands.seconds() + within_seconds
        while True:
            await self._lookout.sight(worker)
            prompts = await anyio.to_thread.run_sync(hands.listener.prompts, worker.session_id)
            for prompt in prompts:
                new = prompt.at is not None and entered_at is not None and prompt.at >= entered_at - _SLACK
                if new and is_that(text, prompt.text):
                    return replace(receipt, outcome=Outcome.DONE, reason="")
            if hands.seconds() >= deadline:
                late = f"the agent's record does not show it after {within_seconds:g} s"
                return replace(receipt, reason=late)
            await hands.sleep(_CONFIRM_EVERY_SECONDS)
