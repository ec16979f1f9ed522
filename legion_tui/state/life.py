"""The words of a worker's life, as the ledger tells it: what we did with it, and what came of that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from legion_tui.state.names import Mode


class LifeState(StrEnum):
    """Where a worker stands; the machine that moves it is in `state.lifecycle`."""

    CREATED = "created"
    QUEUED = "queued"
    RUNNING = "running"
    IDLE = "idle"
    INTERRUPTED = "interrupted"
    PARKED = "parked"
    COMPLETED = "completed"
    FAILED = "failed"


class LifeEvent(StrEnum):
    """What moves it: the first is its beginning, each other one a transition of the machine."""

    CREATE = "create"
    ENQUEUE = "enqueue"
    START = "start"
    REST = "rest"
    WORK = "work"
    INTERRUPT = "interrupt"
    PARK = "park"
    RESUME = "resume"
    COMPLETE = "complete"
    FAIL = "fail"


# The process is, or should be, there.
AT_WORK = frozenset({LifeState.RUNNING, LifeState.IDLE, LifeState.INTERRUPTED})
# Nothing comes after these; the same session may begin another life.
OVER = frozenset({LifeState.COMPLETED, LifeState.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One step of a life. `source` is None where it begins; `reason` in words, `evidence` what it was seen by."""

    event: LifeEvent
    source: LifeState | None
    target: LifeState
    reason: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """Where the life of one session stands, and since when."""

    issue: str
    mode: Mode
    session_id: str
    state: LifeState
    since: datetime
    reason: str = ""
