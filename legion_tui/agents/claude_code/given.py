"""What a transcript shows as the answer to a question. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from legion_tui.agents.claude_code.lines import record_of, text_of
from legion_tui.agents.claude_code.transcript import ToolResult, Transcript, TurnState
from legion_tui.state.questions import GivenAnswer, Question, QuestionItem, QuestionKind
from legion_tui.state.text import clean, clean_line

# A sub-agent is told the same with a capital letter.
_WORDS_FOLLOW = re.compile("[Tt]he user said:\n")
_JOIN = ", "


def given_answers(question: Question, transcript: Transcript | None) -> tuple[GivenAnswer, ...] | None:
    """Return the answer on record; None while the question is open, an empty tuple where it ended without one."""
    if question.kind is QuestionKind.TRUST:
        return (_labelled(question, "trust", None),)
    if transcript is None:
        return None
    result = transcript.results.get(question.tool_use_id)
    if result is None:
        waits = any(use.id == question.tool_use_id for use in transcript.pending)
        # Neither pending nor answered: the transcript does not reach back so far, or the call was cut off.
        return None if waits or transcript.turn is TurnState.NONE else ()
    if question.kind is QuestionKind.QUESTION:
        return _chosen(question, result)
    return _allowed(question, result)


def _chosen(question: Question, result: ToolResult) -> tuple[GivenAnswer, ...]:
    detail = record_of(result.detail)
    answers, annotations = _record(detail.get("answers")), _record(detail.get("annotations"))
    if result.is_error or not answers:
        return ()
    # The record has the agent's own spelling, the question the cleaned one.
    said = {clean(str(asked)).strip(): str(answer) for asked, answer in answers.items()}
    notes = {clean(str(asked)).strip(): _record(note).get("notes") for asked, note in annotations.items()}
    given: list[GivenAnswer] = []
    for item in question.items:
        answer = said.get(item.text)
        note = notes.get(item.text)
        labels, text = ((), None) if answer is None else _labels(item, answer)
        given.append(
            GivenAnswer(question=item.text, labels=labels, text=text, note=str(note) if note is not None else None)
        )
    return tuple(given)


def _labels(item: QuestionItem, answer: str) -> tuple[tuple[str, ...], str | None]:
    """Split an answer into labels and own words; several are joined by commas, which a label may hold too."""
    labels = sorted((option.label for option in item.options if option.label), key=len, reverse=True)
    shown = clean_line(answer)
    if shown in labels:
        return (shown,), None
    if not item.multi_select:
        return (), clean(answer)
    # Measured: of several, the agent quotes a label that holds a comma, and so does our hook; another hook may not.
    as_agent = _split(shown, [(label, f'"{label}"' if "," in label else label) for label in labels])
    loosely = _split(shown, [(label, form) for label in labels for form in (f'"{label}"', label)])
    found, rest = loosely if len(loosely[1]) < len(as_agent[1]) else as_agent
    return found, _words(clean(answer), rest) or None


def _words(answer: str, rest: str) -> str:
    """Return the end of an answer that is `rest` on one line, with its own line ends."""
    start, wanted = len(answer), sum(not char.isspace() for char in rest)
    while start and wanted:
        start -= 1
        wanted -= not answer[start].isspace()
    return answer[start:] if clean_line(answer[start:]) == rest else rest


def _split(answer: str, forms: Sequence[tuple[str, str]]) -> tuple[tuple[str, ...], str]:
    """Return the labels at the head of an answer by the forms that they may have, and what is left of it."""
    found: list[str] = []
    rest = answer
    while rest:
        label, form = next(
            ((label, form) for label, form in forms if rest == form or rest.startswith(form + _JOIN)), ("", "")
        )
        if not label:
            break
        found.append(label)
        rest = rest[len(form) :].removeprefix(_JOIN)
    return tuple(found), rest


def _allowed(question: Question, result: ToolResult) -> tuple[GivenAnswer, ...]:
    plan = question.kind is QuestionKind.PLAN
    if result.decision == "reject" or (result.is_error and result.decision != "accept"):
        said = text_of(result.content)
        found = _WORDS_FOLLOW.search(said)
        # Without words it is Escape: the question is over, nothing was told.
        return (_labelled(question, "revise" if plan else "deny", clean(said[found.end() :]) if found else None),)
    if plan:
        return (GivenAnswer(question=question.text, labels=_approvals(question), text=result.words or None),)
    # A rule that was written down has no scope of its own.
    once = result.scope in ("", "once") and result.source != "user_permanent"
    key = "allow" if once else "allow_always"
    return (_labelled(question, key, result.words or None),)


def _approvals(question: Question) -> tuple[str, ...]:
    """Return the labels that approve: the record does not tell them apart."""
    return tuple(option.label for item in question.items for option in item.options if option.key.startswith("approve"))


def _labelled(question: Question, key: str, text: str | None) -> GivenAnswer:
    options = [option for item in question.items for option in item.options]
    label = next((option.label for option in options if option.key == key), key)
    return GivenAnswer(question=question.text, labels=(label,), text=text)


def _record(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
