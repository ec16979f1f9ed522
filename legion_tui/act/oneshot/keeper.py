"""How a task stands: moved by its life cycle, kept on the disk and in the ledger, and told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import anyio

from legion_tui.act.ledger import Ledger
from legion_tui.act.oneshot.records import Records
from legion_tui.act.records import Kind
from legion_tui.files import file_error
from legion_tui.state.life import AT_WORK, LifeEvent, LifeState, Transition
from legion_tui.state.names import Mode
from legion_tui.state.oneshot import OneshotTask, TaskOutcome, TaskPhase

_END_OF_LIFE = {
    TaskOutcome.COMPLETED: LifeEvent.COMPLETE,
    TaskOutcome.FAILED: LifeEvent.FAIL,
    TaskOutcome.INTERRUPTED: LifeEvent.INTERRUPT,
    # Its session can be taken up again, once a person has judged it.
    TaskOutcome.UNCLEAR: LifeEvent.PARK,
}


class Keeper:
    """One task. Each change is on the disk when its method returns; LegionError where it cannot be kept."""

    def __init__(
        self,
        task: OneshotTask,
        *,
        ledger: Ledger,
        records: Records,
        clock: Callable[[], datetime],
        tell: Callable[[OneshotTask, Transition], None],
    ) -> None:
        """Take the task as it stands; `tell` is told of each step of its life, in order."""
        self.task = task
        self._ledger = ledger
        self._records = records
        self._clock = clock
        self._tell = tell

    async def begin(self) -> None:
        """Put the task into the queue."""
        await self.move(
            (LifeEvent.CREATE, "a person asked for it", ""), (LifeEvent.ENQUEUE, "it waits for its turn", "")
        )

    async def move(self, *wanted: tuple[LifeEvent, str, str], **changes: Any) -> None:
        """Take its life on by these events (event, reason, evidence), and change what else is known of it."""
        await self._journal(wanted)
        await self.change(**changes)

    async def change(self, **changes: Any) -> None:
        """Keep what has changed."""
        self.task = replace(self.task, **changes)
        await self._save()

    async def note(self, kind: Kind, **data: Any) -> None:
        """Write something about it into the ledger."""
        await self._ledger.note(kind, self.task.id, round=self.task.round, **data)

    async def end(self, outcome: TaskOutcome, reason: str = "") -> None:
        """Say what came of it."""
        state = self.task.state
        wanted = [(_END_OF_LIFE[outcome], reason or "its work is done", "")]
        if state not in AT_WORK:
            # It never began, or was stopped already: there is one way to end left, or none.
            wanted = [(LifeEvent.FAIL, reason, "")] if state in (LifeState.CREATED, LifeState.QUEUED) else []
        elif state is LifeState.INTERRUPTED and outcome is TaskOutcome.INTERRUPTED:
            wanted = []
        await self.move(*wanted, phase=TaskPhase.OVER, outcome=outcome, reason=reason, asks="")

    async def _journal(self, wanted: Sequence[tuple[LifeEvent, str, str]]) -> None:
        task = self.task
        # One after the other, so that whoever is told of a step sees the task as it stood then.
        for one in wanted:
            steps = await self._ledger.move(
                self.task.state, [one], session_id=task.session_id, issue=task.id, mode=Mode.IMPLEMENT
            )
            for step in steps:
                self.task = replace(self.task, state=step.target, since=self._clock())
                self._tell(self.task, step)

    async def _save(self) -> None:
        task = self.task
        try:
            await anyio.to_thread.run_sync(self._records.save, task)
        except OSError as error:
            folder = self._records.of_task(task)
            raise file_error("the task's state could not be kept", error, folder) from error
