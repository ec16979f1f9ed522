from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legion_tui.agents.claude_code.fold import has_a_prompt, read_lines
from legion_tui.agents.claude_code.transcript import Spent, Transcript, TurnState
from tests.support.claude_code import records, transcript, transcript_names

ALL = transcript_names()


def line(kind: str, **fields: Any) -> bytes:
    return json.dumps({"type": kind, "timestamp": "2026-11-21T04:16:00.500Z", **fields}).encode()


def prompt(text: str, **fields: Any) -> bytes:
    return line("user", message={"content": text}, **fields)


def said(text: str, message_id: str = "m1", **fields: Any) -> bytes:
    return line("assistant", message={"id": message_id, "content": [{"type": "text", "text": text}]}, **fields)


def called(use_id: str, name: str = "Bash", message_id: str = "m1") -> bytes:
    block = {"type": "tool_use", "id": use_id, "name": name, "input": {"command": "ls"}}
    return line("assistant", message={"id": message_id, "content": [block]})


def resulted(use_id: str) -> bytes:
    return line("user", message={"content": [{"type": "tool_result", "tool_use_id": use_id, "content": "ok"}]})


@pytest.mark.parametrize(
    ("name", "turn", "pending"),
    [
        ("ask", TurnState.ENDED, []),
        ("kill9", TurnState.RUNNING, ["AskUserQuestion"]),
        ("escape", TurnState.INTERRUPTED, []),
        ("interrupted", TurnState.INTERRUPTED, []),
        ("perm_bash_esc", TurnState.INTERRUPTED, []),
        ("interrupted_early", TurnState.RUNNING, []),
        ("askchat", TurnState.ENDED, []),
        ("err400", TurnState.ERROR, []),
        ("err429x", TurnState.ERROR, []),
        ("queued", TurnState.ENDED, []),
        ("resume", TurnState.ENDED, []),
        ("clear-after", TurnState.ENDED, []),
        ("agent", TurnState.ENDED, []),
    ],
)
def test_the_turn_of_recorded_sessions(name: str, turn: TurnState, pending: list[str]) -> None:
    state = transcript(name)
    assert (state.turn, [use.name for use in state.pending]) == (turn, pending)


def test_over_a_pipe_the_end_of_its_message_is_that_of_a_turn() -> None:
    def ended(prompt_source: str, *more: bytes) -> TurnState:
        message = {"id": "m1", "content": [{"type": "text", "text": "Done."}], "stop_reason": "end_turn"}
        told = prompt("Do it.", promptSource=prompt_source)
        return read_lines(
            [told, called("t1", message_id="m0"), resulted("t1"), line("assistant", message=message), *more]
        ).turn

    # Elsewhere a record says so, which comes after what may still be going on.
    assert ended("typed") is TurnState.RUNNING
    assert ended("sdk") is TurnState.ENDED
    # An agent of its own has come back, and it goes on.
    assert ended("sdk", prompt("<task-notification>", promptSource="system")) is TurnState.RUNNING
    assert ended("sdk", called("t2", message_id="m2")) is TurnState.RUNNING


def test_what_a_recorded_session_tells() -> None:
    state = transcript("ask")
    assert state.turn_at == datetime(2026, 11, 21, 4, 16, 3, 978000, UTC)
    assert state.prompt_at == datetime(2026, 11, 21, 4, 16, 0, 869000, UTC)
    assert state.last_words == "Postgres it is. I wrote the configuration."
    assert (state.model, state.version, state.branch) == ("claude-opus-5-5", "2.1.328", "main")
    assert (state.cwd, state.permission_mode) == ("/home/dev/shop", "auto")


def test_parallel_questions_are_pending_in_order_and_go_one_by_one() -> None:
    state = transcript("askpar", until='"tool_result"')
    assert [use.name for use in state.pending] == ["AskUserQuestion", "AskUserQuestion"]
    lines = records("askpar")
    first = next(i for i, data in enumerate(lines) if b'"tool_result"' in data)
    after = read_lines(lines[: first + 1])
    assert after.pending == state.pending[1:]
    assert list(after.results) == [state.pending[0].id]


