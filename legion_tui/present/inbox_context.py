"""What stands beside the inbox: all that is asked, whole, where, and what was said before."""

from __future__ import annotations

from datetime import datetime

from legion_tui.present.answer import asks, before_lines, subject_lines, who
from legion_tui.present.board import Row
from legion_tui.present.prose import BLANK, Line, Role, wrap, wrap_text
from legion_tui.state import QuestionItem


def context_lines(row: Row | None, now: datetime, width: int, *, same: int = 0, key: str = "") -> list[Line]:
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


def _said(row: Row, width: int) -> list[Line]:
    lines = before_lines(row.worker, width) if row.worker is not None else []
    return [BLANK, *lines] if lines else []


def _where(row: Row, width: int) -> list[Line]:
    worker = row.worker
    if worker is None:
        return []
    where = " · ".join(part for part in (worker.cwd or "", worker.branch or "") if part)
    title = row.issue.issue.title if row.issue is not None else ""
    return [BLANK, *(line for text in (title, where) if text for line in wrap_text(text, width, Role.MUTED))]


def _choices(item: QuestionItem, width: int) -> list[Line]:
    lines: list[Line] = []
    for number, option in enumerate(item.options, start=1):
        head: Line = ((f"{number} ", Role.KEY),)
        lines += wrap_text(option.label, width, first=head, rest=(("  ", Role.TEXT),))
        if option.description:
            indent: Line = (("  ", Role.TEXT),)
            lines += wrap_text(option.description, width, Role.MUTED, first=indent, rest=indent)
    return [BLANK, *lines] if lines else []
