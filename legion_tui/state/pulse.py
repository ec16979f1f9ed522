"""What an observation makes of a worker's life: at rest, at work again, gone, or done. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from legion_tui.state.identity import status_mode
from legion_tui.state.life import AT_WORK, OVER, Life, LifeEvent, LifeState
from legion_tui.state.names import IssueStatus, Label
from legion_tui.state.snapshot import IssueState
from legion_tui.state.workers import ASKING, RUNNING, Quiet, Rung, Turn, Worker, WorkerState

_RESTS = frozenset({WorkerState.IDLE, WorkerState.ERROR, WorkerState.RATE_LIMITED, WorkerState.UNSUBMITTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How long without activity before that means something, and how long a start may take."""

    idle_after: timedelta = timedelta(seconds=30)
    needs_look_after: timedelta = timedelta(seconds=60)
    stuck_after: timedelta = timedelta(seconds=300)
    start_within: timedelta = timedelta(seconds=120)


def quiet_of(worker: Worker, now: datetime, limits: Thresholds) -> Quiet:
    """Return how quiet a worker is by its newest record: a sign to look, and no proof of anything.

    One that asks, waits for a limit or is not live is none of these: its state says what it waits for.
    """
    since = worker.activity or worker.since
    if not worker.live or since is None or worker.state not in (RUNNING | {WorkerState.IDLE}):
        return Quiet.NO
    quiet = now - since
    if quiet >= limits.stuck_after:
        return Quiet.STUCK
    if quiet >= limits.needs_look_after:
        return Quiet.NEEDS_LOOK
    return Quiet.IDLE if quiet >= limits.idle_after else Quiet.NO


def part_is_done(worker: Worker, status: str, labels: frozenset[str], *, closed: bool = False) -> bool:
    """Whether a worker has done its part: its turn is over, and its issue says so or has moved past its mode."""
    if worker.turn is not Turn.ENDED or worker.mode is None:
        return False
    canonical = IssueStatus.normalize(status)
    if closed or canonical == IssueStatus.DONE:
        return True
    if canonical not in list(IssueStatus):
        return False
    return worker.mode != status_mode(canonical) or Label.WORKER_DONE in labels


def observed(
    row: IssueState, worker: Worker, life: Life, now: datetime, limits: Thresholds
) -> tuple[LifeEvent, str, str] | None:
    """Return what this observation does to a life: the event, why, and what it was seen by; None for nothing.

    Where a worker is gone, what its transcript ends in decides: a finished answer is no failure.
    """
    if life.state in OVER or worker.state in (WorkerState.UNKNOWN, WorkerState.QUEUED):
        return None
    seen = _evidence(worker)
    if not worker.live:
        return _of_one_gone(row, worker, life, seen)
    match life.state:
        case LifeState.CREATED:
            return None
        case LifeState.QUEUED:
            return LifeEvent.START, "it is there", seen
        case LifeState.PARKED:
            return LifeEvent.RESUME, "its session was taken up again", seen
    at_rest = worker.state is WorkerState.IDLE and worker.question is None
    if at_rest and part_is_done(worker, row.status, row.labels, closed=row.issue.closed):
        return LifeEvent.COMPLETE, f"its turn is over, and {_done_by(row)}", seen
    if worker.state is WorkerState.INTERRUPTED and life.state is not LifeState.INTERRUPTED:
        return LifeEvent.INTERRUPT, "a person stopped it", seen
    if worker.state in RUNNING | ASKING and life.state in (LifeState.IDLE, LifeState.INTERRUPTED):
        return LifeEvent.WORK, str(worker.state), seen
    if worker.state in _RESTS and life.state is LifeState.RUNNING:
        since = max(at for at in (worker.activity, worker.since, life.since) if at is not None)
        if now - since >= limits.idle_after:
            return LifeEvent.REST, f"{worker.state} for {(now - since).total_seconds():.0f} s", seen
    return None


def came_to_nothing(life: Life, now: datetime, limits: Thresholds) -> tuple[LifeEvent, str, str] | None:
    """Return the end of a life that was to begin and of which nothing is to be seen; None while it may still come."""
    if life.state not in (LifeState.CREATED, LifeState.QUEUED) or now - life.since < limits.start_within:
        return None
    return LifeEvent.FAIL, f"nothing of it was seen within {limits.start_within.total_seconds():.0f} s", ""


def _of_one_gone(row: IssueState, worker: Worker, life: Life, seen: str) -> tuple[LifeEvent, str, str] | None:
    if life.state not in AT_WORK:
        return None
    if part_is_done(worker, row.status, row.labels, closed=row.issue.closed):
        return LifeEvent.COMPLETE, f"it is {worker.state}, its turn was over, and {_done_by(row)}", seen
    if worker.turn is Turn.ENDED:
        return LifeEvent.PARK, f"it is {worker.state}, and its answer was finished: its session can be resumed", seen
    told = next((piece.value for piece in worker.evidence if piece.rung is Rung.TRANSCRIPT), "")
    how = f"cut off: {told}" if told else "it left no transcript"
    error = f", {worker.detail.error}" if worker.detail.error else ""
    words = f"; it last said: {worker.last_words}" if worker.last_words else ""
    return LifeEvent.FAIL, f"it is {worker.state}{error}; {how}{words}", seen


def _done_by(row: IssueState) -> str:
    return f"{Label.WORKER_DONE} is set" if Label.WORKER_DONE in row.labels else f"its issue is {row.status}"


def _evidence(worker: Worker) -> str:
    found = next((piece for piece in worker.evidence if piece.decided), None)
    return f"{found.rung} {found.source}: {found.value}" if found is not None else ""
