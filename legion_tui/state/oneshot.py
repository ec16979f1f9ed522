"""A task that is run without a screen: what it is, where it stands, and what came of all of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from legion_tui.state.life import LifeState
from legion_tui.state.verdict import VerdictKind


class TaskPhase(StrEnum):
    """Whose turn it is; `judging`: a person is asked what the auditor did not say clearly."""

    QUEUED = "queued"
    WORKING = "working"
    AUDITING = "auditing"
    JUDGING = "judging"
    OVER = "over"


class TaskOutcome(StrEnum):
    """What came of a task in the end."""

    COMPLETED = "completed"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class OneshotTask:
    """One task of a run, as its file keeps it. Texts of the agents are cleaned."""

    run: str
    number: int
    text: str
    cwd: str
    session_id: str
    audited: bool
    max_rounds: int
    created_at: datetime
    since: datetime
    state: LifeState | None = None
    phase: TaskPhase = TaskPhase.QUEUED
    # From 1, 0 before it began; and when it did.
    round: int = 0
    round_began_at: datetime | None = None
    # The auditor of this round.
    auditor_id: str = ""
    # What it waits for a person for; empty where it does not.
    asks: str = ""
    verdict: VerdictKind | None = None
    feedback: str = ""
    # The last words of its worker, and of the auditor of this round.
    answer: str = ""
    audit: str = ""
    outcome: TaskOutcome | None = None
    reason: str = ""
    exit_code: int | None = None
    cost_usd: float | None = None

    @property
    def id(self) -> str:
        """Its name in the ledger."""
        return f"{self.run}-{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many tasks came to what; those without an outcome are still under way."""

    total: int
    completed: int
    failed: int
    interrupted: int
    unclear: int

    @property
    def exit_code(self) -> int:
        """0 where all are completed, 1 where one is not to be had, 4 where it is left open whether one is done."""
        if self.failed or self.interrupted:
            return 1
        return 4 if self.unclear or self.completed < self.total else 0


def tally_of(tasks: Iterable[OneshotTask]) -> Tally:
    """Count them."""
    outcomes = [task.outcome for task in tasks]
    return Tally(
        total=len(outcomes),
        completed=outcomes.count(TaskOutcome.COMPLETED),
        failed=outcomes.count(TaskOutcome.FAILED),
        interrupted=outcomes.count(TaskOutcome.INTERRUPTED),
        unclear=outcomes.count(TaskOutcome.UNCLEAR),
    )
