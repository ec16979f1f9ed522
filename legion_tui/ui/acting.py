"""What happens after a key: ask back where something starts or changes, do it, tell what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import anyio

from legion_tui.present.board import Row, session_name
from legion_tui.present.receipts import action_line, cleaned_line, dispatch_line, worker_line
from legion_tui.present.rows import Look
from legion_tui.state import Action, MessageRequest, Mode, Outcome, Snapshot
from legion_tui.ui.asking import Asking
from legion_tui.ui.handover import HandOver
from legion_tui.ui.ports import Collector, Commands, Expected, Preview
from legion_tui.ui.snoozing import Snoozing
from legion_tui.ui.undoing import Undoing

if TYPE_CHECKING:
    from textual.screen import Screen

    from legion_tui.ui.app import LegionApp
    from legion_tui.ui.command import Command
    from legion_tui.ui.screens.choosing import Choice
    from legion_tui.ui.screens.detail import DetailScreen
    from legion_tui.ui.screens.new_issue import NewIssueDraft

# What a key taken back cannot take back: a merge. A label, a status, a started worker can be undone.
_LASTING = frozenset({Action.DISPATCH_MERGER, Action.MERGE_PR})
_BAD = frozenset({Outcome.REFUSED, Outcome.UNCONFIRMED})


class Acting:
    """Carries out commands on rows. Each coroutine is to run in a worker of the app, for it waits on dialogs."""

    def __init__(
        self,
        app: LegionApp,
        collector: Collector,
        commands: Commands,
        *,
        now: Callable[[], datetime],
        look: Look,
        hand_over: HandOver,
        browse: Callable[[str], bool],
        keymap: Mapping[str, str],
        editor: Sequence[str],
        held: Callable[[str], str],
        snoozing: Snoozing,
    ) -> None:
        self._app = app
        self._collector = collector
        self._commands = commands
        self._now = now
        self._look = look
        self._hand_over = hand_over
        self._browse = browse
        self._keymap = keymap
        self._editor = tuple(editor)
        self._held = held
        self.snoozing = snoozing
        self.undoing = Undoing(app, collector, commands, now=now, look=look)
        self.asking = Asking(app, collector, commands, now=now, look=look, keymap=keymap)
        self._detail: DetailScreen | None = None
        self._refused_issue: NewIssueDraft | None = None
        # Messages that were refused, by target.
        self._unsent: dict[str, str] = {}

    def take(self, snapshot: Snapshot) -> None:
        """Hand a snapshot on to the dialogs that are open."""
        self.asking.take(snapshot)
        # One that is being closed has nothing left to show it with.
        if self._detail is not None and self._detail in self._app.screen_stack:
            self._detail.show(snapshot)

    async def advance(self, row: Row) -> None:
        """Show what the suggested action would do; run it on a yes, if it still is what was painted."""
        issue = row.issue
        if issue is None:
            return
        question = row.question
        expected = Expected(
            issue=issue.id, action=issue.decision.action.value, question_id=question.id if question else ""
        )
        action = issue.decision.action
        harmless = action in (Action.RETRY_CI_CHECK, Action.RETRY_PR_CHECK)
        if not harmless:
            preview = await self._commands.preview(expected)
            if not await self._confirmed(preview, careful=action in _LASTING):
                return
            expected = replace(expected, shown=preview.lines)
        receipt = await self._commands.advance(expected)
        offer = self.undoing.took(receipt)
        told = " · ".join(part for part in (action_line(receipt), offer) if part)
        self._tell(told, bad=receipt.outcome in _BAD, offers=bool(offer))

    async def dispatch(self, row: Row) -> None:
        """Show what a dispatch would start; start it on a yes."""
        issue = row.issue
        if issue is None:
            return
        expected = Expected(issue=issue.id, action=issue.decision.action.value)
        mode = issue.decision.mode.value
        preview = await self._commands.preview(expected, mode=mode)
        if not await self._confirmed(preview, careful=issue.decision.mode is Mode.MERGE):
            return
        receipt = await self._commands.dispatch(issue.id, mode=mode)
        self._tell(dispatch_line(receipt), bad=receipt.outcome in _BAD)

    async def message(self, row: Row) -> None:
        """Ask what the row's worker is to be told, send it, tell the receipt; what was not sent is there again."""
        from legion_tui.ui.screens.message import Messaged, MessageScreen

        worker = row.worker
        if worker is None:
            return
        screen = MessageScreen(
            worker, self._app.snapshot.queue_of(worker), text=self._unsent.get(row.target, ""), shown_id=row.shown_id
        )
        done = await self._app.push_screen_wait(screen)
        if done is Messaged.TAKE_BACK:
            self._tell(f"{row.shown_id}: {await self._commands.cancel_messages(row.target)}", bad=False)
        elif isinstance(done, str) and done:
            receipt = await self._commands.send(MessageRequest(target=row.target, text=done, queue=True))
            self._unsent[row.target] = done if receipt.outcome is Outcome.REFUSED else ""
            self._tell(worker_line(receipt), bad=receipt.outcome in _BAD)

    async def interrupt(self, row: Row) -> None:
        """Stop what the row's worker does."""
        receipt = await self._commands.interrupt(row.target)
        self._tell(worker_line(receipt), bad=receipt.outcome in _BAD)

    async def stop(self, row: Row) -> None:
        """Show what ending the row's worker would do, end it on a yes, and ask again before it is killed."""
        preview, pid = await self._commands.preview_stop(row.target)
        if not await self._confirmed(preview, careful=True):
            return
        receipt = await self._commands.stop(row.target, pid=pid)
        if receipt.lives:
            lines = (receipt.reason, f"kill process {pid}: what it has not written is lost")
            if await self._confirmed(Preview(title=f"{row.shown_id}: kill its worker", lines=lines), careful=True):
                receipt = await self._commands.stop(row.target, pid=pid, killing=True)
        self._tell(worker_line(receipt), bad=receipt.outcome in _BAD)

    async def clean(self) -> None:
        """Show what merged issues have left, remove it on a yes, and tell what stayed."""
        if not await self._confirmed(await self._commands.preview_clean(), careful=True):
            return
        for receipt in await self._commands.clean():
            self._tell(cleaned_line(receipt), bad=receipt.outcome in _BAD)

    async def attach(self, target: str) -> None:
        """Go to the worker's window; coming back, everything is asked again."""
        receipt = await self._commands.attach(target)
        reason = receipt.reason if receipt.outcome is Outcome.REFUSED else ""
        if not reason and receipt.argv:
            reason = await self._hand_over(self._app, receipt.argv)
        if not reason and receipt.covered:
            self._app.exit()
            return
        self._collector.refresh()
        if reason:
            self._tell(f"{self._app.shown(target)}: {reason}", bad=True)

    def restart(self) -> None:
        """Begin reading anew where it broke off."""
        self._app.read()

    async def new(self) -> None:
        """Ask for a new issue and add it; one that was refused is there again the next time."""
        from legion_tui.ui.screens.new_issue import NewIssueScreen

        edit = self._edit if self._editor else None
        wanted = await self._app.push_screen_wait(NewIssueScreen(edit=edit, draft=self._refused_issue))
        if wanted is None:
            return
        receipt = await self._commands.add(wanted.title, wanted.body, dispatch=wanted.dispatch)
        told = f": {receipt.reason}" if receipt.reason else ""
        bad = receipt.outcome in _BAD
        self._refused_issue = wanted if receipt.outcome is Outcome.REFUSED else None
        if receipt.issue:
            self.undoing.added(receipt.issue)
        self._tell(f"{receipt.issue} added{told}" if not bad else f"the issue was not added{told}", bad=bad)

    async def _edit(self, text: str) -> str | None:
        """Have the person's editor change a text; None where that did not work."""
        with TemporaryDirectory(prefix="legion-tui-") as folder:
            path = anyio.Path(folder) / "issue.md"
            await path.write_text(text, "utf-8")
            if reason := await self._hand_over(self._app, (*self._editor, str(path))):
                self._tell(reason, bad=True)
                return None
            return await path.read_text("utf-8", errors="replace")

    async def detail(self, row: Row, snapshot: Snapshot, *, why: bool = False) -> str | None:
        """Show everything about a row; return the id of the command that was asked for there."""
        from legion_tui.ui.screens.detail import DetailScreen
        from legion_tui.ui.widgets.detail_pane import Tab

        self._detail = DetailScreen(
            self._collector,
            row.target,
            snapshot,
            now=self._now,
            glyphs=self._look.glyphs,
            held=self._held,
            tab=Tab.WHY if why else Tab.SCREEN if row.worker is not None else Tab.ISSUE,
        )
        try:
            return await self._app.push_screen_wait(self._detail)
        finally:
            self._detail = None

    async def browse(self, url: str) -> None:
        """Open a page in the browser; where there is none its address is copied."""
        if not await anyio.to_thread.run_sync(self._browse, url):
            self._app.copy_to_clipboard(url)
            self._app.notify(f"no browser here; copied {url}", severity="warning", timeout=6, markup=False)

    async def log(self, row: Row) -> None:
        """Show what the ledger tells of a row."""
        from legion_tui.ui.screens.log import LogScreen

        await self._show(LogScreen(self._collector, row.target))

    async def help(self, commands: Sequence[Command]) -> None:
        """Show what the keys of these commands are."""
        from legion_tui.ui.screens.help import HelpScreen, help_entries, mark_entries

        glyphs = self._look.glyphs
        await self._show(HelpScreen((*help_entries(self._keymap, glyphs.enter, commands), *mark_entries(glyphs))))

    async def manual(self) -> None:
        """Show the manual."""
        from legion_tui.ui.screens.manual import ManualScreen

        await self._show(ManualScreen(self._look))

    async def choose(self, title: str, choices: Sequence[Choice], *, told: str = "", marked: int = 0) -> int | None:
        """Have a person choose one of a few; None where they do not."""
        from legion_tui.ui.screens.choosing import ChoosingScreen

        screen = ChoosingScreen(title, choices, told=told, marked=marked, pointer=self._pointer)
        return await self._app.push_screen_wait(screen)

    async def link(self, row: Row, rows: Callable[[], Sequence[Row]]) -> None:
        """Ask to which issue a session belongs, or whether the worker of an issue is to be unlinked, and do it."""
        from legion_tui.present.linking import likely_first, linked_line, unlinked_line
        from legion_tui.ui.screens.goto import GotoScreen

        worker = row.worker
        if worker is None:
            return
        name = session_name(replace(worker, issue=None))
        if row.issue is not None:
            lines = (f"{name} belongs to no issue then; it goes on",)
            if await self._confirmed(Preview(title=f"{row.shown_id}: unlink its worker", lines=lines), careful=False):
                receipt = await self._commands.unlink(worker.session_id, row.issue.id)
                self._tell(unlinked_line(receipt, name), bad=receipt.outcome in _BAD)
            return
        screen = GotoScreen(
            lambda: likely_first(rows(), worker), pointer=self._pointer, title=f"link {name} to", take="link"
        )
        key = await self._app.push_screen_wait(screen)
        chosen = next((one for one in rows() if one.key == key), None)
        if chosen is None or chosen.issue is None:
            return
        receipt = await self._commands.link(worker.session_id, chosen.issue.id)
        self._tell(linked_line(receipt, name, self._look.key("link")), bad=receipt.outcome in _BAD)

    async def goto(self, rows: Callable[[], Sequence[Row]]) -> str | None:
        """Have a person name a row; return its key, or None."""
        from legion_tui.ui.screens.goto import GotoScreen

        return await self._app.push_screen_wait(GotoScreen(rows, pointer=self._pointer))

    @property
    def _pointer(self) -> str:
        from legion_tui.present.answer import signs_of

        return signs_of(self._look.glyphs.name).pointer

    async def _show(self, screen: Screen[None]) -> None:
        await self._app.push_screen_wait(screen)

    async def _confirmed(self, preview: Preview, *, careful: bool) -> bool:
        from legion_tui.ui.screens.confirm import ConfirmScreen

        screen: Screen[bool] = ConfirmScreen(preview, careful=careful)
        return await self._app.push_screen_wait(screen)

    def _tell(self, text: str, *, bad: bool, offers: bool = False) -> None:
        timeout = 8 if bad or offers else 4
        self._app.notify(text, severity="warning" if bad else "information", timeout=timeout, markup=False)
        self._collector.refresh()
