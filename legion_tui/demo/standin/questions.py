"""The dialog of AskUserQuestion: what its keys do. How it looks is in `question_view`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from legion_tui.demo.standin.cells import Row
from legion_tui.demo.standin.dialog import Dialog, Outcome, Took, digit, edit
from legion_tui.demo.standin.results import Given


class Page:
    """One question: its rows are the options, own words (not beside previews), Submit (multi-select), and the chat."""

    def __init__(self, question: Mapping[str, Any]) -> None:
        """Point at the first option; nothing is ticked."""
        self.question: str = question["question"]
        self.header: str = question["header"]
        self.options: Sequence[Mapping[str, Any]] = question["options"]
        self.multi = bool(question.get("multiSelect"))
        self.preview = any(option.get("preview") for option in self.options)
        self.pointer = 0
        # The option that stands out where the pointer is on the chat below previews.
        self.option = 0
        self.ticked: list[int] = []
        self.words_ticked = False
        self.text = ""
        self.note = ""
        self.noting = False
        self.done = False

    @property
    def words_row(self) -> int:
        """The row of own words; -1 where there is none."""
        return -1 if self.preview else len(self.options)

    @property
    def submit_row(self) -> int:
        """The row that submits a multi-select; -1 where there is none."""
        return len(self.options) + 1 if self.multi else -1

    @property
    def chat_row(self) -> int:
        """The last row."""
        return len(self.options) + (0 if self.preview else 2 if self.multi else 1)

    @property
    def given(self) -> Given:
        """What was chosen here so far."""
        if self.multi:
            labels = [str(self.options[i]["label"]) for i in self.ticked]
            return Given(labels=labels, text=self.text if self.words_ticked else "")
        if not self.done:
            return Given()
        if not self.ticked:
            return Given(text=self.text)
        option = self.options[self.ticked[0]]
        return Given([str(option["label"])], note=self.note, preview=str(option.get("preview") or ""))

    @property
    def answered(self) -> bool:
        """Whether its tab shows it as answered."""
        return self.given.answered

    def toggle(self, row: int) -> None:
        """Tick or untick a box."""
        if row == self.words_row:
            self.words_ticked = not self.words_ticked
        elif row in self.ticked:
            self.ticked.remove(row)
        else:
            self.ticked.append(row)

    def move(self, step: int) -> Took:
        """Move the pointer; up from the first row goes to the row of own words, the last row is the end."""
        before = self.pointer
        if step < 0 and self.pointer == 0:
            self.pointer = self.words_row if self.words_row >= 0 else self.chat_row
        else:
            self.pointer = max(0, min(self.chat_row, self.pointer + step))
        if self.pointer < len(self.options):
            self.option = self.pointer
        return Took.NOTHING if self.pointer == before else Took.CHANGED


class QuestionDialog(Dialog):
    """One to four questions, a tab each, and a review page where there is more than one answer to give."""

    waiting_for = "input needed"

    def __init__(self, tool_input: Mapping[str, Any]) -> None:
        """Show the first question of an AskUserQuestion input."""
        super().__init__()
        self.questions: Sequence[Mapping[str, Any]] = tool_input["questions"]
        self.pages = [Page(question) for question in self.questions]
        self.tab = 0
        self.review_pointer = 0

    @property
    def tabbed(self) -> bool:
        """Whether there is a bar of tabs with a review at its end."""
        return len(self.pages) > 1 or self.pages[0].multi

    @property
    def reviewing(self) -> bool:
        """Whether the review page is shown."""
        return self.tab == len(self.pages)

    @property
    def margin(self) -> int:
        """One row above previews and the review, none above options."""
        return int(self.reviewing or self.pages[self.tab].preview)

    def rows(self, width: int, height: int) -> list[Row]:
        """Return the page that is shown."""
        from legion_tui.demo.standin.question_view import question_rows, review_rows

        return review_rows(self, width, height) if self.reviewing else question_rows(self, width, height)

    def key(self, event: str) -> Took:
        """Take one event; Escape declines everything, except that it leaves the notes first."""
        if self.reviewing:
            return self._review_key(event)
        page = self.pages[self.tab]
        if page.noting:
            return self._note_key(page, event)
        if event == "escape":
            return self.finish(Outcome("stop"))
        if event in ("up", "down"):
            return page.move(-1 if event == "up" else 1)
        writing = page.pointer == page.words_row
        if self.tabbed and not writing and event in ("tab", "right", "backtab", "left"):
            return self._go(self.tab + (1 if event in ("tab", "right") else -1))
        if event == "enter":
            return self._enter(page)
        if writing:
            return self._write(page, event)
        return self._paste(page, event) if event.startswith("paste:") else self._press(page, event)

    def _press(self, page: Page, event: str) -> Took:
        if event == "text: " and page.multi and page.pointer < len(page.options):
            page.toggle(page.pointer)
            return Took.CHANGED
        if event == "text:n" and page.preview:
            page.noting = True
            return Took.CHANGED
        number = digit(event)
        if not number or page.pointer == page.chat_row:
            return Took.NOTHING
        row = number - 1
        if page.preview:
            if row >= len(page.options):
                return Took.NOTHING
            page.pointer = page.option = row
            return Took.CHANGED
        if row < len(page.options):
            return self._choose(page, row)
        if row == page.words_row:
            if page.multi:
                # Only ticked, not focused: what is typed next goes to the option rows.
                page.toggle(row)
            else:
                page.pointer = row
            return Took.CHANGED
        return self._clarify() if row == page.words_row + 1 else Took.NOTHING

    def _choose(self, page: Page, row: int) -> Took:
        if page.multi:
            page.toggle(row)
            return Took.CHANGED
        page.pointer = page.option = row
        page.ticked = [row]
        page.done = True
        return self._advance()

    def _enter(self, page: Page) -> Took:
        if page.pointer == page.chat_row:
            return self._clarify()
        if page.pointer == page.submit_row:
            return self._advance()
        if page.pointer != page.words_row:
            return self._choose(page, page.pointer)
        if page.multi:
            page.toggle(page.pointer)
            return Took.CHANGED
        if not page.text.strip():
            return self.finish(Outcome("stop"))
        page.ticked = []
        page.done = True
        return self._advance()

    def _write(self, page: Page, event: str) -> Took:
        if event == "tab" and page.multi:
            page.pointer = page.submit_row
            return Took.CHANGED
        text = edit(page.text, event)
        if text is None:
            return Took.NOTHING
        page.text = text
        page.words_ticked = bool(text)
        return Took.CHANGED

    def _paste(self, page: Page, event: str) -> Took:
        if page.words_row < 0:
            return Took.NOTHING
        page.pointer = page.words_row
        return self._write(page, event)

    def _note_key(self, page: Page, event: str) -> Took:
        if event == "escape":
            page.noting = False
            return Took.CHANGED
        if event == "enter":
            return self._choose(page, page.option)
        note = edit(page.note, event)
        if note is None:
            return Took.NOTHING
        page.note = note
        return Took.CHANGED

    def _review_key(self, event: str) -> Took:
        number = digit(event)
        if event in ("up", "down"):
            self.review_pointer = 1 - self.review_pointer
            return Took.CHANGED
        if event in ("backtab", "left"):
            return self._go(self.tab - 1)
        if event == "escape" or number == 2 or (event == "enter" and self.review_pointer == 1):
            return self.finish(Outcome("stop"))
        if number == 1 or event == "enter":
            return self.finish(Outcome("accept", given=[page.given for page in self.pages]))
        return Took.NOTHING

    def _advance(self) -> Took:
        if not self.tabbed:
            return self.finish(Outcome("accept", given=[self.pages[0].given]))
        return self._go(self.tab + 1)

    def _go(self, tab: int) -> Took:
        if not 0 <= tab <= len(self.pages):
            return Took.NOTHING
        self.tab = tab
        self.review_pointer = 0
        return Took.TURNED

    def _clarify(self) -> Took:
        return self.finish(Outcome("clarify", given=[page.given for page in self.pages]))
