"""The agent's own settings, over whatever is shown: a menu that has nothing to do with any question."""

from __future__ import annotations

from legion_tui.demo.standin.cells import BOLD, DIM, POINTER, RULE, Row
from legion_tui.demo.standin.dialog import Dialog, Outcome, Took

_SETTINGS = (
    ("Auto-compact", "on"),
    ("Idle compaction", "on"),
    ("Show tips", "on"),
    ("Reduce motion", "off"),
    ("Thinking mode", "on"),
    ("Session recap", "on"),
    ("Theme", "dark"),
    ("Verbose output", "off"),
)
_VALUE_COLUMN = 38


class SettingsMenu(Dialog):
    """Has a search field, which the first Escape leaves; the second closes the menu."""

    waiting_for = "dialog open"

    def __init__(self) -> None:
        """Point at the first setting, the search field in front."""
        super().__init__()
        self._searching = True
        self._pointer = 0

    def rows(self, width: int, height: int) -> list[Row]:
        """Return the menu, as much of it as there is room for."""
        field = width - 6
        rows: list[Row] = [
            [("▔" * width, RULE)],
            [("  Settings  ", BOLD), ("Status   Config   Usage   Stats", DIM)],
            [],
            [(f"  ╭{'─' * field}╮", DIM)],
            [(f"  │{' ⌕ Search settings…':<{field}}│", DIM)],
            [(f"  ╰{'─' * field}╯", DIM)],
        ]
        room = max(1, height - len(rows) - 3)
        for i, (name, value) in enumerate(_SETTINGS[:room]):
            here = i == self._pointer
            text = f"  {'❯' if here else ' '} {name:<{_VALUE_COLUMN - 4}}{value}"
            rows.append([(text, POINTER if here else "")])
        left = len(_SETTINGS) - room
        if left > 0:
            rows.append([(f"    ↓ {left} more", DIM)])
        keys = "↓ to navigate · ↑ to switch tabs · Esc to go back"
        if not self._searching:
            keys = "↑/↓ to navigate · Space to toggle · / to search · Esc to close"
        return [*rows, [], [(f"  {keys}", DIM)]][:height]

    def key(self, event: str) -> Took:
        """Take one event."""
        if event == "escape" and not self._searching:
            return self.finish(Outcome("stop"))
        if event in ("escape", "down"):
            self._searching = False
        if event in ("up", "down"):
            self._pointer = (self._pointer + (1 if event == "down" else -1)) % len(_SETTINGS)
        return Took.CHANGED
