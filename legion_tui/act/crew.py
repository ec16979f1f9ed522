"""The workers as they are at this moment, read for an act and not for a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import anyio

from legion_tui.act.ledger import Ledger
from legion_tui.agents.protocol import Agent, Known, Sighting
from legion_tui.errors import AgentError
from legion_tui.state import Mode, Pane, Turn, Worker, WorkerState, compute_session_id
from legion_tui.tmux import Tmux


@dataclass(frozen=True, slots=True)
class Member:
    """A worker of the project, with what it was judged by."""

    worker: Worker
    sighting: Sighting

    @property
    def finished(self) -> bool:
        """Whether it is at rest after a turn, so that its process can end without a loss."""
        worker = self.worker
        over = worker.state is WorkerState.IDLE and worker.turn is not Turn.RUNNING and worker.question is None
        return worker.live and over and not worker.conflict

    @property
    def name(self) -> str:
        """How a sentence calls it."""
        return f"{self.worker.mode or 'its'} worker"


@dataclass(frozen=True, slots=True)
class Crew:
    """Every live or dead worker of the project, and every pane of the server."""

    members: tuple[Member, ...]
    panes: tuple[Pane, ...]

    def of(self, issue_id: str) -> tuple[Member, ...]:
        """Return the live workers of an issue."""
        return tuple(m for m in self.members if m.worker.live and m.worker.issue == issue_id)

    def live(self) -> tuple[Member, ...]:
        """Return every live worker of the project's issues."""
        return tuple(m for m in self.members if m.worker.live and m.worker.issue is not None)

    def in_session(self, session_id: str) -> Member | None:
        """Return the live worker of that session."""
        return next((m for m in self.members if m.worker.live and m.sighting.session_id == session_id), None)


class CrewReader:
    """Reads the project's workers. The agent is this reader's own: it keeps offsets and is no one else's."""

    def __init__(
        self, tmux: Tmux, agent: Agent, ledger: Ledger, project_id: str, *, clock: Callable[[], datetime]
    ) -> None:
        """Take the parts; a pane is the project's when its session id is the one that the project gives it."""
        self._tmux = tmux
        self._agent = agent
        self._ledger = ledger
        self._project_id = project_id
        self._clock = clock

    async def read(self) -> Crew:
        """Read panes, agents and the screens that are needed; raises TmuxError and AgentError."""
        panes = await self._tmux.panes()
        journal = await self._ledger.journal()
        known = {
            session_id: Known(session_id=session_id, issue=issue, mode=mode)
            for session_id, (issue, mode) in journal.dispatched.items()
        }
        for pane in panes:
            if self.is_ours(pane):
                known[pane.legion_session_id] = Known(
                    session_id=pane.legion_session_id, issue=pane.issue, mode=Mode(pane.mode), pane=pane
                )
        ended = journal.ended
        asked = tuple(replace(one, told_to_end=one.session_id in ended) for one in known.values())
        judged = [
            replace(member, worker=replace(member.worker, linked=member.sighting.session_id in journal.linked))
            for member in await self._judged(panes, asked)
        ]
        return Crew(tuple(m for m in judged if self._is_member(m, journal.dispatched)), panes)

    def is_ours(self, pane: Pane) -> bool:
        """Whether a pane was opened for this project: another project may have an issue of the same id."""
        if not pane.issue or pane.mode not in list(Mode):
            return False
        return pane.legion_session_id == compute_session_id(self._project_id, pane.issue, pane.mode)

    def _is_member(self, member: Member, dispatched: Mapping[str, tuple[str, Mode]]) -> bool:
        pane = member.sighting.pane
        return member.sighting.session_id in dispatched or (pane is not None and self.is_ours(pane))

    async def look_at(self, pane_id: str, known: Known) -> Member | None:
        """Return the agent in one pane as it is now; None where the pane or the agent is not to be seen."""
        pane = next((pane for pane in await self._tmux.panes() if pane.pane_id == pane_id), None)
        if pane is None:
            return None
        known = replace(known, pane=pane)
        for member in await self._judged((pane,), (known,)):
            if member.sighting.session_id == known.session_id or member.worker.pane == pane_id:
                return member
        return None

    async def _judged(self, panes: Sequence[Pane], known: Sequence[Known]) -> tuple[Member, ...]:
        try:
            sightings = await anyio.to_thread.run_sync(self._agent.look, panes, known)
        except OSError as error:
            raise AgentError("the agents could not be read", f"{error.filename}: {error.strerror}") from error
        now = self._clock()
        wanted = [s.pane.pane_id for s in sightings if s.pane is not None and self._agent.wants_screen(s, now)]
        screens = await self._tmux.capture(wanted, colour=True) if wanted else {}

        def judged(sighting: Sighting) -> Member:
            capture = screens.get(sighting.pane.pane_id) if sighting.pane is not None else None
            return Member(self._agent.judge(sighting, capture.lines if capture else None, now), sighting)

        return tuple(judged(sighting) for sighting in sightings)
