"""What the answer dialog knows between two keys: the question as it is now, the draft, what stands in the way. Pure."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from legion_tui.present import question as model
from legion_tui.present.line import crop, printable
from legion_tui.present.question import Drafts, RowKind
from legion_tui.state import (
    AnswerOutcome,
    AnswerReceipt,
    AnswerRequest,
    Channel,
    Question,
    QuestionItem,
    QuestionKind,
    Worker,
)

_NAMED = 60
_GONE = "was answered elsewhere or withdrawn. Nothing was sent; your draft is kept."


class Writing(StrEnum):
    """What the words that are being written are for."""

    NOTHING = ""
    ANSWER = "answer"
    NOTE = "note"
    TALK = "talk"


class Answering:
    """One worker's question while it is being answered. Changes of the draft reach `drafts` at once.

    `blocked` says why nothing can be sent, `hint` why a key did nothing, `failed` what came of the last try.
    """

    def __init__(self, worker: Worker, *, target: str, drafts: Drafts) -> None:
        self.target = target
        self.writing = Writing.NOTHING
        self.hint = ""
        self.failed = ""
        self.sending = False
        # Whether the question is about to be taken back: the key was pressed once.
        self.talking = False
        self._drafts = drafts
        # What the newest snapshot says, while an answer is under way and it is not to be shown.
        self._seen: tuple[Worker | None] | None = None
        self._take(worker)

    def _take(self, worker: Worker) -> None:
        self.worker = worker
        # Without a question, or with one that holds nothing, there is something to read and nothing to send.
        question = worker.question or Question(id="", kind=QuestionKind.QUESTION, items=())
        self.question = question if question.items else replace(question, items=(QuestionItem(text=""),))
        self.draft = self._drafts.of(self.question)
        self.newer: Worker | None = None
        self.blocked = _reason(worker)

    def update(self, worker: Worker | None) -> bool:
        """Take what the newest snapshot says of this worker, and return whether there is anything new to show.

        A question that is gone or another one cannot be answered any more. While an answer is under way a question
        that is gone is the expected thing, and nothing is said of it.
        """
        if self.sending:
            self._seen = (worker,)
            return False
        question = worker.question if worker is not None and worker.live else None
        if worker is None or question is None:
            return self._block(None, f"The question {_GONE} esc leaves.")
        if question.id != self.question.id:
            named = crop(" ".join(printable(question.text).split()) or "something without words", _NAMED, "…")
            return self._block(worker, f"It asks something else now: “{named}” The question here {_GONE}")
        before = (self.worker, self.newer, self.blocked)
        self._take(worker)
        return before != (self.worker, self.newer, self.blocked)

    def _block(self, newer: Worker | None, reason: str) -> bool:
        changed = (self.newer, self.blocked) != (newer, reason)
        self.newer, self.blocked = newer, reason
        return changed

    def renew(self) -> bool:
        """Turn to the question that took this one's place; False where there is none."""
        if self.newer is None:
            return False
        self.failed = self.hint = ""
        self._take(self.newer)
        return True

    # What is being given

    def change(self, draft: model.Draft) -> bool:
        """Keep another draft, and return whether that is another page."""
        turned = draft.page != self.draft.page
        self.draft, self.hint, self.failed, self.talking = draft, "", "", False
        self._drafts.keep(self.question, draft)
        return turned

    def mark(self, number: int) -> bool:
        """Choose by number; False where no row has it."""
        rows = self.rows
        if not 1 <= number <= len(rows) or rows[number - 1].number != number:
            return False
        self.change(model.choose(self.question, self.draft, number - 1))
        return True

    def end_writing(self, text: str) -> Writing:
        """Keep the words, and return what they were for."""
        writing, self.writing = self.writing, Writing.NOTHING
        if writing is Writing.NOTE:
            self.change(model.note(self.draft, text))
        elif writing is Writing.TALK:
            self.change(replace(self.draft, talk=text))
        else:
            self.change(model.keep_words(self.draft, text))
        return writing

    # What is to be sent

    def request(self) -> AnswerRequest | None:
        """Return what is to be sent; None where something stands in the way, with the page and the hint for it."""
        if self.blocked:
            return None
        request = model.request(self.question, self.draft, self.target)
        if request is None:
            missing = model.unanswered(self.question, self.draft)
            self.change(replace(self.draft, page=missing[0]))
            self.hint = "This one has no answer yet."
        elif self.way and self.worker.pane is None:
            self.hint = "It has no pane to type these words into: leave them out, or attach."
            return None
        return request

    def send(self) -> None:
        """Note that an answer is under way."""
        self.sending, self.talking, self.hint, self.failed = True, False, "", ""

    def settle(self, receipt: AnswerReceipt | None) -> bool:
        """Take what came of it, and return whether the dialog is done; the draft of a failure stays."""
        self.sending = False
        if receipt is not None and receipt.outcome is AnswerOutcome.CONFIRMED:
            return True
        seen, self._seen = self._seen, None
        if seen is not None:
            self.update(seen[0])
        reason = receipt.reason if receipt is not None else "it broke off"
        refused = receipt is None or receipt.outcome is AnswerOutcome.REFUSED
        self.failed = f"Nothing was sent: {reason}" if refused else f"Sent, not confirmed: {reason}"
        return False

    @property
    def way(self) -> str:
        """How words beside a yes would go, where the hook that waits cannot take them; empty where it can."""
        row, kind = self.row, self.question.kind
        if row is None or row.option is None or kind not in (QuestionKind.PERMISSION, QuestionKind.PLAN):
            return ""
        words = self.draft.items[self.draft.page].note.strip() or self.writing is Writing.NOTE
        if not words or not row.option.key.startswith(("allow", "approve")):
            return ""
        if not model.note_prompt(self.question, self.draft.page, row):
            return ""
        plan = (
            " The agent takes them along with the first row of its own menu only." if kind is QuestionKind.PLAN else ""
        )
        if self.question.channel is Channel.HOOK:
            return f"No hook takes words along with a yes: keys are typed into its pane.{plan}"
        return plan.strip()

    # Where it is

    @property
    def on_review(self) -> bool:
        """Whether the page that repeats all answers is shown."""
        return self.draft.page >= len(self.question.items)

    @property
    def rows(self) -> tuple[model.Row, ...]:
        """What can be pointed at; nothing on the review."""
        return () if self.on_review else model.rows(self.question, self.draft.page)

    @property
    def row(self) -> model.Row | None:
        """What is pointed at."""
        return model.pointed(self.question, self.draft)

    @property
    def pointer(self) -> int:
        """The number of the row that is pointed at, from 0."""
        return model.pointer(self.question, self.draft)

    @property
    def kind(self) -> RowKind | None:
        """The kind of the row that is pointed at."""
        return self.row.kind if self.row is not None else None

    @property
    def given(self) -> model.ItemDraft:
        """What was given on this page so far."""
        return self.draft.items[self.draft.page]

    @property
    def multi(self) -> bool:
        """Whether several boxes can be ticked on this page."""
        return not self.on_review and self.question.items[self.draft.page].multi_select

    @property
    def needs_a_mark(self) -> bool:
        """Whether Enter alone would answer a start-up dialog with what only happens to be pointed at."""
        chosen = self.row is not None and self.row.option is not None and self.row.option.key in self.given.keys
        return self.question.kind is QuestionKind.TRUST and not self.on_review and not chosen


def _reason(worker: Worker) -> str:
    question = worker.question
    if question is None:
        return "It asks nothing at the moment."
    if question.unanswerable:
        return f"{question.unanswerable} - t attaches, to answer it there."
    if not question.items:
        return "What it asks could not be read - t attaches, to answer it there."
    return ""
