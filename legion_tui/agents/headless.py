"""An agent without a screen: what it tells while it runs, and how it is started, told and answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from legion_tui.state.questions import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadlessLaunch:
    """A run to start: a new session of this id, or the same one again. The prompt is told to it, never an argument."""

    command: tuple[str, ...]
    session_id: str
    resume: bool
    model: str | None = None
    permission_mode: str | None = None
    settings: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """A turn has begun."""

    session_id: str
    model: str = ""
    cwd: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """Words of the agent's own, cleaned."""

    text: str


@dataclass(frozen=True, slots=True)
class Called:
    """A tool call, in one cleaned line."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """It waits for a person: about this call, with this input; `suggestions` are rules that it offers to keep."""

    request_id: str
    tool_name: str
    tool_use_id: str = ""
    tool_input: Mapping[str, Any] = field(default_factory=dict, repr=False)
    suggestions: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """It no longer waits for that answer."""

    request_id: str


@dataclass(frozen=True, slots=True)
class Unsupported:
    """It asks for something that nobody here gives; it is to be told so, or it waits for ever."""

    request_id: str
    subtype: str


@dataclass(frozen=True, slots=True)
class Background:
    """What goes on beside the conversation: agents, whose end begins another turn, and everything else."""

    agents: int
    others: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnEnded:
    """A turn is over. `answer` is its last message; `error` says why it is none, empty where it is one.

    `cost_usd` is what the whole session has cost so far; None where that is not told.
    """

    answer: str = ""
    error: str = ""
    interrupted: bool = False
    cost_usd: float | None = None
    turns: int = 0


Heard = Began | Said | Called | Asked | Withdrawn | Unsupported | Background | TurnEnded


class Pending(Protocol):
    """A question that was left where people look for it. `take` and `remove` block for a moment."""

    def fileno(self) -> int:
        """Return what becomes readable when somebody has answered; it may do so in vain."""
        ...

    def take(self) -> Mapping[str, Any] | None:
        """Return the answer in the agent's own form; None while there is none."""
        ...

    def remove(self) -> None:
        """Leave nothing behind; once more does no harm."""
        ...


class Headless(Protocol):
    """How one kind of agent runs without a screen. All but the methods that say so are pure."""

    def argv(self, launch: HeadlessLaunch) -> tuple[str, ...]:
        """Return the exact command line, without a shell."""
        ...

    def environment(self) -> Mapping[str, str]:
        """Return what the agent needs in its environment to use the files that are read here."""
        ...

    def settings(self, *, reads: Path, refused: tuple[str, ...], changes: bool, tracker: bool = False) -> bytes:
        """Return what a settings file holds: a fence around what it may run; it may read below `reads` unasked.

        `refused` are the commands of this program that it may not run. Without `changes` it may not edit files; with
        `tracker` it may tell its project's tracker how its issue stands.
        """
        ...

    def told(self, prompt: str) -> bytes:
        """Return the line by which it is told a prompt."""
        ...

    def heard(self, line: bytes) -> tuple[Heard, ...]:
        """Return what a line of its output tells, nothing where that is nothing of interest. Never raises."""
        ...

    def question(self, asked: Asked, session_id: str, at: datetime) -> Question:
        """Return what it asks, as it is shown to a person."""
        ...

    def leave(self, asked: Asked, session_id: str) -> Pending:
        """Leave the question where the board and `answer` look for it. Blocks; OSError."""
        ...

    def answered(self, asked: Asked, decision: Mapping[str, Any]) -> bytes:
        """Return the line by which an answer that was taken is given to it."""
        ...

    def unsupported(self, asked: Unsupported) -> bytes:
        """Return the line by which it is told that nobody here gives that."""
        ...

    def finished_answer(self, session_id: str, since: datetime) -> str | None:
        """Return the answer that its own record shows as finished after `since`, or None. Blocks; OSError."""
        ...
