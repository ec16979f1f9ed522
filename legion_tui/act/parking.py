"""Ending a worker that has finished: its client leaves cleanly, and its session can be taken up again."""

from __future__ import annotations

import contextlib

import anyio

from legion_tui.act.crew import Crew, Member
from legion_tui.act.ledger import Ledger
from legion_tui.act.records import Kind
from legion_tui.errors import RefusedError, TmuxError
from legion_tui.processes import still_lives, terminate
from legion_tui.tmux import Tmux

_ENDS_WITHIN_SECONDS = 5.0
_LOOK_AGAIN_SECONDS = 0.05


class Parking:
    """Ends finished workers, and nothing else: one that is busy or asks is refused."""

    def __init__(self, tmux: Tmux, ledger: Ledger) -> None:
        """Take the gateway, to close the window that is left, and the ledger."""
        self._tmux = tmux
        self._ledger = ledger

    def check(self, crew: Crew, issue_id: str, *, keep_session: str = "") -> tuple[Member, ...]:
        """Return the live workers of an issue that are to be parked; RefusedError where one is not at rest.

        The worker of `keep_session` is needed next and stays, and so does a session that a person linked.
        """
        others = tuple(m for m in crew.of(issue_id) if m.sighting.session_id != keep_session)
        for member in others:
            if not member.finished:
                raise RefusedError(
                    f"the {member.name} of {issue_id} is {member.worker.state}",
                    "only one that has ended its turn is parked",
                    "answer it, stop it, or wait for it",
                )
        return tuple(member for member in others if not member.worker.linked)

    async def park(self, member: Member) -> None:
        """End the worker's process by SIGTERM and close its window; RefusedError when it is not the same process."""
        worker, sighting = member.worker, member.sighting
        issue, process = worker.issue or "", sighting.process
        changed = RefusedError(f"the {member.name} of {issue} cannot be parked", "its process changed meanwhile")
        if process is None or not await anyio.to_thread.run_sync(still_lives, process):
            raise changed
        data = {"mode": str(worker.mode), "session_id": worker.session_id, "pid": process.pid}
        entry = await self._ledger.intend(Kind.PARK, issue, **data)
        # Looked at once more: a signal goes by a number only, and to write took a moment.
        if not await anyio.to_thread.run_sync(terminate, process):
            await self._ledger.conclude(entry, Kind.PARK, issue, "refused", changed.message)
            raise changed
        ended = False
        with anyio.move_on_after(_ENDS_WITHIN_SECONDS):
            while not ended:
                await anyio.sleep(_LOOK_AGAIN_SECONDS)
                ended = not await anyio.to_thread.run_sync(still_lives, process)
        if not ended:
            reason = f"process {process.pid} did not end within {_ENDS_WITHIN_SECONDS:g} s"
            await self._ledger.conclude(entry, Kind.PARK, issue, "unconfirmed", reason)
            raise RefusedError(f"the {member.name} of {issue} was asked to end", reason, "stop it by hand")
        await close_window(self._tmux, member.worker.pane)
        await self._ledger.conclude(entry, Kind.PARK, issue, "done")


async def close_window(tmux: Tmux, pane_id: str | None) -> None:
    """Close the window of a process that has just ended; one that somebody split holds more, and stays. TmuxError."""
    if pane_id is None:
        return
    with anyio.move_on_after(1):  # tmux sees the end of the process a moment after we do
        while True:
            panes = await tmux.panes()
            left = next((pane for pane in panes if pane.pane_id == pane_id), None)
            if left is None:
                return
            if left.dead:
                if sum(pane.window_id == left.window_id for pane in panes) == 1:
                    await tmux.kill_window(left.window_id)
                return
            await anyio.sleep(_LOOK_AGAIN_SECONDS)


async def close_dead(tmux: Tmux, session_id: str, *, keep: str = "") -> None:
    """Close what workers of a session left: dead panes, alone in their windows; `keep` is a window that stays."""
    with contextlib.suppress(TmuxError):  # what is left over harms nobody
        panes = await tmux.panes()
        for pane in panes:
            alone = sum(other.window_id == pane.window_id for other in panes) == 1
            if pane.dead and alone and pane.window_id != keep and session_id and pane.legion_session_id == session_id:
                await tmux.kill_window(pane.window_id)