def test_tokens_are_counted_once_for_each_message() -> None:
    # Two messages in three lines: the first is a text and a tool call, with the same usage on both.
    assert transcript("ask").spent == Spent(input=2400, output=100, cache_read=10000, cache_write=600, context=6500)


def test_the_newer_usage_of_a_message_replaces_the_older() -> None:
    def of(output: int, message_id: str) -> bytes:
        usage = {"input_tokens": 10, "output_tokens": output}
        return line("assistant", message={"id": message_id, "content": [], "usage": usage})

    spent = read_lines([of(1, "a"), of(7, "a"), of(3, "b")]).spent
    assert (spent.input, spent.output) == (20, 10)


def test_errors_tell_their_kind() -> None:
    credit, rate = transcript("err400"), transcript("err429x")
    assert (credit.error, credit.error_text, credit.error_status) == (
        "billing_error",
        "Credit balance is too low",
        400,
    )
    assert (rate.error, rate.error_status) == ("rate_limit", 429)
    assert rate.error_text.startswith("API Error: Request rejected (429)")


def test_an_error_is_over_with_the_next_prompt() -> None:
    state = read_lines([*records("err400"), prompt("go on")])
    assert (state.turn, state.error, state.error_text, state.error_status) == (TurnState.RUNNING, "", "", None)


def test_lines_of_sub_agents_count_for_nothing() -> None:
    assert read_lines([said("secret", isSidechain=True), prompt("x", isSidechain=True)]) == Transcript()


def test_a_call_without_result_counts_only_while_nothing_newer_follows() -> None:
    running = [prompt("go"), called("t1"), called("t2")]
    assert [use.id for use in read_lines(running).pending] == ["t1", "t2"]
    assert [use.id for use in read_lines([*running, resulted("t1")]).pending] == ["t2"]
    assert read_lines([*running, said("next", "m2")]).pending == ()
    assert read_lines([*running, prompt("again")]).pending == ()
    interrupted = line("user", message={"content": [{"type": "text", "text": "[Request interrupted by user]"}]})
    assert read_lines([*running, interrupted]).pending == ()


def test_what_is_no_prompt_begins_no_turn() -> None:
    ended = [prompt("go"), said("done"), line("system", subtype="turn_duration")]
    for extra in (
        prompt("<local-command-caveat>x", isMeta=True),
        prompt("<local-command-stdout>x"),
        prompt("This session is being continued", isCompactSummary=True),
        prompt("<system-reminder>x", isMeta=True),
        line("system", subtype="compact_boundary"),
        line("last-prompt", lastPrompt="go"),
    ):
        assert read_lines([*ended, extra]).turn is TurnState.ENDED, extra


def test_what_a_resumed_client_adds_by_itself_begins_no_turn() -> None:
    synthetic = line(
        "assistant",
        message={"id": "s", "model": "<synthetic>", "content": [{"type": "text", "text": "No response requested."}]},
    )
    ended = read_lines([prompt("go"), said("done"), line("system", subtype="turn_duration"), synthetic])
    assert (ended.turn, ended.last_words, ended.model) == (TurnState.ENDED, "done", "")


def test_the_end_of_a_turn_keeps_an_interruption() -> None:
    state = read_lines([*records("interrupted"), line("system", subtype="turn_duration")])
    assert state.turn is TurnState.INTERRUPTED


def test_background_agents_after_the_end_of_a_turn() -> None:
    ended = [prompt("go"), said("sent"), line("system", subtype="turn_duration", pendingBackgroundAgentCount=2)]
    assert read_lines(ended).background_agents == 2
    assert read_lines([*ended, prompt("more")]).background_agents == 0


def test_titles_links_and_cost() -> None:
    assert transcript("named").title == "eng-7"
    linked = read_lines([line("pr-link", prUrl="https://github.com/a/b/pull/7", prNumber=7)])
    assert linked.pull_request_url == "https://github.com/a/b/pull/7"
    assert transcript("clear").cost_usd == pytest.approx(0.0083)
    assert transcript("resume").cost_usd is None  # it went on after the sum was written


