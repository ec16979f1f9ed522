"""The app: theme, keys, one loop that reads snapshots, and the board."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.driver import Driver
from textual.screen import Screen
from textual.types import AnimationLevel
from textual.worker import Worker, WorkerState

from legion_tui.errors import LegionError
from legion_tui.present.board import session_name
from legion_tui.present.glyphs import glyphs
from legion_tui.present.rows import Look
from legion_tui.state import EMPTY, Snapshot
from legion_tui.ui import theme as themes
from legion_tui.ui.acting import Acting
from legion_tui.ui.browser import open_in_browser
from legion_tui.ui.bulk import Bulk
from legion_tui.ui.commands import shown_keys
from legion_tui.ui.handover import HandOver, hand_over
from legion_tui.ui.inboxing import Inboxing
from legion_tui.ui.messages import AutopilotDid, SnapshotReady
from legion_tui.ui.notifying import Notifying
from legion_tui.ui.piloting import Piloting
from legion_tui.ui.plain_signs import AsciiSigns
from legion_tui.ui.ports import (
    Autopilot,
    Collector,
    Commands,
    NoAutopilot,
    NoNotifier,
    NoSnoozeKeeper,
    Notifier,
    SnoozeKeeper,
)
from legion_tui.ui.preferences import Preferences
from legion_tui.ui.screens.board import BoardScreen
from legion_tui.ui.screens.commanding import BOARD
from legion_tui.ui.snoozing import Snoozing
from legion_tui.ui.styles import styles_dir

if TYPE_CHECKING:
    from legion_tui.ui.screens.inbox import InboxScreen


def utc_now() -> datetime:
    """The time, aware."""
    return datetime.now(UTC)


def _palette() -> type:
    from legion_tui.ui.palette import CommandProvider

    return CommandProvider


class LegionApp(App[None]):
    """The dashboard. It reads from a collector and acts through commands, and knows nothing else of the world."""

    TITLE = "legion"
    COMMANDS: ClassVar[set[Callable[[], type]]] = {_palette}  # type: ignore[assignment]
    BINDINGS: ClassVar[list[BindingType]] = []
    # For limits in whole cells.
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012  # as its base class declares it
        (0, "-below-60"),
        (60, "-from-60"),
        (80, "-from-80"),
        (120, "-from-120"),
    ]

    def __init__(
        self,
        collector: Collector,
        commands: Commands,
        *,
        autopilot: Autopilot | None = None,
        snoozes: SnoozeKeeper | None = None,
        notifier: Notifier | None = None,
        preferences: Preferences | None = None,
        clock: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        hand_over: HandOver = hand_over,
        browse: Callable[[str], bool] = open_in_browser,
    ) -> None:
        super().__init__(css_path=sorted(styles_dir().glob("*.tcss")))
        preferences = preferences or Preferences()
        self.snapshot: Snapshot = EMPTY
        # As it was read; `snapshot` has what sleeps, too.
        self._read_last: Snapshot = EMPTY
        self._collector = collector
        if not preferences.animation:
            self.animation_level: AnimationLevel = "none"
        for own in themes.OURS:
            self.register_theme(own)
        self.theme = preferences.theme if preferences.theme in self.available_themes else themes.DEFAULT_THEME
        if preferences.keymap:
            self.set_keymap(dict(preferences.keymap))
        chosen = glyphs(preferences.glyphs)
        if chosen.name == "ascii":
            # The way NO_COLOR goes too; there is no public one.
            self._filters.append(AsciiSigns())
        look = Look(
            glyphs=chosen,
            keys=shown_keys(preferences.keymap, chosen.enter),
            zone=preferences.zone,
            hidden=preferences.hidden_columns,
        )
        self._piloting = Piloting(self, autopilot or NoAutopilot(), self.show_bars)
        self.notifying = Notifying(self, notifier or NoNotifier(), now=clock, preferences=preferences)
        self._snoozing = Snoozing(self, snoozes or NoSnoozeKeeper(), now=clock, look=look, unmark=self._unmark)
        self._acting = Acting(
            self,
            collector,
            commands,
            now=clock,
            look=look,
            hand_over=hand_over,
            browse=browse,
            keymap=preferences.keymap,
            editor=preferences.editor,
            held=self._piloting.held,
            snoozing=self._snoozing,
        )

        def make_inbox(inboxing: Inboxing) -> InboxScreen:
            from legion_tui.ui.screens.inbox import InboxScreen

            return InboxScreen(
                self.snapshot, collector, self._acting, inboxing, look=look, now=clock, monotonic=monotonic
            )

        self._inboxing = Inboxing(self, self._acting, collector, commands, make=make_inbox, now=clock)
        self._board = BoardScreen(
            collector,
            self._acting,
            piloting=self._piloting,
            inboxing=self._inboxing,
            bulk=Bulk(self, collector, commands, self._unmark),
            look=look,
            preferences=preferences,
            now=clock,
            monotonic=monotonic,
        )

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return our colours in terms of the theme in use."""
        return themes.variable_defaults(self.current_theme)

    def get_driver_class(self) -> type[Driver]:
        """Return what paints on the terminal: Textual's own, made patient."""
        found = super().get_driver_class()
        if found.__name__ != "LinuxDriver":
            return found  # another system's, or one that was asked for
        from legion_tui.ui.terminal import TerminalDriver

        return TerminalDriver

    def get_default_screen(self) -> Screen[None]:
        """Return the board: it is below everything else."""
        return self._board

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Yield what the palette offers beside our own commands."""
        yield SystemCommand("Theme", "choose other colours", self.action_change_theme)

    async def _check_bindings(self, key: str, priority: bool = False) -> bool:
        """Run what a key is bound to at once where nobody can be typing, so that the next key meets what it opened.

        Textual looks at most bindings only after a key went through the focused widget and back. By then all that
        was typed ahead is on that way too, and is lost to the dialog that the first key opens.
        """
        if await super()._check_bindings(key, priority):
            return True
        nobody_types = self.focused is None or self.focused.id == BOARD
        return priority and nobody_types and await super()._check_bindings(key)

    def on_mount(self) -> None:
        """Take up what was snoozed; one look at the clock a second for what is to wake.

        While the terminal is another program's, less is read.
        """
        self.work(self._snoozing.load())
        self.set_interval(1.0, self.look_again)
        self.app_suspend_signal.subscribe(self, lambda _: self._collector.rest(True))
        self.app_resume_signal.subscribe(self, lambda _: self._collector.rest(False))

    def read(self) -> None:
        """Read snapshots until the app ends; calling it again begins anew where reading broke off."""
        if not any(worker.name == "snapshots" and not worker.is_finished for worker in self.workers):
            self.run_worker(self._read(), name="snapshots", group="snapshots", exit_on_error=False)
        if not any(worker.name == "autopilot" and not worker.is_finished for worker in self.workers):
            self.run_worker(self._piloting.listen(), name="autopilot", group="autopilot", exit_on_error=False)

    async def _read(self) -> None:
        async for snapshot in self._collector.snapshots():
            self.post_message(SnapshotReady(snapshot))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Reading that broke off is told on the board, with the key that begins it anew."""
        if event.worker.name == "snapshots" and event.state is WorkerState.ERROR:
            error = event.worker.error
            self.log.error(error)
            told = str(error) if isinstance(error, LegionError) else repr(error)
            self._board.fail(f"reading broke off: {told}; {self._board.key_of('refresh')} begins it anew")

    def on_snapshot_ready(self, message: SnapshotReady) -> None:
        """Hand the snapshot to whatever shows one."""
        self._read_last = message.snapshot
        self._show(self._snoozing.lull(message.snapshot))

    def look_again(self) -> None:
        """Show what was read last anew, where something of it sleeps or wakes by now."""
        if self._read_last is not EMPTY:
            snapshot = self._snoozing.lull(self._read_last)
            if snapshot.asleep != self.snapshot.asleep:
                self._show(snapshot)

    def _show(self, snapshot: Snapshot) -> None:
        self.notifying.take(self.snapshot, snapshot)
        self.snapshot = snapshot
        self._board.show(snapshot)
        self._inboxing.take(snapshot)
        self._acting.take(snapshot)

    def on_autopilot_did(self, message: AutopilotDid) -> None:
        """Tell what the autopilot did."""
        self._piloting.hear(message.events)

    def _unmark(self, keys: Iterable[str]) -> None:
        self._board.board.unmark(keys)

    def show_bars(self) -> None:
        """Show what stands around the board as it is now."""
        self._board.show_bars()

    def attach_to(self, target: str) -> None:
        """Go to the window of a worker."""
        self.work(self._acting.attach(target))

    def work(self, coroutine: Coroutine[Any, Any, object]) -> Worker[object]:
        """Do something beside the keys, whatever dialogs come and go meanwhile; what breaks is told on the board."""
        return self._board.work(coroutine)

    def tell(self, text: str, *, bad: bool) -> None:
        """Show in passing what came of something that was asked for earlier."""
        self.notify(text, severity="warning" if bad else "information", timeout=8 if bad else 4, markup=False)

    def shown(self, target: str) -> str:
        """Return how a person names an issue or a session."""
        issue = self.snapshot.issue(target)
        if issue is not None:
            return issue.issue.shown_id or issue.id
        worker = self.snapshot.worker_of(target)
        return session_name(worker) if worker is not None else target[:8]
