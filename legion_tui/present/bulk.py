"""A message to several workers: who gets it now, who later, who not; then what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from legion_tui.present.prose import Line, Role, crop, text_line, wrap_text
from legion_tui.present.receipts import worker_line
from legion_tui.state import Outcome, WorkerReceipt
from legion_tui.state.text import clean_line

# In the order of the list before it is sent, and after: what went wrong comes first.
_BEFORE = (Outcome.DRY_RUN, Outcome.QUEUED, Outcome.REFUSED)
_AFTER = (Outcome.REFUSED, Outcome.UNCONFIRMED, Outcome.QUEUED, Outcome.DONE)
_ROLES = {
    Outcome.DRY_RUN: Role.GOOD,
    Outcome.DONE: Role.GOOD,
    Outcome.QUEUED: Role.BUSY,
    Outcome.UNCONFIRMED: Role.WARN,
    Outcome.REFUSED: Role.WARN,
}
_WORDS = {
    Outcome.DRY_RUN: "now",
    Outcome.DONE: "told",
    Outcome.QUEUED: "once idle",
    Outcome.UNCONFIRMED: "not confirmed",
    Outcome.REFUSED: "not",
}

# By target, in the board's order: how each is shown, and what is known of it; None where that is not known yet.
Found = Mapping[str, tuple[str, WorkerReceipt | None]]


def bulk_count(found: Found) -> str:
    """Return `2 now, 1 once idle, 1 not`, or `2 told, 1 not`."""
    outcomes = [receipt.outcome for _, receipt in found.values() if receipt is not None]
    told = [f"{outcomes.count(outcome)} {word}" for outcome, word in _WORDS.items() if outcome in outcomes]
    left = len(found) - len(outcomes)
    return ", ".join([*told, *([f"{left} to come"] if left else [])])


def bulk_bad(found: Found) -> bool:
    """Whether anything went wrong."""
    bad = (Outcome.REFUSED, Outcome.UNCONFIRMED)
    return any(receipt is not None and receipt.outcome in bad for _, receipt in found.values())


def bulk_lines(found: Found, width: int, *, sent: bool, warning: str = "") -> list[Line]:
    """Return the count and a line for each worker; once `sent`, its receipt, failures first."""
    order = _AFTER if sent else _BEFORE
    lines = wrap_text(warning, width, Role.WARN) if warning else []
    lines += wrap_text(bulk_count(found), width, Role.STRONG)
    for shown, receipt in sorted(found.values(), key=lambda one: _place(one[1], order)):
        lines += _entry(shown, receipt, width, sent=sent)
    return lines


def _place(receipt: WorkerReceipt | None, order: Sequence[Outcome]) -> int:
    return order.index(receipt.outcome) if receipt is not None and receipt.outcome in order else len(order)


def _entry(shown: str, receipt: WorkerReceipt | None, width: int, *, sent: bool) -> Sequence[Line]:
    if receipt is None:
        return [text_line(f"{shown}  {'waits its turn' if sent else 'looking'}"[:width], Role.MUTED)]
    role = _ROLES.get(receipt.outcome, Role.TEXT)
    if sent:
        # One that has no worker is nobody's receipt, and a session has no issue.
        return wrap_text(clean_line(worker_line(replace(receipt, issue=shown)), limit=300), width, role)
    why = f": {clean_line(receipt.reason, limit=300)}" if receipt.reason else ""
    word = _WORDS.get(receipt.outcome, receipt.outcome.value)
    return [crop(((f"{shown}  ", Role.TEXT), (f"{word}{why}", role)), width)]
