"""What a run without a screen has told lately, from its log, as lines to read. Blocks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from legion_tui.agents.headless import Asked, Called, Heard, Said, TurnEnded

_TAIL_BYTES = 512 * 1024
_MOST_LINES = 500


def told_lately(log: Path, heard: Callable[[bytes], tuple[Heard, ...]]) -> tuple[str, ...]:
    """Return the newest lines, none where there is no log yet. OSError."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL_BYTES))
            lines = file.read().split(b"\n")
    except FileNotFoundError:
        return ()
    # The first of a part is none, and the last may be half written: it tells nothing then.
    told = [line for one in lines[size > _TAIL_BYTES :] for happened in heard(one) for line in _lines(happened)]
    return tuple(told[-_MOST_LINES:])


def _lines(happened: Heard) -> tuple[str, ...]:
    match happened:
        case Said(text):
            return (*text.split("\n"), "")
        case Called(text):
            return (f"> {text}",)
        case Asked(tool_name=tool):
            return (f"? it asks: {tool}",)
        case TurnEnded(error=error) if error:
            return (f"! {error}",)
    return ()
