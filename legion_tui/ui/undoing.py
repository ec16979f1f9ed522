"""The last change of the tracker that was made by key, and taking it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from legion_tui.present.rows import Look
from legion_tui.present.undo import (
    NOTHING_TO_UNDO,
    UNDO_SECONDS,
    added_line,
    lasting,
    offer_line,
    over_line,
    staying,
    undone_line,
)
from legion_tui.state import ActionReceipt, Outcome
from legion_tui.ui.ports import Collector, Commands

if TYPE_CHECKING:
    from legion_tui.ui.app import LegionApp


@dataclass(frozen=True, slots=True)
class _Last:
    """What was written last, and until when it can be taken back; `why_not` where it never can."""

    until: datetime
    receipt: ActionReceipt | None = None
    why_not: str = ""


class Undoing:
    """Knows what was written last from this board, and takes back just that."""

    def __init__(
        self, app: LegionApp, collector: Collector, commands: Commands, *, now: Callable[[], datetime], look: Look
    ) -> None:
        self._app = app
        self._collector = collector
        self._commands = commands
        self._now = now
        self._look = look
        self._last: _Last | None = None
        self._at_work = False

    def took(self, receipt: ActionReceipt) -> str:
        """Take note of what was done; return how it is taken back, an empty string where it is not."""
        why_not = lasting(receipt)
        if receipt.write is not None or why_not:
            self._keep(_Last(self._until, receipt, why_not))
        return offer_line(receipt, self._look.key("undo"))

    def added(self, issue: str) -> None:
        """Take note of a new issue, which is not taken back."""
        self._keep(_Last(self._until, why_not=added_line(issue)))

    @property
    def reason(self) -> str:
        """Why nothing is taken back now, an empty string where something can be."""
        last = self._last
        if self._at_work:
            return "it is being taken back"
        if last is None:
            return NOTHING_TO_UNDO
        if self._now() < last.until:
            return last.why_not
        return over_line(last.receipt) if last.receipt is not None and not last.why_not else NOTHING_TO_UNDO

    async def undo(self) -> None:
        """Take it back, and tell what came of it; where that failed it can be tried again while there is time."""
        last = self._last
        if self.reason or last is None or last.receipt is None or last.receipt.write is None:
            return
        self._at_work = True
        try:
            receipt = await self._commands.undo(last.receipt.write)
        finally:
            self._at_work = False
        done = receipt.outcome is Outcome.DONE
        if done and self._last is last:
            self._keep(None)
        self._app.tell(undone_line(receipt, staying(last.receipt)), bad=not done)
        self._collector.refresh()

    def _keep(self, last: _Last | None) -> None:
        self._last = last
        self._app.show_bars()

    @property
    def _until(self) -> datetime:
        return self._now() + timedelta(seconds=UNDO_SECONDS)
