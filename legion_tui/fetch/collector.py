"""Everything side by side, each source at its own pace, joined into one frozen snapshot."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import anyio

from legion_tui.fetch.branches import FindRepository, nowhere
from legion_tui.fetch.figures import Figures
from legion_tui.fetch.file_events import FileEvents
from legion_tui.fetch.health import Clock
from legion_tui.fetch.joining import Joining
from legion_tui.fetch.live import LiveSource
from legion_tui.fetch.paces import Keeps, Paces, live_pace, remote_pace
from legion_tui.fetch.pull_requests import PullRequestReading, PullRequests
from legion_tui.fetch.schedule import Job, Schedule
from legion_tui.fetch.screens import Screens
from legion_tui.fetch.shared import SharedReading
from legion_tui.fetch.sources import Sources
from legion_tui.fetch.work import WorkReader
from legion_tui.network import RateLimit
from legion_tui.state import Attention, Mode, Pipeline, Project, Snapshot, Source, Strategy
from legion_tui.state.diagnostics import Diagnostics
from legion_tui.state.journal import Journal
from legion_tui.state.known import Known
from legion_tui.tmux import Capture
from legion_tui.trackers.protocol import Tracker

# Worktrees are no source that a person is told of: what cannot be looked into is not known.
_WORK = "work"
# The agents' files alone, because one of them changed: the panes are listed by the clock.
_FILES = "files"
# An agent that writes all the time is not read all the time: this many seconds lie between, and nine tenths of it.
_LEAST_REST_SECONDS, _REST_TIMES = 0.15, 9.0


class Collector:
    """Reads all sources. `collect` asks each once; `run` keeps asking, and `snapshots` yields what changed."""

    def __init__(
        self,
        *,
        live: LiveSource,
        tracker: Tracker | None,
        pull_requests: PullRequests | None,
        read_journal: Callable[[], Awaitable[Journal | None]],
        clock: Clock,
        project: Project | None = None,
        pipeline: Pipeline | None = None,
        paces: Paces | None = None,
        keeps: Keeps | None = None,
        strategy: Strategy = Strategy.CONCURRENT,
        slots: int = 0,
        mode_slots: Mapping[Mode, int] | None = None,
        notices: tuple[str, ...] = (),
        host: str = "github.com",
        find_repository: FindRepository = nowhere,
        work: WorkReader | None = None,
        tracker_folders: Sequence[Path] = (),
    ) -> None:
        """Take the sources; `read_journal` gives None where no ledger of ours says who dispatched what.

        `find_repository`: where workers push to, as `owner/name`; asked once, when a branch is to be looked for.
        `work` looks into worktrees for what was not pushed. A change in `tracker_folders` is read at once.
        """
        pipeline = pipeline or Pipeline()
        asked: PullRequestReading | None = None
        if pull_requests is not None and pipeline.pull_requests:
            asked = PullRequestReading(pull_requests, clock, host=host, find_repository=find_repository)
        fixed = Known(
            project=project,
            pipeline=pipeline,
            slots=slots,
            mode_slots=dict(mode_slots or {}),
            notices=notices,
            host=host,
        )
        self._sources = Sources(
            live=live,
            tracker=tracker,
            pull_requests=asked,
            work=work,
            read_journal=read_journal,
            clock=clock,
            fixed=fixed,
        )
        self._paces = paces or Paces()
        self._joining = Joining(clock)
        self._seen: frozenset[tuple[str, datetime | None]] = frozenset()
        self._selected: str | None = None
        self._resting = False
        self._schedule = Schedule(strategy)
        keeps = keeps or Keeps()
        self._readings = self._share(keeps)
        self._screens = Screens(live.tmux, live.pane, clock, keep_seconds=keeps.screen_seconds)
        self._events = FileEvents({_FILES: live.folders, Source.TRACKER: tracker_folders}, self._file_changed)
        self._figures = Figures(self._sources, self._events)

    @property
    def latest(self) -> Snapshot:
        """The newest snapshot, `EMPTY` before the first."""
        return self._joining.snapshot

    def snapshots(self) -> AsyncIterator[Snapshot]:
        """Yield the newest snapshot whenever there is a newer one than the last; those between are left out."""
        return self._joining.snapshots()

    async def collect(self, *, pull_requests: bool = True, older: bool = False) -> Snapshot:
        """Ask every source once and return what is known then; raises nothing, each source tells its health.

        Without `pull_requests` the network is not waited for: enough to find a worker. With `older`, what was read
        lately is good enough: to show what would be done, not to do it.
        """
        take = SharedReading.kept if older else SharedReading.fresh
        readings, sources = self._readings, self._sources
        if not older:
            sources.live.look_closely()
        async with anyio.create_task_group() as group:
            group.start_soon(take, readings[Source.TRACKER])
            group.start_soon(take, readings[Source.TMUX])
            group.start_soon(sources.ask_journal)
        async with anyio.create_task_group() as group:
            group.start_soon(take, readings[Source.AGENTS])
            if pull_requests and sources.may_ask_pull_requests:
                group.start_soon(take, readings[Source.PULL_REQUESTS])
        if pull_requests:
            async with anyio.create_task_group() as group:
                group.start_soon(take, readings[_WORK])
                if sources.lacks_pull_requests:
                    # A transcript named a pull request that the tracker does not know.
                    group.start_soon(readings[Source.PULL_REQUESTS].fresh)
        self._publish()
        return self.latest

    async def collect_live(self) -> None:
        """Ask this machine once."""
        await self._read_live()

    async def screen(self, pane_id: str, *, closely: bool = True) -> Capture | None:
        """Return what a pane shows, None where it is gone; raises TmuxError.

        Not `closely`, nothing is asked where the last listing shows no change.
        """
        return await self._screens.look(pane_id, closely=closely)

    async def run(self) -> None:
        """Read every source at its own pace until cancelled; a slow one never delays another."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._schedule.run, self._jobs())
            group.start_soon(self._events.run)
            group.start_soon(self._figures.run)

    def seen(self, target: str) -> None:
        """Note that a person has looked at the end of an issue's newest turn; another turn's end is news again."""
        state = self.latest.issue(target)
        if state is not None and (state.id, state.facts.turn_at) not in self._seen:
            self._seen |= {(state.id, state.facts.turn_at)}
            self._publish()

    def select(self, target: str | None) -> None:
        """Note which row a person looks at: the strategy `priority` reads it first."""
        self._selected = target

    def refresh(self) -> None:
        """Ask every source again now; asking twice is asking once, and a reading under way is not doubled."""
        for reading in self._readings.values():
            reading.forget()
        self._schedule.trigger_all()

    @property
    def paused(self) -> bool:
        """Whether nothing is asked of any source."""
        return self._schedule.paused

    def pause(self, paused: bool) -> None:
        """Ask nothing of any source, or take it up again at once."""
        self._schedule.pause(paused)

    def rest(self, resting: bool) -> None:
        """Read this machine at a slower pace, because nothing is painted; afterwards everything is read at once."""
        self._resting = resting
        if not resting:
            self.refresh()

    @property
    def strategy(self) -> Strategy:
        """In which order sources are read; may be set at any time."""
        return self._schedule.strategy

    @strategy.setter
    def strategy(self, strategy: Strategy) -> None:
        self._schedule.strategy = strategy

    def diagnostics(self) -> Diagnostics:
        """Return what reading has cost since the beginning."""
        return self._figures.now(strategy=self.strategy, snapshots=self.latest.sequence)

    def _share(self, keeps: Keeps) -> Mapping[str, SharedReading]:
        sources = self._sources
        return {
            Source.TMUX: SharedReading(sources.ask_panes, keep_seconds=keeps.sessions_seconds),
            Source.AGENTS: SharedReading(
                lambda: sources.ask_agents(self._urgent(), self._publish), keep_seconds=keeps.status_seconds
            ),
            Source.TRACKER: SharedReading(sources.ask_tracker, keep_seconds=keeps.remote_seconds),
            Source.PULL_REQUESTS: SharedReading(
                lambda: sources.ask_pull_requests(self._urgent(), self._publish), keep_seconds=keeps.remote_seconds
            ),
            _WORK: SharedReading(sources.ask_work, keep_seconds=keeps.status_seconds),
        }

    def _jobs(self) -> list[Job]:
        sources, paces = self._sources, self._paces

        def remote(every_seconds: float, rate: Callable[[], RateLimit | None]) -> Callable[[], float]:
            return lambda: remote_pace(every_seconds, self.latest, rate())

        jobs = [
            Job(
                name=Source.TMUX,
                every_seconds=lambda: live_pace(paces.live_seconds, resting=self._resting),
                read=self._read_live,
            ),
            Job(
                name=_FILES,
                every_seconds=lambda: math.inf,
                read=self._read_files,
                rest_seconds=lambda: max(_LEAST_REST_SECONDS, sources.agents_took_seconds * _REST_TIMES),
            ),
        ]
        tracker, asked = sources.tracker, sources.pull_requests
        if tracker is not None:
            pace = remote(paces.tracker_seconds, lambda: tracker.rate)
            jobs.append(Job(name=Source.TRACKER, every_seconds=pace, read=self._read_tracker))
        if asked is not None:
            pace = remote(paces.pull_request_seconds, lambda: asked.rate)
            jobs.append(Job(name=Source.PULL_REQUESTS, every_seconds=pace, read=self._read_pull_requests))
            if sources.work is not None:
                jobs.append(Job(name=_WORK, every_seconds=pace, read=self._read_work))
        return jobs

    def _file_changed(self, name: str) -> None:
        self._readings[Source.AGENTS if name == _FILES else name].forget()
        self._schedule.trigger(name)

    async def _read_live(self) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(self._readings[Source.TMUX].fresh)
            group.start_soon(self._sources.ask_journal)
        await self._read_files()

    async def _read_files(self) -> None:
        await self._readings[Source.AGENTS].fresh()
        if self._sources.lacks_work:
            self._schedule.trigger(_WORK)
        self._ask_for_what_is_named()

    async def _read_tracker(self) -> None:
        await self._readings[Source.TRACKER].fresh()
        self._ask_for_what_is_named()

    def _ask_for_what_is_named(self) -> None:
        if self._sources.lacks_pull_requests:
            self._schedule.trigger(Source.PULL_REQUESTS)
        self._publish()

    async def _read_pull_requests(self) -> None:
        if self._sources.may_ask_pull_requests:
            await self._readings[Source.PULL_REQUESTS].fresh()
        self._publish()

    async def _read_work(self) -> None:
        await self._readings[_WORK].fresh()
        self._publish()

    def _urgent(self) -> frozenset[str]:
        """Return the targets that are read first: the selected one, and those that wait for a person."""
        if self.strategy is not Strategy.PRIORITY:
            return frozenset()
        waiting = {row.id for row in self.latest.issues if row.attention is Attention.NEEDS_YOU}
        waiting |= {one.session_id for one in self.latest.sessions if one.question is not None}
        return frozenset(waiting | ({self._selected} if self._selected else set()))

    def _publish(self) -> None:
        self._joining.publish(self._sources.known(self._seen))
