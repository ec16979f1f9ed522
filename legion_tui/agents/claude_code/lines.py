"""One line of a transcript as typed values; whatever does not fit is no line. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec


class Usage(msgspec.Struct):
    """Tokens of one request, repeated on each line of its message."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None


class Block(msgspec.Struct):
    """A block of a message: text, tool_use, tool_result, or another that is passed over."""

    type: str = ""
    text: str | None = None
    id: str | None = None
    name: str | None = None
    input: msgspec.Raw = msgspec.Raw()
    tool_use_id: str | None = None
    is_error: bool | None = None
    content: msgspec.Raw = msgspec.Raw()


class Message(msgspec.Struct):
    """What was said. `content` is a string for a plain prompt."""

    content: str | list[Block] | None = None
    id: str | None = None
    model: str | None = None
    stop_reason: str | None = None
    usage: Usage | None = None


class Decision(msgspec.Struct):
    """How a tool was allowed: `accept` or `reject`, `source` user_temporary, user_reject, hook, config."""

    decision: str | None = None
    source: str | None = None
    grantScope: str | None = None


class Line(msgspec.Struct):
    """The fields that matter of any record."""

    type: str = ""
    timestamp: str | None = None
    subtype: str | None = None
    message: Message | None = None
    isSidechain: bool | None = None
    isMeta: bool | None = None
    isCompactSummary: bool | None = None
    isApiErrorMessage: bool | None = None
    error: str | None = None
    apiErrorStatus: int | None = None
    promptSource: str | None = None
    permissionMode: str | None = None
    permissionDecision: Decision | None = None
    toolUseResult: msgspec.Raw = msgspec.Raw()
    cwd: str | None = None
    gitBranch: str | None = None
    version: str | None = None
    pendingBackgroundAgentCount: int | None = None
    customTitle: str | None = None
    agentName: str | None = None
    aiTitle: str | None = None
    prUrl: str | None = None
    url: str | None = None
    totalCostUSD: float | None = None


_decoder = msgspec.json.Decoder(Line)
_loose = msgspec.json.Decoder()


def parse_line(data: bytes) -> Line | None:
    """Return the record; None for what is no record of a shape that is known. Never raises."""
    try:
        return _decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return _decoder.decode(data.decode("utf-8", "replace").encode())
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def value_of(raw: bytes) -> object:
    """Return the JSON value of a field that was kept as it was; None where there is none. Never raises."""
    try:
        return _loose.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def record_of(raw: bytes) -> Mapping[str, object]:
    """Return the JSON object of a field, an empty one where it is no object. Never raises."""
    value = value_of(raw)
    return value if isinstance(value, dict) else {}


def text_of(raw: bytes) -> str:
    """Return the text of a tool_result's content: a string, or the text of its blocks."""
    value = value_of(raw)
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        return ""
    texts = (block.get("text") for block in value if isinstance(block, dict))
    return "\n".join(text for text in texts if isinstance(text, str))


def time_of(line: Line) -> datetime | None:
    """Return when the record was made, None where it says nothing readable."""
    try:
        at = datetime.fromisoformat(line.timestamp or "")
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
