"""The answer that a transcript of a client without a screen ends in."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from legion_tui.agents.claude_code.final import finished_answer

_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def line(kind: str, content: object, *, second: int = 1, **more: object) -> bytes:
    at = (_BEGAN + timedelta(seconds=second)).isoformat()
    return json.dumps({"type": kind, "timestamp": at, "message": {"content": content, **more}}).encode()


def said(text: str, *, stop: str = "end_turn", message_id: str = "m1") -> bytes:
    return line("assistant", [{"type": "text", "text": text}], id=message_id, stop_reason=stop, model="m")


PROMPT = line("user", "Do it.", second=0)
CALL = line(
    "assistant",
    [{"type": "tool_use", "id": "t1", "name": "Bash", "input": {}}],
    id="m0",
    stop_reason="tool_use",
    model="m",
)
RESULT = line("user", [{"type": "tool_result", "tool_use_id": "t1", "content": "ok"}])


def test_the_last_message_of_a_turn_that_is_over_is_its_answer() -> None:
    lines = [PROMPT, CALL, RESULT, said("First."), said("Second.")]
    assert finished_answer(lines, _BEGAN) == "First.\nSecond."


def test_a_turn_that_was_cut_off_has_none() -> None:
    assert finished_answer([PROMPT], _BEGAN) is None
    assert finished_answer([PROMPT, CALL], _BEGAN) is None
    assert finished_answer([PROMPT, said("I look.", stop="tool_use"), CALL], _BEGAN) is None
    assert finished_answer([PROMPT, CALL, RESULT], _BEGAN) is None


def test_what_came_after_an_answer_makes_it_none() -> None:
    stopped = line("user", [{"type": "text", "text": "[Request interrupted by user]"}])
    assert finished_answer([PROMPT, said("Done."), stopped], _BEGAN) is None
    assert finished_answer([PROMPT, said("Done."), line("user", "And now?")], _BEGAN) is None


def test_an_answer_to_an_earlier_prompt_is_not_this_ones() -> None:
    assert finished_answer([PROMPT, said("Done.")], _BEGAN + timedelta(seconds=30)) is None


def test_sub_agents_and_errors_of_the_api_answer_nothing() -> None:
    theirs = json.loads(said("Theirs.")) | {"isSidechain": True}
    failed = json.loads(said("Credit balance is too low")) | {"isApiErrorMessage": True}
    assert finished_answer([PROMPT, json.dumps(theirs).encode()], _BEGAN) is None
    assert finished_answer([PROMPT, json.dumps(failed).encode()], _BEGAN) is None
    assert finished_answer([PROMPT, said("Mine."), json.dumps(theirs).encode()], _BEGAN) == "Mine."


@given(st.lists(st.sampled_from([PROMPT, CALL, RESULT, said("A."), b"{", b"\xff", b"null"]) | st.binary(max_size=50)))
def test_no_lines_raise(lines: list[bytes]) -> None:
    finished_answer(lines, _BEGAN)
