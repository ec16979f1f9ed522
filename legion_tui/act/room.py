"""Making room for a worker where every slot is taken: one that has finished is parked, and can be resumed."""

from __future__ import annotations

from collections.abc import Set

from legion_tui.act.crew import Crew, CrewReader, Member
from legion_tui.act.locks import Locks
from legion_tui.act.parking import Parking
from legion_tui.agents.protocol import Known
from legion_tui.errors import RefusedError, TrackerError
from legion_tui.state.names import Mode
from legion_tui.state.slots import is_spare
from legion_tui.trackers import Tracker


class Room:
    """Finds workers whose slot can be given away, and gives it away."""

    def __init__(self, *, crew: CrewReader, tracker: Tracker, parking: Parking, locks: Locks) -> None:
        """Take the parts."""
        self._crew = crew
        self._tracker = tracker
        self._parking = parking
        self._locks = locks

    async def spare(self, crew: Crew, *, but: str, mode: Mode | None = None) -> tuple[Member, ...]:
        """Return the workers of other issues than `but` that have nothing left to do, the longest at rest first.

        With `mode` those of that mode alone.
        """
        found = []
        for member in crew.live():
            if mode not in (None, member.worker.mode):
                continue
            if member.finished and member.worker.issue not in (None, but) and await self._is_spare(member):
                found.append(member)
        return tuple(sorted(found, key=lambda member: member.worker.since.timestamp() if member.worker.since else 0.0))

    async def make(self, crew: Crew, *, but: str, mode: Mode | None = None) -> bool:
        """Park one of them, under its own issue's lock and only if it still is at rest; False where none could be."""
        for member in await self.spare(crew, but=but, mode=mode):
            if await self._park(member):
                return True
        return False

    async def retire(self, sessions: Set[str]) -> None:
        """Park those of these sessions that still have nothing left to do; TmuxError and AgentError."""
        if not sessions:
            return
        for member in (await self._crew.read()).live():
            if member.sighting.session_id in sessions and member.finished:
                await self._park(member)

    async def _park(self, member: Member) -> bool:
        worker = member.worker
        try:
            async with self._locks.hold(worker.issue or ""):
                known = Known(session_id=worker.session_id, issue=worker.issue, mode=worker.mode)
                again = await self._crew.look_at(worker.pane, known) if worker.pane else None
                if again is None or not again.finished or not await self._is_spare(again):
                    return False
                await self._parking.park(again)
                return True
        except RefusedError:  # somebody acts on it
            return False

    async def _is_spare(self, member: Member) -> bool:
        try:
            issue = await self._tracker.get(member.worker.issue or "")
        except TrackerError:  # nothing tells that its issue is over
            return False
        return is_spare(member.worker, issue.status, closed=issue.closed)
