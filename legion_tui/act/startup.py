"""Seeing a new worker come up: by its status file, or by a dialog that it starts with."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import anyio

from legion_tui.act.crew import CrewReader
from legion_tui.agents.protocol import Known
from legion_tui.errors import LegionError
from legion_tui.state import Mode, Pane, WorkerState
from legion_tui.tmux import Tmux

_LOOK_AGAIN_SECONDS = 0.1
# tmux sees the end of a terminal before it has the status of the process, and may miss that (3.3a does, at times).
_STATUS_WITHIN_SECONDS = 0.5
# What a program that ends at once says of it is seldom one line alone.
_LAST_LINES = 3
# Nothing certain is known of the agent in these.
_NOT_YET = frozenset({WorkerState.STARTING, WorkerState.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of a start: confirmed, not (yet), or ended at once; `reason` in words."""

    confirmed: bool
    ended: bool = False
    reason: str = ""


class Startup:
    """Watches one pane until its agent is up."""

    def __init__(self, tmux: Tmux, crew: CrewReader, *, within_seconds: float, clock: Callable[[], datetime]) -> None:
        """Wait `within_seconds` at the most."""
        self._tmux = tmux
        self._crew = crew
        self._within_seconds = within_seconds
        self._clock = clock

    async def watch(self, pane_id: str, session_id: str, issue: str, mode: Mode) -> Seen:
        """Return as soon as the agent shows itself, or its pane dies, or time is up."""
        known = Known(session_id=session_id, issue=issue, mode=mode, started_at=self._clock())
        unreadable = ""
        with anyio.move_on_after(self._within_seconds):
            while True:
                try:
                    seen = await self._look(pane_id, known)
                except LegionError as error:  # the window is open, whatever can be seen of it now
                    unreadable = f": {error}"
                else:
                    if seen is not None:
                        return seen
                    unreadable = ""
                await anyio.sleep(_LOOK_AGAIN_SECONDS)
        return Seen(confirmed=False, reason=f"no sign of the agent within {self._within_seconds:g} s{unreadable}")

    async def watch_session(self, session_id: str, over: Callable[[], Awaitable[str | None]]) -> Seen:
        """Return as soon as an agent without a pane shows itself, or time is up.

        `over` says that it has ended by now, and why it did so without an answer: an empty string where it gave one.
        """
        with anyio.move_on_after(self._within_seconds):
            while True:
                error = await over()
                if error is not None:
                    # One that is through already was started as any other.
                    return Seen(confirmed=not error, ended=bool(error), reason=error or "it is through already")
                with contextlib.suppress(LegionError):  # it runs, whatever can be seen of it now
                    member = (await self._crew.read()).in_session(session_id)
                    if member is not None and member.worker.state not in _NOT_YET:
                        return Seen(confirmed=True)
                await anyio.sleep(_LOOK_AGAIN_SECONDS)
        return Seen(confirmed=False, reason=f"no sign of the agent within {self._within_seconds:g} s")

    async def _look(self, pane_id: str, known: Known) -> Seen | None:
        ended = await self._ended(pane_id)
        if ended is not None:
            return ended
        member = await self._crew.look_at(pane_id, known)
        if member is not None and member.worker.live and member.worker.state not in _NOT_YET:
            return Seen(confirmed=True, reason=_reason(member.worker.state))
        return None

    async def _ended(self, pane_id: str) -> Seen | None:
        pane = await self._pane(pane_id)
        if pane is None:
            return Seen(confirmed=False, ended=True, reason="its window was closed at once")
        if not pane.dead:
            return None
        with anyio.move_on_after(_STATUS_WITHIN_SECONDS):
            while pane is not None and pane.dead_status is None:
                await anyio.sleep(_LOOK_AGAIN_SECONDS)
                pane = await self._pane(pane_id)
        capture = (await self._tmux.capture([pane_id])).get(pane_id)
        said = [line.strip() for line in capture.lines if line.strip()] if capture is not None else []
        words = [line for line in said if not line.startswith("Pane is dead")]
        status = "" if pane is None or pane.dead_status is None else f" with status {pane.dead_status}"
        return Seen(
            confirmed=False, ended=True, reason=f"it ended{status}: {' / '.join(words[-_LAST_LINES:]) or 'no word'}"
        )

    async def _pane(self, pane_id: str) -> Pane | None:
        return next((pane for pane in await self._tmux.panes() if pane.pane_id == pane_id), None)


def _reason(state: WorkerState) -> str:
    return "a start-up dialog waits for an answer" if state is WorkerState.STARTUP_DIALOG else ""
