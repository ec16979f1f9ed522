"""Each parser over damaged screens and records of the corpus: none raises, and no row is seen that is not there."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from legion_tui.agents.claude_code.evidence import worker_of
from legion_tui.agents.claude_code.fold import has_a_prompt, read_lines
from legion_tui.agents.claude_code.given import given_answers
from legion_tui.agents.claude_code.hook.decision import Request, output_for
from legion_tui.agents.claude_code.judge import Clues
from legion_tui.agents.claude_code.keys import next_step
from legion_tui.agents.claude_code.questions import (
    INPUT_NEEDED,
    PERMISSION_PROMPT,
    asked_use,
    foreign_prompt,
    question_of,
    startup_question,
)
from legion_tui.agents.claude_code.records import Records
from legion_tui.agents.claude_code.rows import STARTUP, Dialog, DialogKind
from legion_tui.agents.claude_code.screen import at_rest, read_screen
from legion_tui.agents.claude_code.sgr import plain_lines
from legion_tui.agents.claude_code.status_file import parse_status
from legion_tui.agents.claude_code.transcript import ToolUse, Transcript
from legion_tui.agents.protocol import Key, Refuse, Sighting
from legion_tui.state.questions import Answer, Question
from legion_tui.state.text import letters
from tests.support.corpus import shown, statuses, transcripts

NOW = datetime(2026, 1, 1, 0, 1, tzinfo=UTC)
SCREENS = [one.lines for one in shown()]
WITH_DIALOGS = [one.lines for one in shown() if one.kind]
LINES = sorted({line for path in transcripts() for line in path.read_bytes().splitlines()})
CALLS = [
    (block["name"], block["input"])
    for line in LINES
    for record in [json.loads(line)]
    if record["type"] == "assistant"
    for block in record["message"]["content"]
    if block["type"] == "tool_use"
]
_some_settings = settings(max_examples=120)

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_odd_rows = st.text(max_size=40) | st.sampled_from(
    [
        "",
        "─" * 80,
        "❯ 1. Yes",
        "  2. No",
        "❯\u00a0",
        " ☐ Chip",
        "x" * 20_000,
        "\x1b[2m",
        "\x1b[",
        "Esc to cancel",
        "\ufffd",
    ]
)


@st.composite
def damaged(draw: st.DrawFn, screens: list[tuple[str, ...]]) -> list[str]:
    """A recorded screen after up to four accidents."""
    rows = list(draw(st.sampled_from(screens)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, max(0, len(rows) - 1)))
        match draw(st.sampled_from(["drop", "double", "top", "bottom", "narrow", "tear", "insert", "swap", "splice"])):
            case "drop":
                del rows[at : at + 1]
            case "double":
                rows[at:at] = rows[at : at + 1]
            case "top":
                del rows[:at]
            case "bottom":
                del rows[at:]
            case "narrow":
                width = draw(st.integers(1, 80))
                rows = [row[:width] for row in rows]
            case "tear":
                rows = [row.encode()[draw(st.integers(0, 2)) :].decode("utf-8", "replace") for row in rows]
            case "insert":
                rows.insert(at, draw(_odd_rows))
            case "swap" if rows:
                other = draw(st.integers(0, len(rows) - 1))
                rows[at], rows[other] = rows[other], rows[at]
            case "splice":
                rows = rows[:at] + list(draw(st.sampled_from(screens)))[draw(st.integers(0, 20)) :]
    return rows


def _answerable(dialog: Dialog) -> bool:
    return dialog.kind not in (DialogKind.MENU, DialogKind.ONBOARDING)


def _stands_on(dialog: Dialog, rows: tuple[str, ...]) -> None:
    """Assert that every row of a dialog is drawn on the screen: its number, its pointer, its words, in their order."""
    at = 0
    for row in dialog.rows:
        mark = f"{row.number}. " if row.number is not None else ""
        begin = letters(row.text.split(" ")[0])
        found = (
            [
                i
                for i in range(at, len(rows))
                if mark in rows[i]
                and begin in letters(rows[i])
                and (not row.pointed or rows[i].lstrip().startswith("❯ "))
            ]
            if row.text
            else [i for i in range(at, len(rows)) if mark in rows[i]]
        )
        assert found, (row, rows)
        at = found[0] + 1
        assert all(word in "".join(rows) for word in row.text.split(" ")[:1])
    numbers = [row.number for row in dialog.rows if row.number is not None]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else True


@_some_settings
@given(damaged(WITH_DIALOGS) | damaged(SCREENS) | st.lists(_odd_rows, max_size=30))
def test_a_damaged_screen_raises_nothing_and_every_row_that_is_seen_is_on_it(rows: list[str]) -> None:
    seen = read_screen(rows)
    at_rest(rows)
    assert read_screen(plain_lines(rows)).dialog == seen.dialog
    if seen.dialog is not None and _answerable(seen.dialog):
        assert seen.dialog.rows
        _stands_on(seen.dialog, plain_lines(rows))


_NUMBERED = re.compile(r"( *)(❯ | {2})\d\. .*")


def test_a_dialog_with_a_row_too_few_too_many_or_out_of_order_shows_only_what_is_there() -> None:
    for screen in WITH_DIALOGS:
        rows = list(plain_lines(screen))
        at = [i for i, row in enumerate(rows) if _NUMBERED.fullmatch(row)]
        for here, there in zip(at, [*at[1:], at[0]] if at else [], strict=True):
            without, doubled, swapped = list(rows), list(rows), list(rows)
            del without[here]
            doubled.insert(here, rows[here])
            swapped[here], swapped[there] = rows[there], rows[here]
            for damaged_rows in (without, doubled, swapped):
                seen = read_screen(damaged_rows).dialog
                if seen is not None and _answerable(seen):
                    _stands_on(seen, tuple(damaged_rows))


def test_a_permission_with_two_pointers_is_not_answered() -> None:
    for one in shown():
        if one.kind != "permission":
            continue
        rows = list(plain_lines(one.lines))
        for i, row in enumerate(rows):
            if re.fullmatch(r" {3}\d\. .*", row):
                twice = [*rows[:i], f" ❯ {row[3:]}", *rows[i + 1 :]]
                seen = read_screen(twice).dialog
                assert seen is None or not _answerable(seen), one.name


def _questions(dialog: Dialog) -> list[Question]:
    """Questions that the screen may be about: of recorded calls, of nobody's call, and of the start-up dialog."""
    uses = [ToolUse(id="t", name=name, message_id="m", input=json.dumps(i).encode()) for name, i in CALLS[:12]]
    found = [question_of(use, dialog, session_id="s") for use in uses]
    found.append(foreign_prompt(dialog, session_id="s", pid=1))
    return [*found, startup_question(dialog, session_id="s", pid=1)] if dialog.kind in STARTUP else found


