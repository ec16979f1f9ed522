"""The inbox: every question that waits for a person, the one that waits longest first."""

from __future__ import annotations

from collections.abc import Sequence

from legion_tui.present.board import Group, GroupRows, Row, board_groups
from legion_tui.present.line import Line, Tone
from legion_tui.present.rows import Look
from legion_tui.present.texts import told
from legion_tui.state import Question, Snapshot, Source


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


def _is_same(one: Question, other: Question) -> bool:
    return (one.kind, one.items) == (other.kind, other.items) and not other.unanswerable


def _waits_longest(row: Row) -> tuple[bool, float, str]:
    since = row.asked_since
    return (since is None, since.timestamp() if since else 0.0, row.key)
