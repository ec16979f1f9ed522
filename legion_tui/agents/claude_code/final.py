"""The answer that a transcript ends in. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from legion_tui.agents.claude_code.fold import read_lines
from legion_tui.agents.claude_code.lines import parse_line, time_of
from legion_tui.state.text import clean

_END = "end_turn"


def finished_answer(lines: Iterable[bytes], since: datetime) -> str | None:
    """Return the text of the message that ends the newest turn, where that began after `since`; None while it runs.

    A client without a screen does not record that a turn is over: the end of its last message tells.
    """
    words: list[str] = []
    message_id, ended, began = "", False, False
    for data in lines:
        line = parse_line(data)
        if line is None or line.isSidechain or line.message is None:
            continue
        if line.type == "user":
            # A prompt, a tool's result or a stop: whatever it is, the message before it was not the last word.
            message_id, ended, words = "", False, []
            at = time_of(line)
            if at is not None and at >= since and read_lines((data,)).prompt_at is not None:
                began = True
        elif line.type == "assistant" and not line.isApiErrorMessage and line.message.model != "<synthetic>":
            if line.message.id != message_id:
                message_id, words = line.message.id or "", []
            blocks = line.message.content if isinstance(line.message.content, list) else []
            words += [block.text for block in blocks if block.type == "text" and block.text]
            ended = line.message.stop_reason == _END
    return clean("\n".join(words)).strip() if ended and began else None
