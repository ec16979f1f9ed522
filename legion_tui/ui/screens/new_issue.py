"""A new issue: title, body, and whether a worker begins at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from legion_tui.present.answer_layout import keys_line
from legion_tui.present.prose import Line, Role, text_line
from legion_tui.state.text import clean
from legion_tui.ui.screens.writing import WritingScreen
from legion_tui.ui.widgets.prose import Prose, paint
from legion_tui.ui.widgets.typed import TypedArea, TypedLine, after_typing

# Opens a text in the person's editor and returns what became of it, None where that did not work.
Edit = Callable[[str], Awaitable[str | None]]

_KEYS = [("ctrl+s", "add and dispatch"), ("enter", "add (in the title)"), ("ctrl+e", "editor"), ("esc", "cancel")]


@dataclass(frozen=True, slots=True)
class NewIssueDraft:
    """What was written, and whether it is to be dispatched at once."""

    title: str
    body: str
    dispatch: bool


class NewIssueScreen(WritingScreen[NewIssueDraft]):
    """Gives the issue to add, or None for nothing. `draft` is what to begin with; without `edit` there is no editor."""

    DEFAULT_CLASSES: ClassVar[str] = "veil"
    BINDINGS: ClassVar[list[BindingType]] = [
        # Few terminals send ctrl+enter; ctrl+s and F2 are what all of them send.
        Binding("ctrl+enter,ctrl+s,f2", "add(True)", "add and dispatch", id="new.dispatch", show=False, priority=True),
        Binding("ctrl+e", "edit", "editor", id="new.edit", show=False, priority=True),
        Binding("escape", "leave", "cancel", id="new.leave", show=False, priority=True),
    ]
    AUTO_FOCUS: ClassVar[str | None] = "#new-title"

    def __init__(self, *, edit: Edit | None = None, draft: NewIssueDraft | None = None) -> None:
        super().__init__()
        self._edit = edit
        self._given = draft or NewIssueDraft("", "", dispatch=False)

    def compose(self) -> ComposeResult:
        """Lay out title and body."""
        with Vertical(id="new", classes="dialog"):
            yield TypedLine(self._given.title, placeholder="Title", compact=True, select_on_focus=False, id="new-title")
            yield TypedArea(
                self._given.body, placeholder="What is to be done, in Markdown", compact=True, id="new-body"
            )
            yield Prose(self._warn, id="new-warning")

    def on_mount(self) -> None:
        """Name the dialog and its keys."""
        frame = self.query_one("#new")
        frame.border_title = Content("new issue")
        self.query_one("#new-warning").display = False

    def on_resize(self) -> None:
        """Name as many keys as there is room for."""
        frame = self.query_one("#new")
        frame.border_subtitle = paint([keys_line(_KEYS, max(min(self.app.size.width, 90) - 6, 20))])

    @property
    def draft(self) -> NewIssueDraft:
        """What is written now; its owner may keep it for the next time."""
        title = self.query_one("#new-title", TypedLine).value
        return NewIssueDraft(title.strip(), self.query_one("#new-body", TypedArea).text.strip("\n"), dispatch=False)

    def _warn(self, width: int) -> tuple[Line, ...]:
        return (text_line(self._warning[:width], Role.WARN),)

    @property
    def written(self) -> str:
        """What would be lost: title and body."""
        draft = self.draft
        return f"{draft.title}\n{draft.body}"

    def show(self) -> None:
        """Paint the warning."""
        prose = self.query_one("#new-warning", Prose)
        prose.display = bool(self._warning)
        prose.show(self._warn)

    @on(TypedLine.Submitted)
    def _submitted(self) -> None:
        self.action_add(False)

    def action_add(self, dispatch: bool) -> None:
        """Add what is written; an issue needs a title."""
        after_typing(self, partial(self._add, dispatch=dispatch))

    def _add(self, *, dispatch: bool) -> None:
        draft = self.draft
        if not draft.title:
            self.say("An issue needs a title.")
            self.query_one("#new-title").focus()
            self.app.bell()
            return
        self.dismiss(NewIssueDraft(draft.title, draft.body, dispatch))

    @work(group="editor", exclusive=True)
    async def action_edit(self) -> None:
        """Write in the person's own editor: the title on the first line, the body after a blank one."""
        if self._edit is None:
            self.say("No editor is known: set $EDITOR.")
            return
        draft = self.draft
        text = await self._edit(f"{draft.title}\n\n{draft.body}\n")
        if text is None:
            return
        title, _, body = clean(text).lstrip("\n").partition("\n")
        self.query_one("#new-title", TypedLine).value = title.strip()
        self.query_one("#new-body", TypedArea).text = body.strip("\n")
