"""Whose slot can be given to another worker. Pure."""

from __future__ import annotations

from legion_tui.state.identity import status_mode
from legion_tui.state.names import IssueStatus
from legion_tui.state.workers import Turn, Worker, WorkerState


def is_spare(worker: Worker, status: str, *, closed: bool = False) -> bool:
    """Whether a worker may be parked for another's sake: at rest, and its issue is over or past its mode.

    One that was linked is a person's own: only they end it.
    `status` as the tracker writes it; where that is no canonical one, nothing tells that its mode is past.
    """
    rests = worker.live and worker.state is WorkerState.IDLE and worker.turn is Turn.ENDED
    if worker.linked or not rests or worker.question is not None or worker.conflict or worker.mode is None:
        return False
    canonical = IssueStatus.normalize(status)
    if closed or canonical == IssueStatus.DONE:
        return True
    return canonical in list(IssueStatus) and worker.mode != status_mode(canonical)
