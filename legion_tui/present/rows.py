"""Rows, group headers and folded groups as lines of exactly the board's width."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from rich.cells import cell_len

from legion_tui.present.ages import age
from legion_tui.present.asks import ask_line
from legion_tui.present.board import GroupRows, Row
from legion_tui.present.cells import checks_bar, checks_count, pull_mark, version_mark, worker_mark
from legion_tui.present.columns import Columns
from legion_tui.present.glyphs import UNICODE, Glyphs
from legion_tui.present.groups import figure, title_tone
from legion_tui.present.line import Line, Part, Tone, fit, fit_line, fit_right, line_width, printable
from legion_tui.present.snooze import asleep_word
from legion_tui.present.steps import step_of
from legion_tui.state import IssueState, Problem, Worker, WorkerState


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How rows are painted: the glyphs, the key of each command as it is shown, the zone of clock times."""

    glyphs: Glyphs = UNICODE
    keys: Mapping[str, str] = field(default_factory=dict)
    zone: tzinfo | None = None
    # The columns that a person does without.
    hidden: frozenset[str] = frozenset()

    def key(self, command: str) -> str:
        """Return the key of a command as it is shown; empty for no command."""
        return self.keys.get(command, "")

    @property
    def key_width(self) -> int:
        """How wide the widest key is that a row names."""
        named = ("answer", "advance", "attach", "open", "why", "copy")
        return max((cell_len(self.key(command)) for command in named), default=1) or 1


def row_lines(
    row: Row,
    columns: Columns,
    look: Look,
    now: datetime,
    *,
    selected: bool = False,
    unseen: bool = False,
    marked: bool = False,
    activity: str = "",
) -> tuple[Line, ...]:
    """Return the one or two lines of a row, `row.height` of them, each exactly `columns.width` cells wide."""
    first = _Cells(columns, look, Tone.UNSEEN if unseen else Tone.ID, selected, marked)
    first.activity = activity
    subject = row.subject
    if isinstance(subject, IssueState):
        first.issue(row, subject, now)
    elif isinstance(subject, Worker):
        first.session(row, subject, now)
    else:
        first.problem(row, subject, now)
    if row.height == 1:
        return (first.line(),)
    return first.line(), _second(row, columns, look, selected)


def row_age(row: Row, now: datetime) -> str:
    """Return the age that the row shows: its lines differ only when this does."""
    return age(row.since, now)


def header_line(group: GroupRows, width: int, look: Look, now: datetime) -> Line:
    """Return the header of an open group: name, count, a rule, and the one figure that matters."""
    glyphs = look.glyphs
    told = figure(group, now, look.zone)
    title: Line = ((" ", Tone.PLAIN), (group.title, title_tone(group)), (f" {len(group.rows)} ", Tone.MUTED))
    tail: Line = ((f" {told} ", Tone.MUTED), (glyphs.rule, Tone.RULE)) if told else ()
    left = width - line_width(title) - line_width(tail)
    if left < 1:
        tail, left = (), width - line_width(title)
    return fit_line((*title, (glyphs.rule * max(left, 0), Tone.RULE), *tail), width, glyphs.ellipsis)


def folded_parts(group: GroupRows, look: Look, *, selected: bool = False) -> Line:
    """Return a folded group's few words; several of them share a line."""
    glyphs = look.glyphs
    return (
        (glyphs.pointer if selected else " ", Tone.POINTER),
        (group.title, title_tone(group)),
        (f" {len(group.rows)} ", Tone.MUTED),
        (glyphs.folded, Tone.MUTED),
    )


def _second(row: Row, columns: Columns, look: Look, selected: bool) -> Line:
    glyphs = look.glyphs
    indent = 1 + columns.id + columns.gap
    lead: Line = (
        (glyphs.pointer if selected else " ", Tone.POINTER),
        (" " * (indent - 1), Tone.PLAIN),
        (f"{glyphs.branch} ", Tone.RULE),
    )
    asked = ask_line(row, columns.width - line_width(lead) - 1, glyphs.ellipsis)
    return fit_line((*lead, *asked), columns.width, glyphs.ellipsis)


def _gutter(glyphs: Glyphs, selected: bool, marked: bool) -> str:
    if marked:
        return glyphs.mark_here if selected else glyphs.mark
    return glyphs.pointer if selected else " "


