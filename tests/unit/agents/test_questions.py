from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legion_tui.agents.claude_code.given import given_answers
from legion_tui.agents.claude_code.questions import (
    asked_use,
    foreign_prompt,
    permission_key,
    plan_key,
    question_of,
    startup_question,
)
from legion_tui.agents.claude_code.rows import Dialog
from legion_tui.agents.claude_code.transcript import ToolResult, ToolUse, Transcript
from legion_tui.state.questions import GivenAnswer, Option, Question, QuestionItem, QuestionKind
from tests.support.claude_code import CLASSIC, FULL, SMALL, screen, transcript

INPUT, PERMISSION = "input needed", "permission prompt"


def asked(name: str, waiting_for: str, dialog: Dialog | None = None) -> Question:
    """The question that is pending in a recording before its first answer of that kind."""
    mark = {"plan": "User has approved", "plan_reject": "The user doesn't want", "perm_edit": "has been updated"}
    pending = transcript(name, until=mark.get(name, '"tool_result"')).pending
    use = asked_use(pending, waiting_for, dialog)
    assert use is not None
    return question_of(use, dialog, session_id="s1")


def shown(scenario: str, moment: str, size: str = FULL) -> Dialog:
    dialog = screen(scenario, moment, size).dialog
    assert dialog is not None
    return dialog


def test_a_question_comes_from_the_transcript_whole() -> None:
    question = asked("tabs", INPUT)
    assert question.kind is QuestionKind.QUESTION
    assert question.id == question.tool_use_id
    assert question.session_id == "s1"
    assert question.asked_at is not None
    database, cache = question.items
    assert (database.header, database.text) == ("Database", "Which database should the service use?")
    assert [(option.key, option.label, option.description) for option in cache.options] == [
        ("1", "Redis", "Separate process"),
        ("2", "In memory", "Lost on restart"),
    ]
    assert database.takes_text
    assert not database.multi_select


def test_boxes_and_previews() -> None:
    assert asked("multi", INPUT).items[0].multi_select
    layout = asked("preview", INPUT).items[0]
    assert layout.options[1].preview.startswith("+------------------+\n| nav ")
    assert not layout.takes_text


def test_parallel_questions_are_asked_in_order() -> None:
    assert asked("askpar", INPUT).text == "Which database should the service use?"


def test_a_permission_before_and_after_its_menu_was_seen() -> None:
    unseen = asked("perm_bash", PERMISSION)
    assert unseen.kind is QuestionKind.PERMISSION
    assert (unseen.items[0].header, unseen.text) == ("Bash", "mkdir -p build && touch build/marker")
    assert [option.key for option in unseen.items[0].options] == ["allow", "deny"]
    seen = asked("perm_bash", PERMISSION, shown("perm_bash", "dialog", SMALL))
    assert [(option.key, option.label) for option in seen.items[0].options] == [
        ("allow", "Yes"),
        (
            "allow_always",
            "Yes, and don't ask again for mkdir -p build and touch build/marker commands in /home/dev/shop",
        ),
        ("allow_auto", "Yes, and switch to auto mode · auto mode handles these prompts for you"),
        ("deny", "No"),
    ]
    assert seen.id == unseen.id
    edit = asked("perm_edit", PERMISSION, shown("perm_edit", "dialog"))
    assert edit.text.splitlines()[:4] == [
        "Edit app.py",
        "--- /home/dev/shop/app.py",
        "+++ /home/dev/shop/app.py",
        "@@ … @@",
    ]
    assert edit.asker == ""
    assert [option.key for option in edit.items[0].options] == ["allow", "allow_always", "deny"]


def test_the_words_that_somebody_adds_are_no_label() -> None:
    amended = asked("perm_bash", PERMISSION, shown("perm_bash", "amend-yes"))
    assert amended.items[0].options[0].label == "Yes"
    feedback = asked("plan_reject", PERMISSION, shown("plan_reject", "feedback"))
    assert [option.label for option in feedback.items[0].options] == [
        "Yes, manually approve edits",
        "Yes, and use auto mode",
        "Tell Claude what to change",
    ]


@pytest.mark.parametrize("size", [FULL, SMALL, CLASSIC])
def test_a_plan_is_read_whole(size: str) -> None:
    question = asked("plan", PERMISSION, shown("plan", "dialog", size))
    assert question.kind is QuestionKind.PLAN
    assert question.text.startswith("# Plan: add a cache\n")
    assert question.text.endswith("3. Test with `pytest -q`.")
    assert [option.key for option in question.items[0].options] == ["approve_manual", "approve_auto", "revise"]


