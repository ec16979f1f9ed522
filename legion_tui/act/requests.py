"""Workers that wait for a slot: asked for at any time, and kept until they are started or taken back."""

from __future__ import annotations

from legion_tui.act.ledger import Ledger
from legion_tui.act.locks import Locks
from legion_tui.act.records import Kind
from legion_tui.state import Mode
from legion_tui.state.journal import Request


class Requests:
    """The queue. It is in the ledger, so that it outlives whoever asked, and whoever serves it."""

    def __init__(self, ledger: Ledger, locks: Locks) -> None:
        """Keep it in `ledger`."""
        self._ledger = ledger
        self._locks = locks

    async def is_served(self) -> bool:
        """Whether a dashboard or an autopilot is there to start what waits."""
        return await self._locks.is_started_for()

    async def add(self, issue: str, mode: Mode, session_id: str, why: str) -> None:
        """Let a worker wait for its turn; one that waits already keeps its place."""
        if all(request.session_id != session_id for request in (await self._ledger.journal()).requests):
            await self._ledger.note(Kind.REQUEST, issue, mode=mode.value, session_id=session_id, reason=why)

    async def of(self, issue: str) -> tuple[Request, ...]:
        """Return what waits for an issue."""
        waiting = (await self._ledger.journal()).requests
        return tuple(request for request in waiting if request.issue.casefold() == issue.casefold())

    async def cancel(self, issue: str, reason: str = "taken back") -> int:
        """Take back what waits for an issue, and return how many that were."""
        waiting = await self.of(issue)
        for request in waiting:
            await self.drop(request, reason, outcome="cancelled")
        return len(waiting)

    async def drop(self, request: Request, reason: str, *, outcome: str = "dropped") -> None:
        """Take one out, for a reason that is kept."""
        await self._ledger.note(
            Kind.REQUEST,
            request.issue,
            mode=request.mode.value,
            session_id=request.session_id,
            outcome=outcome,
            reason=reason,
        )
