"""The answer dialog: opened on a row, kept up to date, its answer sent and the receipt told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from legion_tui.present.board import Row
from legion_tui.present.question import Drafts
from legion_tui.present.receipts import answer_line
from legion_tui.present.rows import Look
from legion_tui.state import AnswerOutcome, AnswerRequest, Snapshot, Worker
from legion_tui.ui.ports import Collector, Commands

if TYPE_CHECKING:
    from legion_tui.ui.app import LegionApp
    from legion_tui.ui.screens.answer import AnswerScreen


class Asking:
    """Asks a person what workers ask. What they gave is kept until it is confirmed, whatever is closed meanwhile."""

    def __init__(
        self,
        app: LegionApp,
        collector: Collector,
        commands: Commands,
        *,
        now: Callable[[], datetime],
        look: Look,
        keymap: Mapping[str, str],
    ) -> None:
        self._app = app
        self._collector = collector
        self._commands = commands
        self._now = now
        self._look = look
        self._keymap = keymap
        self._drafts = Drafts()
        self._screen: AnswerScreen | None = None
        self._target = ""

    def take(self, snapshot: Snapshot) -> None:
        """Hand a snapshot on to the dialog that is open."""
        # One that is being closed has nothing left to show it with.
        if self._screen is not None and self._screen in self._app.screen_stack:
            self._screen.update_worker(snapshot.worker_of(self._target))

    async def answer(
        self, row: Row, *, choice: int | None = None, confirmed: Callable[[], object] = lambda: None
    ) -> None:
        """Open the question of a row. It stays until what was sent from it is confirmed, or until it is left.

        `confirmed` is called just before it closes by itself: the next key is for what is shown then.
        """
        from legion_tui.present.answer import who

        worker = row.worker
        if worker is None or row.question is None:
            return
        name = who(worker, row.shown_id)

        async def send(request: AnswerRequest) -> None:
            await self._send(screen, request, name, confirmed)

        screen = self._dialog(worker, row.target, row.shown_id, choice, lambda request: self._app.work(send(request)))
        await self._show(screen, row.target)

    async def ask(self, row: Row, *, name: str) -> AnswerRequest | None:
        """Ask what the question of a row is to be answered with, and send nothing; `name` is who would get it."""
        worker = row.worker
        if worker is None or row.question is None:
            return None
        return await self._show(self._dialog(worker, row.target, name, None, None), row.target)

    def forget(self, question_id: str) -> None:
        """Drop what was begun for a question that is answered."""
        self._drafts.forget(question_id)

    def _dialog(
        self,
        worker: Worker,
        target: str,
        name: str,
        choice: int | None,
        send: Callable[[AnswerRequest], object] | None,
    ) -> AnswerScreen:
        from legion_tui.ui.screens.answer import AnswerScreen

        return AnswerScreen(
            worker,
            target=target,
            drafts=self._drafts,
            now=self._now,
            preselect=choice,
            attach=self._app.attach_to,
            send=send,
            glyphs=self._look.glyphs,
            keymap=self._keymap,
            shown_id=name,
        )

    async def _show(self, screen: AnswerScreen, target: str) -> AnswerRequest | None:
        self._screen, self._target = screen, target
        try:
            return await self._app.push_screen_wait(screen)
        finally:
            self._screen = None

    async def _send(
        self, screen: AnswerScreen, request: AnswerRequest, session: str, confirmed: Callable[[], object]
    ) -> None:
        """Send an answer, and tell the receipt: to who waits in the dialog, and as a toast. A refused draft is kept."""
        receipt = None
        try:
            receipt = await self._commands.answer(request)
            if receipt.outcome is AnswerOutcome.CONFIRMED:
                self._drafts.forget(request.question_id or "")
                confirmed()
        finally:
            screen.took(receipt)
        self._app.tell(answer_line(receipt, session=session), bad=receipt.outcome is not AnswerOutcome.CONFIRMED)
        self._collector.refresh()
