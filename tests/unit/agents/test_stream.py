"""A client without a screen: what a line of its output tells, and the lines that it is told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legion_tui.agents.claude_code.stream import answered, heard, told, unsupported
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

_ENDED: Mapping[str, Any] = {
    # As the client orders them: what it is stands near the end.
    "duration_api_ms": 142,
    "stop_reason": "end_turn",
    "session_id": "s",
    "total_cost_usd": 0.0083,
    "terminal_reason": "completed",
    "is_error": False,
    "num_turns": 2,
    "subtype": "success",
    "api_error_status": None,
    "result": "All is done.",
    "type": "result",
}


def of(record: object) -> tuple[Heard, ...]:
    return heard(json.dumps(record).encode())


def assistant(*blocks: object, parent: str | None = None) -> tuple[Heard, ...]:
    return of({"type": "assistant", "message": {"content": list(blocks)}, "parent_tool_use_id": parent})


def test_a_turn_begins() -> None:
    record = {"type": "system", "subtype": "init", "session_id": "s", "model": "m", "cwd": "/shop", "tools": ["Bash"]}
    assert of(record) == (Began(session_id="s", model="m", cwd="/shop"),)


def test_words_and_calls_come_in_their_order_and_cleaned() -> None:
    call = {
        "type": "tool_use",
        "id": "t",
        "name": "Bash",
        "input": {"command": "make \x1b[31mall\n", "description": "d"},
    }
    edit = {"type": "tool_use", "id": "t", "name": "Edit", "input": {"file_path": "/shop/src/a.py", "old_string": "x"}}
    found = assistant({"type": "text", "text": "I \x1b]0;title\x07run it.\n"}, call, edit, {"type": "thinking"}, 7)
    assert found == (Said("I run it."), Called("Bash make all"), Called("Edit a.py"))
    assert assistant({"type": "text", "text": " \n"}) == ()


def test_what_a_sub_agent_says_is_not_the_agents_own() -> None:
    assert assistant({"type": "text", "text": "It is done."}, parent="toolu_1") == ()


def test_it_asks_and_takes_it_back() -> None:
    rules = {"type": "addRules", "behavior": "allow"}
    request = {
        "subtype": "can_use_tool",
        "tool_name": "Bash",
        "input": {"command": "touch a"},
        "permission_suggestions": [rules, "odd"],
        "tool_use_id": "toolu_1",
    }
    asked = Asked(
        request_id="r1",
        tool_name="Bash",
        tool_use_id="toolu_1",
        tool_input={"command": "touch a"},
        suggestions=(rules,),
    )
    assert of({"type": "control_request", "request_id": "r1", "request": request}) == (asked,)
    assert of({"type": "control_cancel_request", "request_id": "r1"}) == (Withdrawn("r1"),)


@pytest.mark.parametrize(
    "request_",
    [
        {"subtype": "hook_callback"},
        {"subtype": "can_use_tool", "tool_name": "Bash", "input": "touch a"},
        {"subtype": "can_use_tool", "input": {}},
        None,
    ],
)
def test_what_it_asks_that_is_not_known_is_not_left_unanswered(request_: object) -> None:
    (found,) = of({"type": "control_request", "request_id": "r1", "request": request_})
    assert isinstance(found, Unsupported)
    answer = json.loads(unsupported(found))
    assert answer["response"]["subtype"] == "error"
    assert answer["response"]["request_id"] == "r1"
    assert "not supported" in answer["response"]["error"]


def test_a_call_without_an_id_has_that_of_the_request() -> None:
    request = {"subtype": "can_use_tool", "tool_name": "Bash", "input": {}}
    (asked,) = of({"type": "control_request", "request_id": "r1", "request": request})
    assert asked == Asked(request_id="r1", tool_name="Bash", tool_use_id="r1")


def test_what_goes_on_beside_the_conversation_is_counted() -> None:
    tasks = [{"task_type": "local_agent"}, {"task_type": "local_bash"}, {"task_type": "new"}, None]
    assert of({"type": "system", "subtype": "background_tasks_changed", "tasks": tasks}) == (
        Background(agents=1, others=3),
    )


def test_a_turn_ends_in_its_answer() -> None:
    assert of(_ENDED) == (TurnEnded(answer="All is done.", cost_usd=0.0083, turns=2),)


@pytest.mark.parametrize(
    ("change", "error", "interrupted"),
    [
        ({"is_error": True, "result": "Credit balance is too low"}, "Credit balance is too low", False),
        ({"subtype": "error_max_turns", "result": None}, "completed", False),
        ({"is_error": None}, "All is done.", False),
        (
            {"subtype": "error_during_execution", "is_error": True, "terminal_reason": "aborted_tools", "result": None},
            "it was interrupted",
            True,
        ),
        ({"stop_reason": "max_tokens"}, "its answer was cut off: max_tokens", False),
        ({"subtype": None, "terminal_reason": None, "result": None}, "it ended in an error", False),
        ({"subtype": "error_x", "terminal_reason": None, "result": 7, "errors": ["a", 1]}, "a", False),
    ],
)
def test_an_error_is_no_answer(change: Mapping[str, Any], error: str, interrupted: bool) -> None:
    (ended,) = of({**_ENDED, **change})
    assert ended == TurnEnded(error=error, interrupted=interrupted, cost_usd=0.0083, turns=2)


def test_a_prompt_is_one_line_whatever_is_in_it() -> None:
    prompt = 'two\nlines, "quoted", \u2028, \udc80 and @file'
    line = told(prompt)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert json.loads(line)["message"] == {"role": "user", "content": prompt}


def test_a_yes_holds_the_input_and_a_no_the_words() -> None:
    asked = Asked(request_id="r1", tool_name="Bash", tool_use_id="t", tool_input={"command": "touch a"})
    yes = json.loads(answered(asked, {"behavior": "allow"}))
    assert yes["response"]["response"] == {"behavior": "allow", "updatedInput": {"command": "touch a"}}
    changed = json.loads(answered(asked, {"behavior": "allow", "updatedInput": {"answers": {"q": "A"}}}))
    assert changed["response"]["response"]["updatedInput"] == {"answers": {"q": "A"}}
    no = json.loads(answered(asked, {"behavior": "deny", "message": "No.", "interrupt": True}))
    assert no["response"] == {
        "subtype": "success",
        "request_id": "r1",
        "response": {"behavior": "deny", "message": "No.", "interrupt": True},
    }


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
_TYPES = ("system", "assistant", "user", "control_request", "control_cancel_request", "result", "stream_event")
_FIELDS = ("subtype", "message", "request", "request_id", "tasks", "result", "errors", "parent_tool_use_id", "is_error")


@given(st.binary(max_size=300))
def test_no_bytes_raise(line: bytes) -> None:
    heard(line)


@given(st.sampled_from(_TYPES), st.dictionaries(st.sampled_from(_FIELDS), _json))
def test_no_record_of_a_known_type_raises(kind: str, fields: Mapping[str, Any]) -> None:
    for found in of({**fields, "type": kind}):
        if isinstance(found, TurnEnded):
            assert not (found.error and found.answer)
        if isinstance(found, Unsupported):
            json.loads(unsupported(found))


@given(
    st.dictionaries(st.sampled_from(("subtype", "tool_name", "input", "tool_use_id", "permission_suggestions")), _json)
)
def test_no_request_raises_or_is_passed_over(request_: Mapping[str, Any]) -> None:
    (found,) = of({"type": "control_request", "request_id": "r", "request": request_})
    assert isinstance(found, Asked | Unsupported)


@given(_json)
def test_no_block_raises(block: object) -> None:
    assistant(block, {"type": "tool_use", "name": "Edit", "input": block}, {"type": "text", "text": block})


def test_what_is_nested_without_end_is_passed_over() -> None:
    assert heard(b'{"type":"result","result":' + b"[" * 100_000) == ()
