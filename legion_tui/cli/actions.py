"""What can be done, as the commands call it: errors are raised, and told by their exit code."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from legion_tui.act.advance import chosen_mode
from legion_tui.act.attach import Attacher
from legion_tui.act.heartbeat import Heartbeat
from legion_tui.act.porter import Porter
from legion_tui.act.resume import Resumer
from legion_tui.act.starter import Starter
from legion_tui.act.stop import StopPlan
from legion_tui.cli.actors import Actors
from legion_tui.errors import RefusedError
from legion_tui.state import (
    ActionReceipt,
    AnswerReceipt,
    AnswerRequest,
    AttachReceipt,
    CleanReceipt,
    DispatchReceipt,
    Issue,
    IssueReceipt,
    IssueState,
    IssueStatus,
    MessageRequest,
    Mode,
    PullRequestState,
    ResumeReceipt,
    Source,
    TrackerWrite,
    WorkerReceipt,
)
from legion_tui.trackers import NewIssue

if TYPE_CHECKING:
    from legion_tui.cli.parts import Parts


class Actions:
    """Every act, over the parts. Raises LegionError; a refusal that is foreseen is a receipt."""

    def __init__(self, parts: Parts) -> None:
        """Act over `parts`."""
        self._parts = parts
        self._actors = Actors(parts)

    @property
    def porter(self) -> Porter:
        """Delivers the messages that wait."""
        return self._actors.porter

    @property
    def heartbeat(self) -> Heartbeat:
        """Watches the workers."""
        return self._actors.heartbeat

    @property
    def starter(self) -> Starter:
        """Starts the workers that wait for a slot."""
        return self._actors.starter

    async def run_dispatch(self, issue: str, *, mode: str | None = None, dry_run: bool = False) -> DispatchReceipt:
        """Start or resume the worker of an issue, in the mode of its next step unless one is named."""
        chosen = Mode(mode) if mode else chosen_mode(await self._actors.lookup.decide(issue, older=dry_run))
        if not dry_run:
            await self.settle()
        return await self._actors.dispatcher.dispatch(issue, chosen, dry_run=dry_run)

    async def run_action(
        self,
        issue: str,
        *,
        expected: str = "",
        shown: tuple[str, ...] = (),
        follow: bool = True,
        dry_run: bool = False,
        sure: bool = False,
        waits: bool = True,
    ) -> ActionReceipt:
        """Run the suggested action of an issue; with `expected`, only if it still is that one; see `Advancer`."""
        if not dry_run:
            await self.settle()
        return await self._actors.advancer.advance(
            issue, expected=expected, shown=shown, follow=follow, dry_run=dry_run, sure=sure, waits=waits
        )

    async def run_answer(self, request: AnswerRequest) -> AnswerReceipt:
        """Answer a pending question, and keep it with the issue where the project wants that."""
        receipt = await self._actors.answerer.answer(request)
        commenter = self._actors.commenter
        return receipt if commenter is None else await commenter.keep(receipt)

    async def run_attach(self, target: str) -> AttachReceipt:
        """Show a worker's window, or give the argv that does."""
        snapshot = await self._actors.lookup.snapshot()
        context = self._parts.context
        attacher = Attacher(self._parts.tmux, context.environ, in_popup=context.user.attach == "popup")
        return await attacher.attach(target, snapshot.worker_of(target))

    async def run_send(self, request: MessageRequest) -> WorkerReceipt:
        """Tell a worker something, or have it wait until the worker is idle."""
        return await self._actors.messenger.send(request)

    async def run_foresee(self, target: str) -> WorkerReceipt:
        """Tell what a message to a worker would meet now, without sending any."""
        return await self._actors.messenger.foresee(target)

    async def run_cancel(self, target: str) -> int:
        """Take back every message that waits for the workers of an issue, or for a session; return how many."""
        ids = {worker.session_id for worker in await self._actors.lookup.workers(target)}
        queue = await self._parts.ledger.queue()
        return await self._actors.porter.cancel([message for message in queue if message.session_id in ids])

    async def run_resume(self, issues: Sequence[str], *, dry_run: bool = False) -> AsyncIterator[ResumeReceipt]:
        """Bring back the workers of these issues; without any, every worker that was cut off."""
        if not dry_run:
            await self.settle()
        parts = self._parts
        resumer = Resumer(
            dispatcher=self._actors.dispatcher,
            crew=self._actors.crew,
            tracker=self._actors.lookup.tracker,
            ledger=parts.ledger,
            agent=self._actors.agent,
            clock=parts.clock,
        )
        async for receipt in resumer.resume(issues, dry_run=dry_run):
            yield receipt

    async def run_clean(self, *, merged: bool, dry_run: bool = False) -> AsyncIterator[CleanReceipt]:
        """Remove what finished issues have left; with `merged`, of those whose pull request is merged."""
        snapshot = await self._parts.collector.collect(pull_requests=merged, older=dry_run)
        health = snapshot.sources.get(Source.TRACKER)
        if health is not None and not health.ok:
            raise RefusedError("nothing is cleaned", health.error or "no tracker", health.remedy)
        finished = [issue.id for issue in snapshot.issues if _is_finished(issue, merged=merged)]
        async for receipt in self._actors.cleaner.clean(finished, dry_run=dry_run):
            yield receipt

    async def run_interrupt(self, target: str) -> WorkerReceipt:
        """Stop what a worker does; the worker stays."""
        return await self._actors.interrupter.interrupt(target)

    async def run_stop_plan(self, target: str) -> StopPlan:
        """Return what ending a worker would do, or taking it out of the queue."""
        return await self._actors.stopper.plan(target)

    async def run_stop(self, target: str, *, pid: int | None = None, killing: bool = False) -> WorkerReceipt:
        """End a worker; its worktree and its transcript stay."""
        return await self._actors.stopper.stop(target, pid=pid, killing=killing)

    async def run_add(self, new: NewIssue) -> Issue:
        """Add an issue."""
        return await self._actors.lookup.tracker.add(new)

    async def run_undo(self, write: TrackerWrite) -> IssueReceipt:
        """Take back what was changed in the tracker, where nobody else changed it since."""
        return await self._actors.undoer.undo(write)

    async def run_link(self, session_id: str, issue: str) -> IssueReceipt:
        """Make a session of the machine the worker of an issue."""
        return await self._actors.linker.link(session_id, issue)

    async def run_unlink(self, session_id: str, issue: str) -> IssueReceipt:
        """Have a session that was linked to an issue belong to none."""
        return await self._actors.linker.unlink(session_id, issue)

    async def settle(self) -> None:
        """Conclude what a program that is gone has begun; see `recovery`."""
        await self._actors.settle()


def _is_finished(issue: IssueState, *, merged: bool) -> bool:
    if merged:
        return issue.pull_request is not None and issue.pull_request.state is PullRequestState.MERGED
    return issue.issue.closed or issue.status == IssueStatus.DONE
