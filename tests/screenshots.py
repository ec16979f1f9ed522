"""Makes screenshots/ anew from the fixtures of the snapshot tests: `python -m tests.screenshots [folder]`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import anyio

from legion_tui.ui.ports import LiveScreen, LogLine
from tests.support.apps import on_stage
from tests.support.inboxes import alike_snapshot
from tests.support.snapshots import first_run_snapshot, sample_snapshot

FOLDER = Path(__file__).resolve().parents[1] / "screenshots"

# What a worker's pane shows while it works.
WORKER_SCREEN = LiveScreen(
    lines=(
        "\x1b[2m>\x1b[0m Read and do .legion/briefs/ENG-29.md",
        "",
        "\x1b[1m●\x1b[0m The export job streams every booking of a day into one file.",
        "  I will write it in chunks, so that memory stays flat.",
        "",
        "\x1b[32m●\x1b[0m \x1b[1mUpdate\x1b[0m(ledger/export.py)",
        "  └ Updated with 14 additions and 3 removals",
        "    \x1b[2m41\x1b[0m  def export(day: date, target: Path) -> int:",
        "    \x1b[48;5;52m42 -    rows = list(bookings(day))\x1b[0m",
        "    \x1b[48;5;22m42 +    written = 0\x1b[0m",
        "    \x1b[48;5;22m43 +    for chunk in batched(bookings(day), 5_000):\x1b[0m",
        "    \x1b[48;5;22m44 +        written += write(target, chunk)\x1b[0m",
        "",
        "\x1b[32m●\x1b[0m \x1b[1mBash\x1b[0m(pytest tests/ledger -q)",
        "  └ 38 passed in 2.41s",
        "",
        "\x1b[33m✻ Measuring…\x1b[0m \x1b[2m(6m 12s · ↓ 4.3k tokens · esc to interrupt)\x1b[0m",
    ),
    width=66,
)
LOG = (LogLine(at="2026-03-14T15:03:14Z", text="dispatched: implement, window eng-29-implement"),)

# Name: snapshot, size, what is pressed before the picture is taken.
PICTURES = {
    "board-120x40": (sample_snapshot, (120, 40), []),
    "board-80x24": (sample_snapshot, (80, 24), []),
    "answer-120x40": (sample_snapshot, (120, 40), ["j", "1"]),
    "inbox-120x40": (alike_snapshot, (120, 40), ["i", "j"]),
    "detail-170x40": (sample_snapshot, (170, 40), [*"jjjjjjj", "space"]),
    "dispatch-120x40": (sample_snapshot, (120, 40), [*"jjjjj", "d"]),
    "first-run-100x24": (first_run_snapshot, (100, 24), []),
    "help-120x50": (sample_snapshot, (120, 50), ["question_mark"]),
}


async def make(folder: Path) -> None:
    """Write every picture into `folder`."""
    for name, (snapshot, size, keys) in PICTURES.items():
        async with on_stage(snapshot(), size=size) as stage:
            stage.collector.screens = {issue.id: WORKER_SCREEN for issue in stage.app.snapshot.issues}
            stage.collector.logs = {"ENG-29": LOG}
            await stage.press(*keys)
            # The worker's screen is read at its own pace.
            await stage.pilot.pause(0.5)
            svg = stage.app.export_screenshot(title="legion-tui")
        await anyio.Path(folder / f"{name}.svg").write_text(svg, "utf-8")


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    chosen.mkdir(parents=True, exist_ok=True)
    asyncio.run(make(chosen))
