"""The line under the board: the keys that apply to the selected row."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message

from legion_tui.present.footer import Hint, footer_line, placed_hints
from legion_tui.present.rows import Look
from legion_tui.present.steps import step_of
from legion_tui.ui.commands import BY_ID, FOOTER
from legion_tui.ui.reasons import Context
from legion_tui.ui.widgets.toned import LineBar


class Footer(LineBar):
    """Shows the commands that can act now; a click on one runs it."""

    class Pressed(Message):
        """A command was pressed with the mouse."""

        def __init__(self, command: str) -> None:
            super().__init__()
            self.command = command

    def __init__(self, look: Look) -> None:
        super().__init__(id="footer")
        self._look = look
        self._hints: Sequence[Hint] = ()

    def tell(self, context: Context, width: int, *, away: str = "") -> None:
        """Show the keys that apply; of a row that is out of sight its name comes first, and where it is."""
        self._hints = self._applying(context)
        if away and context.row is not None:
            self._hints = (Hint("detail", context.row.shown_id, away), *self._hints)
        self.show((footer_line(self._hints, self._help, width, self._look.glyphs.ellipsis),))

    @property
    def _help(self) -> Hint:
        return self._hint("help")

    def _hint(self, command: str, label: str = "") -> Hint:
        return Hint(command, self._look.key(command), label or BY_ID[command].label)

    def _applying(self, context: Context) -> list[Hint]:
        hints: list[Hint] = []
        step = step_of(context.row) if context.row is not None else None
        if context.marked:
            hints += [self._hint("message", f"message {len(context.marked)} marked"), self._hint("unmark")]
        if context.group is not None:
            hints.append(self._hint("advance", "open the group"))
        elif step is not None and step.command == "advance":
            hints.append(self._hint("advance", step.word))
        for command in FOOTER:
            # On a folded group the key of the detail opens the group, which is told already.
            if not BY_ID[command].reason(context) and not (context.group is not None and command == "detail"):
                hints.append(self._hint(command))
        return hints

    def on_click(self, event: events.Click) -> None:
        """Run what is under the mouse."""
        for x, hint in reversed(placed_hints(self._hints, self._help, self.size.width)):
            if event.x >= x:
                self.post_message(self.Pressed(hint.command))
                return
