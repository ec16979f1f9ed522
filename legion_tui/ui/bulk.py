"""What is done to all marked rows: looked at first, done to one after the other, and told in one list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from legion_tui.present.board import Row
from legion_tui.present.bulk import bulk_bad, bulk_count
from legion_tui.present.receipts import dispatch_line
from legion_tui.state import MessageRequest, Mode, Outcome, WorkerReceipt
from legion_tui.ui.ports import Collector, Commands, Expected, Preview
from legion_tui.ui.reasons import Context, dispatchable

if TYPE_CHECKING:
    from textual.screen import Screen

    from legion_tui.ui.app import LegionApp
    from legion_tui.ui.screens.bulk import BulkScreen

_BAD = frozenset({Outcome.REFUSED, Outcome.UNCONFIRMED})
_GOOD = frozenset({Outcome.DONE, Outcome.QUEUED})


class Bulk:
    """Writes to several, or starts several. `unmark` takes the marks off the rows of these keys."""

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

    async def dispatch(self, rows: Sequence[Row]) -> None:
        """Show what would be started and what not, start it on a yes; the marks stay on what was not."""
        from legion_tui.ui.screens.confirm import ConfirmScreen

        due: dict[str, tuple[str, str]] = {}
        lines: list[str] = []
        held: list[str] = []
        for row in rows:
            why, told, mode = await self._would_start(row)
            if why:
                held.append(f"{row.shown_id}: not: {why}")
                continue
            due[row.key] = (row.target, mode)
            lines += [f"{row.shown_id}: {mode}", *(f"  {line}" for line in told)]
        snapshot = self._app.snapshot
        free = max(snapshot.slots - snapshot.slots_used, 0)
        if len(due) > free:
            # Each was looked at by itself, as if it were the only one.
            lines.insert(0, f"{free} of {snapshot.slots} slots are free: finished workers may be parked for the others")
        refused = "" if due else "\n".join(held)
        preview = Preview(title=f"dispatch {len(due)} of {len(rows)} marked", lines=(*lines, *held), refused=refused)
        careful = any(mode == Mode.MERGE for _, mode in due.values())
        screen: Screen[bool] = ConfirmScreen(preview, careful=careful)
        if not await self._app.push_screen_wait(screen):
            return
        receipts = {key: await self._commands.dispatch(issue, mode=mode) for key, (issue, mode) in due.items()}
        started = [key for key, receipt in receipts.items() if receipt.outcome not in _BAD]
        self._unmark(started)
        # Failures first.
        in_order = sorted(receipts.values(), key=lambda receipt: receipt.outcome not in _BAD)
        self._app.tell("\n".join(map(dispatch_line, in_order)), bad=len(started) < len(receipts))
        self._collector.refresh()

    async def _would_start(self, row: Row) -> tuple[str, Sequence[str], str]:
        """Return why the worker of a row cannot be started, what would run, and its mode."""
        why = dispatchable(Context(snapshot=self._app.snapshot, row=row))
        if why or row.issue is None:
            return why or "it is no issue", (), ""
        decision = row.issue.decision
        expected = Expected(issue=row.issue.id, action=decision.action.value)
        preview = await self._commands.preview(expected, mode=decision.mode.value)
        return preview.refused, preview.lines, decision.mode.value

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
