"""The parts put together: one gateway, one tracker, one collector, one set of actions, over one context."""

from __future__ import annotations

import functools
import getpass
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from legion_tui.act.ledger import Ledger
from legion_tui.act.locks import Locks
from legion_tui.agents.protocol import Agent
from legion_tui.cli.agent import make_agent
from legion_tui.cli.context import Context
from legion_tui.cli.limits import mode_slots, thresholds
from legion_tui.cli.origin import origin_on
from legion_tui.cli.projects import Place, with_the_users
from legion_tui.cli.tracker import Services, make_tracker, open_services
from legion_tui.config import PipelineSection, ProjectConfig, state_home
from legion_tui.errors import LegionError
from legion_tui.fetch import Collector, Keeps, LiveSource, Paces
from legion_tui.fetch.health import Clock
from legion_tui.fetch.pull_requests import PullRequests
from legion_tui.fetch.work import WorkReader
from legion_tui.processes import run_command
from legion_tui.state import Pipeline, Project, Strategy, Worker, short_id
from legion_tui.state.journal import Journal
from legion_tui.tmux import Socket, SteadyTmux
from legion_tui.trackers import Tracker
from legion_tui.ui.ports import LogLine

if TYPE_CHECKING:
    from legion_tui.cli.actions import Actions

# What a session of no project is journalled and locked under.
MACHINE = "machine"


def now() -> datetime:
    """Return the time, aware."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything that a command may need, ready to use."""

    context: Context
    place: Place | None
    project: Project | None
    config: ProjectConfig
    # Reads by single processes, which is faster for one command; a command that stays runs `tmux.run` beside it.
    tmux: SteadyTmux
    agent: Agent
    tracker: Tracker | None
    ledger: Ledger
    # Of this project's issues, and of the machine's sessions, which every project's dashboard may show.
    locks: Locks
    machine_locks: Locks
    collector: Collector
    # The ways to GitHub, of pull requests too, and to Linear.
    services: Services
    # The ledger's own folder.
    folder: Path
    clock: Clock = now
    # Told what takes its time, as it begins.
    tell: Callable[[str], None] | None = None

    @property
    def agent_command(self) -> Sequence[str]:
        """The agent's argv, without arguments of ours."""
        return self.config.agent.command

    @property
    def actions(self) -> Actions:
        """What can be done, over these parts."""
        from legion_tui.cli.actions import Actions  # most commands only read

        return Actions(self)

    @asynccontextmanager
    async def alone_with(self, worker: Worker) -> AsyncIterator[None]:
        """Hold a worker's issue here, and its session on this machine: another project's dashboard shows it too."""
        async with AsyncExitStack() as held:
            if worker.issue is not None:
                await held.enter_async_context(self.locks.hold(worker.issue))
            if worker.session_id or worker.issue is None:
                await held.enter_async_context(self.machine_locks.hold(worker.session_id))
            yield

    @asynccontextmanager
    async def alone_with_session(self, worker: Worker) -> AsyncIterator[None]:
        """Hold a worker's session on this machine, for one who holds its issue already."""
        async with self.machine_locks.hold(worker.session_id):
            yield

    async def log(self, target: str | None = None) -> Sequence[LogLine]:
        """Return the ledger's lines, or those of one issue, oldest first."""
        entries = await self.ledger.history(target)
        return [LogLine(at=entry.at.strftime("%Y-%m-%dT%H:%M:%SZ"), text=entry.text) for entry in entries]


