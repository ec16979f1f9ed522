"""The table: each cell has its outcome, whatever happened in it."""

from __future__ import annotations

import pytest

from tests.contract.report import PLACE, Report


def phase(name: str, when: str, outcome: str, *, seconds: float = 1.0, words: str = "") -> pytest.TestReport:
    scenario, _, agent = name.partition("/")
    return pytest.TestReport(
        nodeid=name,
        location=("", 0, ""),
        keywords={},
        outcome=outcome,  # type: ignore[arg-type]
        longrepr=("file", 1, f"Skipped: {words}") if outcome == "skipped" else None,
        when=when,  # type: ignore[arg-type]
        duration=seconds,
        user_properties=[(PLACE, (scenario, agent, "keys 80x24 fullscreen"))],
    )


def test_outcomes_seconds_and_reasons() -> None:
    report = Report(write=False)
    for name, outcome in (("good/claude", "passed"), ("bad/claude", "failed")):
        report.pytest_runtest_logreport(phase(name, "setup", "passed"))
        report.pytest_runtest_logreport(phase(name, "call", outcome, seconds=1.5))
        report.pytest_runtest_logreport(phase(name, "teardown", "passed"))
    report.pytest_runtest_logreport(phase("gone/claude", "setup", "skipped", words="the real agent is not tested"))
    report.pytest_runtest_logreport(phase("none/claude", "call", "skipped", words="n/a: no such channel"))
    report.pytest_runtest_logreport(phase("torn/claude", "setup", "passed"))
    report.pytest_runtest_logreport(phase("torn/claude", "call", "passed"))
    report.pytest_runtest_logreport(phase("torn/claude", "teardown", "failed"))
    report.pytest_runtest_logreport(phase("late/claude", "setup", "passed"))
    report.pytest_runtest_logreport(phase("late/claude", "call", "rerun", seconds=45))
    for when in ("setup", "call", "teardown"):
        report.pytest_runtest_logreport(phase("late/claude", when, "passed"))
    # Another test of the same name, that has a channel of its own.
    report.pytest_runtest_logreport(phase("good/claude", "setup", "skipped", words="n/a: no such channel"))
    cells = {line.split("|")[1].strip(): line.split("|")[3].strip() for line in report.table()[2:]}
    assert cells == {
        "good": "ok 3.5",
        "bad": "FAILED 3.5",
        "gone": "skipped",
        "none": "n/a: no such channel",
        "torn": "FAILED 3.0",
        "late": "ok 3.0 again",
    }
