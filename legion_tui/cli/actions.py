"""What can be done, over the parts: the one set of actions behind the commands and the screen's keys."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from legion_tui.act.advance import Advancer, chosen_mode
from legion_tui.act.answer import Answerer
from legion_tui.act.attach import Attacher
from legion_tui.act.clean import Cleaner
from legion_tui.act.crew import CrewReader
from legion_tui.act.dispatch import Dispatcher
from legion_tui.act.interrupt import Interrupter
from legion_tui.act.message import Hands, Messenger
from legion_tui.act.order import DispatchSettings, ModeSettings
from legion_tui.act.parking import Parking
from legion_tui.act.porter import Porter
from legion_tui.act.prompting import Prompting
from legion_tui.act.recovery import settle
from legion_tui.act.resume import Resumer
from legion_tui.act.stop import Stopper, StopPlan
from legion_tui.act.worktrees import Worktrees
from legion_tui.agents.claude_code import at_rest
from legion_tui.cli.agent import make_agent
from legion_tui.cli.commands import COMMANDS
from legion_tui.errors import ConfigError, LegionError, RefusedError
from legion_tui.present.receipts import cleaned_line
from legion_tui.present.steps import action_word
from legion_tui.processes import run_command
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
    IssueState,
    IssueStatus,
    MessageRequest,
    Mode,
    Outcome,
    Project,
    PullRequestState,
    ResumeReceipt,
    Snapshot,
    Source,
    Worker,
    WorkerReceipt,
)
from legion_tui.trackers import NewIssue, Tracker
from legion_tui.ui.ports import Expected, Preview

if TYPE_CHECKING:
    from legion_tui.cli.parts import Parts

# What is not read now says nothing of what may be done now.
_NEEDED_TO_ACT = (Source.TRACKER, Source.TMUX, Source.AGENTS)
# One more command of the tmux that attaches: told in its status line, with the person's own prefix key.
_WAY_BACK = (";", "display-message", "-d", "6000", "#{prefix} d goes back to legion-tui")


class Actions:
    """Implements the screen's `Commands`; the CLI calls the same, and lets errors be told by their exit code."""

    def __init__(self, parts: Parts) -> None:
        """Act over `parts`."""
        self._parts = parts
        self._agent = make_agent(parts.context)

    # What the command line calls: errors are raised.

    async def run_dispatch(self, issue: str, *, mode: str | None = None, dry_run: bool = False) -> DispatchReceipt:
        """Start or resume the worker of an issue, in the mode of its next step unless one is named."""
        chosen = Mode(mode) if mode else chosen_mode(await self._decide(issue))
        if not dry_run:
            await self._settle()
        return await self._dispatcher.dispatch(issue, chosen, dry_run=dry_run)

    async def run_action(
        self, issue: str, *, expected: str = "", follow: bool = True, dry_run: bool = False
    ) -> ActionReceipt:
        """Run the suggested action of an issue; with `expected`, only if it still is that one."""
        if not dry_run:
            await self._settle()
        return await self._advancer.advance(issue, expected=expected, follow=follow, dry_run=dry_run)

    async def run_answer(self, request: AnswerRequest) -> AnswerReceipt:
        """Answer a pending question."""
        return await self._answerer.answer(request)

    async def run_attach(self, target: str) -> AttachReceipt:
        """Show a worker's window, or give the argv that does."""
        snapshot = await self._snapshot()
        attacher = Attacher(self._parts.tmux, self._parts.context.environ)
        receipt = await attacher.attach(target, snapshot.worker_of(target))
        return replace(receipt, argv=(*receipt.argv, *_WAY_BACK)) if receipt.argv else receipt

    async def run_send(self, request: MessageRequest) -> WorkerReceipt:
        """Tell a worker something, or have it wait until the worker is idle."""
        return await self._messenger.send(request)

    async def run_cancel(self, target: str) -> int:
        """Take back every message that waits for the workers of an issue, or for a session; return how many."""
        ids = {worker.session_id for worker in await self._workers(target)}
        queue = await self._parts.ledger.queue()
        return await self.porter.cancel([message for message in queue if message.session_id in ids])

    async def run_resume(self, issues: Sequence[str], *, dry_run: bool = False) -> AsyncIterator[ResumeReceipt]:
        """Bring back the workers of these issues; without any, every worker that was cut off."""
        if not dry_run:
            await self._settle()
        parts = self._parts
        resumer = Resumer(
            dispatcher=self._dispatcher,
            crew=self._crew,
            tracker=self._tracker,
            ledger=parts.ledger,
            agent=self._agent,
            clock=parts.clock,
        )
        async for receipt in resumer.resume(issues, dry_run=dry_run):
            yield receipt

    async def run_clean(self, *, merged: bool, dry_run: bool = False) -> AsyncIterator[CleanReceipt]:
        """Remove what finished issues have left; with `merged`, of those whose pull request is merged."""
        snapshot = await self._parts.collector.collect(pull_requests=merged)
        health = snapshot.sources.get(Source.TRACKER)
        if health is not None and not health.ok:
            raise RefusedError("nothing is cleaned", health.error or "no tracker", health.remedy)
        finished = [issue.id for issue in snapshot.issues if _is_finished(issue, merged=merged)]
        async for receipt in self._cleaner.clean(finished, dry_run=dry_run):
            yield receipt

    async def run_interrupt(self, target: str) -> WorkerReceipt:
        """Stop what a worker does; the worker stays."""
        return await self._interrupter.interrupt(target)

    async def run_stop_plan(self, target: str) -> StopPlan:
        """Return what ending a worker would do."""
        return await self._stopper.plan(target)

    async def run_stop(self, target: str, *, pid: int | None = None, killing: bool = False) -> WorkerReceipt:
        """End a worker; its worktree and its transcript stay."""
        return await self._stopper.stop(target, pid=pid, killing=killing)

    # What the screen calls: nothing raises, a failure is a receipt.

    async def answer(self, request: AnswerRequest) -> AnswerReceipt:
        """Answer a pending question without attaching."""
        try:
            return await self.run_answer(request)
        except LegionError as error:
            return AnswerReceipt(
                issue=request.target,
                question_id=request.question_id or "",
                outcome=AnswerOutcome.REFUSED,
                reason=str(error),
            )
        finally:
            self._parts.collector.refresh()

    async def preview(self, expected: Expected, *, mode: str | None = None) -> Preview:
        """Tell what `advance` (or, with a mode, `dispatch`) would do."""
        title = f"{expected.issue}: {action_word(expected.action) if mode is None else f'dispatch, {mode}'}"
        try:
            if mode is not None or not expected.action:
                started = await self.run_dispatch(expected.issue, mode=mode, dry_run=True)
                refused = started.reason if started.outcome is Outcome.REFUSED else ""
                return Preview(title=title, lines=_told(started), refused=refused)
            receipt = await self.run_action(expected.issue, expected=expected.action, dry_run=True)
        except LegionError as error:
            return Preview(title=title, lines=(), refused=str(error))
        if receipt.outcome is not Outcome.DRY_RUN:
            return Preview(title=title, lines=receipt.steps, refused=receipt.reason)
        command = _told(receipt.dispatch) if receipt.dispatch else ()
        return Preview(title=title, lines=(*receipt.steps, *command))

    async def advance(self, expected: Expected) -> ActionReceipt:
        """Run the suggested action, if it still is the one that was painted."""
        try:
            return await self.run_action(expected.issue, expected=expected.action)
        except LegionError as error:
            return ActionReceipt(
                issue=expected.issue, action=expected.action, outcome=Outcome.REFUSED, reason=str(error)
            )
        finally:
            self._parts.collector.refresh()

    async def dispatch(self, issue: str, *, mode: str | None = None) -> DispatchReceipt:
        """Start or resume the worker of an issue."""
        try:
            return await self.run_dispatch(issue, mode=mode)
        except LegionError as error:
            return DispatchReceipt(
                issue=issue, mode=mode or "", session_id="", outcome=Outcome.REFUSED, reason=str(error)
            )
        finally:
            self._parts.collector.refresh()

    async def send(self, request: MessageRequest) -> WorkerReceipt:
        """Tell a worker something, or have it wait until the worker is idle."""
        try:
            return await self.run_send(request)
        except LegionError as error:
            return _refused(Deed.SEND, request.target, error)
        finally:
            self._parts.collector.refresh()

    async def interrupt(self, target: str) -> WorkerReceipt:
        """Stop what a worker does; the worker stays."""
        try:
            return await self.run_interrupt(target)
        except LegionError as error:
            return _refused(Deed.INTERRUPT, target, error)
        finally:
            self._parts.collector.refresh()

    async def preview_stop(self, target: str) -> tuple[Preview, int]:
        """Tell what ending a worker would do, and to which process."""
        title = f"{target}: end its worker"
        try:
            plan = await self.run_stop_plan(target)
        except LegionError as error:
            return Preview(title=title, lines=(), refused=str(error)), 0
        return Preview(title=title, lines=plan.lines), plan.pid

    async def stop(self, target: str, *, pid: int, killing: bool = False) -> WorkerReceipt:
        """End a worker that is this process; its worktree and its transcript stay."""
        try:
            return await self.run_stop(target, pid=pid, killing=killing)
        except LegionError as error:
            return _refused(Deed.STOP, target, error)
        finally:
            self._parts.collector.refresh()

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
            self._parts.collector.refresh()

    async def _cleaned(self, *, dry_run: bool) -> tuple[CleanReceipt, ...]:
        receipts: list[CleanReceipt] = []
        try:
            async for receipt in self.run_clean(merged=True, dry_run=dry_run):
                receipts.append(receipt)
        except LegionError as error:
            receipts.append(CleanReceipt(issue="clean", outcome=Outcome.REFUSED, reason=str(error)))
        return tuple(receipts)

    async def cancel_messages(self, target: str) -> str:
        """Take back the messages that wait for a worker; return what came of it in words."""
        try:
            count = await self.run_cancel(target)
        except LegionError as error:
            return str(error)
        finally:
            self._parts.collector.refresh()
        return f"{count} message{'s'[: count != 1]} taken back"

    async def attach(self, target: str) -> AttachReceipt:
        """Show the worker's window: switches the client, or gives the argv to hand the terminal to."""
        try:
            return await self.run_attach(target)
        except LegionError as error:
            return AttachReceipt(target=target, outcome=Outcome.REFUSED, reason=str(error))

    async def add(self, title: str, body: str, *, dispatch: bool) -> IssueReceipt:
        """Add an issue (status Todo), and dispatch it when asked to."""
        try:
            issue = await self._tracker.add(NewIssue(title=title, body=body))
        except LegionError as error:
            return IssueReceipt(issue="", outcome=Outcome.REFUSED, reason=str(error))
        finally:
            self._parts.collector.refresh()
        if not dispatch:
            return IssueReceipt(issue=issue.id, outcome=Outcome.DONE)
        receipt = await self.dispatch(issue.id)
        return IssueReceipt(issue=issue.id, outcome=receipt.outcome, reason=receipt.reason)

    async def _settle(self) -> None:
        parts = self._parts
        await settle(parts.ledger, self._crew, tracker=self._tracker, locks=parts.locks)

    async def _decide(self, issue_id: str) -> IssueState:
        snapshot = await self._parts.collector.collect()
        for source in _NEEDED_TO_ACT:
            health = snapshot.sources.get(source)
            if health is not None and not health.ok:
                raise RefusedError(f"nothing is done on {issue_id}", health.error or f"no {source}", health.remedy)
        state = snapshot.issue(issue_id)
        if state is None:
            issue = await self._tracker.get(issue_id)  # says that there is none, and which there are
            raise RefusedError(f"{issue.id} is not read yet", remedy="try again")
        return state

    async def _snapshot(self) -> Snapshot:
        """Return what the board shows; a command has no board and reads now what tells of workers."""
        latest = self._parts.collector.latest
        return latest if latest.sequence else await self._parts.collector.collect(pull_requests=False)

    async def _workers(self, target: str) -> list[Worker]:
        """Return the workers of an issue, the one that its row shows first, or the session of that id."""
        snapshot = await self._snapshot()
        state = snapshot.issue(target)
        if state is not None:
            return [worker for worker in (state.worker, *state.other_workers) if worker is not None]
        workers = [worker for worker in snapshot.sessions if worker.session_id == target]
        if not workers:
            await self._refuse_unknown(target)
        return workers

    async def _worker(self, target: str) -> Worker | None:
        return next(iter(await self._workers(target)), None)

    async def _holder(self, session_id: str) -> Worker | None:
        """Return the worker of a session, of an issue or of none."""
        snapshot = await self._snapshot()
        of_issues = [worker for state in snapshot.issues for worker in (state.worker, *state.other_workers)]
        workers = (worker for worker in (*of_issues, *snapshot.sessions) if worker is not None)
        return next((worker for worker in workers if worker.session_id == session_id), None)

    async def _find(self, target: str, question_id: str | None) -> Worker | None:
        workers = await self._workers(target)
        asking = [worker for worker in workers if worker.question is not None]
        asked = [worker for worker in asking if worker.question and worker.question.id == question_id]
        return next(iter([*asked, *asking, *workers]), None)

    async def _refuse_unknown(self, target: str) -> None:
        if self._parts.tracker is not None:
            await self._parts.tracker.get(target)  # says which issues there are
        raise LegionError(f"{target}: no such session", remedy="`legion-tui questions` shows who waits")

    @property
    def _project(self) -> Project:
        if self._parts.project is None:
            raise ConfigError("no project here", "a session has nothing to start or move", "run: legion-tui init")
        return self._parts.project

    @property
    def _tracker(self) -> Tracker:
        if self._parts.tracker is None:
            raise ConfigError("no project here", "there is no tracker to ask", "run: legion-tui init")
        return self._parts.tracker

    @cached_property
    def _crew(self) -> CrewReader:
        parts = self._parts
        return CrewReader(parts.tmux, self._agent, parts.ledger, self._project.id, clock=parts.clock)

    @cached_property
    def _answerer(self) -> Answerer:
        parts = self._parts
        return Answerer(
            tmux=parts.tmux,
            # A reader of its own: one forgets the files of sessions that it is not shown.
            agent=make_agent(parts.context),
            find=self._find,
            lock=parts.alone_with,
            journal=parts.ledger,
            clock=parts.clock,
        )

    @cached_property
    def _hands(self) -> Hands:
        parts = self._parts
        # A reader of its own: one forgets the files of sessions that it is not shown.
        agent = make_agent(parts.context)
        return Hands(
            tmux=parts.tmux,
            agent=agent,
            listener=agent,
            find=self._worker,
            lock=parts.alone_with,
            journal=parts.ledger,
            clock=parts.clock,
        )

    @cached_property
    def _messenger(self) -> Messenger:
        return Messenger(self._hands)

    @cached_property
    def _interrupter(self) -> Interrupter:
        return Interrupter(self._hands)

    @cached_property
    def _stopper(self) -> Stopper:
        return Stopper(self._hands, self._interrupter)

    @cached_property
    def porter(self) -> Porter:
        """Delivers the messages that wait."""
        return Porter(self._messenger, self._parts.ledger, self._holder, self._parts.locks)

    @cached_property
    def _worktrees(self) -> Worktrees:
        config = self._parts.config.worktrees
        return Worktrees(
            runner=run_command,
            project_root=self._parts.context.needed_place().root,
            environ=self._parts.context.environ,
            kind=_worktree_kind(config.kind),
            root=config.root,
            branch=config.branch,
            base=config.base,
        )

    @cached_property
    def _cleaner(self) -> Cleaner:
        parts = self._parts
        return Cleaner(
            tmux=parts.tmux,
            crew=self._crew,
            parking=Parking(parts.tmux, parts.ledger),
            worktrees=self._worktrees,
            ledger=parts.ledger,
            locks=parts.locks,
        )

    @cached_property
    def _dispatcher(self) -> Dispatcher:
        parts = self._parts
        config = parts.config
        return Dispatcher(
            tmux=parts.tmux,
            agent=self._agent,
            tracker=self._tracker,
            ledger=parts.ledger,
            locks=parts.locks,
            crew=self._crew,
            worktrees=self._worktrees,
            settings=DispatchSettings(
                project=self._project,
                session=config.tmux.session.replace("{short_id}", self._project.short_id),
                command=tuple(config.agent.command),
                briefs=parts.folder / "briefs",
                modes=self._modes(),
                slots=config.workers.max_concurrent,
                confirm_seconds=config.workers.confirm_start_seconds,
                agent_settings=parts.folder / "agent-settings.json" if config.agent.hooks else None,
                refused=tuple(command.name for command in COMMANDS if command.name != "issue"),
            ),
            environ=parts.context.environ,
            clock=parts.clock,
            prompting=Prompting(parts.tmux, self._crew, at_rest, clock=parts.clock),
        )

    @cached_property
    def _advancer(self) -> Advancer:
        parts = self._parts
        return Advancer(
            dispatcher=self._dispatcher,
            crew=self._crew,
            parking=Parking(parts.tmux, parts.ledger),
            tracker=self._tracker,
            ledger=parts.ledger,
            locks=parts.locks,
            decide=self._decide,
            project_id=self._project.id,
        )

    def _modes(self) -> Mapping[Mode, ModeSettings]:
        agent = self._parts.config.agent
        modes = {}
        for mode in Mode:
            section = getattr(self._parts.config.modes, mode.value)
            modes[mode] = ModeSettings(
                prompt=section.prompt,
                model=section.model or agent.model,
                permission_mode=section.permission_mode or agent.permission_mode,
            )
        return modes


def _is_finished(issue: IssueState, *, merged: bool) -> bool:
    if merged:
        return issue.pull_request is not None and issue.pull_request.state is PullRequestState.MERGED
    return issue.issue.closed or issue.status == IssueStatus.DONE


def _refused(deed: Deed, target: str, error: LegionError) -> WorkerReceipt:
    return WorkerReceipt(deed=deed, issue=target, outcome=Outcome.REFUSED, reason=str(error))


def _told(receipt: DispatchReceipt) -> tuple[str, ...]:
    import shlex

    where = (f"in {receipt.cwd}",) if receipt.cwd else ()
    return (*where, shlex.join(receipt.argv)) if receipt.argv else where


def _worktree_kind(kind: Literal["git", "jj", "none"]) -> Literal["git", "none"]:
    if kind == "jj":
        raise ConfigError('worktrees.kind = "jj"', "cannot be made by this version", 'kind = "git" or "none"')
    return kind