@asynccontextmanager
async def open_parts(
    context: Context,
    *,
    issues: str | None = None,
    project_id: str | None = None,
    program: str | None = None,
    tell: Callable[[str], None] | None = None,
) -> AsyncIterator[Parts]:
    """Put the parts together. `issues`: Legion's JSON instead of the project's tracker; closed at the end.

    `program`: the name under which the ledger keeps what is done, else this process's own. `tell` is told what takes
    its time, as it begins.
    """
    place = None if issues and project_id else context.place
    config = (
        place.config if place is not None else with_the_users(ProjectConfig(), {}, (), context.environ, context.user)
    )
    project = _project(place, project_id)
    tmux = make_tmux(context, config)
    agent = make_agent(context)
    folder = state_home(context.environ) / (project.id if project is not None else MACHINE)
    ledger = Ledger(folder, clock=now, user=getpass.getuser(), program=program or Path(sys.argv[0]).name)
    async with AsyncExitStack() as stack:
        services = await stack.enter_async_context(open_services(context, config))
        tracker = _legion_json(context, issues, config) if issues else make_tracker(place, services) if place else None
        collector = Collector(
            live=LiveSource(tmux, [agent], project, now, thresholds(config.workers)),
            tracker=tracker,
            pull_requests=PullRequests(services.github) if tracker is not None else None,
            read_journal=_journal_reader(ledger, place, issues),
            clock=now,
            project=project,
            pipeline=make_pipeline(config.pipeline, labels_only=bool(issues)),
            paces=Paces(
                live_seconds=config.poll.live_seconds,
                # Files on this machine cost a stat each: an agent's label is seen as soon as its screen.
                tracker_seconds=config.poll.live_seconds if _is_local(tracker) else config.poll.tracker_seconds,
                pull_request_seconds=config.poll.pull_request_seconds,
            ),
            keeps=Keeps(
                sessions_seconds=config.poll.cache_sessions_seconds,
                status_seconds=config.poll.cache_status_seconds,
                screen_seconds=config.poll.cache_screen_seconds,
                remote_seconds=config.poll.cache_remote_seconds,
            ),
            strategy=Strategy(context.strategy_given or config.poll.strategy),
            slots=config.workers.max_concurrent if project is not None else 0,
            mode_slots=mode_slots(config),
            notices=_notices(place),
            host=config.github.host,
            find_repository=_repository_finder(place, config),
            work=WorkReader(run_command),
            tracker_folders=_tracker_folders(place, tracker),
        )
        yield Parts(
            context=context,
            place=place,
            project=project,
            config=config,
            tmux=tmux,
            agent=agent,
            tracker=tracker,
            ledger=ledger,
            locks=Locks(folder / "locks", wait_seconds=config.workers.lock_wait_seconds),
            machine_locks=Locks(
                state_home(context.environ) / MACHINE / "locks", wait_seconds=config.workers.lock_wait_seconds
            ),
            collector=collector,
            services=services,
            folder=folder,
            tell=tell,
        )


def _is_local(tracker: Tracker | None) -> bool:
    return tracker is not None and tracker.kind in ("local", "legion_json")


def _tracker_folders(place: Place | None, tracker: Tracker | None) -> tuple[Path, ...]:
    """Return the folder of issues that are files."""
    if place is None or tracker is None or tracker.kind != "local":
        return ()
    return (place.root / place.config.tracker.path,)


def make_tmux(context: Context, config: ProjectConfig) -> SteadyTmux:
    """Return the gateway to the server that is meant: given, configured, the one around us, or `default`."""
    inside = context.environ.get("TMUX", "").partition(",")[0]
    name = context.socket_given or config.tmux.socket or inside or "default"
    return SteadyTmux(run_command, Socket(name), env=context.environ)


def make_pipeline(section: PipelineSection, *, labels_only: bool = False) -> Pipeline:
    """Return the preset with the single options over it; Legion's own input keeps to Legion's own rules."""
    if labels_only:
        return Pipeline()
    base = Pipeline.preset(section.preset)
    given = {
        name: value for name in Pipeline.__dataclass_fields__ if (value := getattr(section, name, None)) is not None
    }
    return Pipeline(**{**{name: getattr(base, name) for name in Pipeline.__dataclass_fields__}, **given})


def _project(place: Place | None, project_id: str | None) -> Project | None:
    if project_id is not None:
        return Project(id=project_id, short_id=short_id(project_id), key=place.project.key if place else "")
    return place.project if place is not None else None


def _legion_json(context: Context, issues: str, config: ProjectConfig) -> Tracker:
    from legion_tui.trackers.legion_json import LegionJsonTracker

    where = "standard input" if issues == "-" else issues
    # Standard input is read once, a file as often as it is asked for: it may be written anew.
    load = functools.cache(sys.stdin.buffer.read) if issues == "-" else (context.cwd / issues).read_bytes
    return LegionJsonTracker(load, where=where, host=config.github.host)


def _journal_reader(ledger: Ledger, place: Place | None, issues: str | None) -> _ReadJournal:
    return _ReadJournal(ledger if place is not None and not issues else None)


class _ReadJournal:
    """Asks the ledger; a ledger that cannot be read leaves what it last said."""

    def __init__(self, ledger: Ledger | None) -> None:
        self._ledger = ledger
        self._last: Journal | None = None

    async def __call__(self) -> Journal | None:
        if self._ledger is None:
            return None
        try:
            self._last = await self._ledger.journal()
        except LegionError:
            self._last = self._last or Journal()
        return self._last


def _notices(place: Place | None) -> tuple[str, ...]:
    notices = []
    if place is not None and not place.trusted:
        notices.append(f"legion.toml is not trusted; inert: {', '.join(place.inert)}; see: legion-tui trust")
    if place is not None and place.without_effect:
        notices.append(f"legion.toml: without effect with this tracker: {', '.join(place.without_effect)}")
    return tuple(notices)


def _repository_finder(place: Place | None, config: ProjectConfig) -> Callable[[], Awaitable[str]]:
    """Return what finds out where workers push to, as `owner/name`: the tracker's repository, else origin's."""

    async def find() -> str:
        if place is None:
            return ""
        if config.tracker.kind == "github":
            return config.tracker.repo or ""
        return await origin_on(config.github.host, place.root)

    return find
