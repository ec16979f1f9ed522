"""The pieces of the conversation as the screen shows them: each a function from the width to rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from legion_tui.demo.standin.args import VERSION
from legion_tui.demo.standin.cells import ACCENT, BOLD, BRIGHT, DIM, SPOKEN, Row, cell_width, plain, wrap
from legion_tui.demo.standin.markdown import markdown_rows
from legion_tui.demo.standin.results import Given

Block = Callable[[int], list[Row]]

_LOGO = (" ▐▛███▛█   ", "▝▜██████▀  ", " ▝▝   ▝▝   ")
_RESULT = "  ⎿ \u00a0"


def header(cwd: str, *, full: bool) -> Block:
    """Return the logo with version, model and folder, a blank row below it; above it too on the alternate screen."""
    home = str(Path.home())
    folder = f"~{cwd[len(home) :]}" if cwd == home or cwd.startswith(home + "/") else cwd

    def rows(width: int) -> list[Row]:
        beside: list[Row] = [
            [("Claude Code", BOLD), (f" v{VERSION}", DIM)],
            [("Opus 5.5 · API Usage Billing", DIM)],
            [(folder, DIM)],
        ]
        return [
            *([[]] if full else []),
            *([(logo, ACCENT), *text] for logo, text in zip(_LOGO, beside, strict=True)),
            [],
        ]

    return rows


def prompt(text: str) -> Block:
    """Return what the person said."""

    def rows(width: int) -> list[Row]:
        lines = wrap(text, width - 2)
        shown = [f"{'❯' if i == 0 else ' '} {line}" for i, line in enumerate(lines)]
        return [[(line + " " * (width - cell_width(line)), SPOKEN)] for line in shown]

    return rows


def said(text: str) -> Block:
    """Return what the agent said."""

    def rows(width: int) -> list[Row]:
        return _bullet(markdown_rows(text, max(20, width - 8)), BRIGHT)

    return rows


def titled(title: str, lines: Iterable[str] = (), *, bullet: bool = True) -> Block:
    """Return a tool call: its title, and under it `lines`, each with the mark of a result."""
    under = list(lines)

    def rows(width: int) -> list[Row]:
        shown: list[Row] = [[("● " if bullet else "  ", DIM), (line, "")] for line in wrap(title, width - 2)[:3]]
        for text in under:
            shown += _result(text, width)
        return shown

    return rows


def running(title: str, command: str) -> Block:
    """Return a command that runs, or that waits for a permission."""

    def rows(width: int) -> list[Row]:
        lines = wrap(command, width - 7)[:4]
        return [
            [("● ", BRIGHT), (title, "")],
            *([("  ⎿  $ " if i == 0 else "     ", DIM), (line, DIM)] for i, line in enumerate(lines)),
        ]

    return rows


def answered(questions: Sequence[Mapping[str, Any]], given: Sequence[Given]) -> Block:
    """Return the questions of a dialog that was answered, with the answers."""
    lines = [f"· {q['question']} → {one.answer}" for q, one in zip(questions, given, strict=True) if one.answered]
    return titled("Answered Claude's questions:", ["\n".join(lines)])


def declined(questions: Sequence[Mapping[str, Any]]) -> Block:
    """Return the questions of a dialog that was declined, with what could have been chosen."""
    lines = [f"· {q['question']} ({' / '.join(o['label'] for o in q['options'])})" for q in questions]
    return titled("Declined to answer Claude's questions:", ["\n".join(lines)])


def result(text: str) -> Block:
    """Return a line that belongs to what is above it."""

    def rows(width: int) -> list[Row]:
        return _result(text, width)

    return rows


def approved_plan(plan: str, path: str) -> Block:
    """Return a plan that was approved."""

    def rows(width: int) -> list[Row]:
        shown: list[Row] = [[("● ", DIM), ("Approved Claude's plan", "")]]
        shown += _result(f"Plan saved to: {path} · /plan to edit", width)
        return shown + [[("     ", ""), *row] for row in markdown_rows(plan, width - 8)]

    return rows


def rejected_plan(plan: str) -> Block:
    """Return a plan that was sent back."""

    def rows(width: int) -> list[Row]:
        lines = [plain(row) for row in markdown_rows(plan, width - 12)]
        inner = max((cell_width(line) for line in lines), default=0)
        return [
            *_result("Rejected Claude's plan:", width),
            [("     ", ""), ("╭" + "─" * (inner + 2) + "╮", DIM)],
            *([("     ", ""), ("│ ", DIM), (line.ljust(inner), ""), (" │", DIM)] for line in lines),
            [("     ", ""), ("╰" + "─" * (inner + 2) + "╯", DIM)],
        ]

    return rows


def finished(verb: str, seconds: float) -> Block:
    """Return the line that ends a turn."""
    clock = time.strftime("%I:%M %p").removeprefix("0")
    text = f"✻ {verb} for {duration(seconds)} · done {clock}"
    return lambda width: [[(text, DIM)]]


def duration(seconds: float) -> str:
    """Return a span as the agent writes it."""
    whole = int(seconds)
    return f"{whole}s" if whole < 60 else f"{whole // 60}m {whole % 60}s"


def _bullet(rows: list[Row], style: str) -> list[Row]:
    return [[("● " if i == 0 else "  ", style), *row] if row else [] for i, row in enumerate(rows)]


def _result(text: str, width: int) -> list[Row]:
    lines = wrap(text, width - 5)
    return [[(_RESULT if i == 0 else "     ", DIM), (line, DIM)] for i, line in enumerate(lines)]
