"""The workers that wait for their turn: in which order, and what each one waits for. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from legion_tui.state.journal import Request
from legion_tui.state.names import Mode
from legion_tui.state.snapshot import Snapshot
from legion_tui.state.workers import Detail, Worker, WorkerState


def waits_for(snapshot: Snapshot, request: Request) -> str:
    """Return what a queued worker waits for, in words; empty where it may start now.

    What only its own issue is waiting for comes first: a free slot would not help it.
    """
    row = snapshot.issue(request.issue)
    if row is not None and row.relations.blocking:
        return f"blocked by {', '.join(blocker.id for blocker in row.relations.blocking)}"
    limited = limited_until(snapshot)
    if limited is not None:
        return f"rate limit until {limited.astimezone():%H:%M}"
    return no_slot(snapshot, request.mode)


def no_slot(snapshot: Snapshot, mode: Mode) -> str:
    """Return which limit leaves no slot for a worker of that mode; empty where there is one."""
    live = [worker for row in snapshot.issues for worker in row.workers if worker.live]
    if len(live) >= snapshot.slots:
        return f"no free slot ({snapshot.slots} at once)"
    limit = snapshot.mode_slots.get(mode)
    if limit is not None and sum(worker.mode is mode for worker in live) >= limit:
        return f"no free {mode} slot ({limit} at once)"
    return ""


def limited_until(snapshot: Snapshot) -> datetime | None:
    """Return until when the agent's service takes no more, as its workers tell: another one would only wait too.

    A limit holds for the worker that met it. It is taken for everybody's only where no other worker left a record
    since, which would show that the service goes on serving.
    """
    workers = list(snapshot.workers)
    limited = [worker for worker in workers if worker.state is WorkerState.RATE_LIMITED and worker.detail.until]
    met = max((at for worker in limited if (at := worker.turn_at or worker.since)), default=None)
    served = any(
        worker.live
        and worker not in limited
        and met is not None
        and worker.activity is not None
        and worker.activity > met
        for worker in workers
    )
    return None if served else max((worker.detail.until for worker in limited if worker.detail.until), default=None)


def queued_worker(request: Request) -> Worker:
    """Return how a worker that waits is shown: nothing of it is there yet."""
    return Worker(
        session_id=request.session_id,
        state=WorkerState.QUEUED,
        issue=request.issue,
        mode=request.mode,
        since=request.at,
    )


def add_queued(by_issue: dict[str, list[Worker]], requests: Iterable[Request]) -> None:
    """Add those that wait to the workers of their issues, each in the place of what is left of the same session."""
    for request in requests:
        workers = by_issue.get(request.issue, [])
        here = next((worker for worker in workers if worker.session_id == request.session_id), None)
        if here is None or not here.live:
            by_issue[request.issue] = [*(one for one in workers if one is not here), queued_worker(request)]


def with_reasons(snapshot: Snapshot) -> Snapshot:
    """Say on the row of each queued worker what it waits for: that depends on all the others."""
    waits = {request.session_id: waits_for(snapshot, request) for request in snapshot.requests}

    def told(worker: Worker) -> Worker:
        if worker.state is not WorkerState.QUEUED or not waits.get(worker.session_id):
            return worker
        return replace(worker, detail=Detail(waits_for=waits[worker.session_id]))

    return replace(
        snapshot,
        issues=tuple(
            replace(row, worker=told(row.worker), other_workers=tuple(map(told, row.other_workers)))
            if row.worker is not None and any(worker.state is WorkerState.QUEUED for worker in row.workers)
            else row
            for row in snapshot.issues
        ),
    )
