"""The answer dialog: one worker's question, whatever its kind, to the request that answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen

from legion_tui.present import answer as pages
from legion_tui.present import question as model
from legion_tui.present.answer_state import Answering, Writing
from legion_tui.present.glyphs import UNICODE, Glyphs
from legion_tui.present.question import Drafts, RowKind
from legion_tui.state import AnswerReceipt, AnswerRequest, Channel, QuestionKind, Worker
from legion_tui.ui.answer_keys import answer_bindings, answer_help, renamed
from legion_tui.ui.widgets.prose import Prose
from legion_tui.ui.widgets.question_form import QuestionForm
from legion_tui.ui.widgets.words import Words


class AnswerScreen(ModalScreen[AnswerRequest | None]):
    """Hands the request to `send` and stays until `took` brings what came of it; without `send` it gives the request.

    None is not now. The draft stays in `drafts` until its owner drops it.
    `update_worker` is to be called with every snapshot: an answer to a question that is gone is never given.
    `shown_id` is how the issue is named on the board where that is not its id.
    `preselect` is the digit that was pressed on the board: that choice is marked, and Enter sends it.
    """

    DEFAULT_CLASSES: ClassVar[str] = "veil"
    BINDINGS: ClassVar[list[BindingType]] = [*answer_bindings()]
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
        send: Callable[[AnswerRequest], object] | None = None,
        glyphs: Glyphs = UNICODE,
        shown_id: str = "",
        keymap: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        self._now = now
        self._attach_to = attach
        self._send_to = send
        self._signs = pages.signs_of(glyphs.name)
        self._shown_id = shown_id
        self._keymap = keymap or {}
        self._done = self._left = False
        self._answering = Answering(worker, target=target, drafts=drafts)
        if preselect is not None:
            self._answering.mark(preselect)

    def compose(self) -> ComposeResult:
        """The form is all there is."""
        yield QuestionForm(
            self._answering, now=self._now, signs=self._signs, shown_id=self._shown_id, keys=renamed(self._keymap)
        )

    def on_resize(self) -> None:
        """Fit again."""
        self._show()

    def on_screen_resume(self) -> None:
        """Close what was finished while the help lay over it."""
        if self._done:
            self._leave(None)

    def update_worker(self, worker: Worker | None) -> None:
        """Take what the newest snapshot says of this worker. A question that is gone or another cannot be answered."""
        if self._answering.update(worker):
            self._show()

    def took(self, receipt: AnswerReceipt | None) -> None:
        """Take what came of the answer: close when it is confirmed, else say why and go on; None where it broke off."""
        self._done = self._answering.settle(receipt)
        if not self.is_attached:
            return
        if self._done and self.app.screen is self:
            self._leave(None)
        else:
            self._show()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While words are written every key but those of the box is text; while an answer is under way all rest."""
        if f"action_{action}" not in AnswerScreen.__dict__:
            return True
        if self._answering.sending:
            return action in ("not_now", "scroll", "attach", "help")
        return not self._answering.writing

    def action_move(self, step: int) -> None:
        """Point at the next or the previous row; the review scrolls instead."""
        state = self._answering
        if state.on_review:
            self._form.scroll_choices(step)
        else:
            self._change(model.point(state.question, state.draft, state.pointer + step))

    def action_digit(self, digit: int) -> None:
        """Choose by number; on the review, go to that question."""
        state = self._answering
        if state.on_review:
            if digit <= len(state.question.items):
                self._change(replace(state.draft, page=digit - 1))
            return
        if state.mark(digit) and state.kind is RowKind.WORDS:
            self.action_write()
        self._show()

    def action_tick(self) -> None:
        """Choose what is pointed at without going on."""
        state = self._answering
        if state.kind is RowKind.OPTION:
            self._change(model.choose(state.question, state.draft, state.pointer))
        elif not state.on_review:
            self.action_enter()

    def action_enter(self) -> None:
        """Take what is pointed at and go on: to the next question, to the review, or away with the answer."""
        state = self._answering
        if state.on_review:
            self._send()
        elif state.kind is RowKind.WORDS:
            self.action_write()
        elif state.kind is RowKind.SUBMIT:
            self._go_on()
        elif state.multi:
            self.action_tick()
        elif not state.rows:
            self._refuse(state.blocked or "There is nothing to choose here.")
        elif state.needs_a_mark:
            self._refuse("Enter alone does not answer this: mark a choice first, with its digit or space.")
        else:
            self._change(model.choose(state.question, state.draft, state.pointer))
            self._go_on()

    def action_page(self, step: int) -> None:
        """Turn to the next or the previous question."""
        self._change(model.turn(self._answering.question, self._answering.draft, step))

    def action_scroll(self, step: int) -> None:
        """Scroll what is asked by a page."""
        self._form.scroll_subject(step)

    def action_write(self) -> None:
        """Answer in own words, where the agent takes any."""
        state = self._answering
        index = next((n for n, row in enumerate(state.rows) if row.kind is RowKind.WORDS), None)
        if index is None:
            self._refuse("This takes no words of your own.")
            return
        self._change(model.point(state.question, state.draft, index))
        row = state.rows[index]
        self._begin(Writing.ANSWER, row.label if row.option else "Your own words", state.given.words)

    def action_note(self) -> None:
        """Write words beside the choice that is pointed at."""
        state = self._answering
        prompt = model.note_prompt(state.question, state.draft.page, state.row) if state.row is not None else ""
        if prompt:
            self._begin(Writing.NOTE, prompt, state.given.note)
        else:
            self._refuse("This choice takes no words beside it.")

    def action_talk(self) -> None:
        """Take the question back, so that the two of you talk about it first; by hook words can say what about."""
        state = self._answering
        if state.question.kind is not QuestionKind.QUESTION:
            self._refuse("Only a question can be talked about; n puts words beside a choice.")
        elif state.blocked or state.question.channel is Channel.HOOK:
            self._begin(Writing.TALK, "Answer nothing yet, and tell it (may be empty)", state.draft.talk)
        elif state.talking:
            self._deliver(model.talk(state.question, state.target, ""))
        else:
            state.talking = True
            self._refuse("It will ask what is unclear, and goes on with what you tell it in its window. c again sends.")

    def action_attach(self) -> None:
        """Leave the dialog for the worker's window; the draft stays."""
        if self._attach_to is None:
            self._refuse("There is no way to attach from here.")
            return
        self._attach_to(self._answering.target)
        self._leave(None)

    def action_renew(self) -> None:
        """Show the question that took this one's place."""
        if self._answering.renew():
            self._show()
        else:
            self._refuse("This is the question that it asks.")

    def action_help(self) -> None:
        """Show what the keys do."""
        from legion_tui.ui.screens.help import HelpEntry, HelpScreen

        self.app.push_screen(HelpScreen([HelpEntry(*told) for told in answer_help(self._keymap)]))

    def action_not_now(self) -> None:
        """Close without an answer; one that is under way goes on."""
        self._leave(None)

    @on(Words.Taken)
    def _words_taken(self, event: Words.Taken) -> None:
        event.stop()
        state = self._answering
        writing = self._end_writing(event.text)
        if writing is Writing.TALK:
            self._deliver(model.talk(state.question, state.target, event.text))
        elif writing is Writing.NOTE:
            self.action_enter()
        else:
            self._change(model.write(state.question, state.draft, event.text))
            if event.text.strip() and not state.multi:
                self._go_on()

    @on(Words.Left)
    def _words_left(self, event: Words.Left) -> None:
        event.stop()
        self._end_writing(event.text)
        self._show()

    @on(Prose.Clicked)
    def _clicked(self, event: Prose.Clicked) -> None:
        state = self._answering
        if state.writing or state.sending:
            return
        if event.prose.id == "answer-tabs":
            page = pages.tab_at(state.question, state.draft, event.prose.content_size.width, event.column)
            if page is not None:
                self._change(replace(state.draft, page=page))
        elif event.prose.id == "answer-choices" and event.line < len(self._form.owners):
            self._row_clicked(self._form.owners[event.line], twice=event.chain == 2)

    def _row_clicked(self, owner: int, *, twice: bool) -> None:
        """A click marks, a second one sends; on the review it goes to that question, or sends them all."""
        state = self._answering
        if state.on_review and owner < len(state.question.items):
            self.action_digit(owner + 1)
        elif state.on_review or (twice and state.kind is RowKind.OPTION and not state.multi):
            self.action_enter()
        elif state.rows[owner].number:
            self.action_digit(owner + 1)
        else:
            self._change(model.point(state.question, state.draft, owner))
            self.action_enter()

    # What the keys do

    def _change(self, draft: model.Draft) -> None:
        turned = self._answering.change(draft)
        self._show()
        if turned:
            self._form.to_top()

    def _go_on(self) -> None:
        state = self._answering
        if state.draft.page + 1 < len(state.question.items) or model.has_review(state.question):
            self._change(model.turn(state.question, state.draft, 1))
        else:
            self._send()

    def _send(self) -> None:
        request = self._answering.request()
        if request is None:
            self._refuse(self._answering.hint)
        else:
            self._deliver(request)

    def _deliver(self, request: AnswerRequest) -> None:
        if self._answering.blocked:
            self._refuse(self._answering.blocked)
        elif self._send_to is None:
            self._leave(request)
        else:
            self._answering.send()
            self._show()
            self._send_to(request)

    def _leave(self, request: AnswerRequest | None) -> None:
        """Close, once: a receipt can come at the same time as the key that leaves."""
        if not self._left:
            self._left = True
            self.dismiss(request)

    def _refuse(self, why: str) -> None:
        self._answering.hint = "" if why == self._answering.blocked else why
        self.app.bell()
        self._show()

    def _begin(self, writing: Writing, prompt: str, text: str) -> None:
        state = self._answering
        if state.blocked:
            self._refuse(state.blocked)
            return
        state.writing, state.hint = writing, ""
        self.query_one(Words).begin(prompt, text)
        self._show()

    def _end_writing(self, text: str) -> Writing:
        writing = self._answering.end_writing(text)
        self.set_focus(None)
        return writing

    @property
    def _form(self) -> QuestionForm:
        return self.query_one(QuestionForm)

    def _show(self) -> None:
        if self.is_mounted:
            self._form.update()
