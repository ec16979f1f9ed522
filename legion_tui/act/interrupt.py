"""Stopping what a worker does, and the worker staying: a key, on a look that shows that it is one to be stopped."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import anyio

from legion_tui.act.message import Hands
from legion_tui.act.reach import interrupt_hindrance
from legion_tui.act.records import Kind
from legion_tui.errors import AgentError, LegionError, RefusedError, TmuxError
from legion_tui.state.receipts import Deed, Outcome, WorkerReceipt
from legion_tui.state.workers import RUNNING, Worker

_WITHIN_SECONDS = 5.0
_LOOK_AGAIN_SECONDS = 0.1
_SLACK = timedelta(seconds=1)
# The second one only where the first did not do it (an agent in vim mode takes Escape for its prompt box).
_KEYS = ("Escape", "C-c")


class Interrupter:
    """Interrupts workers. Its agent is its own: it reads on in the agent's files by itself."""

    def __init__(self, hands: Hands, *, within_seconds: float = _WITHIN_SECONDS, keys: Sequence[str] = _KEYS) -> None:
        """Take the parts, how long a confirmation is waited for after each key, and the keys, mildest first."""
        self._keys = keys
        self._hands = hands
        self._lookout = hands.lookout
        self._within_seconds = within_seconds

    async def interrupt(self, target: str) -> WorkerReceipt:
        """Press Escape, then ctrl-c if need be; what is refused is a receipt, and nothing was pressed.

        Raises TmuxError, AgentError and LegionError where something could not be read or written before the key.
        """
        began = self._hands.seconds()
        receipt = WorkerReceipt(deed=Deed.INTERRUPT, issue=None, outcome=Outcome.REFUSED)
        try:
            worker = await self._hands.find(target)
            if worker is None:
                raise RefusedError("nobody to interrupt", f"{target} has no worker")
            receipt = replace(receipt, issue=worker.issue, session_id=worker.session_id)
            async with self._hands.lock(worker):
                receipt = await self.press(worker, receipt)
        except RefusedError as refused:
            receipt = replace(receipt, reason=str(refused))
        return replace(receipt, took_ms=round((self._hands.seconds() - began) * 1000))

    async def press(self, worker: Worker, receipt: WorkerReceipt) -> WorkerReceipt:
        """Interrupt a worker for one who holds its lock; refusals are raised."""
        hands, name = self._hands, worker.issue or worker.session_id
        await self._checked(worker)
        entry = await hands.journal.intend(
            Kind.INTERRUPT, name, session_id=worker.session_id, pane=worker.pane, pid=worker.pid
        )
        receipt = replace(receipt, outcome=Outcome.UNCONFIRMED, reason="it was cut off")
        pressed: list[str] = []
        try:
            for key in self._keys:
                # Once more each time, for it took a moment: a question may have come up, which the key would decline.
                pane_id = await self._checked(worker, keeps_draft=key != "C-c")
                pressed_at = hands.clock()
                pressed.append(key)
                await hands.tmux.send_key(pane_id, key)
                if await self._stopped(worker, pressed_at):
                    reason = f"{pressed[0]} alone did not stop it" if len(pressed) > 1 else ""
                    receipt = replace(receipt, outcome=Outcome.DONE, reason=reason)
                    break
                late = f"it still is at work {self._within_seconds:g} s after {' and '.join(pressed)}"
                receipt = replace(receipt, reason=late)
        except LegionError as error:
            receipt = replace(receipt, outcome=Outcome.UNCONFIRMED if pressed else Outcome.REFUSED, reason=str(error))
        finally:
            with anyio.CancelScope(shield=True):
                await hands.journal.conclude(entry, Kind.INTERRUPT, name, receipt.outcome, receipt.reason)
        return receipt

    async def _checked(self, worker: Worker, *, keeps_draft: bool = True) -> str:
        sight = await self._lookout.sight(worker)
        box = self._hands.listener.box(sight.lines)
        found = interrupt_hindrance(sight, box)
        if found is not None or sight.pane is None:
            raise RefusedError("not interrupted", found.why if found is not None else "it has no pane")
        if box.text and not keeps_draft:
            raise RefusedError("not interrupted", "Escape did not stop it, and ctrl-c would take the draft in its box")
        return sight.pane.pane_id

    async def _stopped(self, worker: Worker, pressed_at: datetime) -> bool:
        """Whether its status or its record shows that it stopped; what waits in its own queue begins at once."""
        hands = self._hands
        deadline = hands.seconds() + self._within_seconds
        while hands.seconds() < deadline:
            await hands.sleep(_LOOK_AGAIN_SECONDS)
            with contextlib.suppress(TmuxError, AgentError):
                seen = (await self._lookout.sight(worker)).worker
                if seen is not None and seen.live and seen.state not in RUNNING:
                    return True
                at = await anyio.to_thread.run_sync(hands.listener.interrupted_at, worker.session_id)
                if at is not None and at >= pressed_at - _SLACK:
                    return True
        return False
