"""A label that holds the comma by which several are joined is read back from what each channel writes."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from legion_tui.agents.claude_code.fold import read_lines
from legion_tui.agents.claude_code.given import given_answers
from legion_tui.agents.claude_code.hook.decision import Request, output_for
from legion_tui.agents.claude_code.questions import question_of
from legion_tui.agents.claude_code.transcript import ToolUse
from legion_tui.demo.standin.results import Given
from legion_tui.state import Answer, Question

ASK = "Which features?"
LABELS = ("Dark mode", "Search, fuzzy", "Export", "Search")
# One label is the beginning of another, and two are what a third is made of.
AWKWARD = ("Dark", "very", "Dark, very", "Dark, very, blue", "a,b", "(b)")


def wire(labels: Sequence[str]) -> dict[str, object]:
    options = [{"label": label, "description": ""} for label in labels]
    return {"questions": [{"question": ASK, "header": "F", "multiSelect": True, "options": options}]}


def asked(labels: Sequence[str]) -> Question:
    data = json.dumps(wire(labels)).encode()
    return question_of(ToolUse(id="t", name="AskUserQuestion", message_id="m", input=data), None, session_id="s")


def read_back(labels: Sequence[str], answer: str) -> tuple[tuple[str, ...], str | None]:
    block = {"type": "tool_result", "tool_use_id": "t", "content": "ok"}
    line = json.dumps({"type": "user", "message": {"content": [block]}, "toolUseResult": {"answers": {ASK: answer}}})
    found = given_answers(asked(labels), read_lines([line.encode()]))
    assert found is not None
    return found[0].labels, found[0].text


def by_hook(labels: Sequence[str], chosen: Sequence[int], words: str | None) -> str:
    answer = Answer(keys=tuple(str(number + 1) for number in chosen), note=words)
    request = Request(tool_name="AskUserQuestion", tool_input=wire(labels))
    output = output_for(asked(labels), (answer,), request)
    assert output is not None
    written: str = output["hookSpecificOutput"]["decision"]["updatedInput"]["answers"][ASK]
    return written


def by_stand_in(labels: Sequence[str], chosen: Sequence[int], words: str | None) -> str:
    return Given(labels=[labels[number] for number in chosen], text=words or "").answer


@pytest.mark.parametrize(
    ("answer", "labels", "text"),
    [
        # As the real client was recorded to write it.
        ('Dark mode, "Search, fuzzy", and a map', ("Dark mode", "Search, fuzzy"), "and a map"),
        ('"Search, fuzzy", Export', ("Search, fuzzy", "Export"), None),
        # One alone is not quoted.
        ("Search, fuzzy", ("Search, fuzzy",), None),
        # As somebody else's hook may join them.
        ("Dark mode, Search, fuzzy, Export", ("Dark mode", "Search, fuzzy", "Export"), None),
        ('"Search, fuzzy', (), '"Search, fuzzy'),
        ('"Export", Search', ("Export", "Search"), None),
        ("Search, Export", ("Search", "Export"), None),
        ('"quite", else', (), '"quite", else'),
        # Words of several lines stay so, beside labels too.
        ("Dark mode, and\na map,\n\nin colour", ("Dark mode",), "and\na map,\n\nin colour"),
    ],
)
def test_quoted_labels_are_told_apart(answer: str, labels: tuple[str, ...], text: str | None) -> None:
    assert read_back(LABELS, answer) == (labels, text)


def test_two_labels_are_not_taken_for_a_third_that_is_made_of_them() -> None:
    labels = ("Dark", "very", "Dark, very", "Export")
    assert read_back(labels, "Dark, very, Export") == (("Dark", "very", "Export"), None)
    assert read_back(labels, '"Dark, very", Export') == (("Dark, very", "Export"), None)
    # Alone they are written alike: one or the other, the record does not say.
    assert read_back(labels, "Dark, very") == (("Dark, very",), None)


@settings(max_examples=150)
@given(
    labels=st.lists(st.sampled_from([*LABELS, *AWKWARD]), min_size=2, max_size=4, unique_by=str.strip),
    words=st.none() | st.sampled_from(["mine", "mine, and more", "日本語", "two\nlines", '"so said"']),
    data=st.data(),
)
def test_what_the_hook_and_the_stand_in_write_is_read_back(
    labels: list[str], words: str | None, data: st.DataObject
) -> None:
    chosen = sorted(data.draw(st.sets(st.sampled_from(range(len(labels))), min_size=1)))
    wanted = tuple(" ".join(labels[number].split()) for number in chosen)
    for channel in (by_hook, by_stand_in):
        written = channel(labels, chosen, words)
        if written in labels and len(wanted) > 1:
            continue  # written as one label that is made of them is
        found = read_back(labels, written)
        assert found == (wanted, words), (channel.__name__, written)
    assert by_hook(labels, chosen, words) == by_stand_in(labels, chosen, words)
