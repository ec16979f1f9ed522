"""What starting a worker takes: read, checked and put into one value before anything is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from legion_tui.act.brief import DEFAULT_PROMPT, GO_ON, Task, brief_path, render_prompt
from legion_tui.act.crew import Crew, CrewReader, Member
from legion_tui.act.labels import Labels, words
from legion_tui.act.parking import Parking
from legion_tui.act.room import Room
from legion_tui.act.worktrees import Plan, Worktrees
from legion_tui.agents.protocol import Agent, Launch
from legion_tui.errors import NoSlotError, RefusedError
from legion_tui.state import (
    Action,
    DispatchReceipt,
    Issue,
    Label,
    Mode,
    Outcome,
    Project,
    compute_session_id,
    window_name,
)
from legion_tui.trackers import Tracker

if TYPE_CHECKING:
    from legion_tui.act.headless import Holding

_TEST_LABELS = frozenset({Label.TEST_PASSED, Label.TEST_FAILED})
# Mended work passes test and review again.
MENDS = frozenset(
    {
        Action.RESUME_IMPLEMENTER_FOR_CHANGES,
        Action.RESUME_IMPLEMENTER_FOR_CI_FAILURE,
        Action.RESUME_IMPLEMENTER_FOR_TEST_FAILURE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeSettings:
    """How workers of one mode are started; None leaves the default."""

    prompt: str | None = None
    model: str | None = None
    permission_mode: str | None = None
    # Without a screen, under a holder, in place of a tmux window.
    headless: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchSettings:
    """What the project says of its workers. `legion` is how a worker calls this program."""

    project: Project
    session: str
    command: tuple[str, ...]
    briefs: Path
    modes: Mapping[Mode, ModeSettings] = field(default_factory=dict)
    slots: int = 10
    # Of one mode at once, where that is fewer.
    mode_slots: Mapping[Mode, int] = field(default_factory=dict)
    confirm_seconds: float = 10.0
    legion: str = "legion-tui"
    # The settings file that workers are started with, None for none; `refused`: our commands that they may not run.
    agent_settings: Path | None = None
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One worker to be started or told, read and checked: what is needed to do it, and to say what would be done."""

    task: Task
    session_id: str
    resume: bool
    headless: bool
    place: Plan
    prompt: str
    argv: tuple[str, ...]
    parked: tuple[Member, ...] = ()
    # A finished worker of another issue whose slot is needed; which one it is, is looked up again when it is.
    room: tuple[Member, ...] = ()
    removed: frozenset[str] = frozenset()
    # The idle live worker that is told, where there is one; no window is opened then.
    live: Member | None = None

    def receipt(self, outcome: Outcome, reason: str = "") -> DispatchReceipt:
        """Return a receipt of this order."""
        worker = self.live.worker if self.live is not None else None
        return DispatchReceipt(
            issue=self.task.issue.id,
            mode=self.task.mode.value,
            session_id=self.session_id,
            outcome=outcome,
            reason=reason,
            pane=worker.pane if worker else None,
            window=worker.window if worker else None,
            cwd=(worker.cwd if worker else None) or str(self.place.cwd),
            branch=self.place.branch,
            argv=() if self.live is not None else self.argv,
            prompt=self.prompt,
        )


@dataclass(frozen=True, slots=True)
class _Full:
    """A limit that is reached: of all workers, or of those of one mode."""

    mode: Mode | None
    live: int
    limit: int


