"""Screens and records of the agent that were recorded by hand; `corpus` has all of them."""

from __future__ import annotations

from legion_tui.agents.claude_code.fold import read_lines
from legion_tui.agents.claude_code.screen import Screen, read_screen
from legion_tui.agents.claude_code.transcript import Transcript
from tests.support.corpus import RECORDED, read_lines_of

# Recorded by hand, at moments that no scenario of the contract tests shows: `make record` leaves them alone.
DATA = RECORDED / "2.1.328"
FULL, CLASSIC, SMALL, WIDE = "80x24-fullscreen", "80x24-classic", "60x20-fullscreen", "200x50-fullscreen"


def screens() -> list[str]:
    """The names of all these screens: scenario, size and renderer, moment."""
    found = (path for path in DATA.glob("hand.*/*.ansi"))
    return sorted(f"{path.parent.name.removeprefix('hand.').replace('-', '.', 1)}.{path.stem}" for path in found)


def lines(name: str) -> tuple[str, ...]:
    """A coloured screen, a line a row."""
    scenario, size, moment = name.split(".", 2)
    return read_lines_of(DATA / f"hand.{scenario}-{size}" / f"{moment}.ansi")


def screen(scenario: str, moment: str, size: str = FULL) -> Screen:
    """A recorded screen, read."""
    return read_screen(lines(f"{scenario}.{size}.{moment}"))


def transcript_names() -> list[str]:
    """The names of all these transcripts."""
    return sorted(path.parent.name.removeprefix("hand.") for path in DATA.glob("hand.*/session.jsonl"))


def records(name: str) -> list[bytes]:
    """The lines of a recorded transcript."""
    return (DATA / f"hand.{name}" / "session.jsonl").read_bytes().splitlines(keepends=True)


def transcript(name: str, *, until: str = "") -> Transcript:
    """A recorded transcript, read; `until`: without the first line that holds this text and all after it."""
    kept: list[bytes] = []
    for line in records(name):
        if until and until.encode() in line:
            break
        kept.append(line)
    return read_lines(kept)
