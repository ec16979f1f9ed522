"""A message to all marked workers: looked at, sent once, and told in one list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from legion_tui.present.board import Row
from legion_tui.present.bulk import bulk_bad, bulk_count
from legion_tui.state import MessageRequest, Outcome, WorkerReceipt
from legion_tui.ui.ports import Collector, Commands

if TYPE_CHECKING:
    from legion_tui.ui.app import LegionApp
    from legion_tui.ui.screens.bulk import BulkScreen

_GOOD = frozenset({Outcome.DONE, Outcome.QUEUED})


class Bulk:
    """Writes to several. `unmark` takes the marks off the rows of these keys."""

    def __init__(
        self, app: LegionApp, collector: Collector, commands: Commands, unmark: Callable[[Iterable[str]], None]
    ) -> None:
        self._app = app
        self._collector = collector
        self._commands = commands
        self._unmark = unmark
        # What somebody was refused last.
        self._unsent = ""

    async def message(self, rows: Sequence[Row]) -> None:
        """Ask what they are to be told, and show who would be; it is sent from within the dialog."""
        from legion_tui.ui.screens.bulk import BulkScreen

        screen = BulkScreen(
            {row.target: row.shown_id for row in rows},
            text=self._unsent,
            objection=self._commands.objection,
            send=lambda text: self._app.work(self._send(screen, rows, text)),
        )
        self._app.work(self._look(screen, rows))
        await self._app.push_screen_wait(screen)

    async def take_back(self, rows: Sequence[Row]) -> None:
        """Take back every message that waits for the workers of these rows."""
        told = [f"{row.shown_id}: {await self._commands.cancel_messages(row.target)}" for row in rows]
        self._app.tell("\n".join(told), bad=False)
        self._collector.refresh()

    async def _look(self, screen: BulkScreen, rows: Sequence[Row]) -> None:
        for row in rows:
            receipt = await self._commands.foresee(row.target)
            if screen.sent:
                return
            screen.took(row.target, receipt)

    async def _send(self, screen: BulkScreen, rows: Sequence[Row], text: str) -> None:
        """Send to one after the other, each as a single message is sent; the marks stay on who was not told."""
        receipts: dict[str, WorkerReceipt] = {}
        for row in rows:
            request = MessageRequest(target=row.target, text=text, queue=True, by_hand=False)
            receipts[row.key] = receipt = await self._commands.send(request)
            screen.took(row.target, receipt)
        told = [key for key, receipt in receipts.items() if receipt.outcome in _GOOD]
        self._unsent = text if len(told) < len(receipts) else ""
        self._unmark(told)
        self._collector.refresh()
        if not screen.is_attached:
            found = screen.found
            self._app.tell(f"message to {len(rows)}: {bulk_count(found)}", bad=bulk_bad(found))
