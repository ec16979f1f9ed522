"""The two small objects that the screen is given: one that yields snapshots, one that carries out commands."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from legion_tui.state import (
    ActionReceipt,
    AnswerReceipt,
    AnswerRequest,
    AttachReceipt,
    CleanReceipt,
    DispatchReceipt,
    IssueReceipt,
    MessageRequest,
    Snapshot,
    Strategy,
    TrackerWrite,
    WorkerReceipt,
)
from legion_tui.state.autopilot import Event
from legion_tui.state.diagnostics import Diagnostics
from legion_tui.state.snooze import Snooze
from legion_tui.state.standing import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveScreen:
    """A worker's screen: lines with SGR colour only, or `note` in plain words where there is none."""

    lines: tuple[str, ...] = ()
    width: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line of the ledger, ready to be read: a time (`2026-11-21T04:00:00Z`) and what happened."""

    at: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a command would do, in plain words, and why it cannot where it cannot."""

    title: str
    lines: tuple[str, ...]
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What was painted when the key was pressed; a command refuses when it is no longer so."""

    issue: str
    action: str = ""
    question_id: str = ""
    # The lines of the preview that a person said yes to.
    shown: tuple[str, ...] = ()


class Collector(Protocol):
    """Reads everything, at its own pace."""

    def snapshots(self) -> AsyncIterator[Snapshot]:
        """Yield a snapshot whenever something changed, the first as soon as there is one; never ends by itself."""
        ...

    def refresh(self) -> None:
        """Ask every source again now; asking twice is asking once."""
        ...

    def seen(self, target: str) -> None:
        """Note that the person has looked at this issue's row since its turn ended."""
        ...

    def pause(self, paused: bool) -> None:
        """Stop or take up reading again; paused, nothing is asked of any source."""
        ...

    def rest(self, resting: bool) -> None:
        """Read less often while nothing is painted; afterwards ask every source at once."""
        ...

    def select(self, target: str | None) -> None:
        """Note which row is selected; the strategy `priority` reads it first."""
        ...

    @property
    def strategy(self) -> Strategy:
        """In which order sources are read."""
        ...

    def follow(self, strategy: Strategy) -> None:
        """Read in another order, from the next reading on."""
        ...

    def diagnostics(self) -> Diagnostics:
        """Return what reading has cost up to now."""
        ...

    async def screen(self, target: str, *, closely: bool = True) -> LiveScreen:
        """Return the screen of an issue's worker or of a session, as it is now; never raises.

        Not `closely`, it may be as old as the last sign of a change.
        """
        ...

    async def log(self, target: str) -> Sequence[LogLine]:
        """Return what the ledger tells of an issue, newest last; never raises."""
        ...


class Commands(Protocol):
    """Does things, and tells what came of it. None of these raises; a failure is a receipt with its reason."""

    async def answer(self, request: AnswerRequest) -> AnswerReceipt:
        """Answer a pending question without attaching."""
        ...

    async def preview(self, expected: Expected, *, mode: str | None = None) -> Preview:
        """Tell what `advance` (or, with a mode, `dispatch`) would do."""
        ...

    async def advance(self, expected: Expected) -> ActionReceipt:
        """Run the suggested action."""
        ...

    async def dispatch(self, issue: str, *, mode: str | None = None) -> DispatchReceipt:
        """Start or resume the worker of an issue."""
        ...

    async def attach(self, target: str) -> AttachReceipt:
        """Show the worker's window: switches the client, or gives the argv to hand the terminal to."""
        ...

    async def send(self, request: MessageRequest) -> WorkerReceipt:
        """Tell a worker something; with `queue`, one that is busy is told once it is idle."""
        ...

    async def foresee(self, target: str) -> WorkerReceipt:
        """Tell what `send` would do now: `dry_run` where the worker would be told, `queued` where it is busy."""
        ...

    def objection(self, text: str) -> str:
        """Return why a text may not go to several workers at once, an empty string where it may."""
        ...

    async def cancel_messages(self, target: str) -> str:
        """Take back every message that waits for a worker, and return what came of it in words."""
        ...

    async def interrupt(self, target: str) -> WorkerReceipt:
        """Stop what a busy worker does; the worker stays."""
        ...

    async def preview_stop(self, target: str) -> tuple[Preview, int]:
        """Tell what ending a worker would do, and the process that would be ended."""
        ...

    async def stop(self, target: str, *, pid: int, killing: bool = False) -> WorkerReceipt:
        """End a worker that still is this process; `killing` where it did not end when it was asked to."""
        ...

    async def preview_clean(self) -> Preview:
        """Tell what `clean` would remove, and what stays and why."""
        ...

    async def clean(self) -> tuple[CleanReceipt, ...]:
        """Remove worktrees and windows of issues whose pull request is merged; a failure is a receipt too."""
        ...

    async def add(self, title: str, body: str, *, dispatch: bool) -> IssueReceipt:
        """Add an issue (status Todo), and dispatch it when asked to."""
        ...

    async def undo(self, write: TrackerWrite) -> IssueReceipt:
        """Take back what was changed in the tracker; refused where somebody changed it since."""
        ...

    async def link(self, session_id: str, issue: str) -> IssueReceipt:
        """Make a session of the machine the worker of an issue; `reason` says as which."""
        ...

    async def unlink(self, session_id: str, issue: str) -> IssueReceipt:
        """Have a session that was linked to an issue belong to none."""
        ...


