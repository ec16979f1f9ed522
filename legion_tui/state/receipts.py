"""What came of an action, as the ledger, the CLI and the screen tell it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
    """What `advance` did: the action, each step in words, and the dispatch that followed, if any."""

    issue: str
    action: str
    outcome: Outcome
    reason: str = ""
    steps: tuple[str, ...] = ()
    dispatch: DispatchReceipt | None = None
    took_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachReceipt:
    """How the worker's window was, or is to be, reached.

    `argv` is set where the terminal has to be handed over to `tmux attach`; otherwise the client was switched.
    """

    target: str
    outcome: Outcome
    reason: str = ""
    argv: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueReceipt:
    """What came of a write to the tracker; `issue` is the id that it has there."""

    issue: str
    outcome: Outcome
    reason: str = ""
