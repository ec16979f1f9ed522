"""The whole screen as rows, and the terminal that they are painted on."""

from __future__ import annotations

import os
import termios
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from legion_tui.demo.standin.blocks import Block
from legion_tui.demo.standin.cells import ACCENT, DIM, REVERSE, RULE, YELLOW, Row, cell_width, encode, wrap
from legion_tui.demo.standin.dialog import Dialog

_MODES = {
    "auto": ("⏵⏵ auto mode on", "(shift+tab to cycle)"),
    "default": ("⏸ manual mode on", "· ? for shortcuts"),
    "acceptEdits": ("⏵⏵ accept edits on", "(shift+tab to cycle)"),
    "plan": ("⏸ plan mode on", "(shift+tab to cycle)"),
    "bypassPermissions": ("⏵⏵ bypass permissions on", "(shift+tab to cycle)"),
    "dontAsk": ("⏵⏵ don't ask on", "(shift+tab to cycle)"),
}
_EFFORT = "◐ medium · /effort"


@dataclass
class View:
    """Everything that the screen shows. `glued` holds the indexes of blocks without a blank row above them."""

    blocks: list[Block] = field(default_factory=list)
    glued: set[int] = field(default_factory=set)
    dialog: Dialog | None = None
    # Over the dialog, where there is one.
    menu: Dialog | None = None
    spinner: str = ""
    draft: str = ""
    hint: str = ""
    notice: str = ""
    name: str = ""
    mode: str = "auto"
    busy: bool = False
    full: bool = True
    transcript: bool = False
    # Before there is a session: nothing but a dialog.
    bare: bool = False

    def add(self, block: Block, *, glued: bool = False) -> None:
        """Append a block to the conversation."""
        self.blocks.append(block)
        if glued:
            self.glued.add(len(self.blocks) - 1)

    def change(self, block: Block) -> None:
        """Put `block` in the place of the last one."""
        self.blocks[-1] = block


