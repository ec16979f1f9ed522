"""The heartbeat: at a pace of its own it finds idle, silent and vanished workers, and parks those long finished."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

import anyio

from legion_tui.act.ledger import Ledger
from legion_tui.act.locks import Locks
from legion_tui.act.room import Room
from legion_tui.act.turns import take_turns
from legion_tui.errors import RefusedError
from legion_tui.state import Snapshot
from legion_tui.state.life import Life, LifeEvent
from legion_tui.state.pulse import Thresholds, came_to_nothing, observed
from legion_tui.state.slots import is_spare
from legion_tui.state.snapshot import IssueState

_TRIM_EVERY = timedelta(days=1)
_Wanted = tuple[LifeEvent, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """What one beat found: a step of a life, in words that a person reads."""

    issue: str
    text: str


class Heartbeat:
    """Beats in one program of a project at a time; the others stand by. What it does not know it leaves alone."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        locks: Locks,
        room: Room,
        settle: Callable[[], Awaitable[None]],
        latest: Callable[[], Snapshot],
        clock: Callable[[], datetime],
        thresholds: Thresholds,
        every_seconds: float = 10.0,
        park_after: timedelta | None = None,
        keep_records: timedelta | None = None,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        """Take the parts. `settle` concludes what a crash left open; `park_after`: None parks nobody.

        `keep_records`: for so long the ledger keeps what nothing depends on; None keeps it for ever.
        """
        self._keep_records = keep_records
        self._trimmed_at: datetime | None = None
        self._ledger = ledger
        self._locks = locks
        self._room = room
        self._settle = settle
        self._latest = latest
        self._clock = clock
        self._thresholds = thresholds
        self._every_seconds = every_seconds
        self._park_after = park_after
        self._sleep = sleep

    async def run(self, tell: Callable[[Beat], None] | None = None) -> None:
        """Beat until cancelled; while another program does it, stand by. What cannot be read or written waits."""

        async def step() -> None:
            for beat in await self.beat(self._latest()):
                if tell is not None:
                    tell(beat)

        await take_turns(self._locks.hold_heartbeat, step, every_seconds=self._every_seconds, sleep=self._sleep)

    async def beat(self, snapshot: Snapshot) -> tuple[Beat, ...]:
        """Take every life on by what the snapshot shows, and return the steps that were made.

        A snapshot in which a source is failing shows nothing: nobody is called gone because tmux was not read.
        """
        if snapshot.unread:
            return ()
        await self._settle()
        lives = await self._ledger.lives()
        beats = [beat for row in snapshot.issues for beat in await self._row(row, lives)]
        for life in await self._never_seen(snapshot, lives):
            wanted = came_to_nothing(life, self._clock(), self._thresholds)
            beats += await self._move(life, wanted)
        await self._room.retire(self._long_finished(snapshot))
        await self._trim()
        return tuple(beats)

    def _long_finished(self, snapshot: Snapshot) -> Set[str]:
        """Return the sessions that have done their part and rested too long, by the snapshot alone: mostly none."""
        if self._park_after is None:
            return frozenset()
        before = self._clock() - self._park_after
        return {
            worker.session_id
            for row in snapshot.issues
            for worker in row.workers
            if is_spare(worker, row.status, closed=row.issue.closed) and worker.since and worker.since <= before
        }

    async def _trim(self) -> None:
        """Once a day, and when the program has just begun to watch."""
        now = self._clock()
        if self._keep_records is None or (self._trimmed_at is not None and now - self._trimmed_at < _TRIM_EVERY):
            return
        self._trimmed_at = now
        await self._ledger.trim(older_than=now - self._keep_records)

    async def _row(self, row: IssueState, lives: Mapping[str, Life]) -> list[Beat]:
        beats: list[Beat] = []
        for worker in row.workers:
            life = lives.get(worker.session_id)
            if life is not None:
                beats += await self._move(life, observed(row, worker, life, self._clock(), self._thresholds))
        return beats

    async def _never_seen(self, snapshot: Snapshot, lives: Mapping[str, Life]) -> list[Life]:
        seen = {worker.session_id for worker in snapshot.workers if worker.live}
        waiting = {request.session_id for request in (await self._ledger.journal()).requests}
        return [life for life in lives.values() if life.session_id not in seen | waiting]

    async def _move(self, life: Life, wanted: _Wanted | None) -> list[Beat]:
        """Make one step, for which the issue's lock is needed: what somebody is acting on waits for the next beat."""
        if wanted is None:
            return []
        try:
            async with self._locks.hold(life.issue, wait_seconds=0.0):
                now = (await self._ledger.lives()).get(life.session_id)
                if now != life:
                    return []
                await self._ledger.live(life, wanted)
        except RefusedError:
            return []
        event, reason, _ = wanted
        return [Beat(issue=life.issue, text=f"{life.mode} worker {life.state} → {event}: {reason}")]