class SnoozeKeeper(Protocol):
    """Keeps what is snoozed over restarts. Each raises LegionError where that cannot be done."""

    async def load(self) -> Mapping[str, Snooze]:
        """Return what was snoozed, by issue id or session id."""
        ...

    async def change(self, changes: Mapping[str, Snooze | None]) -> Mapping[str, Snooze]:
        """Put some to sleep, and wake those that are None; return what sleeps then."""
        ...


class NoSnoozeKeeper:
    """Keeps nothing."""

    async def load(self) -> Mapping[str, Snooze]:
        """Return nothing."""
        return {}

    async def change(self, changes: Mapping[str, Snooze | None]) -> Mapping[str, Snooze]:
        """Return those that sleep."""
        return {target: snooze for target, snooze in changes.items() if snooze is not None}


class Notifier(Protocol):
    """Tells a person outside of the board. Each raises LegionError where that cannot be done."""

    async def shown_panes(self) -> frozenset[str]:
        """Return the panes that somebody has before their eyes."""
        ...

    async def send(self, title: str, text: str) -> None:
        """Send one message by every way that is switched on."""
        ...


class NoNotifier:
    """Tells nobody."""

    async def shown_panes(self) -> frozenset[str]:
        """Return none."""
        return frozenset()

    async def send(self, title: str, text: str) -> None:
        """Do nothing."""


class Autopilot(Protocol):
    """Runs suggested actions by the rules of the person's own configuration. None of these raises."""

    @property
    def standing(self) -> Standing:
        """How it stands now."""
        ...

    def events(self) -> AsyncIterator[Sequence[Event]]:
        """Yield what happened since the last time, gathered for a moment; never ends by itself."""
        ...

    async def preview(self) -> Preview:
        """Tell what it may do, and what it would do and hold back now; `refused` where it cannot be switched on."""
        ...

    async def switch_on(self) -> str:
        """Switch it on, and return why that did not work, an empty string where it did."""
        ...

    def switch_off(self) -> None:
        """Start nothing new; what is begun comes to its end. One that has stopped is off from then on."""
        ...

    def pause(self, paused: bool) -> None:
        """Start nothing new, or go on."""
        ...


class NoAutopilot:
    """Stands in where there is none."""

    standing = Standing(forbidden="there is no autopilot here")

    async def events(self) -> AsyncIterator[Sequence[Event]]:
        """Yield nothing."""
        nothing: tuple[Sequence[Event], ...] = ()
        for events in nothing:
            yield events

    async def preview(self) -> Preview:
        """Refuse."""
        return Preview(title="autopilot", lines=(), refused=self.standing.forbidden)

    async def switch_on(self) -> str:
        """Refuse."""
        return self.standing.forbidden

    def switch_off(self) -> None:
        """Do nothing."""

    def pause(self, paused: bool) -> None:
        """Do nothing."""
