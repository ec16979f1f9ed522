"""What reading has cost: gathered from those who read, so that it can be shown."""

from __future__ import annotations

import time

import psutil

from legion_tui.fetch.file_events import FileEvents
from legion_tui.fetch.sources import Sources
from legion_tui.fetch.stalls import Stalls
from legion_tui.state import Source, Strategy
from legion_tui.state.diagnostics import Cost, Diagnostics, SourceFigures


class Figures:
    """Tells what the sources have cost since it was made; `run` watches the event loop meanwhile."""

    def __init__(self, sources: Sources, events: FileEvents) -> None:
        """Take whose figures they are."""
        self._sources = sources
        self._events = events
        self._stalls = Stalls()
        self._began = time.monotonic()

    async def run(self) -> None:
        """Watch for stalls until cancelled."""
        await self._stalls.run()

    def now(self, *, strategy: Strategy, snapshots: int) -> Diagnostics:
        """Return the figures of this moment; asks the system for this process's memory and time."""
        transport = self._sources.live.tmux.transport
        process = psutil.Process()
        used = process.cpu_times()
        return Diagnostics(
            strategy=strategy,
            transport=transport.name,
            transport_why=transport.why,
            sources=self._of_sources(),
            folders_watched=self._events.watched,
            file_events=self._events.told,
            file_events_why=self._events.why,
            longest_stall_ms=round(self._stalls.longest_ms, 1),
            snapshots=snapshots,
            uptime_seconds=time.monotonic() - self._began,
            cpu_seconds=used.user + used.system,
            memory_bytes=process.memory_info().rss,
        )

    def _of_sources(self) -> dict[Source, SourceFigures]:
        live, tracker, asked = self._sources.live, self._sources.tracker, self._sources.pull_requests
        found = {
            Source.TMUX: SourceFigures(live.panes.timing, live.tmux.cost),
            Source.AGENTS: SourceFigures(live.sightings.timing, Cost(live.bytes_read)),
        }
        if tracker is not None:
            # The client of a tracker on GitHub is that of the pull requests, too.
            shared = asked.bytes_read if asked is not None and tracker.kind == "github" else 0
            found[Source.TRACKER] = SourceFigures(self._sources.reading.timing, Cost(tracker.bytes_read - shared))
        if asked is not None:
            work = self._sources.work
            git = work.cost if work is not None else Cost()
            cost = Cost(asked.bytes_read + git.bytes_read, git.processes)
            found[Source.PULL_REQUESTS] = SourceFigures(asked.watched.timing, cost)
        return found
