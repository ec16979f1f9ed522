"""The approval of a plan."""

from __future__ import annotations

from legion_tui.demo.standin.cells import BOLD, DIM, FAINT, POINTER, Row, cell_width, plain, wrap
from legion_tui.demo.standin.dialog import Dialog, Outcome, Took, digit, edit
from legion_tui.demo.standin.markdown import markdown_rows

_ASK = "Claude has written up a plan and is ready to execute. Would you like to proceed?"
# Everything around the plan's own text, at a width where nothing wraps but the question.
_AROUND = 15
_WORDS = 2


class PlanDialog(Dialog):
    """Shows a plan: approve with auto mode, approve and confirm edits by hand, or say what to change."""

    def __init__(self, plan: str, path: str) -> None:
        """Point at the first choice; `path` is the plan's file as it is shown."""
        super().__init__()
        self._plan = plan
        self._path = path
        self.pointer = 0
        self.words = ""

    @property
    def margin(self) -> int:
        """The upper rule is the margin."""
        return 0

    def rows(self, width: int, height: int) -> list[Row]:
        """Return the dialog; of a long plan the beginning is shown, with an arrow at its end."""
        plan = markdown_rows(self._plan, width - 8)
        room = max(1, height - _AROUND)
        shown = plan[:room]
        if len(plan) > room:
            gap = width - 1 - 3 - cell_width(plain(shown[-1]))
            shown[-1] = [*shown[-1], (" " * max(1, gap), ""), ("↓", DIM)]
        rows: list[Row] = [[("▔" * width, POINTER)], [("   ", ""), ("Ready to code?", f"{BOLD};{POINTER}")]]
        rows.append([("  ", ""), ("╌" * (width - 4), FAINT)])
        rows += [[("   ", ""), *row] for row in shown]
        rows.append([("  ", ""), ("─" * (width - 4), "38;5;73")])
        rows += [[("   ", ""), (line, DIM)] for line in wrap(_ASK, width - 7)]
        labels = ["Yes, and use auto mode", "Yes, manually approve edits"]
        for i, label in enumerate([*labels, self.words or "Tell Claude what to change"]):
            here = i == self.pointer
            style = DIM if i == _WORDS and not self.words else POINTER if here else ""
            lines = wrap(label, width - 9)
            rows.append([("   ❯ " if here else "     ", POINTER), (f"{i + 1}. ", DIM), (lines[0], style)])
            rows += [[("        ", ""), (line, style)] for line in lines[1:]]
        rows += [[("        shift+tab to approve with this feedback", DIM)], []]
        rows += [[("   ", ""), (line, DIM)] for line in wrap(f"ctrl+g to edit in Vim · {self._path}", width - 6)]
        return rows[-height:]

    def key(self, event: str) -> Took:
        """Take one event: 1 and 2 commit, any other digit leads to the words, Escape rejects and ends the turn."""
        if event == "escape":
            return self.finish(Outcome("stop"))
        if event in ("up", "down"):
            self.pointer = max(0, min(_WORDS, self.pointer + (-1 if event == "up" else 1)))
            return Took.CHANGED
        if event == "backtab":
            return self.finish(Outcome("accept", words=self.words.strip(), choice="auto"))
        if event == "enter":
            return self._commit(self.pointer)
        if self.pointer == _WORDS or event.startswith("paste:"):
            words = edit(self.words, event)
            if words is None:
                return Took.NOTHING
            self.pointer = _WORDS
            self.words = words
            return Took.CHANGED
        number = digit(event)
        if number in (1, 2):
            return self._commit(number - 1)
        if number:
            self.pointer = _WORDS
            return Took.CHANGED
        return Took.NOTHING

    def _commit(self, row: int) -> Took:
        if row != _WORDS:
            return self.finish(Outcome("accept", choice=("auto", "default")[row]))
        words = self.words.strip()
        return self.finish(Outcome("reject", words=words)) if words else Took.NOTHING
