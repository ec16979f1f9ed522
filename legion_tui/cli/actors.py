"""Those who do things, put together over the parts, each when it is first needed."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import cached_property
from typing import TYPE_CHECKING

from legion_tui.act.advance import Advancer
from legion_tui.act.answer import Answerer
from legion_tui.act.clean import Cleaner
from legion_tui.act.commenting import Commenter
from legion_tui.act.crew import CrewReader
from legion_tui.act.dispatch import Dispatcher
from legion_tui.act.furnishing import Furnishing
from legion_tui.act.heartbeat import Heartbeat
from legion_tui.act.interrupt import Interrupter
from legion_tui.act.linking import Linker
from legion_tui.act.merging import PullRequestMerging
from legion_tui.act.message import Hands, Messenger
from legion_tui.act.order import DispatchSettings, ModeSettings
from legion_tui.act.parking import Parking
from legion_tui.act.porter import Porter
from legion_tui.act.prompting import Prompting
from legion_tui.act.recovery import settle
from legion_tui.act.requests import Requests
from legion_tui.act.room import Room
from legion_tui.act.starter import Starter
from legion_tui.act.stop import Stopper
from legion_tui.act.undo import Undoer
from legion_tui.act.worktrees import Worktrees
from legion_tui.agents.claude_code import at_rest
from legion_tui.cli.agent import agent_folder, make_agent, make_headless, spool_folder
from legion_tui.cli.commands import COMMANDS
from legion_tui.cli.limits import duration, mode_slots, thresholds
from legion_tui.cli.lookup import Lookup
from legion_tui.processes import run_whole_command
from legion_tui.state import EMPTY, Mode, Snapshot, Worker

if TYPE_CHECKING:
    from legion_tui.act.headless import Holding
    from legion_tui.cli.parts import Parts

# What workers may not run.
_REFUSED = tuple(command.name for command in COMMANDS if command.name != "issue")


class Actors:
    """One of each, over `parts`."""

    def __init__(self, parts: Parts) -> None:
        """Put nothing together yet."""
        self._parts = parts
        self.lookup = Lookup(parts)
        self.agent = make_agent(parts.context)

    @cached_property
    def crew(self) -> CrewReader:
        """Reads the workers of the project."""
        parts = self._parts
        return CrewReader(parts.tmux, self.agent, parts.ledger, self.lookup.project.id, clock=parts.clock)

    @cached_property
    def answerer(self) -> Answerer:
        """Answers questions."""
        return self._answerer(self._parts.alone_with)

    def _answerer(self, lock: Callable[[Worker], AbstractAsyncContextManager[None]]) -> Answerer:
        parts = self._parts
        return Answerer(
            tmux=parts.tmux,
            # A reader of its own: one forgets the files of sessions that it is not shown.
            agent=make_agent(parts.context),
            find=self.lookup.find,
            lock=lock,
            journal=parts.ledger,
            clock=parts.clock,
        )

    @cached_property
    def commenter(self) -> Commenter | None:
        """Keeps answers where the issue lives; None where the project does not want it."""
        parts = self._parts
        if parts.tracker is None or not parts.config.tracker.comments:
            return None
        return Commenter(parts.tracker, parts.ledger, user=getpass.getuser())

    @cached_property
    def hands(self) -> Hands:
        """What types into a pane and signals a process."""
        parts = self._parts
        # A reader of its own: one forgets the files of sessions that it is not shown.
        agent = make_agent(parts.context)
        return Hands(
            tmux=parts.tmux,
            agent=agent,
            listener=agent,
            find=self.lookup.worker,
            lock=parts.alone_with,
            journal=parts.ledger,
            clock=parts.clock,
        )

    @cached_property
    def messenger(self) -> Messenger:
        """Sends messages."""
        return Messenger(self.hands)

    @cached_property
    def interrupter(self) -> Interrupter:
        """Stops what a worker does."""
        return Interrupter(self.hands)

    @cached_property
    def stopper(self) -> Stopper:
        """Ends workers."""
        return Stopper(self.hands, self.interrupter, self.requests)

    @cached_property
    def porter(self) -> Porter:
        """Delivers the messages that wait."""
        return Porter(self.messenger, self._parts.ledger, self.lookup.holder, self._parts.locks)

    @cached_property
    def worktrees(self) -> Worktrees:
        """Makes and removes checkouts."""
        config = self._parts.config.worktrees
        return Worktrees(
            runner=run_whole_command,
            project_root=self._parts.context.needed_place().root,
            environ=self._parts.context.environ,
            marks=self._parts.folder / "unfinished",
            kind=config.kind,
            root=config.root,
            branch=config.branch,
            base=config.base,
            furnishing=Furnishing(
                runner=run_whole_command,
                project_root=self._parts.context.needed_place().root,
                environ=self._parts.context.environ,
                copy=config.copy,
                setup=config.setup,
            ),
        )

    @cached_property
    def _parking(self) -> Parking:
        return Parking(self._parts.tmux, self._parts.ledger)

    @cached_property
    def requests(self) -> Requests:
        """The workers that wait for a slot."""
        return Requests(self._parts.ledger, self._parts.locks)

    @cached_property
    def starter(self) -> Starter:
        """Starts them."""
        parts = self._parts
        return Starter(
            requests=self.requests,
            dispatcher=self.dispatcher,
            ledger=parts.ledger,
            locks=parts.locks,
            latest=self._current,
        )

    def _current(self) -> Snapshot:
        """Return what may be acted on: what was read before a pause is not."""
        collector = self._parts.collector
        return EMPTY if collector.paused else collector.latest

    async def settle(self) -> None:
        """Conclude what a program that is gone has begun; see `recovery`."""
        parts = self._parts
        await settle(parts.ledger, self.crew, tracker=self.lookup.tracker, locks=parts.locks, tmux=parts.tmux)

    @cached_property
    def heartbeat(self) -> Heartbeat:
        """Watches the workers."""
        parts, tracker = self._parts, self.lookup.tracker
        workers = parts.config.workers
        return Heartbeat(
            ledger=parts.ledger,
            locks=parts.locks,
            room=Room(crew=self.crew, tracker=tracker, parking=self._parking, locks=parts.locks),
            settle=self.settle,
            latest=self._current,
            clock=parts.clock,
            thresholds=thresholds(workers),
            every_seconds=workers.heartbeat_seconds,
            park_after=duration(workers.park_finished_after),
            keep_records=duration(workers.keep_records),
        )

    @cached_property
    def cleaner(self) -> Cleaner:
        """Removes what finished issues have left."""
        parts = self._parts
        return Cleaner(
            tmux=parts.tmux,
            crew=self.crew,
            parking=self._parking,
            worktrees=self.worktrees,
            ledger=parts.ledger,
            locks=parts.locks,
        )

    @cached_property
    def dispatcher(self) -> Dispatcher:
        """Starts and resumes workers."""
        parts = self._parts
        config = parts.config
        return Dispatcher(
            tmux=parts.tmux,
            agent=self.agent,
            tracker=self.lookup.tracker,
            ledger=parts.ledger,
            locks=parts.locks,
            crew=self.crew,
            worktrees=self.worktrees,
            settings=DispatchSettings(
                project=self.lookup.project,
                session=config.tmux.session.replace("{short_id}", self.lookup.project.short_id),
                command=tuple(config.agent.command),
                briefs=parts.folder / "briefs",
                modes=self._modes(),
                slots=config.workers.max_concurrent,
                mode_slots=mode_slots(config),
                confirm_seconds=config.workers.confirm_start_seconds,
                agent_settings=parts.folder / "agent-settings.json" if config.agent.hooks else None,
                refused=_REFUSED,
            ),
            environ=parts.context.environ,
            clock=parts.clock,
            requests=self.requests,
            prompting=Prompting(parts.tmux, self.crew, at_rest, clock=parts.clock),
            tell=parts.tell,
            holding=self._holding,
        )

    @property
    def _holding(self) -> Holding | None:
        # Where every mode has its window, nobody pays for it.
        if not any(mode.headless for mode in self._modes().values()):
            return None
        from legion_tui.act.headless import Holding, HoldingSettings

        parts = self._parts
        headless = make_headless(parts.context)
        return Holding(
            headless,
            HoldingSettings(
                folder=parts.folder / "runs",
                ledger=parts.folder,
                spool=spool_folder(parts.context),
                agent_folder=agent_folder(parts.context),
                agent_environment=headless.environment(),
                reads=parts.folder / "briefs",
                refused=_REFUSED,
                idle_after_seconds=parts.config.workers.idle_after_seconds,
                heartbeat_seconds=parts.config.workers.heartbeat_seconds,
                user=getpass.getuser(),
            ),
            parts.context.environ,
        )

    @cached_property
    def advancer(self) -> Advancer:
        """Runs suggested actions."""
        from legion_tui.trackers.github import Merger  # a project elsewhere needs no more of GitHub than this

        parts = self._parts
        return Advancer(
            dispatcher=self.dispatcher,
            crew=self.crew,
            parking=self._parking,
            tracker=self.lookup.tracker,
            ledger=parts.ledger,
            locks=parts.locks,
            decide=self.lookup.decide,
            answer=self._answerer(parts.alone_with_session).answer,
            merging=PullRequestMerging(Merger(parts.services.github), self.lookup.tracker, parts.ledger),
            project_id=self.lookup.project.id,
        )

    @cached_property
    def linker(self) -> Linker:
        """Links sessions of the machine to issues."""
        return Linker(self.lookup.tracker, self._parts.ledger, self._parts.locks, self.lookup.holder)

    @cached_property
    def undoer(self) -> Undoer:
        """Takes back what was changed in the tracker."""
        return Undoer(self.lookup.tracker, self._parts.ledger, self._parts.locks)

    def _modes(self) -> Mapping[Mode, ModeSettings]:
        agent = self._parts.config.agent
        modes = {}
        for mode in Mode:
            section = getattr(self._parts.config.modes, mode.value)
            modes[mode] = ModeSettings(
                prompt=section.prompt,
                model=section.model or agent.model,
                permission_mode=section.permission_mode or agent.permission_mode,
                headless=section.runtime == "process",
            )
        return modes
