"""Keeping what a worker asked, and what it was told, where the issue lives (`[tracker] comments`)."""

from __future__ import annotations

from dataclasses import replace

from legion_tui.act.ledger import Ledger
from legion_tui.act.records import Kind
from legion_tui.errors import LegionError
from legion_tui.state import AnswerOutcome, AnswerReceipt, GivenAnswer, QuestionKind
from legion_tui.state.text import clean
from legion_tui.trackers import Tracker

# A permission or a start-up dialog is of no interest to whoever reads the issue.
_KEPT = frozenset({QuestionKind.QUESTION, QuestionKind.PLAN})
# A plan may be long, and is the agent's to keep; its first lines tell which one it was.
_MOST_LINES = 20


class Commenter:
    """Posts answers that are confirmed, once each."""

    def __init__(self, tracker: Tracker, ledger: Ledger, *, user: str) -> None:
        """Take the tracker, the ledger, and who answers."""
        self._tracker = tracker
        self._ledger = ledger
        self._user = user

    async def keep(self, receipt: AnswerReceipt) -> AnswerReceipt:
        """Post a confirmed answer with its question; the answer stands whatever comes of it, which its reason tells."""
        issue = receipt.issue
        if receipt.outcome is not AnswerOutcome.CONFIRMED or issue is None or receipt.kind not in _KEPT:
            return receipt
        try:
            entry = await self._ledger.intend(Kind.COMMENT, issue, question_id=receipt.question_id)
            try:
                await self._tracker.comment(issue, comment_of(receipt.answers, self._user))
            except LegionError as error:
                await self._ledger.conclude(entry, Kind.COMMENT, issue, "failed", str(error))
                raise
            await self._ledger.conclude(entry, Kind.COMMENT, issue, "done")
        except LegionError as error:
            return replace(receipt, reason=f"no comment was left on {issue}: {error}")
        return receipt


def comment_of(answers: tuple[GivenAnswer, ...], user: str) -> str:
    """Return the comment's Markdown: each question as a quotation, what was answered below it."""
    parts = [f"Answered by {clean(user)} with legion-tui."]
    for answer in answers:
        lines = clean(answer.question).strip().splitlines()
        shown = [*lines[:_MOST_LINES], *(["…"] if len(lines) > _MOST_LINES else [])]
        told = [
            *(f"- {label}" for label in answer.labels),
            answer.text or "",
            f"({answer.note})" if answer.note else "",
        ]
        parts.append("\n".join(f"> {line}".rstrip() for line in shown) or "> (no text)")
        parts.append("\n".join(clean(line).strip() for line in told if line) or "(no words)")
    return "\n\n".join(parts)
