"""Ending a worker that a person wants ended: Escape, SIGTERM, and SIGKILL only where that was asked for."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import anyio

from legion_tui.act.interrupt import Interrupter
from legion_tui.act.looking import Sight
from legion_tui.act.message import Hands
from legion_tui.act.parking import close_window
from legion_tui.act.reach import interrupt_hindrance
from legion_tui.act.records import Kind
from legion_tui.act.requests import Requests
from legion_tui.errors import LegionError, RefusedError, TmuxError
from legion_tui.processes import ProcessFacts, go_on, kill, still_lives, terminate
from legion_tui.state.receipts import Deed, Outcome, WorkerReceipt
from legion_tui.state.workers import Worker, WorkerState

ENDS_WITHIN_SECONDS = 5.0
_LOOK_AGAIN_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class StopPlan:
    """What stopping a worker would do, for the person who is asked.

    `pid` is whom they said yes to; 0 is nobody yet: it waits in the queue.
    """

    pid: int
    lines: tuple[str, ...]
    title: str = "end its worker"


class Stopper:
    """Ends workers, and takes those that wait out of the queue. Worktrees and transcripts stay."""

    def __init__(
        self,
        hands: Hands,
        interrupter: Interrupter,
        requests: Requests | None = None,
        *,
        within_seconds: float = ENDS_WITHIN_SECONDS,
    ) -> None:
        """Take the parts, without a queue where there is no project, and how long a process may take to end."""
        self._requests = requests
        self._hands = hands
        self._lookout = hands.lookout
        self._interrupter = interrupter
        self._within_seconds = within_seconds

    async def plan(self, target: str) -> StopPlan:
        """Return what would be done; RefusedError says why nothing is."""
        waiting = await self._requests.of(target) if self._requests is not None else ()
        if waiting:
            modes = ", ".join(request.mode for request in waiting)
            told = f"its {modes} worker waits: nothing of it was started"
            return StopPlan(pid=0, lines=(told,), title="take it out of the queue")
        worker = await self._found(target)
        sight = await self._lookout.sight(worker)
        process = _process(sight)
        escape = interrupt_hindrance(sight, self._hands.listener.box(sight.lines)) is None
        asks = sight.worker.question.text if sight.worker is not None and sight.worker.question is not None else ""
        return StopPlan(
            pid=process.pid,
            lines=(
                *((f"it asks {asks!r}: that is not answered",) if asks else ()),
                *(("press Escape, so that its turn ends on record",) if escape else ()),
                f"ask process {process.pid} ({process.name}) to end: SIGTERM",
                "its worktree and its transcript stay: dispatch takes the session up again",
            ),
        )

    async def stop(self, target: str, *, pid: int | None = None, killing: bool = False) -> WorkerReceipt:
        """End a worker and return what came of it; what is refused is a receipt, and nothing was ended.

        `pid`: only that process. `killing`: where it does not end when asked, it is killed. Raises TmuxError,
        AgentError and LegionError where something could not be read or written before the first signal.
        """
        if pid == 0 and self._requests is not None:
            return await self._withdrawn(target, self._requests)
        began = self._hands.seconds()
        receipt = WorkerReceipt(deed=Deed.STOP, issue=None, outcome=Outcome.REFUSED)
        try:
            worker = await self._found(target)
            receipt = replace(receipt, issue=worker.issue, session_id=worker.session_id)
            async with self._hands.lock(worker):
                receipt = await self._stop(worker, pid, receipt, killing=killing)
        except RefusedError as refused:
            receipt = replace(receipt, reason=str(refused))
        return replace(receipt, took_ms=round((self._hands.seconds() - began) * 1000))

    async def _withdrawn(self, target: str, requests: Requests) -> WorkerReceipt:
        if await requests.cancel(target):
            return WorkerReceipt(deed=Deed.WITHDRAW, issue=target, outcome=Outcome.DONE)
        why = "it does not wait any more"
        return WorkerReceipt(deed=Deed.WITHDRAW, issue=target, outcome=Outcome.REFUSED, reason=why)

    async def _found(self, target: str) -> Worker:
        worker = await self._hands.find(target)
        if worker is None:
            raise RefusedError("nobody to end", f"{target} has no worker")
        return worker

    async def _stop(self, worker: Worker, pid: int | None, receipt: WorkerReceipt, *, killing: bool) -> WorkerReceipt:
        process = _process(await self._lookout.sight(worker))
        if pid is not None and pid != process.pid:
            raise RefusedError("not ended", f"another process has the session by now: {process.pid}")
        # Its turn gets its end on record; where that is not to be had, the signal comes all the same.
        with contextlib.suppress(LegionError):
            await self._interrupter.press(worker, receipt)
        ended = await self._signalled(worker, process, "SIGTERM", _terminate)
        if not ended and killing:
            ended = await self._signalled(worker, process, "SIGKILL", kill)
        if not ended:
            reason = f"process {process.pid} did not end within {self._within_seconds:g} s"
            return replace(receipt, outcome=Outcome.UNCONFIRMED, reason=reason, lives=True)
        with contextlib.suppress(TmuxError):  # it has ended, whatever is left of its window
            await close_window(self._hands.tmux, worker.pane)
        return replace(receipt, outcome=Outcome.DONE, reason="")

    async def _signalled(
        self, worker: Worker, process: ProcessFacts, name: str, send: Callable[[ProcessFacts], bool]
    ) -> bool:
        """Send one signal to this very process, and return whether it ended in time."""
        journal, issue = self._hands.journal, worker.issue or worker.session_id
        data = {"session_id": worker.session_id, "pid": process.pid, "signal": name, "last_words": worker.last_words}
        entry = await journal.intend(Kind.STOP, issue, **data)
        outcome, reason = Outcome.UNCONFIRMED, "it was cut off"
        try:
            if not await anyio.to_thread.run_sync(send, process):
                if await anyio.to_thread.run_sync(still_lives, process):
                    outcome, reason = Outcome.REFUSED, "the system did not allow the signal"
                    raise RefusedError("not ended", f"{reason}: process {process.pid} is another user's")
                outcome, reason = Outcome.DONE, "it had ended by itself"
                return True
            deadline = self._hands.seconds() + self._within_seconds
            while self._hands.seconds() < deadline:
                if not await anyio.to_thread.run_sync(still_lives, process):
                    outcome, reason = Outcome.DONE, ""
                    return True
                await self._hands.sleep(_LOOK_AGAIN_SECONDS)
            reason = f"it did not end within {self._within_seconds:g} s"
            return False
        finally:
            with anyio.CancelScope(shield=True):
                await journal.conclude(entry, Kind.STOP, issue, outcome, reason)


def _process(sight: Sight) -> ProcessFacts:
    """Return the process that is to be ended; RefusedError where that is not certain."""
    worker = sight.worker
    if worker is None or not worker.live or sight.process is None:
        raise RefusedError("not ended", "no process of it lives here")
    if worker.state is WorkerState.UNKNOWN:
        raise RefusedError("not ended", "what it does is not known, so nothing is ended", "attach and look")
    return sight.process


def _terminate(process: ProcessFacts) -> bool:
    sent = terminate(process)
    # One that was stopped (^Z) hears of it only when it goes on.
    return sent and (go_on(process) or not still_lives(process))
