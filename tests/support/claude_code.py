"""Screens and records of the agent, as they were recorded from it."""

from __future__ import annotations

from pathlib import Path

from legion_tui.agents.claude_code.fold import read_lines
from legion_tui.agents.claude_code.screen import Screen, read_screen
from legion_tui.agents.claude_code.transcript import Transcript

DATA = Path(__file__).parents[1] / "data" / "claude_code"
FULL, CLASSIC, SMALL, WIDE = "80x24-fullscreen", "80x24-classic", "60x20-fullscreen", "200x50-fullscreen"


def screens() -> list[str]:
    """The names of all recorded screens: scenario, size and renderer, moment."""
    return sorted(path.name.removesuffix(".ansi") for path in (DATA / "screens").iterdir())


def lines(name: str) -> tuple[str, ...]:
    """A coloured screen, a line a row."""
    return tuple((DATA / "screens" / f"{name}.ansi").read_text().removesuffix("\n").split("\n"))


def screen(scenario: str, moment: str, size: str = FULL) -> Screen:
    """A recorded screen, read."""
    return read_screen(lines(f"{scenario}.{size}.{moment}"))


def records(name: str) -> list[bytes]:
    """The lines of a recorded transcript."""
    return (DATA / "transcripts" / f"{name}.jsonl").read_bytes().splitlines(keepends=True)


def transcript(name: str, *, until: str = "") -> Transcript:
    """A recorded transcript, read; `until`: without the first line that holds this text and all after it."""
    kept: list[bytes] = []
    for line in records(name):
        if until and until.encode() in line:
            break
        kept.append(line)
    return read_lines(kept)
