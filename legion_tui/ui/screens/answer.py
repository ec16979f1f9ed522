"""The answer dialog: one worker's question, whatever its kind, to the request that answers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from legion_tui.present import answer as pages
from legion_tui.present import question as model
from legion_tui.present.glyphs import UNICODE, Glyphs
from legion_tui.present.question import Drafts, RowKind
from legion_tui.state import AnswerRequest, Question, QuestionItem, QuestionKind, Worker
from legion_tui.ui.widgets.prose import Prose
from legion_tui.ui.widgets.question_form import FormState, QuestionForm
from legion_tui.ui.widgets.words import Words


class _Writing(StrEnum):
    """What the words that are being written are for."""

    NOTHING = ""
    ANSWER = "answer"
    NOTE = "note"
    TALK = "talk"


class AnswerScreen(ModalScreen[AnswerRequest | None]):
    """Gives the request to send, or None for not now. The draft stays in `drafts` until its owner drops it.

    `update_worker` is to be called with every snapshot: an answer to a question that is gone is never given.
    `shown_id` is how the issue is named on the board where that is not its id.
    `preselect` is the digit that was pressed on the board: that choice is marked, and Enter sends it.
    """

    DEFAULT_CLASSES: ClassVar[str] = "veil"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "down", id="answer.down", show=False),
        Binding("up,k", "move(-1)", "up", id="answer.up", show=False),
        Binding("enter", "enter", "send", id="answer.enter", show=False),
        Binding("space", "tick", "choose", id="answer.choose", show=False),
        Binding("tab,right,l", "page(1)", "next question", id="answer.next", show=False),
        Binding("shift+tab,left,h", "page(-1)", "previous question", id="answer.previous", show=False),
        Binding("w", "write", "own words", id="answer.write", show=False),
        Binding("n", "note", "note", id="answer.note", show=False),
        Binding("c", "talk", "chat about it", id="answer.chat", show=False),
        Binding("t", "attach", "attach", id="answer.attach", show=False),
        Binding("r", "renew", "show the new question", id="answer.renew", show=False),
        Binding("pagedown,ctrl+d", "scroll(1)", "scroll", id="answer.page_down", show=False),
        Binding("pageup,ctrl+u", "scroll(-1)", "scroll back", id="answer.page_up", show=False),
        Binding("escape", "not_now", "not now", id="answer.not_now", show=False),
        *(
            Binding(str(digit), f"digit({digit})", f"choose {digit}", id=f"answer.digit_{digit}", show=False)
            for digit in range(1, 10)
        ),
    ]
    AUTO_FOCUS: ClassVar[str | None] = ""

    def __init__(
        self,
        worker: Worker,
        *,
        target: str,
        drafts: Drafts,
        now: Callable[[], datetime],
        preselect: int | None = None,
        attach: Callable[[str], None] | None = None,
        glyphs: Glyphs = UNICODE,
        shown_id: str = "",
    ) -> None:
        super().__init__()
        self._target = target
        self._drafts = drafts
        self._now = now
        self._attach_to = attach
        self._signs = pages.signs_of(glyphs.name)
        self._shown_id = shown_id
        self._writing = _Writing.NOTHING
        self._newer: Worker | None = None
        self._blocked = ""
        self._hint = ""
        self._take(worker)
        if preselect is not None:
            self._mark(preselect)

    def compose(self) -> ComposeResult:
        """The form is all there is."""
        yield QuestionForm(self._state(), now=self._now, signs=self._signs, shown_id=self._shown_id)

    def on_resize(self) -> None:
        """Fit again."""
        self._show()

    # What is asked

    def _take(self, worker: Worker) -> None:
        self._worker = worker
        # Without a question, or with one that holds nothing, there is something to read and nothing to send.
        question = worker.question or Question(id="", kind=QuestionKind.QUESTION, items=())
        self._question = question if question.items else replace(question, items=(QuestionItem(text=""),))
        self._draft = self._drafts.of(self._question)
        self._newer = None
        self._blocked = self._reason(worker)

    def _reason(self, worker: Worker) -> str:
        question = worker.question
        if question is None:
            return "It asks nothing at the moment."
        if question.unanswerable:
            return f"{question.unanswerable} - t attaches, to answer it there."
        if not question.items:
            return "What it asks could not be read - t attaches, to answer it there."
        return ""

    def update_worker(self, worker: Worker | None) -> None:
        """Take what the newest snapshot says of this worker. A question that is gone or another cannot be answered."""
        question = worker.question if worker is not None and worker.live else None
        if worker is None or question is None:
            self._block(None, "The question is gone: it was answered or withdrawn. Your draft is kept; esc leaves.")
        elif question.id != self._question.id:
            self._block(worker, "It asks something else now. r shows it; your draft is kept.")
        elif worker != self._worker or self._newer is not None:
            self._take(worker)
            self._show()

    def _block(self, newer: Worker | None, reason: str) -> None:
        self._newer = newer
        if self._blocked != reason:
            self._blocked = reason
            self._show()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While words are written every key but those of the box is text."""
        return not (self._writing and f"action_{action}" in AnswerScreen.__dict__)

    def action_move(self, step: int) -> None:
        """Point at the next or the previous row; the review scrolls instead."""
        if self._on_review:
            self._form.scroll_choices(step)
            return
        self._change(model.point(self._question, self._draft, self._pointer + step))

    def action_digit(self, digit: int) -> None:
        """Choose by number; on the review, go to that question."""
        if self._on_review:
            if digit <= len(self._question.items):
                self._change(replace(self._draft, page=digit - 1))
            return
        self._mark(digit)
        self._show()
        if self._row_kind is RowKind.WORDS and digit <= len(self._rows):
            self.action_write()

    def action_tick(self) -> None:
        """Choose what is pointed at without going on."""
        if self._on_review:
            return
        if self._row_kind is RowKind.OPTION:
            self._change(model.choose(self._question, self._draft, self._pointer))
        else:
            self.action_enter()

    def action_enter(self) -> None:
        """Take what is pointed at and go on: to the next question, to the review, or away with the answer."""
        if self._on_review:
            self._send()
        elif self._row_kind is RowKind.WORDS:
            self.action_write()
        elif self._row_kind is RowKind.SUBMIT:
            self._go_on()
        elif self._multi:
            self.action_tick()
        elif self._rows:
            self._change(model.choose(self._question, self._draft, self._pointer))
            self._go_on()
        else:
            self._refuse(self._blocked or "There is nothing to choose here.")

    def action_page(self, step: int) -> None:
        """Turn to the next or the previous question."""
        self._change(model.turn(self._question, self._draft, step))

    def action_scroll(self, step: int) -> None:
        """Scroll what is asked by a page."""
        self._form.scroll_subject(step)

    def action_write(self) -> None:
        """Answer in own words, where the agent takes any."""
        index = next((n for n, row in enumerate(self._rows) if row.kind is RowKind.WORDS), None)
        if index is None:
            self._refuse("This takes no words of your own.")
            return
        self._change(model.point(self._question, self._draft, index))
        row = self._rows[index]
        self._begin(_Writing.ANSWER, row.label if row.option else "Your own words", self._item.words)

    def action_note(self) -> None:
        """Write words beside the choice that is pointed at."""
        row = self._row
        prompt = model.note_prompt(self._question, self._draft.page, row) if row is not None else ""
        if not prompt:
            self._refuse("This choice takes no words beside it.")
            return
        self._begin(_Writing.NOTE, prompt, self._item.note)

    def action_talk(self) -> None:
        """Decline the question and say why, so that the two of you talk about it first."""
        if self._question.kind is not QuestionKind.QUESTION:
            self._refuse("Only a question can be talked about; n puts words beside a choice.")
            return
        self._begin(_Writing.TALK, "Answer nothing yet, and tell it (may be empty)", self._draft.talk)

    def action_attach(self) -> None:
        """Leave the dialog for the worker's window; the draft stays."""
        if self._attach_to is None:
            self._refuse("There is no way to attach from here.")
            return
        self._attach_to(self._target)
        self.dismiss(None)

    def action_renew(self) -> None:
        """Show the question that took this one's place."""
        if self._newer is None:
            self._refuse("This is the question that it asks.")
            return
        self._take(self._newer)
        self._show()

    def action_not_now(self) -> None:
        """Close without an answer."""
        self.dismiss(None)

    @on(Words.Taken)
    def _words_taken(self, event: Words.Taken) -> None:
        event.stop()
        writing = self._end_writing(event.text)
        if writing is _Writing.TALK:
            if self._blocked:
                self._refuse(self._blocked)
            else:
                self.dismiss(model.decline(self._question, self._target, event.text))
            return
        if writing is _Writing.NOTE:
            self.action_enter()
            return
        self._change(model.write(self._question, self._draft, event.text))
        if event.text.strip() and not self._multi:
            self._go_on()

    @on(Words.Left)
    def _words_left(self, event: Words.Left) -> None:
        event.stop()
        self._end_writing(event.text)
        self._show()

    @on(Prose.Clicked)
    def _clicked(self, event: Prose.Clicked) -> None:
        if self._writing:
            return
        if event.prose.id == "answer-tabs":
            page = pages.tab_at(self._question, self._draft, event.prose.content_size.width, event.column)
            if page is not None:
                self._change(replace(self._draft, page=page))
        elif event.prose.id == "answer-choices" and event.line < len(self._form.owners):
            owner = self._form.owners[event.line]
            if self._on_review or self._rows[owner].number:
                self.action_digit(owner + 1)
            else:
                self._change(model.point(self._question, self._draft, owner))
                self.action_enter()

    # What the keys do

    def _mark(self, number: int) -> None:
        if 1 <= number <= len(self._rows) and self._rows[number - 1].number == number:
            self._draft = model.choose(self._question, self._draft, number - 1)
            self._drafts.keep(self._question, self._draft)

    def _change(self, draft: model.Draft) -> None:
        turned = draft.page != self._draft.page
        self._draft, self._hint = draft, ""
        self._drafts.keep(self._question, draft)
        self._show()
        if turned:
            self._form.to_top()

    def _go_on(self) -> None:
        if self._draft.page + 1 < len(self._question.items) or model.has_review(self._question):
            self._change(model.turn(self._question, self._draft, 1))
        else:
            self._send()

    def _send(self) -> None:
        request = model.request(self._question, self._draft, self._target)
        if self._blocked:
            self._refuse(self._blocked)
        elif request is not None:
            self.dismiss(request)
        else:
            missing = model.unanswered(self._question, self._draft)
            self._change(replace(self._draft, page=missing[0]))
            self._refuse("This one has no answer yet.")

    def _refuse(self, why: str) -> None:
        self._hint = "" if why == self._blocked else why
        self.app.bell()
        self._show()

    def _begin(self, writing: _Writing, prompt: str, text: str) -> None:
        if self._blocked:
            self._refuse(self._blocked)
            return
        self._writing, self._hint = writing, ""
        self.query_one(Words).begin(prompt, text)
        self._show()

    def _end_writing(self, text: str) -> _Writing:
        writing, self._writing = self._writing, _Writing.NOTHING
        if writing is _Writing.NOTE:
            self._draft = model.note(self._draft, text)
        elif writing is _Writing.TALK:
            self._draft = replace(self._draft, talk=text)
        else:
            self._draft = model.keep_words(self._draft, text)
        self._drafts.keep(self._question, self._draft)
        self.set_focus(None)
        return writing

    # What is shown

    @property
    def _on_review(self) -> bool:
        return self._draft.page >= len(self._question.items)

    @property
    def _rows(self) -> tuple[model.Row, ...]:
        return () if self._on_review else model.rows(self._question, self._draft.page)

    @property
    def _item(self) -> model.ItemDraft:
        return self._draft.items[self._draft.page]

    @property
    def _pointer(self) -> int:
        return model.pointer(self._question, self._draft)

    @property
    def _row(self) -> model.Row | None:
        return model.pointed(self._question, self._draft)

    @property
    def _row_kind(self) -> RowKind | None:
        return self._row.kind if self._row is not None else None

    @property
    def _multi(self) -> bool:
        return not self._on_review and self._question.items[self._draft.page].multi_select

    def _state(self) -> FormState:
        return FormState(
            worker=self._worker,
            question=self._question,
            draft=self._draft,
            blocked=self._blocked,
            hint=self._hint,
            writing=bool(self._writing),
            newer=self._newer is not None,
        )

    @property
    def _form(self) -> QuestionForm:
        return self.query_one(QuestionForm)

    def _show(self) -> None:
        if self.is_mounted:
            self._form.update(self._state())