def test_which_call_is_waited_for() -> None:
    def use(name: str) -> ToolUse:
        return ToolUse(id=f"id-{name}", name=name, message_id="m")

    ask, plan, bash, edit = use("AskUserQuestion"), use("ExitPlanMode"), use("Bash"), use("Edit")
    menu, agents = shown("perm_bash", "dialog"), shown("agent", "sub-agent-permission")
    assert asked_use((bash, ask), INPUT, None) is ask
    assert asked_use((ask, bash, edit), PERMISSION, None) is bash
    assert asked_use((plan, bash), PERMISSION, None) is plan
    assert asked_use((plan, bash), PERMISSION, menu) is bash
    assert asked_use((bash, plan), PERMISSION, shown("plan", "dialog")) is plan
    assert asked_use((bash,), "dialog open", None) is None
    assert asked_use((ask,), PERMISSION, None) is None
    assert asked_use((), INPUT, None) is None
    # A sub-agent's prompt is about no call of this transcript.
    assert asked_use((bash,), PERMISSION, agents) is None
    assert asked_use((use("Agent"),), PERMISSION, None) is None


def test_which_call_of_a_sub_agent_is_asked_for() -> None:
    def use(number: int, command: str) -> ToolUse:
        return ToolUse(id=str(number), name="Bash", message_id="m", input=json.dumps({"command": command}).encode())

    own, theirs = use(1, "make all"), use(2, "touch from-worker")
    named = shown("agent", "sub-agent-permission")
    assert asked_use((own,), PERMISSION, named, of_sub_agents=(theirs,)) is theirs
    assert asked_use((), PERMISSION, named, of_sub_agents=(use(3, "rm -rf build"), theirs)) is theirs
    # Whose of two equal calls it is cannot be known, nor one that the screen does not show.
    assert asked_use((), PERMISSION, named, of_sub_agents=(theirs, use(3, "touch from-worker"))) is None
    assert asked_use((own,), PERMISSION, named, of_sub_agents=(use(3, "rm -rf build"),)) is None
    # Where its top is cut off, a prompt does not say that it is a sub-agent's.
    clipped = replace(named, clipped=True, text=named.text.partition("Leave a marker")[2])
    assert asked_use((own,), PERMISSION, clipped, of_sub_agents=(theirs,)) is theirs
    assert asked_use((use(1, "touch from-worker"),), PERMISSION, clipped, of_sub_agents=(theirs,)) is None
    assert asked_use((own,), PERMISSION, clipped) is own
    # One that names nobody is the session's own, whatever its sub-agents would like to run.
    plain = shown("perm_bash", "dialog")
    assert asked_use((own,), PERMISSION, plain, of_sub_agents=(theirs,)) is own


def test_a_prompt_that_no_record_tells_of_can_be_seen_but_not_answered() -> None:
    question = foreign_prompt(shown("agent", "sub-agent-permission"), session_id="s", pid=5)
    assert question.unanswerable
    assert "touch from-worker" in question.text
    assert question.asker == "general-purpose"
    assert question.tool_use_id == ""


def test_a_startup_dialog_has_the_same_id_at_every_size() -> None:
    large = startup_question(shown("trust", "dialog"), session_id="s", pid=5)
    small = startup_question(shown("trust", "down", SMALL), session_id="s", pid=5)
    assert large.id == small.id
    assert large.kind is QuestionKind.TRUST
    assert [(option.key, option.label) for option in large.items[0].options] == [
        ("trust", "Yes, I trust this folder"),
        ("exit", "No, exit"),
    ]
    assert large.id != startup_question(shown("trust", "dialog"), session_id="s", pid=6).id
    assert large.id != startup_question(shown("bypass", "dialog"), session_id="s", pid=5).id


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("Yes", "allow"),
        ("No", "deny"),
        ("No, and tell Claude what to do differently", "deny"),
        ("Yes, and tell Claude what to do next", "allow"),
        ("Yes, and always allow access to build/ from this project", "allow_always"),
        ("Yes, allow all edits during this session (shift+tab)", "allow_always"),
        ("Yes, allow reading from /home/dev/notes from this project", "allow_always"),
        ("Yes, and allow Claude to edit files in its ~/.claude folder for this session", "allow_always"),
        ("Yes, and switch to auto mode · auto mode handles these prompts for you", "allow_auto"),
        ("Yes, please hurry", None),
        ("Maybe", None),
    ],
)
def test_rows_of_a_permission_menu(label: str, key: str | None) -> None:
    assert permission_key(label) == key


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("Yes, and use auto mode", "approve_auto"),
        ("Yes, manually approve edits", "approve_manual"),
        ("Tell Claude what to change", "revise"),
        ("Use 500 entries", None),
    ],
)
def test_rows_of_a_plan_menu(label: str, key: str | None) -> None:
    assert plan_key(label) == key