def test_results_are_kept_for_the_newest_calls_only() -> None:
    lines = [data for i in range(100) for data in (called(f"t{i}", message_id=f"m{i}"), resulted(f"t{i}"))]
    state = read_lines(lines)
    assert len(state.results) == 64
    assert "t99" in state.results
    assert "t0" not in state.results


def test_a_result_of_megabytes_is_not_kept() -> None:
    huge = line(
        "user",
        message={"content": [{"type": "tool_result", "tool_use_id": "t", "content": "x" * 1_000_000}]},
        toolUseResult={"file": "y" * 1_000_000},
    )
    result = read_lines([huge]).results["t"]
    assert (result.content, result.detail) == (b"", b"")


def test_bad_utf8_costs_only_its_characters() -> None:
    state = read_lines([said("caf\xe9").decode().replace("\\u00e9", "\ud800").encode("utf-8", "surrogatepass")])
    assert state.last_words.startswith("caf")


def test_of_a_long_answer_the_last_paragraph_counts_and_silence_takes_nothing_back() -> None:
    state = read_lines([said("First.\n\nThen,\n  at last.\n")])
    assert state.last_words == "Then, at last."
    assert read_lines([said(" ")], state).last_words == "Then, at last."


def test_foreign_text_is_cleaned() -> None:
    assert read_lines([said("a\x1b[2Jb\x07\u202ec")]).last_words == "abc"


@pytest.mark.parametrize("name", ALL)
def test_reading_in_batches_gives_the_same_as_reading_at_once(name: str) -> None:
    lines = records(name)
    state: Transcript | None = None
    for data in lines:
        state = read_lines([data], state)
    assert state == read_lines(lines)


def test_a_prompt_is_found_where_there_is_one() -> None:
    assert has_a_prompt(records("ask"))
    assert not has_a_prompt([said("x"), resulted("t")])


@given(st.lists(st.binary(max_size=200), max_size=5))
def test_never_raises_on_bytes(lines: list[bytes]) -> None:
    read_lines(lines)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["user", "assistant", "system", "pr-link", "cost-state", "permission-mode"])
            | _json,
            "timestamp": st.just("2026-11-21T04:16:00Z") | _json,
            "message": st.fixed_dictionaries({}, optional={"id": _json, "content": _json, "usage": _json}) | _json,
            "toolUseResult": _json,
            "permissionDecision": _json,
            "subtype": _json,
            "isApiErrorMessage": _json,
        },
    )
)
def test_never_raises_on_records_of_a_wrong_shape(record: dict[str, Any]) -> None:
    read_lines([json.dumps(record).encode()])


@given(st.data())
def test_never_raises_on_a_damaged_recording(data: st.DataObject) -> None:
    whole = b"".join(records(data.draw(st.sampled_from(ALL))))
    at = data.draw(st.integers(0, len(whole) - 1))
    read_lines((whole[:at] + data.draw(st.binary(max_size=20)) + whole[at + 5 :]).splitlines())


def test_what_it_was_told_lately_is_kept() -> None:
    lines = [prompt(f"prompt {number}", timestamp=f"2026-01-01T00:00:0{number}Z") for number in range(6)]
    told = read_lines([*lines, prompt("<bash-input>ls</bash-input>"), prompt("<local-command-stdout>x")]).prompts
    assert [said.text for said in told] == ["prompt 3", "prompt 4", "prompt 5", "<bash-input>ls</bash-input>"]
    assert told[0].at == datetime(2026, 1, 1, 0, 0, 3, tzinfo=UTC)


def test_when_a_person_stopped_it_is_kept() -> None:
    stopped = prompt("[Request interrupted by user]", timestamp="2026-01-01T00:00:03Z")
    transcript = read_lines([prompt("go"), said("a"), stopped, prompt("on")])
    assert transcript.interrupted_at == datetime(2026, 1, 1, 0, 0, 3, tzinfo=UTC)
