"""What the hook is to print for an answer: the agent's PermissionRequest decision. Pure.

Measured on the real client: questions with labels, own words and notes; Bash allowed, allowed always (by the rules
that the agent itself suggests), with the switch to auto mode, and denied; plans approved both ways and sent back.
What is not measured is left to keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from legion_tui.state.questions import CHAT, Answer, Question, QuestionItem, QuestionKind

# Word for word what a denial in the terminal gives, so that the model reads, and the record shows, the same.
_REFUSED = (
    "The user doesn't want to proceed with this tool use. The tool use was rejected "
    "(eg. if it was a file edit, the new_string was NOT written to the file). "
)
_WORDS = "To tell you how to proceed, the user said:\n"
_STOP = "STOP what you are doing and wait for the user to tell you how to proceed."
# As the row "Chat about this" says it, measured.
_CLARIFY = """\
The user wants to clarify these questions.
    This means they may have additional information, context or questions for you.
    Take their response into account and then reformulate the questions if appropriate.
    Start by asking them what they would like to clarify.

    Questions asked:
"""
_JOIN = ", "


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the agent asked the hook, as far as a decision needs it."""

    tool_name: str
    tool_input: Mapping[str, Any]
    suggestions: Sequence[Mapping[str, Any]] = field(default=())


def output_for(question: Question, answers: Sequence[Answer], request: Request) -> Mapping[str, Any] | None:
    """Return what the hook prints, None where a hook cannot give these answers. No answers decline a question."""
    decision = _decision(question, answers, request)
    if decision is None:
        return None
    return {"hookSpecificOutput": {"hookEventName": "PermissionRequest", "decision": decision}}


def _decision(question: Question, answers: Sequence[Answer], request: Request) -> dict[str, Any] | None:
    match question.kind:
        case QuestionKind.QUESTION:
            if answers and answers[0].keys == (CHAT,):
                return _chat(question, answers[0].note)
            return _chosen(question, answers, request) if answers else _declined()
        case QuestionKind.PERMISSION:
            return _permitted(answers[0], request)
        case QuestionKind.PLAN:
            return _planned(answers[0], request)
        case QuestionKind.TRUST:
            return None


def _chosen(question: Question, answers: Sequence[Answer], request: Request) -> dict[str, Any] | None:
    asked = request.tool_input.get("questions")
    if not isinstance(asked, list) or not len(asked) == len(question.items) == len(answers):
        return None
    if not all(_is_as_shown(item, one) for item, one in zip(question.items, asked, strict=True)):
        return None
    given: dict[str, str] = {}
    annotations: dict[str, dict[str, str]] = {}
    for item, answer, one in zip(question.items, answers, asked, strict=True):
        # The agent's own spelling, not the cleaned one that a person sees.
        options = [one["options"][int(key) - 1] for key in sorted(answer.keys, key=int)]
        text = str(one["question"])
        given[text] = _joined(item, answer, [str(option["label"]) for option in options])
        notes = {}
        if not item.multi_select:
            notes = {"preview": options[0].get("preview") if options else None, "notes": answer.note}
        if kept := {name: str(value) for name, value in notes.items() if value}:
            annotations[text] = kept
    updated = {**request.tool_input, "answers": given, **({"annotations": annotations} if annotations else {})}
    return {"behavior": "allow", "updatedInput": updated}


def _is_as_shown(item: QuestionItem, one: object) -> bool:
    """Whether the options of a call are those that a person saw: an odd one is left out there, and the rest moves."""
    options = one.get("options") if isinstance(one, dict) else None
    return (
        isinstance(one, dict)
        and isinstance(one.get("question"), str)
        and isinstance(options, list)
        and len(options) == len(item.options)
        and all(isinstance(option, dict) and isinstance(option.get("label"), str) for option in options)
    )


def _joined(item: QuestionItem, answer: Answer, labels: Sequence[str]) -> str:
    # Beside ticked boxes a note is own words.
    words = answer.text if answer.text is not None else answer.note if item.multi_select else None
    several = len(labels) + (words is not None) > 1
    # As the agent itself joins them, so that the model reads the same.
    quoted = [f'"{label}"' if several and "," in label else label for label in labels]
    return _JOIN.join([*quoted, *([words] if words is not None else [])])


def _permitted(answer: Answer, request: Request) -> dict[str, Any] | None:
    match answer.keys, answer.note:
        case ("deny",), words:
            return _denied(words)
        case ("allow",), None:
            return {"behavior": "allow"}
        case ("allow_always",), None if _only_rules(request.suggestions):
            return {"behavior": "allow", "updatedPermissions": list(request.suggestions)}
        case ("allow_auto",), None:
            return {"behavior": "allow", "updatedPermissions": [_mode("auto")]}
    return None


def _planned(answer: Answer, request: Request) -> dict[str, Any] | None:
    words = answer.note if answer.note is not None else answer.text
    match answer.keys, words:
        case ("revise",), _:
            return _denied(words)
        case ("approve_manual" | "approve_auto" as key,), None if request.tool_input.get("plan"):
            mode = _mode("default" if key == "approve_manual" else "auto")
            return {"behavior": "allow", "updatedInput": dict(request.tool_input), "updatedPermissions": [mode]}
    return None


def _only_rules(suggestions: Sequence[Mapping[str, Any]]) -> bool:
    return len(suggestions) == 1 and suggestions[0].get("type") == "addRules"


def _mode(mode: str) -> dict[str, str]:
    return {"type": "setMode", "mode": mode, "destination": "session"}


def _denied(words: str | None) -> dict[str, Any]:
    return _declined() if words is None else {"behavior": "deny", "message": f"{_REFUSED}{_WORDS}{words}"}


def _chat(question: Question, words: str | None) -> dict[str, Any]:
    """Return a denial after which the turn goes on."""
    asked = "\n".join(f'- "{item.text}"\n  (No answer provided)' for item in question.items)
    return _denied(_CLARIFY + asked if words is None else words)


def _declined() -> dict[str, Any]:
    """Return what Escape does: the turn is over."""
    return {"behavior": "deny", "message": f"{_REFUSED}{_STOP}", "interrupt": True}
