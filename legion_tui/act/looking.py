"""One worker as it is at this moment: its agent, its process, its pane and what that shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import anyio

from legion_tui.agents.protocol import Agent, Known
from legion_tui.errors import AgentError
from legion_tui.processes import ProcessFacts
from legion_tui.state.panes import Pane
from legion_tui.state.workers import Worker
from legion_tui.tmux import Tmux


@dataclass(frozen=True, slots=True)
class Sight:
    """A worker with its pane and screen at one moment; None for what is not there.

    `process` is the agent's own, as its status file or its pane names it.
    """

    worker: Worker | None
    pane: Pane | None
    lines: tuple[str, ...]
    process: ProcessFacts | None = None


class Lookout:
    """Looks at one worker. The agent is its owner's: it reads on in the agent's files by itself."""

    def __init__(self, tmux: Tmux, agent: Agent, clock: Callable[[], datetime]) -> None:
        """Take the gateway, the reader of the agent's files, and the clock."""
        self._tmux = tmux
        self._agent = agent
        self._clock = clock

    async def sight(self, worker: Worker) -> Sight:
        """Read the worker, its pane and its screen again. TmuxError, AgentError."""
        panes = await self._tmux.panes()
        pane = next((pane for pane in panes if pane.pane_id == worker.pane), None)
        known = Known(session_id=worker.session_id, issue=worker.issue, mode=worker.mode, pane=pane)
        try:
            sightings = await anyio.to_thread.run_sync(self._agent.look, panes, (known,))
        except OSError as error:
            raise AgentError("the agent's files could not be read", f"{error.filename}: {error.strerror}") from error
        # After the files, so that a screen is never older than what is known of it.
        captured = await self._tmux.capture([pane.pane_id], colour=True) if pane is not None else {}
        lines = captured[pane.pane_id].lines if pane is not None and pane.pane_id in captured else ()
        for sighting in sightings:
            here = sighting.pane is not None and sighting.pane.pane_id == worker.pane
            if sighting.session_id == worker.session_id and (here or pane is None):
                seen = self._agent.judge(sighting, lines or None, self._clock())
                return Sight(seen, sighting.pane, lines, sighting.process)
        return Sight(None, pane, lines)
