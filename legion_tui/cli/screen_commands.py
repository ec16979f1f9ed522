"""What can be done, as the screen's keys call it: nothing raises, and the screen is read anew afterwards."""

from __future__ import annotations

import shlex
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from legion_tui.act.wording import problem, tidy
from legion_tui.errors import LegionError
from legion_tui.present.receipts import cleaned_line
from legion_tui.present.steps import action_word
from legion_tui.state import (
    ActionReceipt,
    AnswerOutcome,
    AnswerReceipt,
    AnswerRequest,
    AttachReceipt,
    CleanReceipt,
    Deed,
    DispatchReceipt,
    IssueReceipt,
    MessageRequest,
    Outcome,
    TrackerWrite,
    WorkerReceipt,
)
from legion_tui.trackers import NewIssue
from legion_tui.ui.ports import Expected, Preview

if TYPE_CHECKING:
    from legion_tui.cli.actions import Actions
    from legion_tui.cli.parts import Parts

R = TypeVar("R")


class ScreenCommands:
    """Implements the screen's `Commands`; a failure is a receipt with its reason."""

    def __init__(self, parts: Parts) -> None:
        """Act over `parts`."""
        self._parts = parts
        self._refresh = parts.collector.refresh

    @cached_property
    def _actions(self) -> Actions:
        # Made when something is done for the first time: a board does not need it to be painted.
        return self._parts.actions

    async def answer(self, request: AnswerRequest) -> AnswerReceipt:
        """Answer a pending question without attaching."""
        refused = AnswerOutcome.REFUSED
        return await self._acted(
            self._actions.run_answer(request),
            lambda why: AnswerReceipt(
                issue=request.target, question_id=request.question_id or "", outcome=refused, reason=why
            ),
        )

    async def preview(self, expected: Expected, *, mode: str | None = None) -> Preview:
        """Tell what `advance` (or, with a mode, `dispatch`) would do."""
        title = f"{expected.issue}: {action_word(expected.action) if mode is None else f'dispatch, {mode}'}"
        try:
            if mode is not None or not expected.action:
                started = await self._actions.run_dispatch(expected.issue, mode=mode, dry_run=True)
                refused = started.reason if started.outcome is Outcome.REFUSED else ""
                return Preview(title=title, lines=_told(started), refused=refused)
            receipt = await self._actions.run_action(expected.issue, expected=expected.action, dry_run=True)
        except LegionError as error:
            return Preview(title=title, lines=(), refused=str(error))
        if receipt.outcome is not Outcome.DRY_RUN:
            return Preview(title=title, lines=receipt.steps, refused=receipt.reason)
        command = _told(receipt.dispatch) if receipt.dispatch and not receipt.dispatch.reason else ()
        return Preview(title=title, lines=(*receipt.steps, *command))

    async def advance(self, expected: Expected) -> ActionReceipt:
        """Run the suggested action, if it still is the one that was painted."""
        issue, action = expected.issue, expected.action
        return await self._acted(
            self._actions.run_action(issue, expected=action, shown=expected.shown),
            lambda why: ActionReceipt(issue=issue, action=action, outcome=Outcome.REFUSED, reason=why),
        )

    async def dispatch(self, issue: str, *, mode: str | None = None) -> DispatchReceipt:
        """Start or resume the worker of an issue."""
        return await self._acted(
            self._actions.run_dispatch(issue, mode=mode),
            lambda why: DispatchReceipt(
                issue=issue, mode=mode or "", session_id="", outcome=Outcome.REFUSED, reason=why
            ),
        )

    async def send(self, request: MessageRequest) -> WorkerReceipt:
        """Tell a worker something, or have it wait until the worker is idle."""
        return await self._acted(self._actions.run_send(request), _refusal(Deed.SEND, request.target))

    async def foresee(self, target: str) -> WorkerReceipt:
        """Tell what `send` would do now."""
        try:
            return await self._actions.run_foresee(target)
        except LegionError as error:
            return _refusal(Deed.SEND, target)(str(error))

    def objection(self, text: str) -> str:
        """Return why a text may not go to several workers at once."""
        return problem(tidy(text), by_hand=False)

    async def interrupt(self, target: str) -> WorkerReceipt:
        """Stop what a worker does; the worker stays."""
        return await self._acted(self._actions.run_interrupt(target), _refusal(Deed.INTERRUPT, target))

    async def preview_stop(self, target: str) -> tuple[Preview, int]:
        """Tell what ending a worker would do, and to which process."""
        try:
            plan = await self._actions.run_stop_plan(target)
        except LegionError as error:
            return Preview(title=f"{target}: end its worker", lines=(), refused=str(error)), 0
        return Preview(title=f"{target}: {plan.title}", lines=plan.lines), plan.pid

    async def stop(self, target: str, *, pid: int, killing: bool = False) -> WorkerReceipt:
        """End a worker that is this process; its worktree and its transcript stay."""
        run = self._actions.run_stop(target, pid=pid, killing=killing)
        return await self._acted(run, _refusal(Deed.STOP, target))

    async def preview_clean(self) -> Preview:
        """Tell what `clean` would remove, and what stays and why."""
        title = "clean up merged issues"
        receipts = await self._cleaned(dry_run=True)
        lines = tuple(cleaned_line(receipt) for receipt in receipts)
        if any(receipt.outcome is Outcome.DRY_RUN for receipt in receipts):
            return Preview(title=title, lines=lines)
        return Preview(title=title, lines=(), refused="; ".join(lines) or "nothing is left of merged issues")

    async def clean(self) -> tuple[CleanReceipt, ...]:
        """Remove worktrees and windows of issues whose pull request is merged."""
        try:
            return await self._cleaned(dry_run=False)
        finally:
            self._refresh()

    async def cancel_messages(self, target: str) -> str:
        """Take back the messages that wait for a worker; return what came of it in words."""

        async def cancel() -> str:
            count = await self._actions.run_cancel(target)
            return f"{count} message{'s'[: count != 1]} taken back"

        return await self._acted(cancel(), str)

    async def attach(self, target: str) -> AttachReceipt:
        """Show the worker's window: switches the client, or gives the argv to hand the terminal to."""
        try:
            return await self._actions.run_attach(target)
        except LegionError as error:
            return AttachReceipt(target=target, outcome=Outcome.REFUSED, reason=str(error))

    async def add(self, title: str, body: str, *, dispatch: bool) -> IssueReceipt:
        """Add an issue (status Todo), and dispatch it when asked to."""

        async def add() -> IssueReceipt:
            issue = await self._actions.run_add(NewIssue(title=title, body=body))
            return IssueReceipt(issue=issue.id, outcome=Outcome.DONE)

        added = await self._acted(add(), lambda why: IssueReceipt(issue="", outcome=Outcome.REFUSED, reason=why))
        if added.outcome is not Outcome.DONE or not dispatch:
            return added
        receipt = await self.dispatch(added.issue)
        return IssueReceipt(issue=added.issue, outcome=receipt.outcome, reason=receipt.reason)

    async def undo(self, write: TrackerWrite) -> IssueReceipt:
        """Take back what was changed in the tracker."""
        return await self._acted(
            self._actions.run_undo(write),
            _issue_refusal(write.issue),
        )

    async def link(self, session_id: str, issue: str) -> IssueReceipt:
        """Make a session of the machine the worker of an issue."""
        return await self._acted(self._actions.run_link(session_id, issue), _issue_refusal(issue))

    async def unlink(self, session_id: str, issue: str) -> IssueReceipt:
        """Have a session that was linked to an issue belong to none."""
        return await self._acted(self._actions.run_unlink(session_id, issue), _issue_refusal(issue))

    async def _acted(self, run: Awaitable[R], refused: Callable[[str], R]) -> R:
        """Return what came of it, or of its failure; either way the board is read anew."""
        try:
            return await run
        except LegionError as error:
            return refused(str(error))
        finally:
            self._refresh()

    async def _cleaned(self, *, dry_run: bool) -> tuple[CleanReceipt, ...]:
        receipts: list[CleanReceipt] = []
        try:
            async for receipt in self._actions.run_clean(merged=True, dry_run=dry_run):
                receipts.append(receipt)
        except LegionError as error:
            receipts.append(CleanReceipt(issue="clean", outcome=Outcome.REFUSED, reason=str(error)))
        return tuple(receipts)


def _refusal(deed: Deed, target: str) -> Callable[[str], WorkerReceipt]:
    return lambda why: WorkerReceipt(deed=deed, issue=target, outcome=Outcome.REFUSED, reason=why)


def _issue_refusal(issue: str) -> Callable[[str], IssueReceipt]:
    return lambda why: IssueReceipt(issue=issue, outcome=Outcome.REFUSED, reason=why)


def _told(receipt: DispatchReceipt) -> tuple[str, ...]:
    if receipt.outcome is Outcome.DRY_RUN and receipt.reason:
        return (receipt.reason,)  # it waits, and what it is started with is known when it is
    where = (f"in {receipt.cwd}",) if receipt.cwd else ()
    return (*where, shlex.join(receipt.argv)) if receipt.argv else where
