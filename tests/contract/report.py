"""The table of what ran: scenario and agent against channel, size and renderer, with outcome and seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from legion_tui.agents.claude_code import TESTED_VERSION
from tests.contract.cells import Driven, cells

# The property of a test that says which cell it ran in: scenario, agent, column.
PLACE = "contract"
# How the reason of a skip begins that is no gap: the channel cannot have this cell.
NOT_APPLICABLE = "n/a: "
# How a cell ends that was begun anew, and what that means.
AGAIN = " again"
FILE = Path(__file__).parent / "REPORT.md"
# In the order of the matrix, whatever order the tests ran in.
_COLUMNS = list(dict.fromkeys(cell.column for cell in cells(whole=True)))
_TITLE = f"""\
# What the contract tests found

Claude Code {TESTED_VERSION} and its stand-in: each scenario in every cell, its outcome, its seconds from start to end.
Written by `make contract`. A cell that reads "again" was begun anew: with its dialog up, the client kept the call that
it was about off its record. The row then said that the worker waits, not for what, and nothing could be answered.
"""


class Report:
    """A plugin that keeps the outcome of every cell, prints the table and, with `write`, keeps it as a file."""

    def __init__(self, *, write: bool) -> None:
        self.client_missing = ""
        self._write = write
        self._cells: dict[tuple[str, str], dict[str, str]] = {}
        self._seconds: dict[str, float] = {}
        self._again: set[str] = set()
        self._columns: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take one phase of one test."""
        place = dict(report.user_properties).get(PLACE)
        if not isinstance(place, tuple | list):
            return
        scenario, agent, column = place
        self._seconds[report.nodeid] = self._seconds.get(report.nodeid, 0.0) + report.duration
        self._columns.add(column)
        row = self._cells.setdefault((scenario, agent), {})
        if str(report.outcome) == "rerun":  # not among the outcomes that pytest itself knows
            self._again.add(report.nodeid)
            del self._seconds[report.nodeid]
            return
        if report.failed:
            row[column] = "FAILED"
        elif report.skipped:
            # Of two tests of one scenario, the one that its channel can have tells.
            row.setdefault(column, _reason(report))
        elif report.when == "call":
            row[column] = "ok"
        if report.when == "teardown" and row.get(column) in ("ok", "FAILED"):
            again = AGAIN if report.nodeid in self._again else ""
            row[column] = f"{row[column]} {self._seconds[report.nodeid]:.1f}{again}"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table, and that nothing real was tested where that is so."""
        if self._cells:
            terminalreporter.section("contract tests")
            for line in self.table():
                terminalreporter.write_line(line)
        if self.client_missing:
            terminalreporter.write_line(f"THE REAL AGENT WAS NOT TESTED: {self.client_missing}", red=True, bold=True)
        if self._write and self._cells and not self.client_missing:
            FILE.write_text("\n".join([_TITLE, *self.table(), ""]), encoding="utf-8")

    def table(self) -> list[str]:
        """Return the table's lines, in Markdown."""
        columns = sorted(self._columns, key=_COLUMNS.index)
        heads = ["scenario", "agent", *columns]
        rows = [
            [scenario, agent, *(row.get(column, "") for column in columns)]
            for (scenario, agent), row in sorted(
                self._cells.items(), key=lambda item: (item[0][0], item[0][1] == Driven.REAL)
            )
        ]
        widths = [max(len(row[at]) for row in [heads, *rows]) for at in range(len(heads))]
        lines = [[text.ljust(width) for text, width in zip(row, widths, strict=True)] for row in [heads, *rows]]
        lines.insert(1, ["-" * width for width in widths])
        return [f"| {' | '.join(line)} |" for line in lines]


def _reason(report: pytest.TestReport) -> str:
    words = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    words = words.removeprefix("Skipped: ")
    return words if words.startswith(NOT_APPLICABLE) else "skipped"
