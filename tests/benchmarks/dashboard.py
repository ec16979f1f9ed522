"""The whole dashboard: a reading with its paint, the start, and what it costs when nothing happens."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import psutil

from legion_tui.fetch import Collector
from legion_tui.state import Snapshot
from legion_tui.ui.app import LegionApp
from tests.benchmarks.measures import LiveCycle, collector_over, run_tmux
from tests.benchmarks.painting import Recorder, Table, quiet, running, until_written
from tests.benchmarks.rows import Row
from tests.benchmarks.swarm import PROJECT_ID, Swarm, swarm
from tests.support.ports import FakeCollector, FakeCommands
from tests.support.snapshots import large_snapshot
from tests.support.waiting import until

_WARM_SECONDS = 8.0
_START_WITHIN_SECONDS = 60.0
_KILO = 1024
# What a bare app shows that is painted last: a cell of its table.
_BARE = """
from textual.app import App
from textual.widgets import DataTable, Footer, Header

class Bare(App):
    def compose(self):
        yield Header()
        yield DataTable(cursor_type="row")
        yield Footer()

    def on_mount(self):
        table = self.query_one(DataTable)
        for column in ("issue", "title", "status", "pull request", "worker", "next"):
            table.add_column(column, key=column)
        for number in range(1, 51):
            table.add_row(f"ENG-{number}", f"Issue number {number}", "Todo", "-", "-", "dispatch", key=str(number))

Bare().run()
"""


class Showing(FakeCollector):
    """Gives the screen what the product's own collector reads."""

    def __init__(self, collector: Collector) -> None:
        super().__init__()
        self._collector = collector

    def snapshots(self) -> AsyncIterator[Snapshot]:
        return self._collector.snapshots()


async def cycle_with_paint(size: int, rounds: int) -> Row:
    """Read, decide and paint with a tenth changing, against a process a pane and a table of Textual's."""
    with swarm(size) as over:
        collector = collector_over(over)
        await collector.collect()
        app, table = LegionApp(Showing(collector), FakeCommands()), Table(large_snapshot(size, datetime.now(UTC)))
        ours, theirs = [], []
        async with running(app) as board, running(table) as bare:
            for number in range(rounds):
                over.go_on(0.1)
                ours.append(await until_painted(app, board, collector))
                began = time.perf_counter()
                for pane_id in over.pane_ids:
                    run_tmux(over, "capture-pane", "-p", "-t", pane_id)
                captured = (time.perf_counter() - began) * 1000
                busy = table.rows[number % 10 :: 10]
                theirs.append(captured + await until_written(bare, partial(table.change, busy)))
    return Row(
        "live cycle with paint, 10 % changing",
        size,
        statistics.median(ours),
        against=f"{size} capture-pane processes and a DataTable",
        theirs=statistics.median(theirs),
        faster=30.0 if size == 500 else None,
    )


async def until_painted(app: LegionApp, driver: Recorder, collector: Collector) -> float:
    """Read and decide; return the milliseconds until what came of it is on the terminal."""
    await quiet(driver)
    before, began = collector.latest.sequence, time.perf_counter()
    await collector.collect_live()
    await until(lambda: app.snapshot.sequence > before)
    # All that follows at once, to the last byte.
    await quiet(driver)
    return (driver.written - began) * 1000


def starts(rounds: int) -> Row:
    """From the start of the process to the first row on the terminal."""
    ours, theirs = [], []
    with tempfile.TemporaryDirectory(prefix="lt-bench-", dir="/tmp") as folder:
        home = Path(folder)
        project = home / "payments"
        issues = project / ".legion" / "issues"
        issues.mkdir(parents=True)
        (project / "legion.toml").write_text(f'[project]\nid = "{PROJECT_ID}"\nkey = "ENG"\n')
        for number in range(1, 51):
            text = f"---\ntitle: Issue number {number}\nstatus: Todo\n---\n"
            (issues / f"ENG-{number}.md").write_text(text)
        env = {**_bare_env(), "HOME": folder, "TMUX_TMPDIR": folder}
        argv = [sys.executable, "-m", "legion_tui", "--project", str(project)]
        for _ in range(rounds + 1):
            ours.append(_first_paint(argv, env))
            theirs.append(_first_paint([sys.executable, "-c", _BARE], env))
    # The first of each finds nothing in the caches of files.
    return Row(
        "start to first paint of 50 rows",
        50,
        statistics.median(ours[1:]),
        against="a bare app with header, footer and a DataTable",
        theirs=statistics.median(theirs[1:]),
        times=1.3,
    )


