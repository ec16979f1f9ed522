"""`python -m tests.benchmarks`: measure what must stay fast, print it; `--write` keeps it in RESULTS.md.

QUICK=1 in the environment measures the smallest swarm only. Milliseconds are this machine's; ratios travel.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import anyio

from tests.benchmarks.dashboard import at_rest, cycle_with_paint, growth, starts
from tests.benchmarks.latency import latencies
from tests.benchmarks.measures import live_cycles, pull_requests
from tests.benchmarks.painting import painting
from tests.benchmarks.rows import Row, table
from tests.benchmarks.sources import slow_source

RESULTS = Path(__file__).with_name("RESULTS.md")


@dataclass(frozen=True)
class Plan:
    """How much is measured. `workers`: so many, and the rounds; what they stand against takes seconds for many."""

    workers: Mapping[int, int]
    stall_cycles: int
    rows: int
    keys: int
    painted: Mapping[int, int]
    starts: int
    rest_seconds: float
    growth_cycles: int
    # How many are asked and answered each way; one takes some three seconds.
    questions: int


FULL = Plan(
    workers={50: 15, 200: 9, 500: 5, 1000: 3},
    stall_cycles=200,
    rows=1000,
    keys=41,
    painted={50: 9, 500: 5},
    starts=9,
    rest_seconds=30.0,
    growth_cycles=10_000,
    questions=15,
)
QUICK = Plan(
    workers={50: 7},
    stall_cycles=30,
    rows=1000,
    keys=11,
    painted={50: 5},
    starts=3,
    rest_seconds=5.0,
    growth_cycles=300,
    questions=2,
)


def main() -> None:
    """Measure, print, and write where that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name} beside this file")
    options = parser.parse_args()
    plan = QUICK if os.environ.get("QUICK") else FULL
    text = f"{conditions(plan)}\n\n{table(anyio.run(measure, plan))}\n"
    print(text, end="")
    if options.write:
        RESULTS.write_text(f"# What was measured\n\nMade by `make bench ARGS=--write`.\n\n{text}")


async def measure(plan: Plan) -> list[Row]:
    """Return all rows."""
    rows: list[Row] = []
    for size, rounds in plan.workers.items():
        say(f"{size} workers")
        rows += await live_cycles(size, rounds, plan.stall_cycles)
    rows += more_workers(rows)
    for size, rounds in plan.painted.items():
        say(f"{size} workers, painted")
        rows.append(await cycle_with_paint(size, rounds))
    say("keys and changes")
    rows += await painting(plan.rows, plan.keys)
    say("starts")
    rows.append(await anyio.to_thread.run_sync(starts, plan.starts))
    say("at rest")
    rows.append(await anyio.to_thread.run_sync(at_rest, 50, plan.rest_seconds))
    say(f"{plan.growth_cycles} cycles")
    rows += await growth(50, plan.growth_cycles)
    say("services")
    rounds = max(plan.workers.values())
    rows.append(await pull_requests(rounds))
    rows += await slow_source(rounds)
    say(f"{plan.questions} questions each way")
    return rows + await latencies(plan.questions)


def say(what: str) -> None:
    """Tell what is measured now."""
    print(f"{what} …", file=sys.stderr)


def more_workers(rows: Sequence[Row]) -> list[Row]:
    """What ten times as many workers cost, of the cycles that were measured."""
    first = {row.size: row.ours for row in reversed(rows) if row.what == "live cycle, nothing changed"}
    return [
        Row("live cycle of ten times as many", size, ours, against=f"that of {size // 10}", theirs=fewer, times=10.0)
        for size, ours in first.items()
        if (fewer := first.get(size // 10)) is not None
    ]


def conditions(plan: Plan) -> str:
    """What the figures hold for."""
    tmux = subprocess.run(["tmux", "-V"], capture_output=True, text=True, timeout=10, check=True).stdout.strip()
    libraries = ", ".join(f"{name} {version(name)}" for name in ("anyio", "httpx", "msgspec", "psutil", "textual"))
    rounds = ", ".join(f"{count} with {size} workers" for size, count in plan.workers.items())
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, {tmux}, {libraries}.\n"
        f"Medians, warm, each figure in turn with what it stands against; rounds: {rounds}. "
        "A worker is a pane of 200x50 that runs `cat`, a status file, and a transcript of 64 KB.\n"
        f"Dialogs and answers: one stand-in agent in a pane of 80x24, {plan.questions} questions by each channel, each "
        "at another moment of the live cycle and answered once its dialog has settled. Painting: 200x50, into a driver "
        "that drops the bytes; starts and rest: 120x40, a terminal of its own."
    )


if __name__ == "__main__":
    main()
