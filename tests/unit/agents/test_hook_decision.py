from __future__ import annotations

import json
from typing import Any

import pytest

from legion_tui.agents.claude_code.given import given_answers
from legion_tui.agents.claude_code.hook.decision import Request, output_for
from legion_tui.agents.claude_code.questions import question_of
from legion_tui.agents.claude_code.transcript import ToolResult, ToolUse, Transcript
from legion_tui.state import CHAT, Answer, Question, QuestionKind
from legion_tui.state.questions import Option, QuestionItem

ASKED = {
    "questions": [
        {
            "question": "Which\tdatabase?",
            "header": "DB",
            "multiSelect": False,
            "options": [{"label": "SQLite", "description": ""}, {"label": "Post\u200bgres", "description": ""}],
        },
        {
            "question": "Which features?",
            "header": "F",
            "multiSelect": True,
            "options": [{"label": "Dark, very", "description": ""}, {"label": "Search", "description": ""}],
        },
        {
            "question": "Which layout?",
            "header": "L",
            "multiSelect": False,
            "options": [{"label": "Rows", "description": "", "preview": "A\nB"}, {"label": "None", "description": ""}],
        },
    ]
}
RULES = ({"type": "addRules", "rules": [{"toolName": "Bash", "ruleContent": "ls"}], "behavior": "allow"},)


def asked(wire: dict[str, Any] = ASKED) -> Question:
    use = ToolUse(id="t1", name="AskUserQuestion", message_id="m1", input=json.dumps(wire).encode())
    return question_of(use, None, session_id="s1")


def of(kind: QuestionKind, *keys: str) -> Question:
    item = QuestionItem(text="?", options=tuple(Option(key=key, label=key) for key in keys))
    return Question(id="t1", kind=kind, items=(item,), session_id="s1", tool_use_id="t1")


def decision(question: Question, *answers: Answer, request: Request) -> dict[str, Any] | None:
    output = output_for(question, answers, request)
    if output is None:
        return None
    assert set(output) == {"hookSpecificOutput"}
    assert output["hookSpecificOutput"]["hookEventName"] == "PermissionRequest"
    found: dict[str, Any] = output["hookSpecificOutput"]["decision"]
    return found


def chosen(*answers: Answer) -> dict[str, Any]:
    found = decision(asked(), *answers, request=Request(tool_name="AskUserQuestion", tool_input=ASKED))
    assert found is not None
    assert found["behavior"] == "allow"
    assert found["updatedInput"]["questions"] == ASKED["questions"]
    updated: dict[str, Any] = found["updatedInput"]
    return updated


def test_answers_are_in_the_agents_own_spelling() -> None:
    updated = chosen(Answer(keys=("2",)), Answer(keys=("2", "1"), note="a map"), Answer(keys=("1",), note="wide"))
    assert updated["answers"] == {
        "Which\tdatabase?": "Post\u200bgres",
        "Which features?": '"Dark, very", Search, a map',
        "Which layout?": "Rows",
    }
    assert updated["annotations"] == {"Which layout?": {"preview": "A\nB", "notes": "wide"}}


def test_own_words_are_an_answer_like_any_other() -> None:
    updated = chosen(Answer(text="Neither;"), Answer(text="none of\nthem"), Answer(keys=("2",)))
    assert list(updated["answers"].values()) == ["Neither;", "none of\nthem", "None"]
    assert "annotations" not in updated


def test_an_input_that_is_not_the_questions_gets_no_answer() -> None:
    request = Request(tool_name="AskUserQuestion", tool_input={"questions": ASKED["questions"][:2]})
    answers = (Answer(keys=("1",)), Answer(keys=("1",)), Answer(keys=("1",)))
    assert decision(asked(), *answers, request=request) is None


def test_no_answer_declines() -> None:
    found = decision(asked(), request=Request(tool_name="AskUserQuestion", tool_input=ASKED))
    assert found is not None
    assert (found["behavior"], found["interrupt"]) == ("deny", True)


