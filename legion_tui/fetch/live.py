"""What lives on this machine: panes, the agents' own files, and the few screens that are needed to judge them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

import anyio

from legion_tui.agents.protocol import Agent, Known, Sighting
from legion_tui.errors import AgentError, LegionError
from legion_tui.fetch.health import Clock, Watched
from legion_tui.state import Mode, Pane, Project, Source, Worker, compute_session_id, is_issue_id, parse_window_name
from legion_tui.state.pulse import Thresholds, quiet_of
from legion_tui.state.workers import Quiet
from legion_tui.tmux import Tmux

# A screen is asked for again at most that often, and only when its pane changed.
SCREEN_EVERY_SECONDS = 5.0
# What makes a screen worth a look is still being drawn as a rule: the first few looks follow in the next cycles.
_EAGER_LOOKS = 3
_MODES = frozenset(Mode)


@dataclass(frozen=True, slots=True)
class _Screen:
    lines: tuple[str, ...]
    change_key: tuple[object, ...]
    taken_at: datetime
    # How often it was taken since it was first wanted.
    looks: int = 1


class LiveSource:
    """Reads tmux and the agents' files side by side; each keeps its last good value while it fails."""

    def __init__(
        self,
        tmux: Tmux,
        agents: Sequence[Agent],
        project: Project | None,
        clock: Clock,
        thresholds: Thresholds | None = None,
    ) -> None:
        """Take the gateway, the kinds of agents, whose windows are ours, and when a worker is called quiet."""
        self._thresholds = thresholds or Thresholds()
        self._closely = True
        self._tmux = tmux
        self._agents = agents
        self._project = project
        self._clock = clock
        self._panes: Watched[tuple[Pane, ...]] = Watched(Source.TMUX, clock, ())
        self._sightings: Watched[tuple[tuple[Agent, Sighting], ...]] = Watched(Source.AGENTS, clock, ())
        self._screens: dict[str, _Screen] = {}
        self._ours: dict[str, tuple[str, Mode]] = {}
        self._ids_of: tuple[str, ...] = ()
        # What was worked out of these, the last time.
        self._asked_with: tuple[object, ...] = ()
        self._our_sessions: Mapping[str, tuple[str, Mode]] = {}
        self._known: Sequence[Known] = ()

    @property
    def panes(self) -> Watched[tuple[Pane, ...]]:
        """The panes, with tmux's health."""
        return self._panes

    @property
    def sightings(self) -> Watched[tuple[tuple[Agent, Sighting], ...]]:
        """The agents, with the health of their files."""
        return self._sightings

    @property
    def tmux(self) -> Tmux:
        """The gateway that is asked."""
        return self._tmux

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where files change when an agent does something."""
        return tuple(folder for agent in self._agents for folder in agent.folders)

    @property
    def bytes_read(self) -> int:
        """How much of the agents' files was read up to now."""
        return sum(agent.bytes_read for agent in self._agents)

    def look_closely(self) -> None:
        """Have the next listing ask everything of every pane, because something is to be done by it."""
        self._closely = True

    def pane(self, pane_id: str) -> Pane | None:
        """Return a pane as it was last listed."""
        return next((pane for pane in self._panes.value if pane.pane_id == pane_id), None)

    async def read_panes(self) -> bool:
        """List the panes, in one call, and return whether that worked; never raises for tmux."""
        closely, self._closely = self._closely, False
        worked = await self._panes.refresh(partial(self._tmux.panes, closely=closely))
        used = self._tmux.transport
        fallback = used.why if used.failing else ""
        self._panes.health = replace(self._panes.health, via=used.name, fallback=fallback)
        return worked

    async def read_agents(
        self,
        issue_ids: Sequence[str],
        dispatched: Mapping[str, tuple[str, Mode]],
        ended: Set[str] = frozenset(),
        linked: Set[str] = frozenset(),
        *,
        first: Set[str] = frozenset(),
        tell: Callable[[tuple[Worker, ...]], None] | None = None,
    ) -> tuple[Worker, ...]:
        """Return the workers of this moment; never raises.

        `dispatched`: what the ledger knows, by session id; `ended`: the sessions that were asked to end from here;
        `linked`: those that were not started from here.
        Where screens of those of `first` (issues and sessions) are needed, and of others too, `tell` is given the
        workers as soon as those are judged.
        """
        panes = self._panes.value
        asked_with = panes, tuple(issue_ids), dispatched, ended
        if asked_with != self._asked_with:  # panes that did not change are the same objects: this costs next to nothing
            self._asked_with = asked_with
            self._our_sessions = {**self._session_ids(issue_ids), **dispatched}
            own = self._our_sessions if self._project is not None else None
            self._known = [
                replace(known, told_to_end=known.session_id in ended)
                for known in _known(panes, issue_ids, own, dispatched)
            ]
        ours, known = self._our_sessions, self._known
        await self._sightings.refresh(lambda: self._look(panes, known))
        wanted = self._wanted_screens()
        theirs = self._panes_of(first) if first else frozenset()
        urgent = {pane_id: pane for pane_id, pane in wanted.items() if pane_id in theirs}
        if tell is not None and 0 < len(urgent) < len(wanted):
            await self._take_screens(urgent)
            tell(await self._judge(ours, linked))
        await self._take_screens(wanted)
        return await self._judge(ours, linked)

    async def _judge(self, ours: Mapping[str, tuple[str, Mode]], linked: Set[str]) -> tuple[Worker, ...]:
        sightings, now = self._sightings.value, self._clock()
        screens = {pane_id: screen.lines for pane_id, screen in self._screens.items()}

        def judge() -> tuple[Worker, ...]:
            return tuple(
                self._timed(_owned(agent.judge(sighting, screens.get(_pane_id(sighting)), now), ours, linked), now)
                for agent, sighting in sightings
            )

        # A new screen takes a millisecond to read, and many may be new at once.
        return await anyio.to_thread.run_sync(judge)

    def _panes_of(self, targets: Set[str]) -> Set[str]:
        return {
            _pane_id(sighting)
            for _, sighting in self._sightings.value
            if sighting.issue in targets or sighting.session_id in targets
        }

    def _timed(self, worker: Worker, now: datetime) -> Worker:
        # While the agents' files cannot be read, nobody grows silent.
        at = self._sightings.health.read_at or now
        return replace(worker, silent=True) if quiet_of(worker, at, self._thresholds) is Quiet.STUCK else worker

    async def _look(self, panes: tuple[Pane, ...], known: Sequence[Known]) -> tuple[tuple[Agent, Sighting], ...]:
        def look() -> tuple[tuple[Agent, Sighting], ...]:
            return tuple((agent, sighting) for agent in self._agents for sighting in agent.look(panes, known))

        try:
            return await anyio.to_thread.run_sync(look)
        except OSError as error:
            raise AgentError("agents", f"{error.filename or ''}: {error.strerror or error}".lstrip(": ")) from error

    def _wanted_screens(self) -> Mapping[str, Pane]:
        """Return the panes whose screens are needed to judge, and forget what was kept of others."""
        now = self._clock()
        wanted: dict[str, Pane] = {}
        for agent, sighting in self._sightings.value:
            pane = sighting.pane
            if pane is not None and agent.wants_screen(sighting, now):
                wanted[pane.pane_id] = pane
        self._screens = {pane_id: screen for pane_id, screen in self._screens.items() if pane_id in wanted}
        return wanted

    async def _take_screens(self, wanted: Mapping[str, Pane]) -> None:
        now = self._clock()
        due = [pane_id for pane_id, pane in wanted.items() if self._is_due(pane, now)]
        if not due or not self._panes.health.ok:
            return
        try:
            captured = await self._tmux.capture(due, colour=True)
        except LegionError:
            return  # the listing's health tells of a server that fails; the state is judged without screens
        for pane_id, capture in captured.items():
            last = self._screens.get(pane_id)
            looks = last.looks + 1 if last is not None else 1
            self._screens[pane_id] = _Screen(capture.lines, wanted[pane_id].change_key, now, looks)

    def _is_due(self, pane: Pane, now: datetime) -> bool:
        last = self._screens.get(pane.pane_id)
        if last is None:
            return True
        # tmux counts activity in whole seconds: a second redraw within the second of the capture leaves no mark.
        moved = pane.change_key != last.change_key or pane.activity >= int(last.taken_at.timestamp())
        rested = (now - last.taken_at).total_seconds() >= SCREEN_EVERY_SECONDS
        return moved and (rested or last.looks < _EAGER_LOOKS)

    def _session_ids(self, issue_ids: Sequence[str]) -> Mapping[str, tuple[str, Mode]]:
        if self._project is not None and tuple(issue_ids) != self._ids_of:
            self._ids_of = tuple(issue_ids)
            self._ours = {
                compute_session_id(self._project.id, issue_id, mode): (issue_id, mode)
                for issue_id in issue_ids
                for mode in Mode
            }
        return self._ours


