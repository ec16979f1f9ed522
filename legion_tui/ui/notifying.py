"""Tells a person of what happens: gathered for a moment, as a toast, by the bell, and by what the cli can do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from legion_tui.errors import LegionError
from legion_tui.present.notify import Kind, News, news, summary, unseen
from legion_tui.state import Snapshot
from legion_tui.ui.ports import Notifier

if TYPE_CHECKING:
    from legion_tui.ui.app import LegionApp
    from legion_tui.ui.preferences import Preferences

# What comes within so long is one message.
GATHER_SECONDS = 1.0


class Notifying:
    """Is handed every step from one snapshot to the next."""

    def __init__(
        self, app: LegionApp, notifier: Notifier, *, now: Callable[[], datetime], preferences: Preferences
    ) -> None:
        self._app = app
        self._notifier = notifier
        self._now = now
        self._preferences = preferences
        self._told: dict[tuple[Kind, str, str], datetime] = {}
        self._waiting: list[News] = []
        # What could not be done is told once, until it works again.
        self._broken = ""

    def take(self, before: Snapshot, after: Snapshot) -> None:
        """Look what is news, and tell it together with what else comes within a moment."""
        found, self._told = news(before, after, self._now(), self._preferences.wishes, self._told)
        if not found:
            return
        if not self._waiting:
            self._app.set_timer(GATHER_SECONDS, self.flush)
        self._waiting += found

    def flush(self) -> None:
        """Tell what has gathered."""
        found, self._waiting = tuple(self._waiting), []
        if found:
            self._app.work(self._tell(found))

    async def _tell(self, gathered: tuple[News, ...]) -> None:
        found = unseen(gathered, await self._shown_panes())
        if not found:
            return
        title, text = summary(found)
        preferences = self._preferences
        if preferences.toast:
            bad = any(one.kind in (Kind.FAILED, Kind.MISSING) for one in found)
            self._app.tell("\n".join(part for part in (title, text) if part), bad=bad)
        if preferences.wishes.is_quiet(self._now(), preferences.zone):
            return
        if preferences.bell:
            self._app.bell()
        try:
            await self._notifier.send(title, text)
            self._broken = ""
        except LegionError as error:
            if str(error) != self._broken:
                self._broken = str(error)
                self._app.tell(self._broken, bad=True)

    async def _shown_panes(self) -> frozenset[str]:
        try:
            return await self._notifier.shown_panes()
        except LegionError:
            return frozenset()  # tmux's own health says so on the board; rather once too often
