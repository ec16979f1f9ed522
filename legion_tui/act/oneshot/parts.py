"""What the tasks of a run have in common."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from legion_tui.act.headless import Guard, Happening, Paces
from legion_tui.act.ledger import Ledger
from legion_tui.act.oneshot.records import Records
from legion_tui.agents.headless import Headless
from legion_tui.state.life import Transition
from legion_tui.state.oneshot import OneshotTask
from legion_tui.state.verdict import Verdict

# Is told of a task as it stands now and what has happened to it, in order: a step of its life, or a sign of its run.
Told = Callable[[OneshotTask, Transition | Happening | Verdict], None]
# Asks a person about a task whose auditor did not say clearly what it is: its words are there to be read. None where
# nobody is there to be asked, or does not say either.
Judge = Callable[[OneshotTask, Verdict, str], Awaitable[Verdict | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OneshotSettings:
    """How tasks are run. `refused`: the commands of this program that their agents may not run."""

    command: tuple[str, ...]
    cwd: str
    model: str | None = None
    permission_mode: str | None = None
    audited: bool = False
    max_rounds: int = 5
    max_concurrent: int = 5
    interrupts_idle: bool = False
    paces: Paces = field(default_factory=Paces)
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OneshotParts:
    """What a task is run with."""

    agent: Headless
    guard: Guard
    ledger: Ledger
    records: Records
    settings: OneshotSettings
    environ: Mapping[str, str]
    clock: Callable[[], datetime]
    tell: Told
    judge: Judge
