"""The inbox: every question that waits for a person, the one that waits longest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from legion_tui.present.answer import asks, before_lines, subject_lines, who
from legion_tui.present.board import Group, GroupRows, Row, board_groups
from legion_tui.present.line import Line, Tone
from legion_tui.present.prose import BLANK, Role, wrap, wrap_text
from legion_tui.present.prose import Line as ProseLine
from legion_tui.present.rows import Look
from legion_tui.present.texts import told
from legion_tui.state import Question, QuestionItem, Snapshot, Source


def inbox_groups(snapshot: Snapshot) -> tuple[GroupRows, ...]:
    """Return one group of all rows that ask; a second worker of an issue that asks too has a row of its own."""
    rows = [row for row in _all_rows(snapshot) if row.question is not None and row.snooze is None]
    others = [worker for issue in snapshot.issues for worker in issue.other_workers if worker.asking]
    others = [worker for worker in others if worker.session_id not in snapshot.asleep]
    rows += [Row(f"session:{worker.session_id}", Group.NEEDS_YOU, worker) for worker in others]
    known = {row.key: row for row in rows}
    waiting = sorted(known.values(), key=_waits_longest)
    return (GroupRows(Group.INBOX, tuple(waiting)),) if waiting else ()


def _all_rows(snapshot: Snapshot) -> list[Row]:
    return [row for group in board_groups(snapshot) for row in group.rows]


def inbox_rows(snapshot: Snapshot) -> tuple[Row, ...]:
    """Return the rows of the inbox."""
    return tuple(row for group in inbox_groups(snapshot) for row in group.rows)


def alike(row: Row | None, rows: Sequence[Row]) -> tuple[Row, ...]:
    """Return the rows that ask the very same, `row` among them: kind, texts and choices; none where it is alone.

    What cannot be answered from here is left out.
    """
    question = row.question if row is not None else None
    if question is None or question.unanswerable:
        return ()
    found = tuple(other for other in rows if other.question is not None and _is_same(question, other.question))
    return found if len(found) > 1 else ()


def inbox_lead(snapshot: Snapshot, groups: Sequence[GroupRows], width: int, look: Look) -> tuple[Line, ...]:
    """Return what stands there while nobody asks; where workers could not be read, that this is not known."""
    if groups:
        return ()
    for source in (Source.TMUX, Source.AGENTS):
        health = snapshot.sources.get(source)
        if health is not None and not health.ok:
            text = f"Whether anybody waits for you is not known: {health.error or f'{source} was not read'}"
            return ((), *told(text, width, Tone.BAD))
    back = look.key("leave")
    more = f"A question comes here by itself. {back} goes back to the board."
    lines = [*told("Nobody waits for you.", width, Tone.STRONG), *told(more, width, Tone.MUTED)]
    asleep = sum(row.snooze is not None and row.question is not None for row in _all_rows(snapshot))
    snoozed = f"{asleep} that ask{'s' if asleep == 1 else ''} {'is' if asleep == 1 else 'are'} snoozed."
    return ((), *lines, *(told(snoozed, width, Tone.WAITS) if asleep else ()))


def context_lines(row: Row | None, now: datetime, width: int, *, same: int = 0, key: str = "") -> list[ProseLine]:
    """Return what a person wants to know before they answer: all that is asked, whole, where, what was said before.

    `same` is how many ask the same, and `key` what answers them all.
    """
    worker = row.worker if row is not None else None
    if row is None or worker is None:
        return []
    question = row.question
    name = who(worker, row.shown_id)
    if question is None:
        lines = [
            *wrap_text(name, width, Role.STRONG),
            BLANK,
            *wrap_text("This asks nothing any more.", width, Role.MUTED),
        ]
        return lines + _said(row, width)
    lines = wrap(((name, Role.STRONG), (f" · {asks(question, now)}", Role.MUTED)), width)
    if same > 1:
        lines += wrap_text(f"{same} ask the very same: {key} answers them all", width, Role.WARN)
    if question.unanswerable:
        lines += wrap_text(f"not from here: {question.unanswerable}", width, Role.WARN)
    for number, item in enumerate(question.items):
        lines += [BLANK, *subject_lines(question, number, width), *_choices(item, width)]
    return lines + _said(row, width) + _where(row, width)


def _said(row: Row, width: int) -> list[ProseLine]:
    lines = before_lines(row.worker, width) if row.worker is not None else []
    return [BLANK, *lines] if lines else []


def _where(row: Row, width: int) -> list[ProseLine]:
    worker = row.worker
    if worker is None:
        return []
    where = " · ".join(part for part in (worker.cwd or "", worker.branch or "") if part)
    title = row.issue.issue.title if row.issue is not None else ""
    return [BLANK, *(line for text in (title, where) if text for line in wrap_text(text, width, Role.MUTED))]


def _choices(item: QuestionItem, width: int) -> list[ProseLine]:
    lines: list[ProseLine] = []
    for number, option in enumerate(item.options, start=1):
        head: ProseLine = ((f"{number} ", Role.KEY),)
        lines += wrap_text(option.label, width, first=head, rest=(("  ", Role.TEXT),))
        if option.description:
            indent: ProseLine = (("  ", Role.TEXT),)
            lines += wrap_text(option.description, width, Role.MUTED, first=indent, rest=indent)
    return [BLANK, *lines] if lines else []


def _is_same(one: Question, other: Question) -> bool:
    return (one.kind, one.items) == (other.kind, other.items) and not other.unanswerable


def _waits_longest(row: Row) -> tuple[bool, float, str]:
    since = row.asked_since
    return (since is None, since.timestamp() if since else 0.0, row.key)
