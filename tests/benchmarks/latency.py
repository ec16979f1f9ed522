"""How long a person waits: for a question to be on its row, and for an answer to be confirmed."""

from __future__ import annotations

import secrets
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import anyio

from legion_tui.act.answer import SETTLE_SECONDS
from legion_tui.fetch import Paces
from legion_tui.present.plain import board_lines
from legion_tui.processes import run_command
from legion_tui.state import Answer, AnswerOutcome, Channel, Snapshot, Source, Worker
from legion_tui.tmux import OneShotTmux, Socket
from tests.benchmarks.rows import Row
from tests.contract.cells import Cell, Driven, Renderer
from tests.contract.script import Ask, Asked, Gate
from tests.contract.scripts import DATABASE, GOES_ON
from tests.contract.stage import ISSUE, Stage, Tools, now, open_stage
from tests.support.tmux_server import bare_environment, command_of

# The pace that the stage's collector reads at, which is the dashboard's unless configured.
_LIVE_SECONDS = Paces().live_seconds
_ROW_AIM_MS = _LIVE_SECONDS * 1000 + 100
_CONFIRM_AIM_MS = 500.0
_LOOK_EVERY_SECONDS = 0.005
_WITHIN_SECONDS = 30.0
_BOARD_WIDTH = 160
# A link on macOS; the agent knows its folder by the path without links.
_TEMPORARY = Path("/tmp").resolve()
# The dialog's last line: what is above it is on the screen as well.
_FOOT = "Chat about this"

T = TypeVar("T")


@dataclass(frozen=True)
class Waits:
    """Milliseconds, question after question."""

    to_row: list[float] = field(default_factory=list)
    to_confirmed: list[float] = field(default_factory=list)


async def latencies(questions: int) -> list[Row]:
    """Both waits, by hook and by keys, against what is aimed at."""
    hook = await _waits(Channel.HOOK, questions)
    keys = await _waits(Channel.KEYS, questions)
    by_hook, by_keys = statistics.median(hook.to_confirmed), statistics.median(keys.to_confirmed)
    return [
        *_to_row("with hook", hook),
        *_to_row("without", keys),
        Row(
            "answer submitted to confirmed, by hook",
            1,
            by_hook,
            against=f"the {_CONFIRM_AIM_MS:.0f} ms that are aimed at",
            theirs=_CONFIRM_AIM_MS,
            faster=1.0,
        ),
        Row("answer submitted to confirmed, by keys", 1, by_keys, against="the same by hook", theirs=by_hook),
    ]


def _to_row(how: str, waits: Waits) -> list[Row]:
    # What holds for a median may not hold for the question that came up just after a reading.
    figures = {"": statistics.median(waits.to_row), ", longest": max(waits.to_row)}
    return [
        Row(
            f"dialog on screen to question on row, {how}{which}",
            1,
            figure,
            against="one live cycle + 100 ms",
            theirs=_ROW_AIM_MS,
            faster=1.0,
        )
        for which, figure in figures.items()
    ]


async def _waits(channel: Channel, questions: int) -> Waits:
    """Ask and answer so many questions through the product, which reads at its own pace meanwhile."""
    # The first is not counted: the agent has just been started.
    asked = [replace(DATABASE, question=f"Which one should service {number} use?") for number in range(questions + 1)]
    waits = Waits()
    async with _stage(channel) as stage:
        await stage.start(*((Gate(one.question), Ask((one,))) for one in asked), GOES_ON)
        async with anyio.create_task_group() as group:
            group.start_soon(stage.collector.run)
            for number, one in enumerate(asked):
                # Spread over the cycle: a question does not wait for a reading to come up.
                await _next_reading(stage)
                await anyio.sleep(_LIVE_SECONDS * number / questions)
                waits.to_row.append(await _row(stage, one))
                # What a person reads first; a dialog that has just come up is given no keys.
                await anyio.sleep(SETTLE_SECONDS)
                waits.to_confirmed.append(await _confirmed(stage, one))
            group.cancel_scope.cancel()
    return Waits(waits.to_row[1:], waits.to_confirmed[1:])


