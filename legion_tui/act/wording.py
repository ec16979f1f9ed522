"""The text of a message: what may be sent, in which pieces it is pasted, how it looks on record. Pure."""

from __future__ import annotations

import re

from legion_tui.state.text import clean

# Measured: a paste of more than 800 characters, or of more than 3 lines, is folded, and marked as somebody else's
# words where the model sees it. Several smaller ones are neither.
_PIECE = 600
_PIECE_BREAKS = 2
# What is longer belongs into a file.
LONGEST = 8000
# The agent's own commands, its shell, a note to itself; and a file that is pulled into the conversation.
_MORE_THAN_WORDS = re.compile(r"[!/#]|(?s:.*@)")
_COMMAND = re.compile(r"/\S+")
# What could end a paste and go on as keys.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def tidy(text: str) -> str:
    """Return a message as it is sent: one kind of line end, nothing blank around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def problem(text: str, *, by_hand: bool) -> str:
    """Return why a (tidied) message is not sent, an empty string where it is."""
    if not text:
        return "it is empty"
    if len(text) > LONGEST:
        return f"it has {len(text)} characters, more than {LONGEST}: put it into a file, and send the file's name"
    found = _CONTROLS.search(text)
    if found is not None:
        return f"it holds a control character at position {found.start() + 1}"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "it is no valid Unicode"
    if not by_hand and _MORE_THAN_WORDS.match(text):
        return "it begins with ! / or #, or holds @: the agent would do more than read it"
    return ""


def pieces(text: str) -> tuple[str, ...]:
    """Return the text in parts that are short enough to be pasted as typed words."""
    found: list[str] = []
    start = at = 0
    breaks = 0
    for at, char in enumerate(text):
        if at - start == _PIECE or (char == "\n" and breaks == _PIECE_BREAKS):
            found.append(text[start:at])
            start, breaks = at, 0
        breaks += char == "\n"
    return (*found, text[start:])


def is_that(text: str, record: str) -> bool:
    """Whether a prompt on record is this message."""
    said = clean(text, limit=LONGEST * 5).strip()
    if said.startswith("!"):
        return f"<bash-input>{said[1:].strip()}</bash-input>" in record
    command = _COMMAND.match(said)
    if command is not None and f"<command-name>{command[0]}</command-name>" in record:
        return True
    return record.strip() == said
