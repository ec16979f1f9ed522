"""An auditor's verdict, read strictly: what is not exactly one is unclear, and never taken for a yes. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from legion_tui.state.text import clean

# Two fields take no more.
_MOST_CHARACTERS = 50_000
# A block may stand around the object, as long as nothing stands around the block.
_BLOCK = re.compile(r"```(?:json)?[ \t]*\n(?P<inside>(?:(?!```).)*)\n[ \t]*```", re.DOTALL)


class VerdictKind(StrEnum):
    """What an auditor may say of a task; unclear is everything else."""

    DONE = "done"
    RETRY = "retry"
    IMPOSSIBLE = "impossible"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict. `feedback`: what is missing, or why it cannot be done; of an unclear one, why it is none."""

    kind: VerdictKind
    feedback: str = ""


def read_verdict(answer: str) -> Verdict:
    """Return the verdict that an answer is, as a whole: one JSON object of `verdict` and `feedback`, and no more.

    A retry says what is missing. No word of a text is ever taken for a verdict.
    """
    text = answer.strip()
    if not text:
        return _unclear("it said nothing")
    if len(text) > _MOST_CHARACTERS:
        return _unclear(f"it said more than {_MOST_CHARACTERS} characters")
    block = _BLOCK.fullmatch(text)
    try:
        found = json.loads(block["inside"] if block else text, object_pairs_hook=_once, parse_constant=_constant)
    except (ValueError, RecursionError):
        return _unclear("it is not one JSON object and nothing else")
    if not isinstance(found, dict) or not found.keys() <= {"verdict", "feedback"} or "verdict" not in found:
        return _unclear('it is no object of "verdict" and "feedback"')
    kind, feedback = found["verdict"], found.get("feedback", "")
    if kind not in (VerdictKind.DONE, VerdictKind.RETRY, VerdictKind.IMPOSSIBLE) or not isinstance(kind, str):
        return _unclear('its "verdict" is none of done, retry, impossible')
    if not isinstance(feedback, str):
        return _unclear('its "feedback" is no text')
    words = clean(feedback).strip()
    if kind == VerdictKind.RETRY and not words:
        return _unclear("it wants another round and does not say what for")
    return Verdict(VerdictKind(kind), words)


def _unclear(why: str) -> Verdict:
    return Verdict(VerdictKind.UNCLEAR, why)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands there twice")
    return found


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
