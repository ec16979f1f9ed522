"""Every key of the answer dialog, declared once: bindings, help and the keys in its frame are made of this."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from textual.binding import Binding

from legion_tui.ui.commands import shown_key

_GIVE, _WORDS, _MOVE, _LEAVE = "Choose and send", "In your own words", "Turn and scroll", "Leave"


class AnswerKey(NamedTuple):
    """One thing that can be done in the dialog; `keys` as they come, under the id `answer.ID` in a keymap."""

    id: str
    keys: str
    action: str
    section: str
    name: str
    help: str


ANSWER_KEYS = (
    AnswerKey("enter", "enter", "enter", _GIVE, "Take and go on", "take what is pointed at, and go on or send"),
    AnswerKey("choose", "space", "tick", _GIVE, "Take and stay", "tick a box, or mark a choice without sending"),
    AnswerKey("write", "w", "write", _WORDS, "Write", "answer in your own words, where the agent takes any"),
    AnswerKey("note", "n", "note", _WORDS, "Words beside it", "a note on a preview, words with a yes or a no"),
    AnswerKey("chat", "c", "talk", _WORDS, "Chat about it", "answer nothing yet; the agent asks what is unclear"),
    AnswerKey("down", "down,j", "move(1)", _MOVE, "Down", "the next choice"),
    AnswerKey("up", "up,k", "move(-1)", _MOVE, "Up", "the choice before"),
    AnswerKey("next", "tab,right,l", "page(1)", _MOVE, "Next question", "the next tab; the review comes last"),
    AnswerKey("previous", "left,shift+tab,h", "page(-1)", _MOVE, "Previous question", "the tab before"),
    AnswerKey("page_down", "pagedown,ctrl+d", "scroll(1)", _MOVE, "Scroll", "what is asked, a page further"),
    AnswerKey("page_up", "pageup,ctrl+u", "scroll(-1)", _MOVE, "Scroll back", "what is asked, a page back"),
    AnswerKey("renew", "r", "renew", _LEAVE, "Show the new one", "the question that took this one's place"),
    AnswerKey("attach", "t", "attach", _LEAVE, "Attach", "go to the worker's window; what you gave is kept"),
    AnswerKey("help", "question_mark", "help", _LEAVE, "Help", "these keys"),
    AnswerKey("not_now", "escape", "not_now", _LEAVE, "Not now", "close; what you gave is kept"),
)
_DIGITS = tuple(str(digit) for digit in range(1, 10))


def answer_bindings() -> list[Binding]:
    """Return the bindings; each has an id, so that it can be remapped."""
    keys = [Binding(key.keys, key.action, key.name, id=f"answer.{key.id}", show=False) for key in ANSWER_KEYS]
    digits = [Binding(n, f"digit({n})", f"choose {n}", id=f"answer.digit_{n}", show=False) for n in _DIGITS]
    return keys + digits


def answer_help(keymap: Mapping[str, str]) -> list[tuple[str, str, str, str]]:
    """Return section, keys, name and help of every key as it is now."""
    digits = (_GIVE, "1-9", "Choose by number", "mark a choice or tick a box; on the review, go to that question")
    told = [(key.section, " ".join(_now(key, keymap)), key.name, key.help) for key in ANSWER_KEYS]
    return [digits, *told]


def renamed(keymap: Mapping[str, str]) -> dict[str, str]:
    """Return how keys are to be shown that the keymap has changed, by how they are shown as they come."""
    return {_now(key, {})[0]: _now(key, keymap)[0] for key in ANSWER_KEYS if f"answer.{key.id}" in keymap}


def _now(key: AnswerKey, keymap: Mapping[str, str]) -> list[str]:
    keys = keymap.get(f"answer.{key.id}", key.keys).split(",")
    return [shown_key(one.strip(), "enter") for one in keys if one.strip()] or ["-"]
