"""`python -m tests.benchmarks`: measure what must stay fast, print it; `--write` keeps it in RESULTS.md.

QUICK=1 in the environment measures the smallest swarm only. Milliseconds are this machine's; ratios travel.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import anyio

from tests.benchmarks.latency import latencies
from tests.benchmarks.measures import Row, live_cycles, pull_requests
from tests.benchmarks.sources import slow_source

RESULTS = Path(__file__).with_name("RESULTS.md")
# How many workers, and how many rounds: what they stand against takes seconds for many.
FULL = {50: 15, 200: 9, 500: 5}
QUICK = {50: 9}
# How many questions are asked and answered each way; one takes some three seconds.
QUESTIONS = 15
QUICK_QUESTIONS = 5


def main() -> None:
    """Measure, print, and write where that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name} beside this file")
    options = parser.parse_args()
    quick = bool(os.environ.get("QUICK"))
    sizes, questions = (QUICK, QUICK_QUESTIONS) if quick else (FULL, QUESTIONS)
    text = f"{conditions(sizes, questions)}\n\n{table(anyio.run(measure, sizes, questions))}\n"
    print(text, end="")
    if options.write:
        RESULTS.write_text(f"# What was measured\n\nMade by `make bench ARGS=--write`.\n\n{text}")


async def measure(sizes: dict[int, int], questions: int) -> list[Row]:
    """Return all rows."""
    rows: list[Row] = []
    for size, rounds in sizes.items():
        print(f"{size} workers …", file=sys.stderr)
        rows += await live_cycles(size, rounds)
    rows.append(await pull_requests(max(sizes.values())))
    rows += await slow_source(max(sizes.values()))
    print(f"{questions} questions each way …", file=sys.stderr)
    return rows + await latencies(questions)


def conditions(sizes: dict[int, int], questions: int) -> str:
    """What the figures hold for."""
    tmux = subprocess.run(["tmux", "-V"], capture_output=True, text=True, timeout=10, check=True).stdout.strip()
    libraries = ", ".join(f"{name} {version(name)}" for name in ("anyio", "httpx", "msgspec", "psutil"))
    rounds = ", ".join(f"{count} with {size} workers" for size, count in sizes.items())
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, {tmux}, {libraries}.\n"
        f"Medians, warm, each figure in turn with what it stands against; rounds: {rounds}. "
        "A worker is a pane of 200x50 that runs `cat`, a status file, and a transcript of 64 KB.\n"
        f"Dialogs and answers: one stand-in agent in a pane of 80x24, {questions} questions by each channel, each at "
        "another moment of the live cycle and answered once its dialog has settled."
    )


def table(rows: Sequence[Row]) -> str:
    """The figures as a Markdown table that is readable as it is."""
    head = ("what", "N", "ours", "against", "theirs", "ratio", "must")
    lines = [
        (
            row.what,
            str(row.size),
            f"{row.ours:.2f} {row.unit}".strip(),
            row.against,
            "" if row.theirs is None else f"{row.theirs:.2f} {row.unit}",
            row.ratio,
            row.must,
        )
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]
    ruler = tuple("-" * width for width in widths)
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in (head, ruler, *lines)
    )


if __name__ == "__main__":
    main()
