"""The inbox as the app has it: opened over the board, fed with snapshots, and the answer that several get at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import anyio

from legion_tui.present.board import Row
from legion_tui.present.inbox import alike, inbox_rows
from legion_tui.state import AnswerOutcome, AnswerReceipt, AnswerRequest, Snapshot
from legion_tui.ui.ports import Collector, Commands, Preview

if TYPE_CHECKING:
    from textual.screen import Screen

    from legion_tui.ui.acting import Acting
    from legion_tui.ui.app import LegionApp
    from legion_tui.ui.screens.inbox import InboxScreen
    from legion_tui.ui.widgets.reader import Reader

# So many are answered side by side: each waits for its agent's own record.
_AT_ONCE = 4


class Inboxing:
    """Opens the inbox with `make`, and answers several questions that are the same."""

    def __init__(
        self,
        app: LegionApp,
        acting: Acting,
        collector: Collector,
        commands: Commands,
        *,
        make: Callable[[Inboxing], InboxScreen],
        now: Callable[[], datetime],
    ) -> None:
        self._app = app
        self._acting = acting
        self._collector = collector
        self._commands = commands
        self._make = make
        self._now = now
        self._screen: InboxScreen | None = None

    def take(self, snapshot: Snapshot) -> None:
        """Hand a snapshot on to the inbox, where it is open."""
        if self._screen is not None:
            self._screen.show(snapshot)

    async def open(self) -> None:
        """Show the inbox until it is left."""
        self._screen = self._make(self)
        try:
            await self._app.push_screen_wait(self._screen)
        finally:
            self._screen = None

    async def answer_alike(self, row: Row) -> bool:
        """Ask once what all that ask the same are answered with, show who would get it, and send it on a yes.

        Returns whether every one of them has it.
        """
        from legion_tui.present.alike import asked_lines, getting_lines
        from legion_tui.ui.screens.confirm import ConfirmScreen

        rows = alike(row, inbox_rows(self._app.snapshot))
        request = await self._acting.asking.ask(row, name=f"{row.shown_id} and {len(rows) - 1} alike")
        question = row.question
        if request is None or question is None:
            return False
        # Who has asked and been answered meanwhile.
        rows = alike(row, inbox_rows(self._app.snapshot)) or (row,)
        lines = (*asked_lines(question, request), "to:", *getting_lines(rows, self._now()))
        screen: Screen[bool] = ConfirmScreen(Preview(title=f"one answer to {len(rows)}", lines=lines))
        if not await self._app.push_screen_wait(screen):
            return False
        return await self._send(rows, request)

    async def _send(self, rows: Sequence[Row], request: AnswerRequest) -> bool:
        """Send to each what it asked for, a few at a time; the list of receipts fills up, failures first."""
        from legion_tui.present.alike import all_confirmed, answered_lines, name_of, receipt_line
        from legion_tui.ui.widgets.reader import Reader

        found: dict[str, tuple[str, AnswerReceipt | None]] = {row.key: (name_of(row), None) for row in rows}
        turns = anyio.CapacityLimiter(_AT_ONCE)
        receipts: Reader = Reader(f"one answer to {len(rows)}", lambda width: answered_lines(found, width - 1))
        self._app.push_screen(receipts)

        async def send(row: Row, question_id: str) -> None:
            async with turns:
                own = replace(request, target=row.target, question_id=question_id)
                receipt = await self._commands.answer(own)
            found[row.key] = (name_of(row), receipt)
            if receipt.outcome is AnswerOutcome.CONFIRMED:
                self._acting.asking.forget(question_id)
            if receipts.is_attached and receipts.is_mounted:
                receipts.show_lines(lambda width: answered_lines(found, width - 1))

        async with anyio.create_task_group() as group:
            for row in rows:
                if (question := row.question) is not None:
                    group.start_soon(send, row, question.id)
        self._collector.refresh()
        if not receipts.is_attached:
            told = [receipt_line(name, receipt) for name, receipt in found.values() if receipt is not None]
            self._app.tell("\n".join(told), bad=not all_confirmed(found))
        return all_confirmed(found)
