"""The app with nothing behind it, ready for Pilot."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from textual.app import App
from textual.geometry import Size
from textual.message import Message
from textual.notifications import Notify
from textual.pilot import Pilot

from legion_tui.state import Snapshot
from legion_tui.ui.app import LegionApp
from legion_tui.ui.ports import Notifier, SnoozeKeeper
from legion_tui.ui.preferences import Preferences
from legion_tui.ui.screens.board import BoardScreen
from legion_tui.ui.widgets.board import Board
from tests.support.ports import FakeAutopilot, FakeCollector, FakeCommands
from tests.support.snapshots import NOW


@dataclass
class Stage:
    """An app under test, what it was given, and what it said."""

    app: LegionApp
    collector: FakeCollector
    commands: FakeCommands
    autopilot: FakeAutopilot
    handed: list[tuple[str, ...]] = field(default_factory=list)
    browsed: list[str] = field(default_factory=list)
    toasts: list[str] = field(default_factory=list)
    # Seconds of the monotonic clock, and the time of day: a test moves them on.
    seconds: float = 1_000.0
    now: datetime = NOW
    pilot: Pilot[None] = field(init=False)

    @property
    def screen(self) -> BoardScreen:
        """The board's screen, whatever lies on top of it."""
        found = self.app.screen_stack[0]
        assert isinstance(found, BoardScreen)
        return found

    @property
    def board(self) -> Board:
        """The board."""
        return self.screen.board

    async def press(self, *keys: str) -> None:
        """Press keys, and wait until the app has done what they ask."""
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def settle(self) -> None:
        """Wait until nothing is left to be handled."""
        for _ in range(3):
            await self.pilot.pause()

    async def show(self, snapshot: Snapshot) -> None:
        """Have the app see a snapshot."""
        self.collector.push(snapshot)
        await self.settle()

    def lines(self) -> list[str]:
        """What is on the screen, line by line."""
        return screen_lines(self.app)

    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(self.lines())

    def line_of(self, word: str) -> int:
        """The first line of the screen that holds `word`."""
        return next(y for y, line in enumerate(self.lines()) if word in line)


def screen_lines(app: App[Any]) -> list[str]:
    """The text of every line of the screen, without blanks at its end."""
    width, _ = app.size
    strips = app.screen._compositor.render_strips(Size(*app.size))
    return ["".join(segment.text for segment in strip.crop(0, width)).rstrip() for strip in strips]


def make_stage(
    snapshots: Sequence[Snapshot] = (),
    *,
    preferences: Preferences | None = None,
    commands: FakeCommands | None = None,
    autopilot: FakeAutopilot | None = None,
    snoozes: SnoozeKeeper | None = None,
    notifier: Notifier | None = None,
) -> Stage:
    """An app that will be shown these snapshots, with a clock that stands still."""
    collector, commands = FakeCollector(*snapshots), commands or FakeCommands()
    autopilot = autopilot or FakeAutopilot()

    async def take_terminal(app: App[Any], argv: Sequence[str]) -> str:
        stage.handed.append(tuple(argv))
        return ""

    def browse(url: str) -> bool:
        stage.browsed.append(url)
        return True

    app = LegionApp(
        collector,
        commands,
        autopilot=autopilot,
        snoozes=snoozes,
        notifier=notifier,
        preferences=preferences or Preferences(zone=UTC),
        clock=lambda: stage.now,
        monotonic=lambda: stage.seconds,
        hand_over=take_terminal,
        browse=browse,
    )
    stage = Stage(app, collector, commands, autopilot)
    return stage


@asynccontextmanager
async def on_stage(
    *snapshots: Snapshot,
    size: tuple[int, int] = (120, 40),
    preferences: Preferences | None = None,
    commands: FakeCommands | None = None,
    autopilot: FakeAutopilot | None = None,
    snoozes: SnoozeKeeper | None = None,
    notifier: Notifier | None = None,
) -> AsyncIterator[Stage]:
    """Run the app headless on these snapshots."""
    stage = make_stage(
        snapshots,
        preferences=preferences,
        commands=commands,
        autopilot=autopilot,
        snoozes=snoozes,
        notifier=notifier,
    )

    def hear(message: Message) -> None:
        if isinstance(message, Notify):
            stage.toasts.append(message.notification.message)

    async with stage.app.run_test(size=size, notifications=True, message_hook=hear) as pilot:
        stage.pilot = pilot
        await stage.settle()
        yield stage
