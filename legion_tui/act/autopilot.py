"""The autopilot: runs what its rules allow, one action an issue at a time, and ends by itself when that goes wrong."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import anyio
from anyio.abc import TaskGroup

from legion_tui.act.ledger import Ledger
from legion_tui.errors import LegionError
from legion_tui.state import ActionReceipt, Outcome, Snapshot
from legion_tui.state.autopilot import PROGRAM, Agenda, Event, EventKind, Rules, Task, agenda

# After a failure an issue is left alone for so long, twice as long after each more; after a refusal shorter: a worker
# that has just said that it is done is still about to end its turn.
_BACK_OFF_SECONDS = 30.0
_REFUSED_SECONDS, _LONGEST_REFUSED_SECONDS = 1.0, 60.0
# So many failures of one issue, and it is left to a person; so many one after the other, and the autopilot ends.
_TRIES = 3
_FAILURES_IN_A_ROW = 5

_GOOD = frozenset({Outcome.DONE, Outcome.STARTED, Outcome.RESUMED, Outcome.NOTHING})


@dataclass
class _Trouble:
    """What went wrong with one issue since it last went well, and until when (monotonic seconds) it is left alone."""

    failed: int = 0
    refused: int = 0
    until: float = 0.0
    why: str = ""


@dataclass
class Tally:
    """What came of everything so far. `stopped` says why it ended before it was told to."""

    done: int = 0
    failed: int = 0
    refused: int = 0
    stopped: str = ""


@dataclass
class _Now:
    """What is being done."""

    tasks: dict[str, Task] = field(default_factory=dict)

    @property
    def slots(self) -> int:
        return sum(task.slots for task in self.tasks.values())


class Autopilot:
    """Runs actions by rules. `run_action` runs one as it was decided, and refuses where that has changed."""

    def __init__(
        self,
        *,
        rules: Rules,
        ledger: Ledger,
        run_action: Callable[[Task], Awaitable[ActionReceipt]],
        tell: Callable[[Event], None],
        clock: Callable[[], datetime],
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the parts."""
        self._rules = rules
        self._ledger = ledger
        self._run_action = run_action
        self._tell = tell
        self._clock = clock
        self._seconds = seconds
        self._now = _Now()
        self._trouble: dict[str, _Trouble] = {}
        self._in_a_row = 0
        self._held: dict[str, str] = {}
        self._workers: dict[tuple[str, str], str] = {}
        self.tally = Tally()
        # While this is set, nothing new is started; what is begun goes on.
        self.paused = False

    @property
    def held(self) -> Mapping[str, str]:
        """What waits, by issue, and for what; as of the newest snapshot that something could be started about."""
        return self._held

    @property
    def busy(self) -> bool:
        """Whether something is being done."""
        return bool(self._now.tasks)

    async def plan(self, snapshot: Snapshot) -> Agenda:
        """Return what would be done about this snapshot now, and what waits."""
        return agenda(
            snapshot,
            self._rules,
            rounds=await self._ledger.starts(PROGRAM),
            busy=self._now.tasks,
            taken=self._now.slots,
            waits=self._waits(),
        )

    async def once(self, snapshot: Snapshot) -> Tally:
        """Run everything that is due in this snapshot, and return what came of it."""
        async with anyio.create_task_group() as group:
            await self._start_due(snapshot, group)
        return self.tally

    async def run(self, snapshots: AsyncIterator[Snapshot], *, until: Callable[[], str] = lambda: "") -> Tally:
        """Run what is due in each snapshot; ends when `until` says why, or by itself, with what is begun done."""
        async with anyio.create_task_group() as group:
            async for snapshot in snapshots:
                self.tally.stopped = self.tally.stopped or until()
                if not self.tally.stopped and not self.paused:
                    await self._start_due(snapshot, group)
                if self.tally.stopped:
                    break
        self._say(EventKind.ENDED, self.tally.stopped)
        return self.tally

    async def _start_due(self, snapshot: Snapshot, group: TaskGroup) -> None:
        self._watch(snapshot)
        due = await self.plan(snapshot)
        if due.stop:
            self.tally.stopped = due.stop
            return
        self._tell_held({one.issue: f"{one.action} waits: {one.why}" for one in due.held})
        for task in due.tasks:
            self._now.tasks[task.issue] = task
            group.start_soon(self._perform, task)

    async def _perform(self, task: Task) -> None:
        self._say(EventKind.RUNS, f"row {task.row}", task)
        try:
            receipt = await self._run_action(task)
            outcome, reason = receipt.outcome, receipt.reason
        except LegionError as error:
            outcome, reason = None, str(error)
        finally:
            self._now.tasks.pop(task.issue, None)
        if outcome in _GOOD:
            self.tally.done += 1
            self._in_a_row = 0
            self._trouble.pop(task.issue, None)
            self._say(EventKind.DONE, " ".join(part for part in (str(outcome), reason) if part), task)
            return
        self._note_failure(task, reason or str(outcome), refused=outcome is Outcome.REFUSED)

    def _note_failure(self, task: Task, reason: str, *, refused: bool) -> None:
        trouble = self._trouble.setdefault(task.issue, _Trouble())
        trouble.why = reason
        if refused:
            # Somebody else was quicker, or the facts have changed: nothing was done, and nothing is broken.
            self.tally.refused += 1
            wait = min(_REFUSED_SECONDS * 2**trouble.refused, _LONGEST_REFUSED_SECONDS)
            trouble.refused += 1
        else:
            self.tally.failed += 1
            self._in_a_row += 1
            wait = _BACK_OFF_SECONDS * 2**trouble.failed
            trouble.failed += 1
        trouble.until = self._seconds() + wait
        self._say(EventKind.REFUSED if refused else EventKind.FAILED, reason, task)
        if self._in_a_row >= _FAILURES_IN_A_ROW:
            self.tally.stopped = f"{self._in_a_row} actions failed one after the other, the last one: {reason}"

    def _waits(self) -> dict[str, str]:
        now = self._seconds()
        waits = {}
        for issue, trouble in self._trouble.items():
            if trouble.failed >= _TRIES:
                waits[issue] = f"it failed {trouble.failed} times and is left to you: {trouble.why}"
            elif now < trouble.until:
                waits[issue] = f"{trouble.why}; tried again in {trouble.until - now:.0f} s"
        return waits

    def _tell_held(self, held: dict[str, str]) -> None:
        for issue, why in held.items():
            # The seconds that are left are no news.
            if self._held.get(issue, "").split(";")[0] != why.split(";")[0]:
                self._say(EventKind.HELD, why, issue=issue)
        self._held = held

    def _watch(self, snapshot: Snapshot) -> None:
        """Tell every change of a worker's state."""
        seen = {}
        for row in snapshot.issues:
            for worker in row.workers:
                key = (row.id, worker.session_id)
                seen[key] = str(worker.state)
                before = self._workers.get(key)
                if before is not None and before != worker.state:
                    asked = f": {worker.question.text}" if worker.question is not None else ""
                    name = f"{worker.mode or 'its'} worker"
                    self._say(EventKind.WORKER, f"{name} {before} → {worker.state}{asked}", issue=row.id)
        self._workers = seen

    def _say(self, kind: EventKind, text: str, task: Task | None = None, *, issue: str = "") -> None:
        self._tell(
            Event(
                kind=kind,
                at=self._clock(),
                text=text,
                issue=task.issue if task is not None else issue,
                action=task.action.value if task is not None else "",
            )
        )
