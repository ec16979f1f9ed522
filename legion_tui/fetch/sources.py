"""What every source said last, and how each is asked: no paces, no order."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from legion_tui.fetch.health import Clock, Watched
from legion_tui.fetch.live import LiveSource
from legion_tui.fetch.pull_requests import PullRequestReading
from legion_tui.fetch.wanted import ended_work
from legion_tui.fetch.work import WorkReader
from legion_tui.state import Issue, Source, Worker
from legion_tui.state.journal import Journal
from legion_tui.state.known import Known
from legion_tui.trackers.protocol import Reading, Tracker

Tell = Callable[[], None]


class Sources:
    """Each `ask` returns whether it worked and raises nothing of ours; what failed keeps what it said last."""

    def __init__(
        self,
        *,
        live: LiveSource,
        tracker: Tracker | None,
        pull_requests: PullRequestReading | None,
        work: WorkReader | None,
        read_journal: Callable[[], Awaitable[Journal | None]],
        clock: Clock,
        fixed: Known,
    ) -> None:
        """Take the sources, and what is known without them."""
        self.live = live
        self.tracker = tracker
        self.pull_requests = pull_requests
        self.work = work
        self._read_journal = read_journal
        self._fixed = fixed
        self.reading: Watched[Reading] = Watched(Source.TRACKER, clock, Reading())
        self._workers: tuple[Worker, ...] = ()
        self._journal: Journal | None = None
        self._unpushed: dict[str, bool] = {}
        # The folders that were looked into, each for the end of which turn.
        self._looked_into: frozenset[tuple[str, datetime | None]] = frozenset()
        # How long the agents' files took to be read, the last time.
        self.agents_took_seconds = 0.0

    async def ask_panes(self) -> bool:
        """List the panes."""
        return await self.live.read_panes()

    async def ask_journal(self) -> None:
        """Read what the ledger says."""
        journal = await self._read_journal()
        if journal != self._journal:
            self._journal = journal

    async def ask_agents(self, first: frozenset[str], tell: Tell) -> bool:
        """Read the agents' files; `tell` is called as soon as those of `first`, issues and sessions, are judged."""
        ids = tuple(issue.id for issue in self.reading.value.issues)
        journal = self._journal or Journal()
        began = time.monotonic()

        def tell_part(workers: tuple[Worker, ...]) -> None:
            self._take(workers)
            tell()

        live = self.live.read_agents(
            ids, journal.dispatched, journal.ended, journal.linked, first=first, tell=tell_part
        )
        self._take(await live)
        self.agents_took_seconds = time.monotonic() - began
        return self.live.sightings.health.ok

    async def ask_tracker(self) -> bool:
        """Read the issues."""
        if self.tracker is None:
            return False
        before = self.reading.value
        worked = await self.reading.refresh(self.tracker.read)
        if self.reading.value == before:
            self.reading.value = before  # the same object: comparing it costs nothing then
        return worked

    @property
    def may_ask_pull_requests(self) -> bool:
        """Whether it is known what to ask for, or known that the tracker does not tell."""
        return self.pull_requests is not None and (self.reading.health.known or not self.reading.health.ok)

    @property
    def lacks_pull_requests(self) -> bool:
        """Whether there are some to ask for that were not asked for."""
        asked = self.pull_requests
        return asked is not None and self.may_ask_pull_requests and asked.lacks(self._issues, self._workers)

    async def ask_pull_requests(self, first: frozenset[str], tell: Tell) -> bool:
        """Ask for the pull requests; `tell` is called as soon as those of `first` are known."""
        if self.pull_requests is None:
            return False
        return await self.pull_requests.read(self._issues, self._workers, first=first, tell=tell)

    @property
    def lacks_work(self) -> bool:
        """Whether a turn has ended since the worktrees were looked into."""
        return self._ended() != self._looked_into

    async def ask_work(self) -> bool:
        """Look into the worktrees of workers whose turn has ended."""
        if self.work is None or self.pull_requests is None:
            return False
        self._looked_into = self._ended()
        found = await self.work.read(sorted(folder for folder, _ in self._looked_into))
        if found != self._unpushed:
            self._unpushed = dict(found)
        return True

    def known(self, seen: frozenset[tuple[str, datetime | None]]) -> Known:
        """Return what is known now; `seen` is what a person has looked at."""
        sources = {Source.TMUX: self.live.panes.health, Source.AGENTS: self.live.sightings.health}
        if self.tracker is not None:
            sources[Source.TRACKER] = self.reading.health
        known = replace(
            self._fixed,
            reading=self._issues,
            problems=self.reading.value.problems,
            workers=self._workers,
            unpushed=self._unpushed,
            journal=self._journal,
            sources=sources,
            seen=seen,
        )
        if self.pull_requests is None:
            return known
        asked = self.pull_requests.watched
        sources[Source.PULL_REQUESTS] = asked.health
        return replace(
            known,
            pull_requests=asked.value.found,
            pull_request_notes=asked.value.notes,
            pull_request_branches={ref.name: found for ref, found in asked.value.branches.items()},
        )

    @property
    def _issues(self) -> tuple[Issue, ...]:
        return self.reading.value.issues

    def _take(self, workers: tuple[Worker, ...]) -> None:
        if workers != self._workers:  # equal ones stay the same objects, which makes comparing them cheap
            self._workers = workers

    def _ended(self) -> frozenset[tuple[str, datetime | None]]:
        return ended_work(self._workers) if self._fixed.pipeline.signals == "facts" else frozenset()
