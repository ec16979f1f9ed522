"""What a person waits for on the screen, against a table of Textual's own: keys, changes, the first picture.

Both run with everything that an app does, into a driver that takes the bytes for the terminal and drops them.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import anyio
import anyio.lowlevel
from textual import events
from textual.app import App, ComposeResult
from textual.drivers.headless_driver import HeadlessDriver
from textual.widgets import DataTable, Footer, Header

from legion_tui.present.ages import age
from legion_tui.state import IssueState, Snapshot
from legion_tui.ui.app import LegionApp
from tests.benchmarks.rows import Row
from tests.support.ports import FakeCollector, FakeCommands
from tests.support.snapshots import large_snapshot
from tests.support.waiting import until

SIZE = (200, 50)
_COLUMNS = ("issue", "title", "status", "pull request", "checks", "worker", "since", "next")
# Longer than anything that follows a key by itself.
_QUIET_SECONDS = 0.08
_LONGEST_SECONDS = 20.0


class Recorder(HeadlessDriver):
    """Takes what a terminal would be sent, and keeps when."""

    written: float = 0.0
    count: int = 0

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        if len(data) > 1:
            self.written = time.perf_counter()
            self.count += 1


class Table(App[None]):
    """A bare app with a DataTable of as many rows and columns as the board has."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.rows = snapshot.issues

    def compose(self) -> ComposeResult:
        yield Header()
        yield DataTable(cursor_type="row")
        yield Footer()

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        for column in _COLUMNS:
            table.add_column(column, key=column)
        for issue in self.rows:
            table.add_row(*_cells(issue), key=issue.id)
        table.focus()

    def change(self, issues: tuple[IssueState, ...]) -> None:
        table = self.query_one(DataTable)
        for issue in issues:
            for column, cell in zip(_COLUMNS, _cells(issue), strict=True):
                table.update_cell(issue.id, column, cell)


def _cells(issue: IssueState) -> tuple[str, ...]:
    pull, worker = issue.pull_request, issue.worker
    return (
        issue.id,
        issue.issue.title,
        issue.status,
        f"#{pull.ref.number} {pull.state}" if pull is not None else "-",
        f"{pull.checks.passed}/{pull.checks.total}" if pull is not None else "",
        f"{worker.mode} {worker.state}" if worker is not None else "-",
        age(issue.since, datetime.now(UTC)),
        issue.decision.action.value,
    )


async def painting(size: int, rounds: int) -> list[Row]:
    """A key, and one row in a hundred changed."""
    snapshot = large_snapshot(size, datetime.now(UTC))
    board, table = Board(snapshot), Table(snapshot)
    ours_key: list[float] = []
    theirs_key: list[float] = []
    ours_changed: list[float] = []
    theirs_changed: list[float] = []
    async with running(board.app) as ours, running(table) as theirs:
        for number in range(rounds):
            # Down, so that both move a selection within the view and scroll now and then.
            ours_key.append(await key(board.app, ours, "down"))
            theirs_key.append(await key(table, theirs, "down"))
            now = changed(board.snapshot, max(1, size // 100), number)
            ours_changed.append(await until_written(ours, partial(board.show, now)))
            theirs_changed.append(await until_written(theirs, partial(follow, table, now)))
    return [
        Row(
            "key to paint",
            size,
            statistics.median(ours_key),
            against="the same key in a bare DataTable",
            theirs=statistics.median(theirs_key),
            times=0.8 if size == 1000 else None,
        ),
        Row(
            "repaint after 1 % of the rows changed",
            size,
            statistics.median(ours_changed),
            against="the same in a bare DataTable",
            theirs=statistics.median(theirs_changed),
            times=0.2 if size == 1000 else None,
        ),
    ]


class Board:
    """The product's own board, shown what a test gives it."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.collector = FakeCollector(snapshot)
        self.app = LegionApp(self.collector, FakeCommands())

    def show(self, snapshot: Snapshot) -> None:
        """Have the app see it next."""
        self.snapshot = snapshot
        self.collector.push(snapshot)


def changed(snapshot: Snapshot, count: int, number: int) -> Snapshot:
    """`count` rows with other checks, at another place of the list each time; the first is always in view."""
    issues = list(snapshot.issues)
    for index in range(count):
        at = (index * 97 + (number * 31 if index else 0)) % len(issues)
        issue = issues[at]
        pull = issue.pull_request
        if pull is not None:
            checks = replace(pull.checks, passed=pull.checks.passed + 1)
            issues[at] = replace(issue, pull_request=replace(pull, checks=checks))
    return replace(snapshot, issues=tuple(issues), sequence=snapshot.sequence + 1)


def follow(table: Table, snapshot: Snapshot) -> None:
    """Show what a table does not show yet; whoever feeds a DataTable has to find out what that is, too."""
    found = tuple(now for before, now in zip(table.rows, snapshot.issues, strict=True) if before is not now)
    table.rows = snapshot.issues
    table.change(found)


@asynccontextmanager
async def running(app: App[Any]) -> AsyncIterator[Recorder]:
    """Run an app until the block ends; begins when it has painted."""
    app.driver_class = Recorder
    async with anyio.create_task_group() as group:
        group.start_soon(partial(app.run_async, size=SIZE, mouse=False))
        driver = await until(lambda: app._driver if isinstance(app._driver, Recorder) and app._driver.count else None)
        assert driver is not None
        await quiet(driver)
        yield driver
        app.exit()


async def quiet(driver: Recorder) -> None:
    """Wait until nothing has been written for a while."""
    gc.collect()
    await until(lambda: time.perf_counter() - driver.written >= _QUIET_SECONDS)


async def key(app: App[Any], driver: Recorder, name: str) -> float:
    """Press a key; return the milliseconds until the first byte that follows it."""
    return await until_written(driver, lambda: driver.process_message(events.Key(name, None)))


async def until_written(driver: Recorder, act: Callable[[], object]) -> float:
    """Do something; return the milliseconds until the first byte that follows it."""
    await quiet(driver)
    before = driver.count
    began = time.perf_counter()
    first = [0.0]
    write = driver.write

    def note(data: str) -> None:
        write(data)
        if not first[0] and driver.count > before:
            first[0] = driver.written

    driver.write = note  # type: ignore[method-assign]
    try:
        act()
        with anyio.fail_after(_LONGEST_SECONDS):
            while not first[0]:
                await anyio.lowlevel.checkpoint()
    finally:
        driver.write = write  # type: ignore[method-assign]
    return (first[0] - began) * 1000
