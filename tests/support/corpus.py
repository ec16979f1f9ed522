"""The corpus of screens and records that the real agent has shown; its README says how it is laid out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from legion_tui.agents.claude_code.rows import Dialog
from legion_tui.agents.claude_code.screen import Screen

RECORDED = Path(__file__).parents[1] / "data" / "claude_code" / "recorded"
LOOKS = "looks.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One screen, what it means, and what the agent's own status file said then (empty where that is not certain)."""

    path: Path
    meaning: Mapping[str, Any]
    status: str = ""
    waiting_for: str = ""

    @property
    def name(self) -> str:
        """How it is called in a test's name."""
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def lines(self) -> tuple[str, ...]:
        """The screen, a line a row."""
        return read_lines_of(self.path)

    @property
    def kind(self) -> str:
        """Which kind of dialog it shows; empty for none."""
        return str((self.meaning["dialog"] or {}).get("kind", ""))


def read_lines_of(path: Path) -> tuple[str, ...]:
    """Return a stored screen, a line a row."""
    return tuple(path.read_text(encoding="utf-8").removesuffix("\n").split("\n"))


@cache
def shown() -> tuple[Shown, ...]:
    """Return every recorded screen."""
    found: list[Shown] = []
    for looks in sorted(RECORDED.glob(f"*/*/{LOOKS}")):
        for line in looks.read_text(encoding="utf-8").splitlines():
            look = json.loads(line)
            found.append(
                Shown(
                    path=looks.parent / look["screen"],
                    meaning=look["meaning"],
                    status=look.get("status", ""),
                    waiting_for=look.get("waiting_for", ""),
                )
            )
    return tuple(found)


@cache
def transcripts() -> tuple[Path, ...]:
    """Return every recorded transcript, those of sub-agents among them."""
    return tuple(path for path in sorted(RECORDED.glob("*/*/*.jsonl")) if path.name not in (LOOKS, "status.jsonl"))


@cache
def statuses() -> tuple[bytes, ...]:
    """Return every recorded version of a status file."""
    return tuple(line for path in sorted(RECORDED.glob("*/*/status.jsonl")) for line in path.read_bytes().splitlines())


def meaning_of(screen: Screen) -> Mapping[str, Any]:
    """Return what was read on a screen, as the corpus keeps it."""
    states = ("box", "transcript_view", "suspended", "left", "dead", "interruptible", "held_back", "interrupted")
    told = [name for name in states if getattr(screen, name)]
    numbers = {"attempt": screen.attempt, "background_agents": screen.background_agents or None}
    return {
        "dialog": None if screen.dialog is None else _dialog(screen.dialog),
        "told": told,
        **({"draft": screen.draft} if screen.draft else {}),
        **{name: number for name, number in numbers.items() if number is not None},
    }


def _dialog(dialog: Dialog) -> Mapping[str, Any]:
    rows: Sequence[Sequence[Any]] = [[row.number, row.text, row.checked] for row in dialog.rows]
    pointed = None if dialog.pointed is None else dialog.rows.index(dialog.pointed)
    return {
        "kind": str(dialog.kind),
        "ask": dialog.ask,
        "rows": rows,
        "pointed": pointed,
        "clipped": dialog.clipped,
        **({"tabs": [list(tab) for tab in dialog.tabs]} if dialog.tabs else {}),
    }
