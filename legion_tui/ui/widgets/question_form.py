"""A worker's question as a framed form: it draws what it is told and fits it to the terminal; it decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.geometry import Region

from legion_tui.present import answer as pages
from legion_tui.present import question as model
from legion_tui.present.answer_layout import Wanted, key_words, keys_line, share
from legion_tui.present.answer_state import Answering
from legion_tui.present.prose import BLANK, Line, Role, between, crop
from legion_tui.ui.widgets.prose import Prose, paint
from legion_tui.ui.widgets.words import Words

_WIDTH = 100
_WIDTH_WITH_PREVIEWS = 150
# Previews stand at the right from this inner width on, under the choices where it is narrower.
_PREVIEW_BESIDE = 84
_WORDS_HEIGHT = 5


class QuestionForm(Vertical):
    """The frame and its parts; what a page does not have takes no room."""

    def __init__(
        self,
        state: Answering,
        *,
        now: Callable[[], datetime],
        signs: pages.Signs,
        shown_id: str,
        keys: Mapping[str, str],
    ) -> None:
        super().__init__(id="answer")
        self._keys = keys
        self._state = state
        self._now = now
        self._signs = signs
        self._shown_id = shown_id
        self._scrolls = False
        # For each line of the choices, the number of the row that it belongs to.
        self.owners: list[int] = []

    def compose(self) -> ComposeResult:
        """Lay out the parts from top to bottom."""
        yield Prose(id="answer-tabs")
        with VerticalScroll(id="answer-subject", can_focus=False):
            yield Prose(self._subject)
        with Horizontal(id="answer-middle"):
            with VerticalScroll(id="answer-rows", can_focus=False):
                yield Prose(id="answer-choices")
            with VerticalScroll(id="answer-preview", can_focus=False):
                yield Prose(id="answer-previewed")
        yield Prose(id="answer-note")
        yield Words(id="answer-words")
        yield Prose(self._before, id="answer-before")
        yield Prose(self._banner, id="answer-banner")

    def on_mount(self) -> None:
        """Show the question; its age ticks."""
        self.set_interval(1.0, self._edges)
        self.update()

    def update(self) -> None:
        """Show the state as it is, fitted to the terminal as it is now."""
        state = self._state
        if not self.is_mounted:
            return
        question, draft, width = state.question, state.draft, self._outer_width() - 5
        beside = any(o.preview for item in question.items for o in item.options) and width >= _PREVIEW_BESIDE
        # A column between the two, a line and another column.
        choices_width = width * 2 // 5 if beside else width
        preview = pages.preview_lines(question, draft, width - choices_width - 3 if beside else width)
        beside = beside and bool(preview)
        lines, self.owners = pages.row_lines(question, draft, choices_width if beside else width, self._signs)
        self.query_one("#answer-choices", Prose).show(lambda _: lines)
        self.query_one("#answer-previewed", Prose).show(lambda _: preview)
        self.query_one("#answer-subject Prose", Prose).show(self._subject)
        self.query_one("#answer-tabs", Prose).show(lambda w: (pages.tabs_line(question, draft, w), BLANK))
        self.query_one("#answer-note", Prose).show(lambda w: pages.note_lines(question, draft, w))
        self.query_one("#answer-before", Prose).show(self._before)
        self.query_one("#answer-banner", Prose).show(self._banner)
        self.query_one(Words).display = bool(state.writing)
        self._fit(width, len(preview), beside)
        self._edges()
        self._keep_pointer_in_view()

    def scroll_subject(self, pages_on: int) -> None:
        """Scroll what is asked by pages, and once that is at its end a choice that is longer than the dialog."""
        for part in (self.query_one("#answer-subject"), self.query_one("#answer-rows")):
            end = part.max_scroll_y if pages_on > 0 else 0
            if part.scroll_offset.y != end:
                part.scroll_relative(y=pages_on * max(part.size.height - 1, 1), animate=False)
                return

    def scroll_choices(self, lines: int) -> None:
        """Scroll the choices, or the review, by lines."""
        self.query_one("#answer-rows").scroll_relative(y=lines, animate=False)

    def to_top(self) -> None:
        """Show the beginning of everything: another page was turned to."""
        for scroll in self.query(VerticalScroll):
            scroll.scroll_home(animate=False)

    def _keep_pointer_in_view(self) -> None:
        question, draft = self._state.question, self._state.draft
        if draft.page >= len(question.items) or not self.owners:
            return
        at = model.pointer(question, draft)
        region = Region(0, self.owners.index(at), 1, self.owners.count(at))
        self.query_one("#answer-rows").scroll_to_region(region, animate=False, force=True)

    def _subject(self, width: int) -> list[Line]:
        return pages.subject_lines(self._state.question, self._state.draft.page, width)

    def _banner(self, width: int) -> list[Line]:
        state = self._state
        sending = "sending…" if state.sending else ""
        told = [(state.failed, Role.BAD), (state.blocked, Role.WARN), (state.way, Role.WARN)]
        told += [(state.hint, Role.MUTED), (sending, Role.BUSY)]
        lines = [line for text, role in told for line in pages.banner_lines(text, width, role)]
        return [BLANK, *lines] if lines else []

    def _before(self, width: int) -> list[Line]:
        lines = pages.before_lines(self._state.worker, width)
        return [BLANK, *lines] if lines else []

    def _outer_width(self) -> int:
        width = self.app.size.width
        previews = any(option.preview for item in self._state.question.items for option in item.options)
        widest = _WIDTH_WITH_PREVIEWS if previews else _WIDTH
        return min(width if width < 80 else width - 4, widest)

    def _fit(self, width: int, preview: int, beside: bool) -> None:
        question, height = self._state.question, self.app.size.height
        subject = len(self._subject(width))
        heights = share(
            height - (4 if height >= 30 else 2),
            Wanted(
                tabs=2 if model.has_review(question) else 0,
                subject=subject,
                choices=len(self.owners),
                # Under the choices a blank line goes before the preview.
                preview=preview + (1 if preview and not beside else 0),
                beside=beside,
                note=len(pages.note_lines(question, self._state.draft, width)),
                words=_WORDS_HEIGHT if self._state.writing else 0,
                before=len(self._before(width)),
                banner=len(self._banner(width)),
            ),
        )
        self._scrolls = heights.subject < subject or heights.choices < len(self.owners)
        self.styles.width, self.styles.height = self._outer_width(), heights.dialog
        self.set_class(heights.roomy, "-roomy")
        self.query_one("#answer-tabs").display = model.has_review(question)
        self.query_one("#answer-subject").styles.height = heights.subject
        middle = self.query_one("#answer-middle")
        middle.styles.height = heights.middle
        middle.set_class(beside, "-beside")
        self.query_one("#answer-rows").styles.height = heights.choices
        self.query_one("#answer-preview").display = bool(preview)
        self.query_one("#answer-before").display = bool(heights.before)

    def _edges(self) -> None:
        """Write who asks into the frame's upper edge, and the keys into the lower one."""
        state, room = self._state, self._outer_width() - 6
        name = pages.who(state.worker, self._shown_id)
        line: Line = ((name, Role.STRONG), (f" · {pages.asks(state.question, self._now())}", Role.MUTED))
        where = pages.place(state.question, state.draft)
        if where:
            line = between((*line, (" ", Role.TEXT)), ((f" {where}", Role.MUTED),), room, fill=("─", Role.FRAME))
        self.border_title = paint([crop(line, room)])
        keys = key_words(
            state.question,
            state.draft,
            writing=bool(state.writing),
            blocked=bool(state.blocked),
            newer=state.newer is not None,
            scrolls=self._scrolls,
            sending=state.sending,
        )
        now = [(self._keys.get(key, key), word) for key, word in keys]
        self.border_subtitle = paint([keys_line(now, room)])