def _known(
    panes: Sequence[Pane],
    issue_ids: Sequence[str],
    ours: Mapping[str, tuple[str, Mode]] | None,
    dispatched: Mapping[str, tuple[str, Mode]],
) -> list[Known]:
    found: dict[str, Known] = {
        session_id: Known(session_id=session_id, issue=issue, mode=mode)
        for session_id, (issue, mode) in dispatched.items()
    }
    spelled = {issue_id.casefold(): issue_id for issue_id in issue_ids}
    for pane in panes:
        if pane.legion_session_id and ours is not None and pane.legion_session_id not in ours:
            continue  # of another project, whose issues may have the same ids
        if pane.legion_session_id and is_issue_id(pane.issue) and pane.mode in _MODES:
            issue = spelled.get(pane.issue.casefold(), pane.issue)
            found[pane.legion_session_id] = Known(
                session_id=pane.legion_session_id, issue=issue, mode=Mode(pane.mode), pane=pane
            )
        elif not pane.issue and (named := parse_window_name(pane.window_name, issue_ids)) is not None:
            # A window of Legion's own daemon carries no options; its pane stands for the session until one is known.
            found.setdefault(pane.pane_id, Known(session_id="", issue=named[0], mode=named[1], pane=pane))
    return list(found.values())


def _owned(worker: Worker, ours: Mapping[str, tuple[str, Mode]], linked: Set[str]) -> Worker:
    if worker.session_id in linked:
        worker = replace(worker, linked=True)
    if worker.issue is None and worker.session_id in ours:
        issue, mode = ours[worker.session_id]
        return replace(worker, issue=issue, mode=mode)
    return worker


def _pane_id(sighting: Sighting) -> str:
    return sighting.pane.pane_id if sighting.pane is not None else ""
