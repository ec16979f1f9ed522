"""The texts in which the agent records what a person decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_REFUSED = (
    "The user doesn't want to proceed with this tool use. The tool use was rejected "
    "(eg. if it was a file edit, the new_string was NOT written to the file). "
)
STOPPED = _REFUSED + "STOP what you are doing and wait for the user to tell you how to proceed."
INTERRUPTED_TOOL = "[Request interrupted by user for tool use]"
INTERRUPTED = "[Request interrupted by user]"
_CLARIFY = """\
The user wants to clarify these questions.
    This means they may have additional information, context or questions for you.
    Take their response into account and then reformulate the questions if appropriate.
    Start by asking them what they would like to clarify.

    Questions asked:
"""


@dataclass
class Given:
    """What was chosen for one question; `labels` in the order in which they were ticked."""

    labels: list[str] = field(default_factory=list)
    text: str = ""
    note: str = ""
    preview: str = ""

    @property
    def answered(self) -> bool:
        """Whether there is anything to hand over."""
        return bool(self.labels or self.text)

    @property
    def answer(self) -> str:
        """All of it in one string, as the record joins it."""
        # Of several, a label that holds the comma that joins them is quoted.
        quoted = [f'"{label}"' if self.several and "," in label else label for label in self.labels]
        return ", ".join([*quoted, *([self.text] if self.text else [])])

    @property
    def several(self) -> bool:
        """Whether it is more than one answer in one string."""
        return len(self.labels) + bool(self.text) > 1


def answered(questions: Sequence[Mapping[str, Any]], given: Sequence[Given]) -> tuple[str, dict[str, Any]]:
    """Return the tool result's text and the `toolUseResult` for these answers."""
    parts: list[str] = []
    answers: dict[str, str] = {}
    annotations: dict[str, dict[str, str]] = {}
    for question, one in zip(questions, given, strict=True):
        if not one.answered:
            continue
        text = str(question["question"])
        answers[text] = one.answer
        part = f'"{text}"="{one.answer}"'
        notes = {key: value for key, value in (("preview", one.preview), ("notes", one.note)) if value}
        if one.preview:
            part += f" selected preview:\n{one.preview}"
        if one.note:
            part += f" notes: {one.note}"
        if notes:
            annotations[text] = notes
        parts.append(part)
    own_words = any(one.text or one.note for one in given)
    opening = "The user answered: " if own_words else "Your questions have been answered: "
    closing = (
        "Read the answers carefully — they may request clarification, changes, or that you not proceed — "
        "and follow what they actually say."
        if own_words
        else "You can now continue with these answers in mind."
    )
    record = {
        "questions": [
            {
                "question": question["question"],
                "header": question["header"],
                "options": question["options"],
                "multiSelect": bool(question.get("multiSelect")),
            }
            for question in questions
        ],
        "answers": answers,
        "annotations": annotations,
    }
    return f"{opening}{', '.join(parts)}. {closing}", record


def refused(words: str) -> str:
    """Return the text of a tool call that was refused with words."""
    return f"{_REFUSED}To tell you how to proceed, the user said:\n{words}"


def approved(plan: str, path: str) -> str:
    """Return the text of a plan that was approved."""
    return (
        "User has approved your plan. You can now start coding. Start with updating your todo list if applicable\n\n"
        f"Your plan has been saved to: {path}\nYou can refer back to it if needed during implementation.\n\n"
        f"## Approved Plan:\n{plan}"
    )


def clarify(questions: Sequence[Mapping[str, Any]], given: Sequence[Given]) -> str:
    """Return the text of a question that a person would rather talk about."""
    asked = "\n".join(
        f'- "{question["question"]}"\n  ({"Answer: " + one.answer if one.answered else "No answer provided"})'
        for question, one in zip(questions, given, strict=True)
    )
    return refused(_CLARIFY + asked)
