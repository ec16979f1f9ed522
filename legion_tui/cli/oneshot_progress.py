"""What is told of tasks while they run: a table on a terminal, lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TextIO

import anyio

from legion_tui.act.headless import Asking, Beat, Happening, LogEnded, Signalled
from legion_tui.agents.headless import Called, Said
from legion_tui.present.oneshot import (
    name_of,
    question_line,
    round_of,
    sign_line,
    step_line,
    summary_line,
    verdict_line,
    where_it_stands,
)
from legion_tui.state.life import LifeEvent, Transition
from legion_tui.state.oneshot import OneshotTask, TaskOutcome, TaskPhase
from legion_tui.state.text import clean_line
from legion_tui.state.verdict import Verdict

if TYPE_CHECKING:
    from rich.console import Group

_REFRESH_SECONDS = 0.5
# What waits for a person is told again after this time: nobody may have read it.
_REMIND_SECONDS = 300.0
_COLOURS = {
    TaskOutcome.COMPLETED: "green",
    TaskOutcome.FAILED: "red",
    TaskOutcome.INTERRUPTED: "yellow",
    TaskOutcome.UNCLEAR: "magenta",
}
_OUTCOMES = tuple(_COLOURS)
# For each outcome in this order, and for what is under way.
_UNICODE, _ASCII = "✓✗◼?•", "+x-?*"


class Progress(Protocol):
    """Tells what happens; never fails, whatever becomes of the terminal."""

    def tell(self, task: OneshotTask, happening: Transition | Happening | Verdict) -> None:
        """Take what has happened to a task."""
        ...

    def say(self, text: str) -> None:
        """Print a line."""
        ...

    def paused(self) -> contextlib.AbstractContextManager[None]:
        """Leave the terminal alone for the length of the block."""
        ...

    async def run(self) -> None:
        """Keep what is shown fresh until cancelled."""
        ...


class Reminders:
    """Says which lines are worth a person's attention, and says again what still waits for one."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        """Remember nothing yet."""
        self._seconds = seconds
        self._asked: dict[int, tuple[float, str]] = {}

    def line(self, task: OneshotTask, happening: Transition | Happening | Verdict) -> str:
        """Return the line of a happening; empty where it is not worth one."""
        match happening:
            case Transition():
                # That it was put into a queue is no news where nothing else was asked for.
                return "" if happening.event is LifeEvent.CREATE else step_line(task, happening)
            case Verdict():
                return verdict_line(task, happening)
            case Asking(question, problem):
                auditing = task.phase is TaskPhase.AUDITING
                line = question_line(task, question, task.auditor_id if auditing else task.session_id, problem)
                self._asked[task.number] = (self._seconds(), line)
                return line
            case Signalled(name, why):
                return sign_line(task, f"{name}: {why}")
            case LogEnded(problem):
                return sign_line(task, f"its output is kept no further: {problem}")
            case Beat(waits=waits) if waits and task.number in self._asked:
                at, line = self._asked[task.number]
                if self._seconds() - at < _REMIND_SECONDS:
                    return ""
                self._asked[task.number] = (self._seconds(), line)
                return f"{line} (still)"
        return ""


