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


# The source of what hangs on a pull request, by its word: its own module needs this one.
_HANGING = frozenset({"pull_requests"})

# By issue id or session id.
Snoozes = Mapping[str, Snooze]


def snooze_mark(subject: IssueState | Worker) -> str:
    """Return what of an issue or a session is a change when it differs; that a worker works on is none.

    Behind a `#` stands what hangs on its pull request.
    """
    worker = subject if isinstance(subject, Worker) else subject.worker
    parts: list[str] = []
    hanging: list[str] = []
    if worker is not None:
        parts += ["running" if worker.state in RUNNING else worker.state.value]
        parts += [worker.session_id, worker.question.id if worker.question is not None else ""]
    if not isinstance(subject, Worker):
        pull = subject.pull_request
        parts += [subject.status, ",".join(sorted(subject.labels))]
        hanging = [subject.decision.action.value]
        hanging += [str(pull.state), str(pull.review), str(pull.ci), str(pull.mergeable)] if pull is not None else []
    # A `#` in a label would be taken for ours.
    return "|".join(parts).replace("#", "") + "#" + "|".join(hanging)


def woken(snoozes: Snoozes, snapshot: Snapshot, now: datetime) -> frozenset[str]:
    """Return what has slept enough: its time has come, or it is not as it was when it was put to sleep.

    Nothing is concluded from what could not be read: then only the time counts.
    """
    unread = {source.value for source, health in snapshot.sources.items() if not (health.ok and health.known)}
    subjects = _subjects(snapshot) if unread <= _HANGING else {}
    whole = not unread
    return frozenset(
        target
        for target, snooze in snoozes.items()
        if (snooze.until is not None and snooze.until <= now)
        or ((subject := subjects.get(target)) is not None and _has_changed(snooze, subject, whole=whole))
    )


def lulled(snapshot: Snapshot, snoozes: Snoozes, now: datetime) -> Snapshot:
    """Return the snapshot with what of it sleeps now; the same one where nothing of that has changed."""
    awake = woken(snoozes, snapshot, now)
    present = _subjects(snapshot)
    asleep = {target: snooze for target, snooze in snoozes.items() if target in present and target not in awake}
    return snapshot if asleep == snapshot.asleep else replace(snapshot, asleep=asleep)


def _has_changed(snooze: Snooze, subject: IssueState | Worker, *, whole: bool) -> bool:
    """Whether it is not as it was; not `whole`, nothing that hangs on a pull request is looked at."""
    worker = subject if isinstance(subject, Worker) else subject.worker
    if worker is not None and worker.state is WorkerState.UNKNOWN:
        return False
    now, before = snooze_mark(subject), snooze.mark
    return now != before if whole else now.partition("#")[0] != before.partition("#")[0]


def _subjects(snapshot: Snapshot) -> dict[str, IssueState | Worker]:
    found: dict[str, IssueState | Worker] = {worker.session_id: worker for worker in snapshot.workers}
    found |= {issue.id: issue for issue in snapshot.issues}
    return found
