"""Telling a worker that asks of the feedback that was given on the tracker."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from legion_tui.act.deeds import Done, journalled
from legion_tui.act.labels import Labels, words
from legion_tui.act.ledger import Ledger
from legion_tui.errors import RefusedError
from legion_tui.state import (
    Answer,
    AnswerOutcome,
    AnswerReceipt,
    AnswerRequest,
    IssueState,
    Label,
    Outcome,
    Question,
    QuestionKind,
)

_RELAYED = frozenset({Label.USER_INPUT_NEEDED, Label.USER_FEEDBACK_GIVEN})


class Relaying:
    """Answers for one who holds the issue's lock."""

    def __init__(
        self, answer: Callable[[AnswerRequest], Awaitable[AnswerReceipt]], labels: Labels, ledger: Ledger
    ) -> None:
        """Take the parts."""
        self._answer = answer
        self._labels = labels
        self._ledger = ledger

    async def answer(self, state: IssueState, question: Question | None, *, dry_run: bool) -> Done:
        """Answer an open question with where the answer is; what cannot take words of one's own is a person's."""
        takes_words = question is not None and all(item.takes_text for item in question.items)
        if question is None or question.kind is not QuestionKind.QUESTION or question.unanswerable or not takes_words:
            kind = question.kind.value if question is not None else "dialog"
            return Done(Outcome.NOTHING, f"a {kind} is open: answer it with what the tracker says")
        issue_id, words_of_ours = state.id, f"Answered on the tracker: read the comments of {state.id}"
        removed = await self._labels.of(state.issue) & _RELAYED
        steps = (f"answer its question: {words_of_ours}", f"label {issue_id} {words((), removed)}")
        if dry_run:
            return Done(Outcome.DRY_RUN, state.decision.why, steps)
        answers = tuple(Answer(text=words_of_ours) for _ in question.items)
        told = await self._answer(AnswerRequest(target=issue_id, answers=answers, question_id=question.id))
        if told.outcome is AnswerOutcome.REFUSED:
            raise RefusedError(f"{issue_id} was not told", told.reason)
        if told.outcome is not AnswerOutcome.CONFIRMED:
            # It may have been told: the labels stay until that is known.
            return Done(Outcome.UNCONFIRMED, told.reason, steps)
        await journalled(self._ledger, state, lambda: self._labels.change(issue_id, remove=removed))
        return Done(Outcome.DONE, "its question is answered with where the feedback is", steps)
