"""A worker as the evidence shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from legion_tui.state.names import Mode
from legion_tui.state.questions import Question


class WorkerState(StrEnum):
    """What the evidence says now; `unknown` is shown as unknown and nothing is done on it."""

    QUESTION = "question"
    PERMISSION = "permission"
    PLAN = "plan"
    STARTUP_DIALOG = "startup_dialog"
    DIALOG = "dialog"
    SUSPENDED = "suspended"
    CRASHED = "crashed"
    ERROR = "error"
    INTERRUPTED = "interrupted"
    UNSUBMITTED = "unsubmitted"
    RATE_LIMITED = "rate_limited"
    IDLE = "idle"
    BUSY = "busy"
    COMPACTING = "compacting"
    RETRYING = "retrying"
    STARTING = "starting"
    QUEUED = "queued"
    EXITED = "exited"
    GONE = "gone"
    UNKNOWN = "unknown"


# No agent process answers for these; every other state is a live worker.
NOT_LIVE = frozenset({WorkerState.QUEUED, WorkerState.CRASHED, WorkerState.EXITED, WorkerState.GONE})
ASKING = frozenset({WorkerState.QUESTION, WorkerState.PERMISSION, WorkerState.PLAN, WorkerState.STARTUP_DIALOG})
RUNNING = frozenset({WorkerState.BUSY, WorkerState.COMPACTING, WorkerState.RETRYING, WorkerState.STARTING})


class Rung(StrEnum):
    """Where a piece of evidence comes from, most trusted first."""

    TMUX = "tmux"
    STATUS_FILE = "status_file"
    TRANSCRIPT = "transcript"
    HOOK = "hook"
    SCREEN = "screen"


class Turn(StrEnum):
    """How the newest turn stands."""

    RUNNING = "running"
    ENDED = "ended"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One thing that a rung says. `at` is when it came to be; `agrees` is False where it contradicts the state."""

    rung: Rung
    source: str
    value: str
    at: datetime | None = None
    agrees: bool = True
    decided: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """Particulars of a state: a limit's end, a retry's count, an error's text, what is waited for."""

    until: datetime | None = None
    attempt: int | None = None
    of: int | None = None
    error: str | None = None
    # What one that is queued waits for.
    waits_for: str | None = None


class Quiet(StrEnum):
    """How long a live worker has shown no activity, as far as that means something."""

    NO = ""
    IDLE = "idle"
    NEEDS_LOOK = "needs a look"
    STUCK = "stuck"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Tokens of a session, summed over its messages.

    `context_percent` is what the last request filled; None where the size of the model's context is not known.
    """

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    context_percent: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """One agent, of an issue or of none (a session of the machine)."""

    session_id: str
    state: WorkerState
    agent: str = "claude-code"
    issue: str | None = None
    mode: Mode | None = None
    detail: Detail = Detail()
    since: datetime | None = None
    evidence: tuple[Evidence, ...] = ()
    pane: str | None = None
    window: str | None = None
    session_name: str | None = None
    pid: int | None = None
    cwd: str | None = None
    branch: str | None = None
    # When it last did something that left a record.
    activity: datetime | None = None
    # Live, and without a record for so long that it may be stuck.
    silent: bool = False
    model: str | None = None
    version: str | None = None
    # Whether the contract tests cover this version of the agent; None where the version is not known.
    tested: bool | None = None
    tokens: Tokens | None = None
    cost_usd: float | None = None
    turn: Turn | None = None
    turn_at: datetime | None = None
    started_at: datetime | None = None
    # The agent's last sentence, one line.
    last_words: str = ""
    name: str = ""
    question: Question | None = None
    # A pull request that the agent's own transcript names.
    pull_request_url: str = ""
    conflict: bool = field(default=False)
    # Not started from here: a person said that it belongs to its issue.
    linked: bool = False

    @property
    def live(self) -> bool:
        """Whether an agent process stands behind this worker."""
        return self.state not in NOT_LIVE

    @property
    def untested(self) -> bool:
        """Whether it runs a version that the contract tests do not cover: it may be read wrongly."""
        return self.live and self.tested is False

    @property
    def asking(self) -> bool:
        """Whether it waits on a person."""
        return self.live and self.question is not None
