"""Goes to a row by its id, its number, or a piece of its title."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from legion_tui.present.answer_layout import keys_line
from legion_tui.present.board import Row
from legion_tui.present.goto import goto_rows
from legion_tui.present.line import printable
from legion_tui.present.prose import Line, Role, crop, text_line
from legion_tui.ui.widgets.prose import Prose, paint
from legion_tui.ui.widgets.typed import TypedLine, after_typing


class GotoScreen(ModalScreen[str | None]):
    """Gives the key of the row that was meant, or None. `rows` is asked at every letter: it may have changed.

    `title` and `take` say what for.
    """

    DEFAULT_CLASSES: ClassVar[str] = "veil"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "go there", id="goto.take", show=False, priority=True),
        Binding("down,ctrl+n,tab", "move(1)", "down", id="goto.down", show=False, priority=True),
        Binding("up,ctrl+p,shift+tab", "move(-1)", "up", id="goto.up", show=False, priority=True),
        Binding("escape", "leave", "stay here", id="goto.leave", show=False, priority=True),
    ]
    AUTO_FOCUS: ClassVar[str | None] = "#goto-line"

    def __init__(
        self, rows: Callable[[], Sequence[Row]], *, pointer: str, title: str = "go to", take: str = "go there"
    ) -> None:
        super().__init__()
        self._title = title
        self._take_word = take
        self._rows = rows
        self._pointer = pointer
        self._marked = 0

    def compose(self) -> ComposeResult:
        """Lay out the line over what it may mean."""
        with Vertical(id="goto", classes="dialog"):
            yield TypedLine(placeholder="an id, a number, a piece of a title", id="goto-line")
            yield Prose(self._lines, id="goto-rows")

    def on_mount(self) -> None:
        """Name the dialog and its keys."""
        frame = self.query_one("#goto")
        frame.border_title = Content(printable(self._title))
        frame.border_subtitle = paint([keys_line([("enter", self._take_word), ("↓↑", "choose"), ("esc", "stay")], 48)])

    @property
    def _found(self) -> tuple[Row, ...]:
        return goto_rows(self._rows(), self.query_one(TypedLine).value)

    def _lines(self, width: int) -> list[Line]:
        found = self._found
        if not found:
            return [text_line("Nothing is called so.", Role.MUTED)]
        return [self._line(row, width, marked=number == self._marked) for number, row in enumerate(found)]

    def _line(self, row: Row, width: int, *, marked: bool) -> Line:
        worker = row.worker
        title = row.issue.issue.title if row.issue is not None else (worker.cwd or "" if worker is not None else "")
        parts: Line = (
            (f"{self._pointer} " if marked else "  ", Role.POINTER),
            (row.shown_id, Role.POINTED if marked else Role.TEXT),
            (f"  {title}", Role.MUTED),
        )
        return crop(parts, width)

    @on(TypedLine.Changed)
    def _changed(self) -> None:
        self._marked = 0
        self._show()

    @on(Prose.Clicked, "#goto-rows")
    def _clicked(self, event: Prose.Clicked) -> None:
        self._marked = event.line
        self._take()

    def action_move(self, step: int) -> None:
        """Mark the next row or the one before, stopping at the ends."""
        after_typing(self, lambda: self._move(step))

    def action_take(self) -> None:
        """Go to the row that is marked."""
        after_typing(self, self._take)

    def action_leave(self) -> None:
        """Stay where it was."""
        after_typing(self, self._leave)

    def _leave(self) -> None:
        self.dismiss(None)

    def _move(self, step: int) -> None:
        self._marked = min(max(self._marked + step, 0), max(len(self._found) - 1, 0))
        self._show()

    def _take(self) -> None:
        found = self._found
        if self._marked < len(found):
            self.dismiss(found[self._marked].key)
        else:
            # What is painted may have left meanwhile.
            self._show()
            self.app.bell()

    def _show(self) -> None:
        self.query_one("#goto-rows", Prose).show(self._lines)
