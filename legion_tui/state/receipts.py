"""What came of an action, as the ledger, the CLI and the screen tell it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from legion_tui.state.writes import TrackerWrite


class Outcome(StrEnum):
    """What came of an action on an issue or a worker."""

    DONE = "done"
    STARTED = "started"
    RESUMED = "resumed"
    QUEUED = "queued"
    REFUSED = "refused"
    UNCONFIRMED = "unconfirmed"
    DRY_RUN = "dry_run"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchReceipt:
    """A worker that was started or resumed, or why not. `argv` is exactly what ran, or would run."""

    issue: str
    mode: str
    session_id: str
    outcome: Outcome
    reason: str = ""
    pane: str | None = None
    window: str | None = None
    cwd: str | None = None
    branch: str | None = None
    argv: tuple[str, ...] = ()
    prompt: str = ""
    took_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionReceipt:
    """What `advance` did: the action, each step in words, and the dispatch that followed, if any.

    `write` is what it changed in the tracker, also where what was to follow was refused.
    """

    issue: str
    action: str
    outcome: Outcome
    reason: str = ""
    steps: tuple[str, ...] = ()
    dispatch: DispatchReceipt | None = None
    write: TrackerWrite | None = None
    took_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachReceipt:
    """How the worker's window was, or is to be, reached.

    `argv` is set where the terminal has to be handed over to `tmux attach`; otherwise the client was switched, or a
    popup was shown and is closed. `covered`: we are in a popup ourselves, which hides what the client shows now.
    """

    target: str
    outcome: Outcome
    reason: str = ""
    argv: tuple[str, ...] = ()
    covered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueReceipt:
    """What came of a write to the tracker; `issue` is the id that it has there."""

    issue: str
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeReceipt:
    """A worker that was brought back, or why not: what it was found as, and what it did last."""

    issue: str
    mode: str
    session_id: str
    outcome: Outcome
    reason: str = ""
    was: str = ""
    last_words: str = ""
    error: str = ""
    dispatch: DispatchReceipt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanReceipt:
    """What became of the worktree and the windows of a finished issue; `steps` tell what was, or would be, removed."""

    issue: str
    outcome: Outcome
    reason: str = ""
    path: str | None = None
    branch: str | None = None
    steps: tuple[str, ...] = ()


class Deed(StrEnum):
    """What a person does to a worker that lives, or that waits in the queue."""

    SEND = "send"
    INTERRUPT = "interrupt"
    STOP = "stop"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRequest:
    """A message to a worker. `target` is an issue or a session id.

    `queue`: one that is busy gets it once it is idle. `by_hand`: a person wrote it for this one worker, so that it may
    be one of the agent's own commands too.
    """

    target: str
    text: str
    queue: bool = False
    by_hand: bool = True
    timeout_seconds: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerReceipt:
    """What came of a deed to a worker; `issue` is None for a session of the machine."""

    deed: Deed
    issue: str | None
    outcome: Outcome
    reason: str = ""
    session_id: str = ""
    # Of a message that waits for its worker.
    message_id: str = ""
    # Of a stop: the process did not end when it was asked to, and may be killed.
    lives: bool = False
    took_ms: int = 0
