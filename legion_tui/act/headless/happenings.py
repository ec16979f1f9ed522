"""What happens to a run, beside what its agent tells."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from legion_tui.agents.headless import Heard
from legion_tui.processes import ProcessFacts
from legion_tui.state.questions import Question


@dataclass(frozen=True, slots=True)
class Started:
    """Its process is there."""

    process: ProcessFacts | None


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing came of it for so long, and it asks nothing."""

    quiet_seconds: float


@dataclass(frozen=True, slots=True)
class Active:
    """Something came again of one that was idle."""


@dataclass(frozen=True, slots=True)
class Asking:
    """It waits for a person. `problem`: why nobody can be asked; then it is told so."""

    question: Question
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """It no longer waits. `withdrawn`: not by an answer."""

    question: Question
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Signalled:
    """It was told to end; `name` is SIGINT, SIGTERM or SIGKILL. `why` says what for."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class LogEnded:
    """What it prints from here on is kept nowhere."""

    problem: str


@dataclass(frozen=True, slots=True)
class Beat:
    """The heartbeat: so long nothing came of it; `waits` for so many answers."""

    quiet_seconds: float
    waits: int


Happening = Heard | Started | Idle | Active | Asking | Answered | Signalled | LogEnded | Beat
# Is told of each, one after the other, in order. What it raises ends the run.
Tell = Callable[[Happening], Awaitable[None]]