def frame(view: View, width: int, height: int) -> tuple[list[Row], tuple[int, int]]:
    """Return exactly `height` rows, and the cursor's column and row."""
    if view.bare and view.dialog is not None:
        return _filled(view.dialog.rows(width, height), height), (0, 0)
    if view.transcript:
        text = "Showing detailed transcript · ctrl+o to toggle · ? for shortcuts"
        if view.dialog is not None:
            text = f"dialog waiting · {text}"
        bottom: list[Row] = [[("─" * width, RULE)], [(f"  {text}", DIM)]]
        return _filled(_tail(view, width, height - 2), height - 2) + bottom, (0, height - 1)
    shown = view.menu or view.dialog
    if shown is not None:
        return _with_dialog(view, shown, width, height)
    draft = _draft(view, width)
    # Measured: on the alternate screen the box shows the end of a long draft; on the main one it grows off the top.
    most = max(3, height // 2 - 5)
    hidden = len(draft) - most if view.full and len(draft) > most else 0
    rule = [(f"─── ↑ {hidden} more ".ljust(width, "─"), RULE)] if hidden else _rule(view, width)
    bottom = [rule, *draft[hidden:], [("─" * width, RULE)], _footer(view, width)]
    if view.full:
        bottom = [[(f"{_EFFORT:>{width - 2}}", DIM)], *bottom]
    spinner: list[Row] = [[], _spinner(view.spinner)] if view.spinner else []
    room = height - len(bottom)
    content = _tail(view, width, room - len(spinner))
    if view.full:
        rows = _filled(content, room - len(spinner)) + spinner + bottom
    else:
        rows = _filled([*content, *spinner, [], *bottom][-height:], height)
    line = next((i for i in range(len(rows) - 1, -1, -1) if rows[i] and rows[i][0][0].startswith("❯\u00a0")), 0)
    return rows, (2, line)


def _with_dialog(view: View, dialog: Dialog, width: int, height: int) -> tuple[list[Row], tuple[int, int]]:
    below: list[Row] = [_rule(view, width)] if view.name else []
    # The main screen's last row is where its cursor waits.
    below += [] if view.full else [[]]
    rows = dialog.rows(width, height - len(below)) + below
    margin: list[Row] = [[]] * (dialog.margin if view.blocks else 0)
    content = _tail(view, width, height - len(rows) - len(margin))
    rows = [*content, *margin, *rows]
    pointed = next((i for i, row in enumerate(rows) if _pointed(row) and i >= len(content)), 0)
    return _filled(rows[-height:], height), (0, pointed)


def _pointed(row: Row) -> bool:
    return any(text.lstrip().startswith("❯ ") for text, _ in row[:1])


def _tail(view: View, width: int, room: int) -> list[Row]:
    """Return the last `room` rows of the conversation."""
    rows: list[Row] = []
    for i in range(len(view.blocks) - 1, -1, -1):
        block = view.blocks[i](width)
        rows = [*([[]] if i and i not in view.glued else []), *block, *rows]
        if len(rows) >= room:
            break
    return rows[max(0, len(rows) - room) :] if room > 0 else []


def _filled(rows: Sequence[Row], height: int) -> list[Row]:
    return [*rows[:height], *([[]] * (height - len(rows)))]


def _rule(view: View, width: int) -> Row:
    if not view.name:
        return [("─" * width, RULE)]
    return [("─" * max(1, width - cell_width(view.name) - 3) + f" {view.name} ─", RULE)]


def _draft(view: View, width: int) -> list[Row]:
    if not view.draft:
        return [[("❯\u00a0", DIM), (view.hint, "2") if view.hint else (" ", REVERSE)]]
    lines = wrap(view.draft, width - 3)
    rows: list[Row] = [[("❯\u00a0" if i == 0 else "  ", DIM), (line, "")] for i, line in enumerate(lines)]
    rows[-1].append((" ", REVERSE))
    return rows


def _footer(view: View, width: int) -> Row:
    if view.notice:
        return [(f"  {view.notice}", DIM)]
    mode, how = _MODES.get(view.mode, _MODES["auto"])
    parts = [how]
    if view.busy and view.mode == "default":
        parts = []
    if not view.draft:
        parts += ["· esc to interrupt"] if view.busy else []
        parts += ["· ← for agents"]
    rest = "".join(f" {part}" for part in parts)
    row: Row = [("  ", ""), (mode, YELLOW), (rest, DIM)]
    if view.full or view.draft:
        room = width - 2 - cell_width(mode)
        return [*row[:2], (rest if cell_width(rest) <= room else rest[: room - 1].rstrip(" ·") + "…", DIM)]
    gap = width - 2 - cell_width(mode + rest + _EFFORT) - 2
    return [*row, (" " * gap + _EFFORT, DIM)] if gap > 0 else row


def _spinner(text: str) -> Row:
    return [(text[:1], ACCENT), (text[1:], ACCENT)]


class Terminal:
    """The controlling terminal in raw mode; only rows that changed are written."""

    def __init__(self, *, full: bool) -> None:
        """Touch nothing yet; `full` is the alternate screen."""
        self.size = (80, 24)
        self._full = full
        self._shown: list[str] = []
        self._cursor = (-1, -1)
        self._saved: list[Any] | None = None
        self._entered = False

    def raw(self) -> None:
        """Take the keyboard: no echo, no line editing, no signals."""
        self._saved = termios.tcgetattr(0)
        mode = termios.tcgetattr(0)
        mode[0] &= ~(termios.BRKINT | termios.ICRNL | termios.INPCK | termios.ISTRIP | termios.IXON)
        mode[1] &= ~termios.OPOST
        mode[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
        termios.tcsetattr(0, termios.TCSADRAIN, mode)
        self.write("\x1b[?25l\x1b[?2004h\x1b[?1004h")
        self.resize()

    def enter(self, title: str) -> None:
        """Take the screen and set the title."""
        self._entered = True
        screen = "\x1b[?1049h\x1b[?1000h\x1b[?1002h\x1b[?1003h\x1b[?1006h" if self._full else ""
        self.write(f"{screen}\x1b]0;{title}\x07\x1b[2J\x1b[H")
        self._shown = []

    def leave(self, farewell: str = "") -> None:
        """Give everything back and print `farewell`."""
        if self._saved is None:
            return
        reset = "\x1b[?1006l\x1b[?1003l\x1b[?1002l\x1b[?1000l" if self._full and self._entered else ""
        last = max((i for i, line in enumerate(self._shown) if line), default=0)
        reset += "\x1b[?1049l" if self._full and self._entered else f"\x1b[{last + 1};1H\r\n"
        title = "\x1b]0;\x07" if self._entered else ""
        self.write(f"{reset}\x1b[?1004l\x1b[?2004l\x1b[?25h{title}")
        termios.tcsetattr(0, termios.TCSADRAIN, self._saved)
        self._saved = None
        self.write(farewell.replace("\n", "\r\n"))

    def resize(self) -> None:
        """Ask for the size and forget what is on the screen."""
        try:
            size = os.get_terminal_size(1)
            self.size = (max(20, size.columns), max(5, size.lines))
        except OSError:
            self.size = (80, 24)
        self._shown = []

    def paint(self, rows: Sequence[Row], cursor: tuple[int, int]) -> None:
        """Show `rows` and put the (invisible) cursor where the agent's is."""
        width = self.size[0]
        lines = [encode(row, width) for row in rows]
        parts = ["\x1b[2J"] if not self._shown else []
        for i, line in enumerate(lines):
            if i >= len(self._shown) or self._shown[i] != line:
                parts.append(f"\x1b[{i + 1};1H\x1b[0m\x1b[K{line}")
        if parts or cursor != self._cursor:
            self.write("".join(parts) + f"\x1b[{cursor[1] + 1};{cursor[0] + 1}H")
        self._shown = lines
        self._cursor = cursor

    def write(self, text: str) -> None:
        """Write to the terminal; one that is gone takes nothing."""
        data = text.encode("utf-8", "replace")
        try:
            while data:
                data = data[os.write(1, data) :]
        except OSError:
            return
