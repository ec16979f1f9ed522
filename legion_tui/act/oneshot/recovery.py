"""Tasks whose program is gone: before one is called failed, the records of its agents are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import anyio

from legion_tui.act.headless.marks import marked
from legion_tui.act.ledger import Ledger
from legion_tui.act.locks import Locks
from legion_tui.act.oneshot.keeper import Keeper
from legion_tui.act.oneshot.records import Records
from legion_tui.act.oneshot.task import mark_of
from legion_tui.agents.headless import Headless
from legion_tui.errors import RefusedError
from legion_tui.files import file_error
from legion_tui.state.oneshot import OneshotTask, TaskOutcome, TaskPhase
from legion_tui.state.text import clean_line
from legion_tui.state.verdict import VerdictKind, read_verdict

_GONE = "the program that ran it is gone"


def locks_of(records: Records, run: str) -> Locks:
    """Return the locks of a run: who runs it holds `RUN_LOCK` until it ends."""
    return Locks(records.folder / run, wait_seconds=0)


RUN_LOCK = "run"


class Recovery:
    """Settles what a program that was killed has left open. LegionError where it cannot be read or kept."""

    def __init__(self, *, agent: Headless, ledger: Ledger, records: Records, clock: Callable[[], datetime]) -> None:
        """Take the parts."""
        self._agent = agent
        self._ledger = ledger
        self._records = records
        self._clock = clock

    async def runs(self) -> Sequence[Sequence[OneshotTask]]:
        """Return all runs, oldest first, each with its tasks as they stand once what was open is settled."""
        try:
            names = await anyio.to_thread.run_sync(self._records.runs)
            return [tasks for name in names if (tasks := await self._settled(name))]
        except OSError as error:
            raise file_error("the runs could not be read", error, self._records.folder) from error

    async def _settled(self, run: str) -> Sequence[OneshotTask]:
        tasks = await anyio.to_thread.run_sync(self._records.tasks, run)
        if all(task.outcome is not None for task in tasks):
            return tasks
        try:
            async with locks_of(self._records, run).hold(RUN_LOCK):
                # Once more: whoever held the lock may have gone on until a moment ago.
                tasks = await anyio.to_thread.run_sync(self._records.tasks, run)
                return [await self._settle(task) for task in tasks]
        except RefusedError:
            return tasks  # it is under way

    async def _settle(self, task: OneshotTask) -> OneshotTask:
        auditing = task.phase is TaskPhase.AUDITING
        mark = mark_of(task, task.auditor_id if auditing else task.session_id)
        if task.outcome is not None or await anyio.to_thread.run_sync(lambda: bool(marked(mark))):
            return task  # over, or being ended by its guard just now
        keeper = Keeper(
            task, ledger=self._ledger, records=self._records, clock=self._clock, tell=lambda _task, _step: None
        )
        if task.state is None:
            await keeper.begin()
        match task.phase:
            case TaskPhase.WORKING:
                await self._settle_work(keeper)
            case TaskPhase.AUDITING:
                await self._settle_audit(keeper)
            case TaskPhase.JUDGING:
                await keeper.end(TaskOutcome.UNCLEAR, f"its verdict is unclear, and {_GONE}")
            case _:
                await keeper.end(TaskOutcome.INTERRUPTED, f"{_GONE}: it had not begun")
        return keeper.task

    async def _settle_work(self, keeper: Keeper) -> None:
        answer = await self._answer(keeper.task, keeper.task.session_id)
        if answer is None:
            await keeper.end(TaskOutcome.FAILED, f"{_GONE}, and its worker was cut off")
            return
        await keeper.change(answer=answer)
        if keeper.task.audited:
            await keeper.end(TaskOutcome.UNCLEAR, f"{_GONE}; its worker had finished, which nobody audited")
        else:
            await keeper.end(TaskOutcome.COMPLETED, f"{_GONE}; its record shows its answer")

    async def _settle_audit(self, keeper: Keeper) -> None:
        answer = await self._answer(keeper.task, keeper.task.auditor_id)
        verdict = read_verdict(answer or "")
        if answer is not None:
            await keeper.change(verdict=verdict.kind, feedback=verdict.feedback)
        told = f"{_GONE}; its auditor's record shows"
        match verdict.kind:
            case VerdictKind.DONE:
                await keeper.end(TaskOutcome.COMPLETED, f"{told} that it is done")
            case VerdictKind.IMPOSSIBLE:
                await keeper.end(TaskOutcome.FAILED, f"{told}: impossible: {clean_line(verdict.feedback)}")
            case VerdictKind.RETRY:
                await keeper.end(TaskOutcome.INTERRUPTED, f"{told} what is missing: {clean_line(verdict.feedback)}")
            case VerdictKind.UNCLEAR:
                await keeper.end(TaskOutcome.UNCLEAR, f"{_GONE}; its worker had finished, which nobody audited")

    async def _answer(self, task: OneshotTask, session_id: str) -> str | None:
        since = task.round_began_at or task.created_at
        return await anyio.to_thread.run_sync(self._agent.finished_answer, session_id, since)