class Planner:
    """Reads everything anew and says what would be done, or refuses. Changes nothing."""

    def __init__(
        self,
        *,
        agent: Agent,
        tracker: Tracker,
        crew: CrewReader,
        parking: Parking,
        labels: Labels,
        worktrees: Worktrees,
        settings: DispatchSettings,
        room: Room,
        tells: bool,
        holding: Holding | None = None,
    ) -> None:
        """Take the parts; `tells`: an idle worker can be told in its own prompt box."""
        self._holding = holding
        self._agent = agent
        self._tracker = tracker
        self._crew = crew
        self._parking = parking
        self._labels = labels
        self._worktrees = worktrees
        self._settings = settings
        self._room = room
        self._tells = tells

    def steps(self, order: Order) -> tuple[str, ...]:
        """Return what carrying out the order does, in words."""
        issue = order.task.issue.id
        parked = tuple(f"end the finished {m.name} (SIGTERM to process {m.worker.pid})" for m in order.parked)
        parked += tuple(f"make room: end the finished {m.name} of {m.worker.issue}" for m in order.room)
        labels = words({Label.WORKER_ACTIVE}, order.removed)
        if order.live is not None:
            act = f"tell the idle worker in {order.live.worker.pane}: {order.prompt}"
        else:
            verb = "resume the session" if order.resume else "start an agent"
            window = f"in window {window_name(issue, order.task.mode)} of {self._settings.session}"
            act = f"{verb} {'without a screen' if order.headless else window}"
        return (*parked, *order.place.steps, act, f"label {issue} {labels}")

    async def order(self, issue_id: str, mode: Mode, *, action: Action | None = None, head: str = "") -> Order:
        """Read everything anew and return what would be done; RefusedError says why nothing may be."""
        settings = self._settings
        issue = await self._tracker.get(issue_id)
        session_id = compute_session_id(settings.project.id, issue.id, mode)
        crew = await self._crew.read()
        live = crew.in_session(session_id)
        resumes = action is not None and action.startswith(("resume_", "relay_"))
        if live is None or not resumes:
            await self._check_free(crew, issue, mode, session_id)
            live = None
        elif not live.finished:
            raise RefusedError(f"the {mode} worker of {issue.id} is {live.worker.state}", "it can't be told now")
        parked = self._parking.check(crew, issue.id, keep_session=session_id)
        if live is not None and not self._tells:
            parked, live = (*parked, live), None
        room: tuple[Member, ...] = ()
        if live is None and (full := self._full(crew, mode, gone=parked)):
            room = (await self._room.spare(crew, but=issue.id, mode=full.mode))[:1]
            self._check_slots(crew, mode, gone=(*parked, *room))
        task = Task(issue=issue, mode=mode, action=action, head=head)
        resume = live is None and await anyio.to_thread.run_sync(self._agent.has_transcript, session_id)
        prompt = self._prompt(task, again=resume, live=live is not None)
        return Order(
            task=task,
            session_id=session_id,
            resume=resume,
            headless=self._is_headless(mode),
            place=await self._worktrees.plan(issue.id),
            prompt=prompt,
            argv=self._argv(task, session_id, prompt, resume=resume),
            parked=parked,
            room=room,
            removed=await self._labels.of(issue) & _labels_to_remove(mode, action),
            live=live,
        )

    async def take_slot(self, issue_id: str, mode: Mode) -> None:
        """See that there is a slot at this moment, or make one; for one who holds the slots' lock."""
        crew = await self._crew.read()
        full = self._full(crew, mode)
        if full is not None and await self._room.make(crew, but=issue_id, mode=full.mode):
            crew = await self._crew.read()
        self._check_slots(crew, mode)

    def _full(self, crew: Crew, mode: Mode, *, gone: Sequence[Member] = ()) -> _Full | None:
        """Return which limit is reached once these are gone; None where there is a slot."""
        left = [member for member in crew.live() if member not in gone]
        if len(left) >= self._settings.slots:
            return _Full(None, len(left), self._settings.slots)
        alike = sum(member.worker.mode is mode for member in left)
        limit = self._settings.mode_slots.get(mode)
        return _Full(mode, alike, limit) if limit is not None and alike >= limit else None

    async def _check_free(self, crew: Crew, issue: Issue, mode: Mode, session_id: str) -> None:
        for pane in crew.panes:
            if pane.legion_session_id == session_id and not pane.dead:
                raise RefusedError(
                    f"the {mode} worker of {issue.id} is live",
                    f"it runs in {pane.pane_id}, window {pane.window_name}",
                    f"attach: legion-tui attach {issue.id}",
                )
        pid = await anyio.to_thread.run_sync(self._agent.owner, session_id)
        if pid is not None:
            raise RefusedError(
                f"the {mode} session of {issue.id} is held", f"process {pid} is live and has it", "end that one first"
            )

    def _check_slots(self, crew: Crew, mode: Mode, *, gone: Sequence[Member] = ()) -> None:
        full = self._full(crew, mode, gone=gone)
        if full is not None:
            key = f"modes.{full.mode}.max_concurrent" if full.mode is not None else "workers.max_concurrent"
            kind = f"{full.mode} workers" if full.mode is not None else "workers"
            raise NoSlotError(
                "no free slot", f"{full.live} of {full.limit} {kind} are live", f"wait for one, or raise {key}"
            )

    def _is_headless(self, mode: Mode) -> bool:
        return self._holding is not None and self._settings.modes.get(mode, ModeSettings()).headless

    def _prompt(self, task: Task, *, again: bool, live: bool) -> str:
        chosen = self._settings.modes.get(task.mode, ModeSettings()).prompt
        # Into a prompt box goes one short line of ours, whatever the project says.
        template = GO_ON if live else chosen or (GO_ON if again else DEFAULT_PROMPT)
        brief = brief_path(self._settings.briefs, task)
        return render_prompt(template, task, brief=brief, project=self._settings.project.name)

    def _argv(self, task: Task, session_id: str, prompt: str, *, resume: bool) -> tuple[str, ...]:
        mode = self._settings.modes.get(task.mode, ModeSettings())
        if self._holding is not None and mode.headless:
            return self._holding.argv(
                self._settings.command,
                session_id,
                resume=resume,
                model=mode.model,
                permission_mode=mode.permission_mode,
            )
        return self._agent.argv(
            Launch(
                command=self._settings.command,
                session_id=session_id,
                resume=resume,
                prompt=prompt,
                name=window_name(task.issue.id, task.mode),
                model=mode.model,
                permission_mode=mode.permission_mode,
                settings=self._settings.agent_settings,
            )
        )


def _labels_to_remove(mode: Mode, action: Action | None) -> frozenset[str]:
    if action is Action.RELAY_USER_FEEDBACK:
        return frozenset({Label.USER_INPUT_NEEDED, Label.USER_FEEDBACK_GIVEN})
    tested = mode is Mode.TEST or action in MENDS
    return frozenset({Label.WORKER_DONE}) | (_TEST_LABELS if tested else frozenset())
