"""What a run is started with, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

# What an agent has no business with; and by the last two it would say that it is in the pane of who started it.
_KEPT_FROM_IT = frozenset({"LINEAR_API_KEY", "GITHUB_TOKEN", "TMUX", "TMUX_PANE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Paces:
    """How long without a sign means idle, how often that is looked at, and how long an end may take."""

    idle_after_seconds: float = 30.0
    heartbeat_seconds: float = 10.0
    # After each of SIGINT and SIGTERM.
    ends_within_seconds: float = 5.0
    # After its last answer.
    leaves_within_seconds: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOrder:
    """What is to be run. `mark` is this run's own: all that it starts is found by it."""

    argv: tuple[str, ...]
    cwd: str
    prompt: str = field(repr=False)
    session_id: str
    log: Path
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What came of a run: an answer, or why there is none; `exit_code` is below 0 for a signal.

    `recovered`: the answer is that of its record, because it was not told. `interrupted`: why it was told to end.
    """

    answer: str = ""
    error: str = ""
    exit_code: int | None = None
    interrupted: str = ""
    recovered: bool = False
    cost_usd: float | None = None
    log_problem: str = ""


def kept_from_agents(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without what is none of an agent's business."""
    return {name: value for name, value in environ.items() if name not in _KEPT_FROM_IT}