def at_rest(size: int, seconds: float) -> Row:
    """The share of one core that the dashboard and all that it starts use while nothing happens."""
    with swarm(size) as over, tempfile.TemporaryDirectory(prefix="lt-bench-", dir="/tmp") as folder:
        project = Path(folder) / "payments"
        issues = project / ".legion" / "issues"
        issues.mkdir(parents=True)
        (project / "legion.toml").write_text(f'[project]\nid = "{PROJECT_ID}"\nkey = "ENG"\n')
        for issue in over.issues:
            text = f"---\ntitle: {issue.title}\nstatus: {issue.status}\nlabels: [worker-active]\n---\n"
            (issues / f"{issue.id}.md").write_text(text)
        env = {**over.env, **_bare_env(), "HOME": folder, "CLAUDE_CONFIG_DIR": str(over.agent_folder)}
        argv = [sys.executable, "-m", "legion_tui", "--project", str(project), "--socket", over.socket]
        with _on_terminal(argv, env) as (pid, terminal):
            _drain(terminal, _WARM_SECONDS)
            before = _used(pid)
            began = time.perf_counter()
            _drain(terminal, seconds)
            share = (_used(pid) - before) / (time.perf_counter() - began) * 100
    return Row(f"CPU at rest, over {seconds:g} s, of one core", size, share, unit="%", most=3.0)


async def growth(size: int, cycles: int) -> list[Row]:
    """What this process and the tmux server hold more after so many readings, a tenth of them with changes."""
    with swarm(size) as over:
        cycle = LiveCycle(over)
        server = await cycle.tmux.server_pid()
        if server is None:
            raise SystemExit("no tmux server")
        for number in range(cycles // 10):
            await _read(over, cycle, number)
        before = [_memory(pid) for pid in (os.getpid(), server)]
        for number in range(cycles):
            await _read(over, cycle, number)
        after = [_memory(pid) for pid in (os.getpid(), server)]
    return [
        Row(f"memory growth over {cycles} cycles, {who}", size, (now - then) / _KILO, unit="kB", most=_KILO)
        for who, then, now in zip(("ours", "the tmux server's"), before, after, strict=True)
    ]


async def _read(over: Swarm, cycle: LiveCycle, number: int) -> None:
    if number % 10 == 0:
        over.go_on(0.1)
    await cycle()


def _memory(pid: int) -> int:
    return psutil.Process(pid).memory_info().rss


def _used(pid: int) -> float:
    """Seconds of one core, of a process and of those that it has waited for."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


def _first_paint(argv: Sequence[str], env: Mapping[str, str]) -> float:
    """Return the milliseconds from the start to the first row of the table on the terminal."""
    began = time.perf_counter()
    with _on_terminal(argv, env) as (_, terminal):
        seen = b""
        while b"Issue number 2" not in seen:
            if time.perf_counter() - began > _START_WITHIN_SECONDS:
                raise SystemExit(f"{argv} shows nothing: {seen[-2000:]!r}")
            if select.select([terminal], [], [], 1.0)[0]:
                seen += os.read(terminal, 65536)
        return (time.perf_counter() - began) * 1000


@contextmanager
def _on_terminal(argv: Sequence[str], env: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    """A program on a terminal of 120x40: its pid, and what to read its screen from. Ended with the block."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    process = subprocess.Popen(
        argv, stdin=theirs, stdout=theirs, stderr=theirs, env=dict(env), cwd="/tmp", start_new_session=True
    )
    os.close(theirs)
    try:
        yield process.pid, ours
    finally:
        process.send_signal(signal.SIGTERM)
        deadline = time.perf_counter() + 5.0
        while process.poll() is None and time.perf_counter() < deadline:
            _drain(ours, 0.05)
        process.kill()
        process.wait()
        os.close(ours)


def _drain(terminal: int, seconds: float) -> None:
    until = time.perf_counter() + seconds
    while (left := until - time.perf_counter()) > 0:
        if select.select([terminal], [], [], left)[0]:
            try:
                os.read(terminal, 65536)
            except OSError:
                return  # it has ended


def _bare_env() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    # The compiled files of both are found where they are.
    return {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": os.pathsep.join(sys.path[:1])}
