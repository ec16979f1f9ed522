"""Delivering the messages that wait, each as soon as its worker is idle; one porter for each ledger at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import anyio

from legion_tui.act.ledger import Ledger
from legion_tui.act.locks import Locks
from legion_tui.act.message import Find, Messenger
from legion_tui.act.records import Kind
from legion_tui.act.turns import take_turns
from legion_tui.errors import LegionError, RefusedError
from legion_tui.state.journal import QueuedMessage
from legion_tui.state.receipts import WorkerReceipt

Told = Callable[[WorkerReceipt], Awaitable[None]]


class Porter:
    """Carries messages. `find` returns the worker of a session."""

    def __init__(
        self,
        messenger: Messenger,
        journal: Ledger,
        find: Find,
        locks: Locks,
        *,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        every_seconds: float = 1.0,
    ) -> None:
        """Take the parts."""
        self._messenger = messenger
        self._journal = journal
        self._find = find
        self._locks = locks
        self._sleep = sleep
        self._every_seconds = every_seconds

    async def run(self, tell: Told | None = None) -> None:
        """Carry until cancelled; while another porter does it, stand by."""

        async def step() -> None:
            await self._rounds(tell)

        await take_turns(self._locks.hold_porter, step, every_seconds=self._every_seconds, sleep=self._sleep)

    async def carry_until(self, message_id: str) -> WorkerReceipt | None:
        """Carry until that message is out of the queue; None, at once, where another porter does it.

        Also None where it left the queue by another hand.
        """
        ended: list[WorkerReceipt] = []

        async def keep(receipt: WorkerReceipt) -> None:
            if receipt.message_id == message_id:
                ended.append(receipt)

        try:
            async with self._locks.hold_porter():
                while not ended and await self._waits(message_id):
                    await self._rounds(keep)
                    if not ended:
                        await self._sleep(self._every_seconds)
        except RefusedError:
            return None
        return ended[0] if ended else None

    async def cancel(self, messages: Sequence[QueuedMessage]) -> int:
        """Take messages back, and return how many of them still waited."""
        waiting = {message.id for message in await self._journal.queue()}
        kept = [message for message in messages if message.id in waiting]
        for message in kept:
            await self._journal.note(Kind.QUEUE, message.issue, message=message.id, outcome="cancelled")
        return len(kept)

    async def _waits(self, message_id: str) -> bool:
        return any(message.id == message_id for message in await self._journal.queue())

    async def _rounds(self, tell: Told | None) -> None:
        """Try the oldest message of each worker once; what cannot be read now is tried again the next time."""
        tried: set[str] = set()
        try:
            queue = await self._journal.queue()
        except LegionError:
            return
        for message in queue:
            if message.session_id in tried:
                continue
            tried.add(message.session_id)
            try:
                worker = await self._find(message.session_id)
                receipt = await self._messenger.deliver(message, worker) if worker is not None else None
            except LegionError:
                continue
            if receipt is not None and tell is not None:
                await tell(receipt)
