"""Rows that are put to sleep: asked for by key, kept over restarts, woken by the clock or by a change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from legion_tui.errors import LegionError
from legion_tui.present.board import Row
from legion_tui.present.rows import Look
from legion_tui.present.snooze import naps, until_word
from legion_tui.state import IssueState, Snapshot, Worker
from legion_tui.state.snooze import Snooze, lulled, snooze_mark, woken
from legion_tui.ui.ports import SnoozeKeeper

if TYPE_CHECKING:
    from legion_tui.present.snooze import Nap
    from legion_tui.ui.app import LegionApp


_TOLD = "Out of sight until then, or until something about it changes, whichever comes first."


class Snoozing:
    """Knows what sleeps. `unmark` takes the marks off the rows of these keys."""

    def __init__(
        self,
        app: LegionApp,
        keeper: SnoozeKeeper,
        *,
        now: Callable[[], datetime],
        look: Look,
        unmark: Callable[[Iterable[str]], None],
    ) -> None:
        self._app = app
        self._keeper = keeper
        self._now = now
        self._look = look
        self._unmark = unmark
        self._snoozes: dict[str, Snooze] = {}
        # Changes that are being written.
        self._writing = 0
        # Changes that could not be written: the next one takes them along.
        self._unkept: dict[str, Snooze | None] = {}

    async def load(self) -> None:
        """Take up what was snoozed before; where that cannot be read it is told, and everything is shown."""
        try:
            self._snoozes = dict(await self._keeper.load()) | self._snoozes
        except LegionError as error:
            self._app.tell(str(error), bad=True)
        self._app.look_again()

    def lull(self, snapshot: Snapshot) -> Snapshot:
        """Return the snapshot with what of it sleeps; what has slept enough is told, and forgotten."""
        if not self._snoozes and not snapshot.asleep:
            return snapshot
        over = woken(self._snoozes, snapshot, self._now())
        if over:
            self._app.tell(f"awake again: {', '.join(sorted(map(self._app.shown, over)))}", bad=False)
            self._change(dict.fromkeys(over))
        return lulled(snapshot, self._snoozes, self._now())

    async def switch(self, rows: Sequence[Row]) -> None:
        """Wake these rows where all of them sleep; else ask for how long they are to sleep."""
        rows = [row for row in rows if row.target]
        if all(row.snooze is not None for row in rows):
            self._change({row.target: None for row in rows})
            self._done(rows, "awake")
            return
        nap = await self._ask(rows)
        if nap is None:
            return
        # As they are now: a change while it was asked wakes nothing.
        subjects = [(row.target, self._subject(row.target)) for row in rows]
        changes = {
            target: Snooze(mark=snooze_mark(subject), until=nap.until) for target, subject in subjects if subject
        }
        self._change(changes)
        told = "until something changes"
        if nap.until is not None:
            told = f"{until_word(nap.until, self._now(), self._look.zone)}, or until a change"
        self._done(rows, f"snoozed {told}")

    async def _ask(self, rows: Sequence[Row]) -> Nap | None:
        from legion_tui.present.answer import signs_of
        from legion_tui.ui.screens.choosing import Choice, ChoosingScreen

        who = rows[0].shown_id if len(rows) == 1 else f"{len(rows)} marked"
        now, zone = self._now(), self._look.zone
        found = naps(now, zone)
        choices = [Choice(nap.label, until_word(nap.until, now, zone) if nap.until else "") for nap in found]
        pointer = signs_of(self._look.glyphs.name).pointer
        screen = ChoosingScreen(f"snooze {who}", choices, told=_TOLD, pointer=pointer)
        chosen = await self._app.push_screen_wait(screen)
        return found[chosen] if chosen is not None else None

    def _done(self, rows: Sequence[Row], what: str) -> None:
        self._unmark([row.key for row in rows])
        names = ", ".join(row.shown_id for row in rows)
        key = self._look.key("snooze")
        self._app.tell(f"{names}: {what}" + (f"; {key} wakes" if what != "awake" else ""), bad=False)
        self._app.look_again()

    def _change(self, changes: Mapping[str, Snooze | None]) -> None:
        """Know of it at once, and keep it."""
        for target, snooze in changes.items():
            if snooze is None:
                self._snoozes.pop(target, None)
            else:
                self._snoozes[target] = snooze
        self._writing += 1
        self._app.work(self._keep(changes))

    async def _keep(self, changes: Mapping[str, Snooze | None]) -> None:
        due = self._unkept | dict(changes)
        self._unkept = {}
        try:
            kept = await self._keeper.change(due)
        except LegionError as error:
            self._writing -= 1
            self._unkept = due | self._unkept
            self._app.tell(f"this holds until the board is left: {error}", bad=True)
            return
        self._writing -= 1
        # Of a change that is still under way the file knows nothing yet.
        if not self._writing and dict(kept) != self._snoozes:
            # Another dashboard of the project has put others to sleep, or woken them.
            self._snoozes = dict(kept)
            self._app.look_again()

    def _subject(self, target: str) -> IssueState | Worker | None:
        return self._app.snapshot.issue(target) or self._app.snapshot.worker_of(target)
