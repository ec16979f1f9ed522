"""What a person does not want to see for a while: until a time, and in any case only until something changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from legion_tui.state.workers import RUNNING, Worker, WorkerState

if TYPE_CHECKING:
    from legion_tui.state.snapshot import IssueState, Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze:
    """Why a row sleeps: `mark` is how it was; without `until` only a change of that wakes it."""

    mark: str
    until: datetime | None = None


# By issue id or session id.
Snoozes = Mapping[str, Snooze]


def snooze_mark(subject: IssueState | Worker) -> str:
    """Return what of an issue or a session is a change when it differs; that a worker works on is none."""
    worker = subject if isinstance(subject, Worker) else subject.worker
    parts: list[str] = []
    if worker is not None:
        parts += ["running" if worker.state in RUNNING else worker.state.value]
        parts += [worker.session_id, worker.question.id if worker.question is not None else ""]
    if not isinstance(subject, Worker):
        pull = subject.pull_request
        parts += [subject.status, subject.decision.action.value, ",".join(sorted(subject.labels))]
        parts += [str(pull.state), str(pull.review), str(pull.ci), str(pull.mergeable)] if pull is not None else []
    return "|".join(parts)


def woken(snoozes: Snoozes, snapshot: Snapshot, now: datetime) -> frozenset[str]:
    """Return what has slept enough: its time has come, or it is not as it was when it was put to sleep.

    Nothing is concluded from what could not be read: then only the time counts.
    """
    subjects = _subjects(snapshot) if _is_read(snapshot) else {}
    return frozenset(
        target
        for target, snooze in snoozes.items()
        if (snooze.until is not None and snooze.until <= now)
        or ((subject := subjects.get(target)) is not None and _has_changed(snooze, subject))
    )


def lulled(snapshot: Snapshot, snoozes: Snoozes, now: datetime) -> Snapshot:
    """Return the snapshot with what of it sleeps now; the same one where nothing of that has changed."""
    awake = woken(snoozes, snapshot, now)
    present = _subjects(snapshot)
    asleep = {target: snooze for target, snooze in snoozes.items() if target in present and target not in awake}
    return snapshot if asleep == snapshot.asleep else replace(snapshot, asleep=asleep)


def _has_changed(snooze: Snooze, subject: IssueState | Worker) -> bool:
    worker = subject if isinstance(subject, Worker) else subject.worker
    if worker is not None and worker.state is WorkerState.UNKNOWN:
        return False
    return snooze_mark(subject) != snooze.mark


def _is_read(snapshot: Snapshot) -> bool:
    return all(health.ok and health.known for health in snapshot.sources.values())


def _subjects(snapshot: Snapshot) -> dict[str, IssueState | Worker]:
    found: dict[str, IssueState | Worker] = {worker.session_id: worker for worker in snapshot.workers}
    found |= {issue.id: issue for issue in snapshot.issues}
    return found
