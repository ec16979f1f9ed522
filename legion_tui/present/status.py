"""The one line that fits into tmux's status bar."""

from __future__ import annotations

from legion_tui.state import Attention, Snapshot, WorkerState
from legion_tui.state.workers import RUNNING

FAILED = frozenset({WorkerState.CRASHED, WorkerState.ERROR})


def status_line(snapshot: Snapshot) -> str:
    """Return `2 need you  5 working  1 failed`, without what is none or snoozed; `quiet` when nothing is going on."""
    workers = [state.worker for state in snapshot.issues if state.worker is not None]
    workers += snapshot.sessions
    asleep = snapshot.asleep
    needing = sum(state.attention is Attention.NEEDS_YOU and state.id not in asleep for state in snapshot.issues)
    needing += sum(worker.asking and worker.session_id not in asleep for worker in snapshot.sessions)
    counts = {
        "need you": needing,
        "working": sum(worker.state in RUNNING for worker in workers),
        "failed": sum(worker.state in FAILED for worker in workers),
    }
    return "  ".join(f"{count} {name}" for name, count in counts.items() if count) or "quiet"
