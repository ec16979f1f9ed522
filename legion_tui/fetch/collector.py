"""Everything side by side, each source at its own pace, joined into one frozen snapshot."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime

import anyio

from legion_tui.fetch.branches import Branches, FindRepository, nowhere
from legion_tui.fetch.health import Clock, Watched
from legion_tui.fetch.live import LiveSource
from legion_tui.fetch.paces import Paces
from legion_tui.fetch.pull_requests import Answered, PullRequests
from legion_tui.fetch.wanted import branches_to_look_for, ended_work, named_pull_requests
from legion_tui.fetch.work import WorkReader
from legion_tui.state import (
    EMPTY,
    BranchRef,
    Mode,
    Pipeline,
    Project,
    PullRequestRef,
    Snapshot,
    Source,
    Worker,
)
from legion_tui.state.assemble import Assembler
from legion_tui.state.journal import Journal
from legion_tui.state.known import Known
from legion_tui.trackers.protocol import Reading, Tracker

# Worktrees are no source that a person is told of: what cannot be looked into is not known.
_WORK = "work"


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
        slots: int = 0,
        mode_slots: Mapping[Mode, int] | None = None,
        notices: tuple[str, ...] = (),
        host: str = "github.com",
        find_repository: FindRepository = nowhere,
        work: WorkReader | None = None,
    ) -> None:
        """Take the sources; `read_journal` gives None where no ledger of ours says who dispatched what.

        `find_repository`: where workers push to, as `owner/name`; asked once, when a branch is to be looked for.
        `work` looks into worktrees for what was not pushed.
        """
        self._live = live
        self._tracker = tracker
        self._pipeline = pipeline or Pipeline()
        self._source = pull_requests if self._pipeline.pull_requests else None
        self._read_journal = read_journal
        self._clock = clock
        self._project = project
        self._paces = paces or Paces()
        self._slots = slots
        self._mode_slots = dict(mode_slots or {})
        self._notices = notices
        self._host = host
        self._branches = Branches(host, find_repository)
        self._work = work
        self._unpushed: Mapping[str, bool] = {}
        # The folders that were looked into, each for the end of which turn.
        self._looked_into: frozenset[tuple[str, datetime | None]] = frozenset()
        self._reading: Watched[Reading] = Watched(Source.TRACKER, clock, Reading())
        self._asked: Watched[Answered] = Watched(Source.PULL_REQUESTS, clock, Answered())
        # Which pull requests were asked for last; None before the first time.
        self._asked_for: frozenset[PullRequestRef | str] | None = None
        self._workers: tuple[Worker, ...] = ()
        self._journal: Journal | None = None
        self._known: Known | None = None
        self._assembler = Assembler()
        self._answered: frozenset[Source] = frozenset()
        self._snapshot = EMPTY
        self._published = anyio.Event()
        # `collect` may be called while `run` goes on: no source is ever asked twice at a time.
        self._alone = {source: anyio.Lock() for source in Source}
        self._alone_at_work = anyio.Lock()
        self._wake: dict[str, anyio.Event] = {}
        self._seen: frozenset[tuple[str, datetime | None]] = frozenset()
        self._paused = False
        self._resumed = anyio.Event()

    @property
    def latest(self) -> Snapshot:
        """The newest snapshot, `EMPTY` before the first."""
        return self._snapshot

    async def collect(self, *, pull_requests: bool = True) -> Snapshot:
        """Ask every source once and return what is known then; raises nothing, each source tells its health.

        Without `pull_requests` the network is not waited for: enough to find a worker.
        """
        async with anyio.create_task_group() as group:
            group.start_soon(self._read_tracker)
            group.start_soon(self._read_panes)
            group.start_soon(self._refresh_journal)
        async with anyio.create_task_group() as group:
            group.start_soon(self._read_agents)
            if pull_requests:
                group.start_soon(self._read_pull_requests)
        if pull_requests:
            async with anyio.create_task_group() as group:
                group.start_soon(self._read_work)
                if self._has_new_refs():
                    # A transcript named a pull request that the tracker does not know.
                    group.start_soon(self._read_pull_requests)
        self._publish()
        return self._snapshot

    async def run(self) -> None:
        """Read every source at its own pace until cancelled; a slow one never delays another."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._loop, Source.TMUX, self._paces.live_seconds, self._read_live)
            if self._tracker is not None:
                group.start_soon(self._loop, Source.TRACKER, self._paces.tracker_seconds, self._read_tracker)
            if self._source is not None and self._work is not None:
                group.start_soon(self._loop, _WORK, self._paces.pull_request_seconds, self._read_work)
            if self._source is not None:
                group.start_soon(
                    self._loop, Source.PULL_REQUESTS, self._paces.pull_request_seconds, self._read_pull_requests
                )

    async def snapshots(self) -> AsyncIterator[Snapshot]:
        """Yield the newest snapshot whenever there is a newer one than the last; those between are left out."""
        seen = EMPTY
        while True:
            published = self._published
            if self._snapshot is not seen:
                seen = self._snapshot
                yield seen
            else:
                await published.wait()

    def seen(self, target: str) -> None:
        """Note that a person has looked at the end of an issue's newest turn; another turn's end is news again."""
        state = self._snapshot.issue(target)
        if state is not None and (state.id, state.facts.turn_at) not in self._seen:
            self._seen |= {(state.id, state.facts.turn_at)}
            self._publish()

    def refresh(self) -> None:
        """Ask every source again now; asking twice is asking once, and a reading under way is not doubled."""
        for event in self._wake.values():
            event.set()

    @property
    def paused(self) -> bool:
        """Whether nothing is asked of any source."""
        return self._paused

    def pause(self, paused: bool) -> None:
        """Ask nothing of any source, or take it up again at once."""
        self._paused = paused
        if not paused:
            self._resumed.set()
            self._resumed = anyio.Event()
            self.refresh()

    async def _loop(self, source: str, every_seconds: float, read: Callable[[], Awaitable[None]]) -> None:
        while True:
            while self._paused:
                await self._resumed.wait()
            # Set before reading: a trigger that arrives meanwhile asks for one more reading, not for two.
            wake = self._wake[source] = anyio.Event()
            await read()
            self._publish()
            with anyio.move_on_after(every_seconds):
                await wake.wait()

    async def _read_live(self) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(self._read_panes)
            group.start_soon(self._refresh_journal)
        await self._read_agents()
        if self._has_new_refs():
            self._trigger(Source.PULL_REQUESTS)
        if self._ended() != self._looked_into:
            self._trigger(_WORK)

    async def _read_panes(self) -> None:
        async with self._alone[Source.TMUX]:
            await self._live.read_panes()

    async def _read_agents(self) -> None:
        ids = tuple(issue.id for issue in self._reading.value.issues)
        journal = self._journal or Journal()
        async with self._alone[Source.AGENTS]:
            workers = await self._live.read_agents(ids, journal.dispatched, journal.ended)
        if workers != self._workers:  # equal ones stay the same objects, which makes comparing them cheap
            self._workers = workers

    async def _refresh_journal(self) -> None:
        journal = await self._read_journal()
        if journal != self._journal:
            self._journal = journal

    async def _read_tracker(self) -> None:
        if self._tracker is None:
            return
        before = self._reading.value
        async with self._alone[Source.TRACKER]:
            await self._reading.refresh(self._tracker.read)
        if self._reading.value == before:
            self._reading.value = before
        if self._has_new_refs():
            self._trigger(Source.PULL_REQUESTS)

    async def _read_pull_requests(self) -> None:
        source = self._source
        if source is None or not self._tracker_asked():
            return
        refs, names = self._refs(), self._branch_names()
        self._asked_for = refs | names
        wanted: list[PullRequestRef | BranchRef] = [*sorted(refs), *sorted(await self._branches.refs(names))]

        async def ask() -> Answered:
            return await source.read(wanted) if wanted else Answered()

        before = self._asked.value
        async with self._alone[Source.PULL_REQUESTS]:
            await self._asked.refresh(ask)
        if self._asked.value == before:
            self._asked.value = before

    def _trigger(self, source: str) -> None:
        event = self._wake.get(source)
        if event is not None:
            event.set()

    def _tracker_asked(self) -> bool:
        return self._reading.health.known or not self._reading.health.ok

    def _has_new_refs(self) -> bool:
        """Whether there is something to ask for that the last request, answered or not, did not ask for."""
        if self._source is None or not self._tracker_asked():
            return False
        return self._asked_for is None or bool((self._refs() | self._branch_names()) - self._asked_for)

    def _refs(self) -> frozenset[PullRequestRef]:
        return named_pull_requests(self._reading.value.issues, self._workers, host=self._host)

    def _branch_names(self) -> frozenset[str]:
        return branches_to_look_for(self._workers)

    def _ended(self) -> frozenset[tuple[str, datetime | None]]:
        return ended_work(self._workers) if self._pipeline.signals == "facts" else frozenset()

    async def _read_work(self) -> None:
        if self._work is None or self._source is None:
            return
        async with self._alone_at_work:
            self._looked_into = self._ended()
            found = await self._work.read(sorted(folder for folder, _ in self._looked_into))
        if found != self._unpushed:
            self._unpushed = found

    def _publish(self) -> None:
        sources = {Source.TMUX: self._live.panes.health, Source.AGENTS: self._live.sightings.health}
        if self._tracker is not None:
            sources[Source.TRACKER] = self._reading.health
        if self._source is not None:
            sources[Source.PULL_REQUESTS] = self._asked.health
        known = Known(
            project=self._project,
            pipeline=self._pipeline,
            reading=self._reading.value.issues,
            problems=self._reading.value.problems,
            workers=self._workers,
            pull_requests=self._asked.value.found,
            pull_request_notes=self._asked.value.notes,
            pull_request_branches={ref.name: found for ref, found in self._asked.value.branches.items()},
            unpushed=self._unpushed,
            journal=self._journal,
            sources=sources,
            seen=self._seen,
            slots=self._slots,
            mode_slots=self._mode_slots,
            notices=self._notices,
            host=self._host,
        )
        # Equal healths may differ in whether there ever was an answer, which decides whether anything is decided.
        answered = frozenset(source for source, health in sources.items() if health.known)
        same = known == self._known and answered == self._answered
        assembled = replace(self._snapshot, sources=sources) if same else self._assembler.assemble(known)
        self._known, self._answered = known, answered
        self._snapshot = replace(assembled, collected_at=self._clock(), sequence=self._snapshot.sequence + 1)
        self._published.set()
        self._published = anyio.Event()
