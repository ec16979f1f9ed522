"""One answer to several workers that ask the same: who would get it, and what came of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from legion_tui.present.ages import age
from legion_tui.present.answer import who
from legion_tui.present.board import Row
from legion_tui.present.prose import BLANK, Line, Role, text_line, wrap_text
from legion_tui.present.receipts import answer_line
from legion_tui.state import AnswerOutcome, AnswerReceipt, AnswerRequest, Question
from legion_tui.state.text import clean_line

# By the row's key: how each is shown, and what came of it; None while that is to come.
Answered = Mapping[str, tuple[str, AnswerReceipt | None]]

_WORDS = {
    AnswerOutcome.REFUSED: "refused",
    AnswerOutcome.SENT_UNCONFIRMED: "sent, not confirmed",
    AnswerOutcome.CONFIRMED: "answered",
}
_ROLES = {
    AnswerOutcome.REFUSED: Role.BAD,
    AnswerOutcome.SENT_UNCONFIRMED: Role.WARN,
    AnswerOutcome.CONFIRMED: Role.GOOD,
}


def name_of(row: Row) -> str:
    """Return how a row's worker is named."""
    return who(row.worker, row.shown_id) if row.worker is not None else row.shown_id


def asked_lines(question: Question, request: AnswerRequest) -> tuple[str, ...]:
    """Return what is asked, each part on a line, with what it is to be answered with under it."""
    lines: list[str] = []
    for number, item in enumerate(question.items):
        lines += [row for row in item.text.splitlines() if row.strip()]
        given = _given(question, request, number)
        lines += [f"→ {given}"] if given else []
    if request.chat:
        lines.append(f"→ nothing yet: talk about it{_quoted(request.text)}")
    elif request.deny:
        lines.append(f"→ no{_quoted(request.text)}")
    return tuple(lines)


def getting_lines(rows: Sequence[Row], now: datetime) -> tuple[str, ...]:
    """Return a line for each that would get the answer: who, for how long it has waited, where it works."""
    told = []
    for row in rows:
        where = row.worker.cwd if row.worker is not None else ""
        told.append(
            "  " + ", ".join(part for part in (name_of(row), f"asks since {age(row.asked_since, now)}", where) if part)
        )
    return tuple(told)


def answered_count(found: Answered) -> str:
    """Return `2 answered, 1 refused, 1 to come`."""
    outcomes = [receipt.outcome for _, receipt in found.values() if receipt is not None]
    told = [f"{outcomes.count(outcome)} {word}" for outcome, word in _WORDS.items() if outcome in outcomes]
    left = len(found) - len(outcomes)
    return ", ".join([*told, *([f"{left} to come"] if left else [])])


def all_confirmed(found: Answered) -> bool:
    """Whether every one of them has it."""
    return all(receipt is not None and receipt.outcome is AnswerOutcome.CONFIRMED for _, receipt in found.values())


def answered_lines(found: Answered, width: int) -> list[Line]:
    """Return the count, and the receipt of each, what went wrong first."""
    order = list(_WORDS)
    lines = [*wrap_text(answered_count(found), width, Role.STRONG), BLANK]
    ordered = sorted(found.values(), key=lambda one: order.index(one[1].outcome) if one[1] is not None else len(order))
    for name, receipt in ordered:
        if receipt is None:
            lines.append(text_line(f"{name}: under way"[:width], Role.MUTED))
        else:
            lines += wrap_text(receipt_line(name, receipt), width, _ROLES[receipt.outcome])
    return lines


def receipt_line(name: str, receipt: AnswerReceipt) -> str:
    """Return what came of one, by the name that it is shown with."""
    line = answer_line(receipt, session=name)
    if receipt.issue is not None:
        line = name + line.removeprefix(receipt.issue)
    return clean_line(line, limit=300)


def _given(question: Question, request: AnswerRequest, number: int) -> str:
    if number >= len(request.answers):
        return ""
    given = request.answers[number]
    labels = {option.key: option.label for option in question.items[number].options}
    words = [labels.get(key, key) for key in given.keys]
    words += [f"“{' '.join(own.split())}”" for own in (given.text, given.note) if own]
    return ", ".join(words)


def _quoted(text: str | None) -> str:
    return f": “{' '.join(text.split())}”" if text else ""