class _Cells:
    """The parts of a row's first line, left to right."""

    def __init__(self, columns: Columns, look: Look, id_tone: Tone, selected: bool, marked: bool) -> None:
        self.activity = ""
        self.columns = columns
        self.look = look
        self.glyphs = look.glyphs
        self.id_tone = id_tone
        self.gap: Part = (" " * columns.gap, Tone.PLAIN)
        self.parts: list[Part] = [(_gutter(self.glyphs, selected, marked), Tone.POINTER)]

    def line(self) -> Line:
        return fit_line(self.parts, self.columns.width, self.glyphs.ellipsis)

    def cell(self, text: str, width: int, tone: Tone) -> None:
        if width:
            self.parts += [(fit(text, width, self.glyphs.ellipsis), tone), self.gap]

    def issue(self, row: Row, issue: IssueState, now: datetime) -> None:
        columns = self.columns
        self.cell(row.shown_id, columns.id, self.id_tone)
        self.cell(issue.issue.title, columns.title, Tone.MUTED if columns.stale_tracker else Tone.PLAIN)
        self.cell(issue.issue.status, columns.status, Tone.MUTED)
        self.pull(issue)
        self.worker(row, issue.worker, now)
        self.step(row, now)

    def session(self, row: Row, worker: Worker, now: datetime) -> None:
        columns = self.columns
        rest = columns.title + sum(part + columns.gap for part in (columns.status, columns.pull) if part)
        name = printable(row.shown_id)
        room = columns.id + columns.gap + rest
        about = worker.cwd or ""
        left = room - cell_len(name) - 2
        self.parts.append((fit(name, min(cell_len(name), room), self.glyphs.ellipsis), self.id_tone))
        self.parts.append(
            (fit(f"  {about}" if left > 0 else "", room - min(cell_len(name), room), self.glyphs.ellipsis), Tone.MUTED)
        )
        self.parts.append(self.gap)
        self.worker(row, worker, now)
        self.step(row, now)

    def problem(self, row: Row, problem: Problem, now: datetime) -> None:
        columns = self.columns
        room = max(columns.width - 1 - columns.step - columns.gap - 1, 0)
        where = printable(problem.where)
        self.parts.append((where, self.id_tone))
        self.parts.append((f"  {printable(problem.what)}", Tone.BAD))
        self.parts = list(fit_line(self.parts, room + 1, self.glyphs.ellipsis))
        self.parts.append(self.gap)
        self.step(row, now)

    def pull(self, issue: IssueState) -> None:
        columns, glyphs = self.columns, self.glyphs
        if not columns.pull:
            return
        pull = issue.pull_request
        ref = pull.ref if pull else issue.issue.pull_request
        if pull is None:
            text = f"{f'#{ref.number}':<{columns.number}} {glyphs.states[WorkerState.UNKNOWN]}" if ref else "-"
            self.cell(text, columns.pull, Tone.MUTED)
            return
        mark = pull_mark(pull, glyphs)
        parts: list[Part] = [
            (f"{f'#{pull.ref.number}':<{columns.number}} ", Tone.PLAIN),
            (mark.glyph, mark.tone),
        ]
        if columns.pull_word:
            parts.append((f" {mark.word:<{columns.pull_word}}", mark.tone))
        if columns.bar:
            parts += [(" ", Tone.PLAIN), *fit_line(checks_bar(pull.checks, glyphs), columns.bar, glyphs.ellipsis)]
        if columns.counts:
            parts.append((f" {checks_count(pull.checks)}", Tone.MUTED))
        if columns.stale_pull:
            parts = [(text, Tone.MUTED) for text, _ in parts]
        self.parts += [*fit_line(parts, columns.pull, glyphs.ellipsis), self.gap]

    def worker(self, row: Row, worker: Worker | None, now: datetime) -> None:
        columns, glyphs = self.columns, self.glyphs
        mode = worker.mode if worker is not None and worker.mode else ""
        self.cell(mode, columns.mode, Tone.MUTED)
        text, tone = "-", Tone.MUTED
        if worker is not None:
            mark = worker_mark(worker, glyphs)
            text, tone = mark.text, Tone.MUTED if columns.stale_worker else mark.tone
        elif row.issue is not None and row.issue.pull_request is not None and not columns.pull_word:
            mark = pull_mark(row.issue.pull_request, glyphs)
            text, tone = mark.word, Tone.MUTED if columns.stale_pull else mark.tone
        if row.snooze is not None and not columns.word:
            # Its own column is gone.
            text, tone = asleep_word(row.snooze, now, self.look.zone), Tone.WAITS
        self.cell(text, columns.state, tone)
        version = version_mark(glyphs)
        told = version.text if columns.untested_word else version.glyph
        self.cell(told if worker is not None and worker.untested else "", columns.version, version.tone)
        self.cell(self.activity, columns.activity, Tone.BUSY)
        old = Tone.PLAIN if row.needs_you else Tone.MUTED
        self.parts += [(fit_right(row_age(row, now), columns.age, glyphs.ellipsis), old), self.gap]

    def step(self, row: Row, now: datetime) -> None:
        columns, look = self.columns, self.look
        step = step_of(row, look.zone, now)
        if not step.command and columns.word:
            self.parts.append((step.word, Tone.MUTED))
            return
        self.parts.append((fit(look.key(step.command), columns.key, self.glyphs.ellipsis), Tone.KEY))
        if columns.word:
            self.parts += [(" ", Tone.PLAIN), (step.word, Tone.ACTION)]