async def _row(stage: Stage, asked: Asked) -> float:
    """Have the agent ask, and return for how long its screen showed that before the row did."""
    at: dict[str, float] = {}

    async def watch_row() -> None:
        await _until(stage, lambda snapshot: _is_on_row(snapshot, asked), f"{asked.question!r} on its row")
        at["row"] = time.perf_counter()

    async with anyio.create_task_group() as group:
        group.start_soon(watch_row)
        stage.release(asked.question)
        at["screen"] = await _on_screen(stage, asked)
    return (at["row"] - at["screen"]) * 1000


async def _confirmed(stage: Stage, asked: Asked) -> float:
    """Answer, and return how long it took until the agent's record had it."""

    def asking(snapshot: Snapshot) -> Worker | None:
        worker = snapshot.worker_of(ISSUE)
        question = worker.question if worker is not None else None
        there = question is not None and question.text == asked.question and question.channel is stage.cell.channel
        return worker if there else None

    worker = await _until(stage, asking, f"{asked.question!r} answerable by {stage.cell.channel}")
    began = time.perf_counter()
    receipt = await stage.answer(Answer(keys=("2",)), seen=worker)
    taken = (time.perf_counter() - began) * 1000
    if receipt.outcome is not AnswerOutcome.CONFIRMED:
        raise AssertionError(f"{receipt.outcome}: {receipt.reason}\n{await stage.evidence()}")
    return taken


async def _on_screen(stage: Stage, asked: Asked) -> float:
    """Return when the first look began that showed the dialog."""
    with anyio.move_on_after(_WITHIN_SECONDS):
        while True:
            began = time.perf_counter()
            shown = "\n".join(await stage.screen())
            if asked.question in shown and _FOOT in shown:
                return began
            await anyio.sleep(_LOOK_EVERY_SECONDS)
    raise AssertionError(f"{asked.question!r} is not on the screen\n{await stage.evidence()}")


def _is_on_row(snapshot: Snapshot, asked: Asked) -> bool:
    return any(asked.question in line for line in board_lines(snapshot, _BOARD_WIDTH, now()))


async def _next_reading(stage: Stage) -> None:
    """Wait until agents are read once more; the tracker, at its own pace, makes snapshots as well."""
    before = _read_at(stage.collector.latest)
    await _until(stage, lambda snapshot: _read_at(snapshot) not in (None, before), "read again")


def _read_at(snapshot: Snapshot) -> datetime | None:
    health = snapshot.sources.get(Source.AGENTS)
    return health.read_at if health is not None else None


async def _until(stage: Stage, found: Callable[[Snapshot], T | None], what: str) -> T:
    """Return what is `found` in the first snapshot that has it, of those that the dashboard is given."""
    with anyio.move_on_after(_WITHIN_SECONDS):
        async for snapshot in stage.collector.snapshots():
            if there := found(snapshot):
                return there
    raise AssertionError(f"not {what} within {_WITHIN_SECONDS:g} s\n{await stage.evidence()}")


@asynccontextmanager
async def _stage(channel: Channel) -> AsyncIterator[Stage]:
    """The contract tests' own stage, with the stand-in, on a tmux server of its own."""
    cell = Cell(agent=Driven.STANDIN, width=80, height=24, renderer=Renderer.FULLSCREEN, channel=channel)
    with (
        bare_environment() as env,
        tempfile.TemporaryDirectory(prefix="lt-bench-", dir=_TEMPORARY, ignore_cleanup_errors=True) as home,
    ):
        socket = Socket(f"bench-{secrets.token_hex(4)}")
        tmux = OneShotTmux(run_command, socket, env=env, config_file=Path("/dev/null"))
        tools = Tools(tmux=tmux, tmux_command=command_of(tmux, env), tmux_env=env, home=Path(home), program=None)
        async with open_stage(cell, tools) as stage:
            yield stage
