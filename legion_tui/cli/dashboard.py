"""`legion-tui`: the dashboard, or with `--plain` the board once, as lines."""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

import anyio

from legion_tui.act.snoozes import SnoozeFile
from legion_tui.cli.board_autopilot import BoardAutopilot
from legion_tui.cli.context import Context, say, warn
from legion_tui.cli.notifying import DesktopNotifier
from legion_tui.cli.parts import Parts, now, open_parts
from legion_tui.cli.preferences import preferences_of
from legion_tui.cli.screen_commands import ScreenCommands
from legion_tui.cli.snoozed import lulled_now
from legion_tui.cli.watching import watch_project
from legion_tui.config import UserConfig
from legion_tui.errors import LegionError
from legion_tui.present.receipts import dispatch_line, worker_line
from legion_tui.present.status import status_line
from legion_tui.state import DispatchReceipt, Outcome, Snapshot, Strategy, WorkerReceipt
from legion_tui.state.diagnostics import Diagnostics
from legion_tui.ui.ports import LiveScreen, LogLine

if TYPE_CHECKING:
    from legion_tui.ui.app import LegionApp

# A start waits ten seconds for its worker, and for the lock before that.
_LANDING_SECONDS = 30.0
_PAINTED_SECONDS = 0.3
_LATER = (
    "legion_tui.cli.actions",
    "legion_tui.act.autopilot",
    "legion_tui.state.lifecycle",
    *(f"legion_tui.ui.screens.{name}" for name in ("answer", "confirm", "detail", "help", "inbox", "log", "message")),
)


async def run(context: Context, options: argparse.Namespace) -> int:
    """Show the board until it is left."""
    if options.plain:
        return await _print(context)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise LegionError(
            "no terminal", "the board needs one", "legion-tui --plain prints it, legion-tui state is JSON"
        )
    async with open_parts(context) as parts:
        return await show(parts, context.user, where=context.user_file)


async def show(parts: Parts, user: UserConfig, *, where: str) -> int:
    """Run the dashboard over `parts` as `user`, read from the file `where`, likes it; reading ends with it."""
    from legion_tui.ui.app import LegionApp  # the screen's libraries cost most of the start

    environ = parts.context.environ
    for name in ("COLUMNS", "LINES"):
        # Exported by some shells, they would stand for the terminal's own size, and no resize would be seen.
        os.environ.pop(name, None)
    preferences = preferences_of(user, environ, where=where)
    autopilot = BoardAutopilot(parts, user.autopilot)
    app = LegionApp(
        BoardCollector(parts),
        ScreenCommands(parts),
        autopilot=autopilot,
        snoozes=SnoozeFile(parts.folder),
        notifier=DesktopNotifier(parts.tmux, user.notifications),
        preferences=preferences,
        clock=now,
    )
    async with anyio.create_task_group() as group:
        group.start_soon(parts.tmux.run)
        group.start_soon(parts.collector.run)
        group.start_soon(_leave_when_told, app)
        group.start_soon(_serve, parts, app, autopilot)
        await app.run_async()
        await _land(autopilot)
        group.cancel_scope.cancel()
    return app.return_code or 0