@settings(max_examples=40)
@given(damaged(WITH_DIALOGS), st.integers(0, 3))
def test_no_key_is_pressed_for_a_row_that_a_damaged_screen_does_not_show(rows: list[str], pressed: int) -> None:
    seen = read_screen(rows)
    if seen.dialog is None:
        return
    shown_rows = plain_lines(rows)
    for question in _questions(seen.dialog):
        # A question that cannot be answered, or whose choices are not all known, is refused before any step.
        if question.unanswerable or not all(item.options for item in question.items):
            continue
        answers = [Answer(keys=(item.options[-1].key,)) for item in question.items]
        step = next_step(question, answers, seen, pressed)
        if isinstance(step, Key) and step.commits and step.name.isdigit() and not seen.dialog.clipped:
            assert any(f"{step.name}. " in row for row in shown_rows), (step, shown_rows)
        if not _answerable(seen.dialog) and not pressed:
            assert isinstance(step, Refuse)


def _with_odd_field(draw: st.DrawFn, value: Any) -> Any:
    """The same with one field, at any depth, of another type."""
    if isinstance(value, dict) and value and draw(st.integers(0, 3)):
        key = draw(st.sampled_from(sorted(value)))
        return {**value, key: _with_odd_field(draw, value[key])}
    if isinstance(value, list) and value and draw(st.integers(0, 3)):
        at = draw(st.integers(0, len(value) - 1))
        return [*value[:at], _with_odd_field(draw, value[at]), *value[at + 1 :]]
    return draw(_json)


