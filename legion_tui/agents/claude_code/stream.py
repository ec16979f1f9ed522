"""The client without a screen (`-p`, stream-json): a line of its output, and the lines that it is told. Pure.

Measured on the real client: where it asks it stands still until it is answered or interrupted; `result` ends a turn,
and while an agent of its own is still at work in the background, another turn and another `result` follow.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import msgspec

from legion_tui.agents.headless import (
    Asked,
    Background,
    Began,
    Called,
    Heard,
    Said,
    TurnEnded,
    Unsupported,
    Withdrawn,
)
from legion_tui.state.text import clean, clean_line

# The ends of a message after which its text is no answer. Not measured: the names are the API's own.
_CUT_OFF = frozenset({"max_tokens", "model_context_window_exceeded", "refusal"})
# How a turn ends that was stopped from outside.
_ABORTED = "aborted_"
_AGENT_TASK = "local_agent"
_decoder = msgspec.json.Decoder()


def heard(line: bytes) -> tuple[Heard, ...]:
    """Return what a line tells; an unknown one, a broken one and a sub-agent's own words tell nothing. Never raises."""
    try:
        record = _decoder.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ()
    if not isinstance(record, dict):
        return ()
    match record.get("type"):
        case "system":
            return _system(record)
        case "assistant" if record.get("parent_tool_use_id") is None:
            return tuple(_said(_table(record.get("message"))))
        case "control_request":
            return _requested(record)
        case "control_cancel_request":
            return (Withdrawn(_text(record.get("request_id"))),)
        case "result":
            return (_ended(record),)
    return ()


def _system(record: Mapping[str, Any]) -> tuple[Heard, ...]:
    match record.get("subtype"):
        case "init":
            session_id, model, cwd = (_line(record.get(name)) for name in ("session_id", "model", "cwd"))
            return (Began(session_id=session_id, model=model, cwd=cwd),)
        case "background_tasks_changed":
            tasks = record.get("tasks")
            kinds = [_table(task).get("task_type") for task in tasks] if isinstance(tasks, list) else []
            agents = kinds.count(_AGENT_TASK)
            return (Background(agents=agents, others=len(kinds) - agents),)
    return ()


def _said(message: Mapping[str, Any]) -> list[Heard]:
    found: list[Heard] = []
    content = message.get("content")
    for block in map(_table, content if isinstance(content, list) else []):
        match block.get("type"):
            case "text" if words := clean(_text(block.get("text"))).strip():
                found.append(Said(words))
            case "tool_use":
                found.append(Called(_call(_line(block.get("name")), _table(block.get("input")))))
    return found


def _call(tool: str, given: Mapping[str, Any]) -> str:
    path = _text(given.get("file_path")) or _text(given.get("notebook_path"))
    about = _text(given.get("command")) or _text(given.get("url")) or (PurePath(path).name if path else "")
    return clean_line(f"{tool} {about or _text(given.get('description'))}".strip(), limit=200)


def _requested(record: Mapping[str, Any]) -> tuple[Heard, ...]:
    request_id, request = _text(record.get("request_id")), _table(record.get("request"))
    if not request_id:
        return ()
    given, tool = request.get("input"), _text(request.get("tool_name"))
    if request.get("subtype") != "can_use_tool" or not isinstance(given, dict) or not tool:
        return (Unsupported(request_id, _line(request.get("subtype"))),)
    offered = request.get("permission_suggestions")
    return (
        Asked(
            request_id=request_id,
            tool_name=tool,
            tool_use_id=_text(request.get("tool_use_id")) or request_id,
            tool_input=given,
            suggestions=tuple(one for one in offered if isinstance(one, dict)) if isinstance(offered, list) else (),
        ),
    )


def _ended(record: Mapping[str, Any]) -> TurnEnded:
    answer, stop = clean(_text(record.get("result"))).strip(), _text(record.get("stop_reason"))
    cost, turns = record.get("total_cost_usd"), record.get("num_turns")
    reason = _line(record.get("terminal_reason"))
    interrupted = reason.startswith(_ABORTED)
    error = ""
    if record.get("is_error") is not False or record.get("subtype") != "success":
        told = record.get("errors")
        words = [one for one in told if isinstance(one, str)] if isinstance(told, list) else []
        error = "it was interrupted" if interrupted else clean_line(answer or reason or "; ".join(words), limit=500)
        error = error or _line(record.get("subtype")) or "it ended in an error"
    elif stop in _CUT_OFF:
        error = f"its answer was cut off: {stop}"
    return TurnEnded(
        answer="" if error else answer,
        error=error,
        interrupted=interrupted,
        cost_usd=float(cost) if isinstance(cost, int | float) and not isinstance(cost, bool) else None,
        turns=turns if isinstance(turns, int) and not isinstance(turns, bool) else 0,
    )


def told(prompt: str) -> bytes:
    """Return the line of a prompt. One that begins with `/` runs a command, and `@path` takes a file in, here too."""
    message = {"role": "user", "content": prompt}
    return _encoded({"type": "user", "message": message, "parent_tool_use_id": None, "session_id": ""})


def answered(asked: Asked, decision: Mapping[str, Any]) -> bytes:
    """Return the line of an answer; `decision` as our answer hook would print it."""
    if decision.get("behavior") == "allow":
        # Other versions want the input back with every yes.
        decision = {**decision, "updatedInput": decision.get("updatedInput", dict(asked.tool_input))}
    return _response({"subtype": "success", "request_id": asked.request_id, "response": dict(decision)})


def unsupported(asked: Unsupported) -> bytes:
    """Return the line that says no to a request of a kind that is not known."""
    error = f"{asked.subtype or 'this request'} is not supported"
    return _response({"subtype": "error", "request_id": asked.request_id, "error": error})


def _response(response: Mapping[str, Any]) -> bytes:
    return _encoded({"type": "control_response", "response": response})


def _encoded(record: Mapping[str, Any]) -> bytes:
    # Escaped, so that lone surrogates in a command line's words are no error here.
    return json.dumps(record, ensure_ascii=True).encode() + b"\n"


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _line(value: object) -> str:
    return clean_line(_text(value), limit=500)