class BoardCollector:
    """What the screen reads: snapshots, a worker's screen, the ledger."""

    def __init__(self, parts: Parts) -> None:
        """Read over `parts`."""
        self._parts = parts

    def snapshots(self) -> AsyncIterator[Snapshot]:
        """Yield a snapshot whenever something changed."""
        return self._parts.collector.snapshots()

    def refresh(self) -> None:
        """Ask every source again now."""
        self._parts.collector.refresh()

    def seen(self, target: str) -> None:
        """Note that the person has looked at this row."""
        self._parts.collector.seen(target)

    def pause(self, paused: bool) -> None:
        """Ask nothing of any source, or take it up again."""
        self._parts.collector.pause(paused)

    def rest(self, resting: bool) -> None:
        """Read less often while nothing is painted."""
        self._parts.collector.rest(resting)

    def select(self, target: str | None) -> None:
        """Note which row is selected."""
        self._parts.collector.select(target)

    @property
    def strategy(self) -> Strategy:
        """In which order sources are read."""
        return self._parts.collector.strategy

    def follow(self, strategy: Strategy) -> None:
        """Read in another order."""
        self._parts.collector.strategy = strategy

    def diagnostics(self) -> Diagnostics:
        """Return what reading has cost up to now."""
        return self._parts.collector.diagnostics()

    async def screen(self, target: str, *, closely: bool = True) -> LiveScreen:
        """Return the screen of a worker, or why there is none."""
        worker = self._parts.collector.latest.worker_of(target)
        if worker is None:
            return LiveScreen(note="no worker")
        if worker.pane is None or worker.issue is None:
            from legion_tui.cli.headless_screen import headless_screen  # most workers have a screen

            told = await headless_screen(self._parts, worker.session_id)
            if told is not None:
                return told
        if worker.pane is None:
            return LiveScreen(note=f"no pane of this tmux server shows it ({worker.state})")
        try:
            capture = await self._parts.collector.screen(worker.pane, closely=closely)
        except LegionError as error:
            return LiveScreen(note=str(error))
        if capture is None:
            return LiveScreen(note="the pane is gone")
        return LiveScreen(lines=capture.lines, width=max(map(len, capture.lines), default=0))

    async def log(self, target: str) -> Sequence[LogLine]:
        """Return what the ledger tells of an issue, newest last."""
        try:
            return await self._parts.log(target)
        except LegionError as error:
            return [LogLine(at="", text=str(error))]


async def _print(context: Context) -> int:
    from legion_tui.present.glyphs import glyphs
    from legion_tui.present.plain import board_lines
    from legion_tui.present.rows import Look

    async with open_parts(context) as parts:
        snapshot = await lulled_now(parts, await parts.collector.collect())
    width = shutil.get_terminal_size((100, 24)).columns
    look = Look(glyphs=glyphs(context.user.glyphs), hidden=frozenset(context.user.hidden_columns))
    for line in board_lines(snapshot, width=width, now=now(), look=look):
        say(line)
    return 0


async def _serve(parts: Parts, app: LegionApp, autopilot: BoardAutopilot) -> None:
    """Do what a board does beside being looked at, as soon as it is there to be looked at."""
    await anext(parts.collector.snapshots())
    await anyio.sleep(_PAINTED_SECONDS)
    # What acts and what keys open takes some tenths of a second to load, in which no key would be answered.
    await anyio.to_thread.run_sync(_load)
    # What is there by now stays: looking through all of it for garbage stopped everything for 40 ms at 500 workers.
    gc.freeze()
    async with anyio.create_task_group() as group:
        group.start_soon(_keep_status, parts)
        group.start_soon(_carry_messages, parts, app)
        group.start_soon(_watch, parts, app)
        group.start_soon(autopilot.serve)


def _load() -> None:
    for name in _LATER:
        importlib.import_module(name)


async def _keep_status(parts: Parts) -> None:
    """Keep the status line in tmux's `@legion_status`, where showing it costs nothing."""
    told = None
    async for snapshot in parts.collector.snapshots():
        line = status_line(await lulled_now(parts, snapshot))
        if line != told and snapshot.sequence:
            try:
                await parts.tmux.set_server_option("@legion_status", line)
            except LegionError:
                continue  # tmux's own health says so on the board; the next snapshot tries again
            told = line


async def _carry_messages(parts: Parts, app: LegionApp) -> None:
    """Deliver the messages that wait, and tell what came of each."""

    async def tell(receipt: WorkerReceipt) -> None:
        app.tell(worker_line(receipt), bad=receipt.outcome is not Outcome.DONE)

    await parts.actions.porter.run(tell)


async def _watch(parts: Parts, app: LegionApp) -> None:
    """Watch the workers, and tell of those that were started out of the queue."""

    def tell(receipt: DispatchReceipt) -> None:
        app.tell(dispatch_line(receipt), bad=receipt.outcome not in (Outcome.STARTED, Outcome.RESUMED))

    await watch_project(parts, tell_start=tell)


async def _land(autopilot: BoardAutopilot) -> None:
    """Let what the autopilot has begun come to its end; the workers live on."""
    if autopilot.busy:
        warn("the autopilot ends what it has begun; ctrl+c leaves at once")
    with anyio.move_on_after(_LANDING_SECONDS):
        await autopilot.let_go()


async def _leave_when_told(app: LegionApp) -> None:
    """Leave by the door on SIGTERM and SIGHUP, so that the terminal is given back as it was."""
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGHUP) as signals:
        async for _ in signals:
            app.exit()