class PlainLines:
    """Lines, as they come."""

    def __init__(self, stream: TextIO) -> None:
        """Print to `stream`."""
        self._stream = stream
        self._reminders = Reminders()

    def tell(self, task: OneshotTask, happening: Transition | Happening | Verdict) -> None:
        """Print what is worth a line."""
        line = self._reminders.line(task, happening)
        if line:
            self.say(line)

    def say(self, text: str) -> None:
        """Print a line; one that nobody reads any more is lost, and nothing else."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(f"{text}\n")
            self._stream.flush()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """There is nothing to pause."""
        yield

    async def run(self) -> None:
        """There is nothing to refresh."""
        await anyio.sleep_forever()


class LiveTable:
    """A table of all tasks that is painted over, and lines above it."""

    def __init__(self, stream: TextIO, *, ascii_only: bool, seconds: Callable[[], float] = time.monotonic) -> None:
        """Paint on `stream`, a terminal."""
        self._glyphs = _ASCII if ascii_only else _UNICODE
        from rich.console import Console
        from rich.live import Live

        self._console = Console(file=stream, highlight=False, markup=False, emoji=False)
        self._reminders = Reminders(seconds)
        self._seconds = seconds
        self._tasks: dict[int, OneshotTask] = {}
        self._words: dict[int, str] = {}
        self._at: dict[int, float] = {}
        # Asks for the table at once.
        self._live = Live(console=self._console, auto_refresh=False, transient=True, get_renderable=self._table)

    def tell(self, task: OneshotTask, happening: Transition | Happening | Verdict) -> None:
        """Take what has happened; the next refresh shows it."""
        self._tasks[task.number] = task
        match happening:
            case Said(text) | Called(text):
                self._words[task.number] = clean_line(text, limit=300)
        if not isinstance(happening, Beat):
            self._at[task.number] = self._seconds()
        line = self._reminders.line(task, happening)
        # What the table shows anyway is not said above it.
        if line and not (isinstance(happening, Transition) and task.outcome is None):
            self.say(line)

    def say(self, text: str) -> None:
        """Print a line above the table."""
        from rich.text import Text

        with contextlib.suppress(OSError, ValueError):
            self._console.print(Text(text))

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Take the table away for as long."""
        started = self._live.is_started
        with contextlib.suppress(OSError, ValueError):
            self._live.stop()
        try:
            yield
        finally:
            if started:
                with contextlib.suppress(OSError, ValueError):
                    self._live.start()

    async def run(self) -> None:
        """Paint until cancelled."""
        try:
            with contextlib.suppress(OSError, ValueError):
                self._live.start()
            while True:
                if self._live.is_started:
                    with contextlib.suppress(OSError, ValueError):
                        self._live.refresh()
                await anyio.sleep(_REFRESH_SECONDS)
        finally:
            with contextlib.suppress(OSError, ValueError):
                self._live.stop()

    def _table(self) -> Group:
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        tasks = [self._tasks[number] for number in sorted(self._tasks)]
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=False, expand=True)
        # What a task is and says shares what the rest leaves, however narrow that is.
        for ratio in (None, None, None, None, 2, 3):
            table.add_column(no_wrap=True, overflow="ellipsis", ratio=ratio)
        for task in _most_urgent(tasks, self._console.height - 3):
            colour = _COLOURS[task.outcome] if task.outcome is not None else "yellow" if task.asks else ""
            known = _OUTCOMES.index(task.outcome) if task.outcome is not None else -1
            glyph = "?" if task.asks else self._glyphs[known]
            quiet = self._seconds() - self._at.get(task.number, self._seconds())
            shown = task.asks or ("" if task.outcome is not None else self._words.get(task.number, ""))
            table.add_row(
                str(task.number),
                Text(f"{glyph} {where_it_stands(task)}", style=colour),
                round_of(task),
                f"{quiet:.0f} s" if task.outcome is None and task.round else "",
                Text(name_of(task)),
                Text(clean_line(task.reason if task.outcome is not None else shown), style="dim"),
            )
        return Group(table, Text(summary_line(tasks) if tasks else "", no_wrap=True, overflow="ellipsis"))


def _most_urgent(tasks: Sequence[OneshotTask], most: int) -> Sequence[OneshotTask]:
    """Return as many tasks as fit, those first that wait for a person or work, in their order."""

    def rank(task: OneshotTask) -> int:
        if task.outcome is not None:
            return 2
        return 0 if task.asks or task.phase is TaskPhase.JUDGING else 1 if task.round else 3

    chosen = sorted(tasks, key=rank)[: max(most, 1)]
    return sorted(chosen, key=lambda task: task.number)


def make_progress(*, as_json: bool, ascii_only: bool) -> Progress:
    """Return what tells: on standard output, or on the other stream where that takes a document."""
    stream = sys.stderr if as_json else sys.stdout
    return LiveTable(stream, ascii_only=ascii_only) if stream.isatty() else PlainLines(stream)
