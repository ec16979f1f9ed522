"""When nothing works although there is something to do: for how long, and what a person can do about it."""

from __future__ import annotations

from datetime import datetime

from legion_tui.present.ages import duration
from legion_tui.present.header import counts
from legion_tui.present.line import Tone
from legion_tui.state import Snapshot, WorkerState
from legion_tui.state.workers import RUNNING

# So long nothing works before it is told, and before it is told loudly.
TOLD_AFTER_SECONDS = 180.0
LOUD_AFTER_SECONDS = 300.0


def standstill(snapshot: Snapshot, now: datetime) -> tuple[str, Tone] | None:
    """Return a line and its tone once nothing has worked for a while; None where something does, or nothing is to do.

    The time is the workers' own: when the last of them has come to rest. Without any worker nothing stands still.
    """
    if snapshot.project is None or snapshot.unread:
        return None
    workers = [worker for issue in snapshot.issues for worker in issue.workers]
    if any(worker.state in RUNNING or worker.state is WorkerState.UNKNOWN for worker in workers):
        return None
    stopped = [worker.since for worker in workers if worker.since is not None]
    found = counts(snapshot)
    limited = sum(worker.state is WorkerState.RATE_LIMITED for worker in workers)
    to_do = [
        f"{found['need you']} need{'s' if found['need you'] == 1 else ''} you" if found["need you"] else "",
        f"{found['ready']} {'is' if found['ready'] == 1 else 'are'} ready" if found["ready"] else "",
        f"{limited} wait{'s' if limited == 1 else ''} for a limit" if limited else "",
    ]
    told = ", ".join(part for part in to_do if part)
    if not stopped or not told:
        return None
    seconds = (now - max(stopped)).total_seconds()
    if seconds < TOLD_AFTER_SECONDS:
        return None
    tone = Tone.BAD if seconds >= LOUD_AFTER_SECONDS else Tone.WARN
    return f"nothing has worked for {duration(seconds)}: {told}", tone
