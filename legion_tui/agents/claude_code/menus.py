"""Steps in the agent's fixed menus: permission, plan, start-up dialogs. Rows are chosen by their words. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from legion_tui.agents.claude_code.matching import shows_call
from legion_tui.agents.claude_code.questions import permission_key, plan_key
from legion_tui.agents.claude_code.rows import STARTUP, Dialog, DialogKind, Row
from legion_tui.agents.protocol import Key, Paste, Refuse, Step
from legion_tui.state.questions import Answer, Question
from legion_tui.state.text import letters

_AMENDED = ("Yes, and tell Claude what to do next", "No, and tell Claude what to do differently")
_PLAIN = ("Yes", "No")


def permission_step(question: Question, answers: Sequence[Answer], dialog: Dialog) -> Step | None:
    """Allow or deny a tool; words go with Yes and No through Tab."""
    item = question.items[0]
    if dialog.kind is not DialogKind.PERMISSION:
        return None
    if not dialog.clipped and not shows_call(dialog, item):
        return None
    if not answers:
        return Key("Escape", commits=True)
    key, words = answers[0].keys[0], _words(answers[0])
    row = next((row for row in dialog.rows if permission_key(row.text) == key), None)
    amended = next((one for one in dialog.rows if _amended(one)), None)
    if words is None or key not in ("allow", "deny"):
        if amended is not None:
            return Refuse("somebody is adding words to an answer")
        return _digit(row)
    return _with_words(row, amended, key, words, dialog)


def _amended(row: Row) -> bool:
    """Whether a row takes words right now."""
    if row.text in _AMENDED:
        return True
    return row.text.startswith("No, ") or (row.text.startswith("Yes, ") and permission_key(row.text) is None)


def _with_words(row: Row | None, amended: Row | None, key: str, words: str, dialog: Dialog) -> Step:
    plain = _PLAIN[key == "deny"]
    if amended is None:
        if row is None:
            return Refuse("the menu does not offer this")
        return Key("Tab") if row.pointed else _towards(dialog, row)
    if not amended.pointed or not amended.text.startswith(plain):
        return Refuse("somebody is adding words to another answer")
    if amended.text in _AMENDED:
        return Paste(words)
    if letters(amended.text.removeprefix(f"{plain}, ")) != letters(words):
        return Refuse("other words stand in this answer")
    return Key("Enter", commits=True)


def plan_step(answers: Sequence[Answer], dialog: Dialog) -> Step | None:
    """Approve a plan, or send it back with words; without words Escape rejects it."""
    if dialog.kind is not DialogKind.PLAN:
        return None
    last = dialog.rows[-1]
    typed = plan_key(last.text) is None
    if not answers:
        return Refuse("somebody has typed what to change") if typed else Key("Escape", commits=True)
    key, words = answers[0].keys[0], _words(answers[0])
    if words is None:
        if typed:
            return Refuse("somebody has typed what to change")
        if key == "revise":
            return Key("Escape", commits=True)
        return _digit(next((row for row in dialog.rows if plan_key(row.text) == key), None))
    if last.text.startswith("No"):
        return Refuse("this menu takes no words")
    if key != "revise" and plan_key(dialog.rows[0].text) != key:
        # Measured: shift+tab approves as the first row does.
        return Refuse(f"words can go along only with: {dialog.rows[0].text}")
    if not typed:
        return Paste(words) if last.pointed else _towards(dialog, last)
    if letters(last.text) != letters(words) or not last.pointed:
        return Refuse("other words stand in the row of what to change")
    # What Enter sends back, shift+tab takes along with the approval.
    return Key("Enter" if key == "revise" else "BTab", commits=True)


def startup_step(question: Question, answers: Sequence[Answer], dialog: Dialog) -> Step | None:
    """Accept or leave a start-up dialog: no digits, the default is to leave."""
    if dialog.kind not in STARTUP or letters(dialog.ask) != letters(question.text):
        return None
    word = "Yes" if answers and answers[0].keys == ("trust",) else "No"
    row = next((row for row in dialog.rows if row.text.startswith(word)), None)
    if row is None:
        return Refuse("the dialog does not offer this")
    return Key("Enter", commits=True) if row.pointed else _towards(dialog, row)


def _words(answer: Answer) -> str | None:
    return answer.note if answer.note is not None else answer.text


def _digit(row: Row | None) -> Step:
    return Refuse("the menu does not offer this") if row is None else Key(str(row.number), commits=True)


def _towards(dialog: Dialog, row: Row) -> Step:
    if dialog.pointed is None:
        return Refuse("the pointer is not on the screen")
    return Key("Down" if dialog.rows.index(dialog.pointed) < dialog.rows.index(row) else "Up")