def test_a_chat_lets_the_turn_go_on() -> None:
    request = Request(tool_name="AskUserQuestion", tool_input=ASKED)
    found = decision(asked(), Answer(keys=(CHAT,)), request=request)
    assert found is not None
    assert "interrupt" not in found
    assert "the user said:\nThe user wants to clarify these questions." in found["message"]
    assert found["message"].endswith('- "Which layout?"\n  (No answer provided)')
    found = decision(asked(), Answer(keys=(CHAT,), note="What of DuckDB?"), request=request)
    assert found is not None
    assert "interrupt" not in found
    assert found["message"].endswith("the user said:\nWhat of DuckDB?")


BASH = Request(tool_name="Bash", tool_input={"command": "ls"}, suggestions=RULES)
AUTO = {"type": "setMode", "mode": "auto", "destination": "session"}


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (Answer(keys=("allow",)), {"behavior": "allow"}),
        (Answer(keys=("allow_always",)), {"behavior": "allow", "updatedPermissions": list(RULES)}),
        (Answer(keys=("allow_auto",)), {"behavior": "allow", "updatedPermissions": [AUTO]}),
        # A message along with a yes is beyond a hook.
        (Answer(keys=("allow",), note="and then?"), None),
    ],
)
def test_a_permission_is_given(answer: Answer, wanted: dict[str, Any] | None) -> None:
    question = of(QuestionKind.PERMISSION, "allow", "allow_always", "allow_auto", "deny")
    assert decision(question, answer, request=BASH) == wanted


@pytest.mark.parametrize(
    "suggestions",
    [(), (*RULES, *RULES), ({"type": "setMode", "mode": "acceptEdits", "destination": "session"},)],
)
def test_only_rules_that_were_measured_are_allowed_always(suggestions: tuple[dict[str, Any], ...]) -> None:
    question = of(QuestionKind.PERMISSION, "allow", "allow_always", "deny")
    request = Request(tool_name="Edit", tool_input={}, suggestions=suggestions)
    assert decision(question, Answer(keys=("allow_always",)), request=request) is None


@pytest.mark.parametrize("kind", [QuestionKind.PERMISSION, QuestionKind.PLAN])
def test_a_denial_says_what_one_in_the_terminal_says(kind: QuestionKind) -> None:
    key = "deny" if kind is QuestionKind.PERMISSION else "revise"
    question = of(kind, key)
    found = decision(question, Answer(keys=(key,), note="Use out/ instead."), request=BASH)
    assert found is not None
    assert "interrupt" not in found
    # What the agent then has on record is read like any denial.
    result = ToolResult(is_error=True, content=json.dumps(found["message"]).encode(), decision="reject")
    (given,) = given_answers(question, Transcript(results={"t1": result})) or ()
    assert (given.labels, given.text) == ((key,), "Use out/ instead.")
    stopped = decision(question, Answer(keys=(key,)), request=BASH)
    assert stopped is not None
    assert stopped["interrupt"] is True


PLAN = Request(tool_name="ExitPlanMode", tool_input={"plan": "# Plan", "planFilePath": "/p.md"})


@pytest.mark.parametrize(("key", "mode"), [("approve_manual", "default"), ("approve_auto", "auto")])
def test_a_plan_is_approved_with_the_mode_that_was_chosen(key: str, mode: str) -> None:
    found = decision(of(QuestionKind.PLAN, key), Answer(keys=(key,)), request=PLAN)
    assert found == {
        "behavior": "allow",
        "updatedInput": PLAN.tool_input,
        "updatedPermissions": [{"type": "setMode", "mode": mode, "destination": "session"}],
    }


@pytest.mark.parametrize(
    ("answer", "request_"),
    [
        (Answer(keys=("approve_auto",), note="but small steps"), PLAN),
        # Another dialog stands there for an empty plan.
        (Answer(keys=("approve_manual",)), Request(tool_name="ExitPlanMode", tool_input={"plan": ""})),
    ],
)
def test_what_was_not_measured_of_a_plan_is_left_to_keys(answer: Answer, request_: Request) -> None:
    question = of(QuestionKind.PLAN, "approve_manual", "approve_auto", "revise")
    assert decision(question, answer, request=request_) is None


def test_no_hook_answers_a_start_up_dialog() -> None:
    assert decision(of(QuestionKind.TRUST, "trust"), Answer(keys=("trust",)), request=BASH) is None