@pytest.mark.parametrize(
    ("name", "waiting_for", "expected"),
    [
        ("ask", INPUT, (("Postgres",), None, None)),
        ("askpaste", INPUT, ((), "Use MariaDB,", None)),
        ("multi", INPUT, (("Dark mode", "Search"), "Printing", None)),
        ("preview", INPUT, (("Top bar",), None, "more contrast")),
        ("perm_bash", PERMISSION, (("Yes",), None, None)),
        ("perm_bash_no", PERMISSION, (("No",), "use another name", None)),
        ("perm_bash_esc", PERMISSION, (("No",), None, None)),
        ("plan_reject", PERMISSION, (("Tell Claude what to change",), "Use 500 entries", None)),
    ],
)
def test_the_answer_on_record(
    name: str, waiting_for: str, expected: tuple[tuple[str, ...], str | None, str | None]
) -> None:
    question = asked(name, waiting_for)
    given = given_answers(question, transcript(name))
    assert given is not None
    labels, text, note = expected
    assert (given[0].question, given[0].labels, given[0].note) == (question.text, labels, note)
    assert (given[0].text or "").split("\n")[0] == (text or "")


def test_answers_of_several_questions_and_of_some() -> None:
    both = given_answers(asked("tabs", INPUT), transcript("tabs"))
    assert both is not None
    assert [given.labels for given in both] == [("Postgres",), ("Redis",)]
    some = given_answers(asked("tabs_part", INPUT), transcript("tabs_part"))
    assert some is not None
    assert [(given.labels, given.text) for given in some] == [((), None), (("Redis",), None)]


def test_an_approved_plan_names_what_approves() -> None:
    given = given_answers(asked("plan", PERMISSION), transcript("plan"))
    assert given is not None
    assert given[0].labels == ("Yes, manually approve edits", "Yes, and use auto mode")


@pytest.mark.parametrize("name", ["escape", "askchat"])
def test_a_declined_question_is_over_without_an_answer(name: str) -> None:
    assert given_answers(asked(name, INPUT), transcript(name)) == ()


@pytest.mark.parametrize(
    ("source", "scope", "key"),
    [
        ("user_temporary", "once", "allow"),
        ("user_temporary", "session", "allow_always"),
        # As the client records a rule that it wrote down.
        ("user_permanent", "", "allow_always"),
        ("hook", "", "allow"),
    ],
)
def test_how_long_a_permission_holds_is_read_from_its_record(source: str, scope: str, key: str) -> None:
    item = QuestionItem(text="ls", options=tuple(Option(key=one, label=one) for one in ("allow", "allow_always")))
    question = Question(id="t1", kind=QuestionKind.PERMISSION, items=(item,), session_id="s1", tool_use_id="t1")
    result = ToolResult(decision="accept", source=source, scope=scope)
    (one,) = given_answers(question, Transcript(results={"t1": result})) or ()
    assert one.labels == (key,)


def test_an_open_question_has_no_answer_yet() -> None:
    question = asked("ask", INPUT)
    assert given_answers(question, transcript("ask", until='"tool_result"')) is None
    assert given_answers(question, None) is None
    assert given_answers(question, transcript("kill9")) == ()


def test_labels_with_commas_are_told_apart() -> None:
    options = [{"label": label, "description": ""} for label in ("A", "A, B", "C")]
    asks = {"questions": [{"question": "Q?", "header": "H", "multiSelect": True, "options": options}]}
    use = ToolUse(id="t", name="AskUserQuestion", message_id="m", input=json.dumps(asks).encode())
    result = {"answers": {"Q?": "A, B, C, my own, words"}}
    block = {"type": "tool_result", "tool_use_id": "t", "content": "ok"}
    from legion_tui.agents.claude_code.fold import read_lines

    line = json.dumps({"type": "user", "message": {"content": [block]}, "toolUseResult": result})
    given = given_answers(question_of(use, None, session_id="s"), read_lines([line.encode()]))
    assert given == (GivenAnswer(question="Q?", labels=("A, B", "C"), text="my own, words"),)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.sampled_from(["AskUserQuestion", "ExitPlanMode", "Bash", "mcp__a__b"]),
    st.fixed_dictionaries({}, optional={"questions": _json, "plan": _json, "command": _json, "file_path": _json})
    | _json,
)
def test_never_raises_on_an_odd_input(name: str, value: Any) -> None:
    use = ToolUse(id="t", name=name, message_id="m", input=json.dumps(value).encode())
    question = question_of(use, None, session_id="s")
    assert question.items or question.unanswerable


def test_a_question_that_cannot_be_read_cannot_be_answered() -> None:
    use = ToolUse(id="t", name="AskUserQuestion", message_id="m", input=b"")
    assert question_of(use, None, session_id="s").unanswerable
