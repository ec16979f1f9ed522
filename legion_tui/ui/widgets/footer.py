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
    """Shows commands that can act now; a click on one runs it."""

    class Pressed(Message):
        """A command was pressed with the mouse."""

        def __init__(self, command: str) -> None:
            super().__init__()
            self.command = command

    def __init__(self, look: Look) -> None:
        super().__init__(id="footer")
        self._look = look
        self._hints: Sequence[Hint] = ()

    def tell(self, hints: Sequence[Hint], width: int) -> None:
        """Show these keys; help keeps the right end."""
        self._hints = hints
        self.show((footer_line(hints, self._help, width, self._look.glyphs.ellipsis),))

    @property
    def _help(self) -> Hint:
        return hint("help", self._look)

    def on_click(self, event: events.Click) -> None:
        """Run what is under the mouse."""
        for x, hint in reversed(placed_hints(self._hints, self._help, self.size.width)):
            if event.x >= x:
                self.post_message(self.Pressed(hint.command))
                return


def hint(command: str, look: Look, label: str = "") -> Hint:
    """Return a command as the footer names it."""
    return Hint(command, look.key(command), label or BY_ID[command].label)


def board_hints(context: Context, look: Look, *, away: str = "") -> list[Hint]:
    """Return the keys that apply; of a row that is out of sight its name comes first, and where it is."""
    hints = [Hint("detail", context.row.shown_id, away)] if away and context.row is not None else []
    step = step_of(context.row) if context.row is not None else None
    if context.marked:
        hints += [hint("message", look, f"message {len(context.marked)} marked"), hint("unmark", look)]
    if context.group is not None:
        hints.append(hint("advance", look, "open the group"))
    elif context.row is not None and context.row.snooze is not None and not context.marked:
        hints.append(hint("snooze", look, "wake"))
    elif step is not None and step.command == "advance":
        hints.append(hint("advance", look, step.word))
    for command in FOOTER:
        # On a folded group the key of the detail opens the group, which is told already.
        if not BY_ID[command].reason(context) and not (context.group is not None and command == "detail"):
            hints.append(hint(command, look))
    return hints