@st.composite
def damaged_line(draw: st.DrawFn, lines: list[bytes]) -> bytes:
    """A recorded line: whole, with a field of another type, cut, torn within a character, or of any bytes."""
    line = draw(st.sampled_from(lines))
    match draw(st.sampled_from(["whole", "odd", "odd", "cut", "torn", "any", "huge"])):
        case "odd":
            return json.dumps(_with_odd_field(draw, json.loads(line))).encode("utf-8", "surrogatepass")
        case "cut":
            return line[: draw(st.integers(0, len(line)))]
        case "torn":
            at = draw(st.integers(0, len(line)))
            return line[:at] + draw(st.binary(max_size=3)) + line[at + 1 :]
        case "any":
            return draw(st.binary(max_size=40))
        case "huge":
            return line[:-1] + b',"more":"' + b"x" * 300_000 + b'"}'
    return line


def _all_that_reads(transcript: Transcript, screen: list[str]) -> None:
    dialog = read_screen(screen).dialog
    for waiting_for in (INPUT_NEEDED, PERMISSION_PROMPT):
        use = asked_use(transcript.pending, waiting_for, dialog, of_sub_agents=transcript.pending)
        if use is not None:
            given_answers(question_of(use, dialog, session_id="s"), transcript)
    for use_id in transcript.results:
        use = ToolUse(id=use_id, name="AskUserQuestion", message_id="m", input=json.dumps(CALLS[0][1]).encode())
        given_answers(question_of(use, dialog, session_id="s"), transcript)
    records = Records(transcript=transcript, sub_agents=(transcript,), lives=True)
    sighting = Sighting(session_id="s", records=records)
    worker_of(Clues(sighting=sighting, records=records, screen=read_screen(screen), now=NOW))


@_some_settings
@given(st.lists(damaged_line(LINES), max_size=8), damaged(SCREENS))
def test_damaged_records_raise_nothing_wherever_they_are_read(lines: list[bytes], rows: list[str]) -> None:
    has_a_prompt(lines)
    read_lines(lines, of_sub_agent=True)
    _all_that_reads(read_lines(lines), rows)


@_some_settings
@given(damaged_line(list(statuses())))
def test_a_damaged_status_file_raises_nothing(data: bytes) -> None:
    status = parse_status(data)
    assert status is None or (status.pid > 0 and status.session_id)


@st.composite
def damaged_call(draw: st.DrawFn) -> tuple[str, Any]:
    name, given_input = draw(st.sampled_from(CALLS))
    return name, _with_odd_field(draw, given_input)


@_some_settings
@given(damaged_call())
def test_an_odd_call_is_answered_by_a_hook_as_it_was_shown_or_not_at_all(call: tuple[str, Any]) -> None:
    name, given_input = call
    use = ToolUse(id="t", name=name, message_id="m", input=json.dumps(given_input).encode())
    question = question_of(use, None, session_id="s")
    if question.unanswerable or not all(item.options for item in question.items):
        return
    answers = [Answer(keys=(item.options[-1].key,)) for item in question.items]
    request = Request(tool_name=name, tool_input=given_input if isinstance(given_input, dict) else {})
    output = output_for(question, answers, request)
    if output is None or name != "AskUserQuestion":
        return
    said = output["hookSpecificOutput"]["decision"]["updatedInput"]["answers"]
    labels = [letters(item.options[-1].label) for item in question.items]
    assert [letters(answer) for answer in said.values()] == labels
