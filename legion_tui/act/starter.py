"""Starting the workers that wait, oldest first, by whoever watches the project."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio

from legion_tui.act.dispatch import Dispatcher
from legion_tui.act.ledger import Ledger
from legion_tui.act.locks import Locks
from legion_tui.act.requests import Requests
from legion_tui.act.turns import take_turns
from legion_tui.errors import LegionError, NoSlotError
from legion_tui.state import DispatchReceipt, IssueStatus, Outcome, Snapshot
from legion_tui.state.journal import Request
from legion_tui.state.queueing import waits_for

_LOOK_AGAIN_SECONDS = 1.0
Told = Callable[[DispatchReceipt], None]


class Starter:
    """Starts what waits, as slots come free; one starter for each ledger at a time, the others stand by."""

    def __init__(
        self,
        *,
        requests: Requests,
        dispatcher: Dispatcher,
        ledger: Ledger,
        locks: Locks,
        latest: Callable[[], Snapshot],
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        """Take the parts."""
        self._requests = requests
        self._dispatcher = dispatcher
        self._ledger = ledger
        self._locks = locks
        self._latest = latest
        self._sleep = sleep

    async def run(self, tell: Told | None = None) -> None:
        """Start what may start until cancelled."""

        async def step() -> None:
            await self.step(self._latest(), tell)

        await take_turns(self._locks.hold_starter, step, every_seconds=_LOOK_AGAIN_SECONDS, sleep=self._sleep)

    async def step(self, snapshot: Snapshot, tell: Told | None = None) -> None:
        """Start the oldest that may start, until the slots are full; what no longer can be started is dropped."""
        if snapshot.unread:
            return
        for request in (await self._ledger.journal()).requests:
            over = _over(snapshot, request)
            if over:
                await self._requests.drop(request, over)
            elif not waits_for(snapshot, request):
                receipt = await self._start(request)
                if receipt is None:
                    return
                if tell is not None:
                    tell(receipt)

    async def _start(self, request: Request) -> DispatchReceipt | None:
        """Start one; None where there is no slot for it after all, and it waits on."""
        try:
            receipt = await self._dispatcher.dispatch(request.issue, request.mode, waits=False)
        except NoSlotError:
            return None
        except LegionError as error:
            receipt = self._dispatcher.refusal(request.issue, request.mode, str(error))
        if receipt.outcome is Outcome.REFUSED:
            await self._requests.drop(request, receipt.reason)
        return receipt


def _over(snapshot: Snapshot, request: Request) -> str:
    row = snapshot.issue(request.issue)
    if row is None:
        return "its issue is not there any more"
    if row.issue.closed or row.status == IssueStatus.DONE:
        return "its issue is done"
    live = any(worker.live and worker.session_id == request.session_id for worker in row.workers)
    return "it is live already" if live else ""
