"""The dashboard's own autopilot: switched on and off by a key, and by nothing else but its own limits."""

from __future__ import annotations

import getpass
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import anyio

from legion_tui.act.ledger import Ledger
from legion_tui.cli.autopilot import hours_over, make_autopilot, refuse_where_off, rules_of
from legion_tui.cli.parts import Parts
from legion_tui.config import AutopilotSection
from legion_tui.errors import LegionError
from legion_tui.fetch import Collector
from legion_tui.present.autopilot import plan_lines
from legion_tui.state import Snapshot
from legion_tui.state.autopilot import PROGRAM, Event, EventKind
from legion_tui.state.standing import Flight, Standing
from legion_tui.ui.ports import Preview

if TYPE_CHECKING:
    from legion_tui.act.autopilot import Autopilot

# What happens within this time is told together.
_GATHER_SECONDS = 0.5
# So often at least it is looked whether its hours are over, and whether what failed may be tried again.
_LOOK_SECONDS = 5.0
_TITLE = "switch the autopilot on"


@dataclass
class _Request:
    """One wish to have it switched on, and why that was not done."""

    answered: anyio.Event = field(default_factory=anyio.Event)
    refused: str = ""

    def answer(self, refused: str = "") -> None:
        if not self.answered.is_set():
            self.refused = refused
            self.answered.set()


class BoardAutopilot:
    """Implements the screen's `Autopilot`. `serve` has to run beside it; `let_go` comes before that is cancelled."""

    def __init__(self, parts: Parts, section: AutopilotSection, *, refuse: Callable[[str], None] | None = None) -> None:
        """Act over `parts`, by the rules of `section`, under the autopilot's own name in the ledger.

        `refuse` raises where whoever started this program may not do so: an agent may not, unless told otherwise.
        """
        ledger = Ledger(parts.folder, clock=parts.clock, user=getpass.getuser(), program=PROGRAM)
        self._parts = replace(parts, ledger=ledger)
        self._section = section
        self._refuse = refuse
        self._pilot: Autopilot | None = None
        self._request: _Request | None = None
        self._asked = anyio.Event()
        self._told = ""
        self._woken = _Woken(parts.collector, self._hold)
        self._events: list[Event] = []
        self._happened = anyio.Event()
        self._ended = anyio.Event()
        self._ended.set()
        self._paused = False
        self._why = ""

    @property
    def standing(self) -> Standing:
        """How it stands now."""
        flight = Flight.OFF
        if self._pilot is not None:
            flight = Flight.ENDING if self._told else Flight.PAUSED if self._paused else Flight.ON
        elif self._why:
            flight = Flight.STOPPED
        held = self._pilot.held if self._pilot is not None else {}
        return Standing(flight=flight, why=self._why, forbidden=self._forbidden(), held=held)

    async def events(self) -> AsyncIterator[Sequence[Event]]:
        """Yield what happened, gathered for a moment."""
        while True:
            await self._happened.wait()
            await anyio.sleep(_GATHER_SECONDS)
            self._happened = anyio.Event()
            events, self._events = tuple(self._events), []
            yield events

    async def preview(self) -> Preview:
        """Tell what it may do, and what it would do and hold back now."""
        try:
            await anyio.to_thread.run_sync(self._check)
            rules = rules_of(self._section)
            pilot = make_autopilot(self._parts, rules, self._hear)
            due = await pilot.plan(self._parts.collector.latest)
        except LegionError as error:
            return Preview(title=_TITLE, lines=(), refused=str(error))
        if due.stop:
            return Preview(title=_TITLE, lines=(), refused=f"it would stop at once: {due.stop}")
        section = self._section
        return Preview(title=_TITLE, lines=plan_lines(rules, section.actions, due, max_hours=section.max_hours))

    async def switch_on(self) -> str:
        """Switch it on; return why that did not work."""
        if self._pilot is not None:
            return "it is still ending what it has begun" if self._told else ""
        try:
            await anyio.to_thread.run_sync(self._check)
        except LegionError as error:
            return str(error)
        request = self._request = _Request()
        self._asked.set()
        await request.answered.wait()
        return request.refused

    def switch_off(self) -> None:
        """Start nothing new; what is begun comes to its end."""
        if self._pilot is not None:
            self._told = self._told or "it was switched off; the workers live on"
            self._woken.wake()
        self._why = ""

    def pause(self, paused: bool) -> None:
        """Start nothing new, or go on."""
        self._paused = paused
        self._woken.wake()

    async def serve(self) -> None:
        """Fly whenever it is asked for, until cancelled."""
        while True:
            await self._asked.wait()
            self._asked = anyio.Event()
            if (request := self._request) is not None:
                await self._fly(request)

    async def let_go(self) -> None:
        """Switch it off, and wait until what is begun has come to its end."""
        self.switch_off()
        await self._ended.wait()

    @property
    def busy(self) -> bool:
        """Whether something that it has begun goes on."""
        return self._pilot is not None and self._pilot.busy

    async def _fly(self, request: _Request) -> None:
        pilot = make_autopilot(self._parts, rules_of(self._section), self._hear)
        is_over = hours_over(self._section)
        self._told = self._why = ""
        self._paused = False
        self._ended = anyio.Event()
        why = ""
        try:
            async with self._parts.locks.hold_autopilot("a dashboard"), anyio.create_task_group() as group:
                self._pilot = pilot
                request.answer()
                group.start_soon(self._woken.watch)
                await pilot.run(self._woken, until=lambda: self._told or is_over())
                group.cancel_scope.cancel()
            why = "" if self._told else pilot.tally.stopped
        except* LegionError as errors:
            why = _first(errors)
            if self._pilot is not None:
                self._hear(Event(kind=EventKind.ENDED, at=self._parts.clock(), text=why))
            # Nobody was told of an end that came before it began.
            request.answer(why)
        finally:
            if self._pilot is not None:
                self._why = why
            self._pilot = None
            self._ended.set()
            self._happened.set()

    def _hold(self) -> None:
        """What is not read now is nothing to act on."""
        if self._pilot is not None:
            self._pilot.paused = self._paused or self._parts.collector.paused

    def _check(self) -> None:
        """Raise LegionError where it may not be switched on here."""
        self._parts.context.needed_place()
        refuse_where_off(self._section)
        from legion_tui.act.guard import refuse_agents

        (self._refuse or refuse_agents)("run")

    def _forbidden(self) -> str:
        try:
            refuse_where_off(self._section)
        except LegionError as error:
            return str(error)
        return ""

    def _hear(self, event: Event) -> None:
        self._events.append(event)
        self._happened.set()


class _Woken:
    """The collector's snapshots; the newest once more when it is woken, and every few seconds. `hold` comes before."""

    def __init__(self, collector: Collector, hold: Callable[[], None]) -> None:
        self._collector = collector
        self._hold = hold
        self._news = anyio.Event()

    def __aiter__(self) -> _Woken:
        return self

    async def __anext__(self) -> Snapshot:
        with anyio.move_on_after(_LOOK_SECONDS):
            await self._news.wait()
        self._news = anyio.Event()
        self._hold()
        return self._collector.latest

    def wake(self) -> None:
        """Have the newest snapshot be looked at now."""
        self._news.set()

    async def watch(self) -> None:
        """Wake for each snapshot, until cancelled."""
        async for _ in self._collector.snapshots():
            self.wake()


def _first(errors: BaseExceptionGroup[LegionError]) -> str:
    found: BaseException = errors
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return str(found)
