"""What was asked for, checked against the question: one answer per item, or none at all to decline. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from legion_tui.errors import RefusedError, UsageError
from legion_tui.state.questions import (
    CHAT,
    Answer,
    AnswerRequest,
    GivenAnswer,
    Question,
    QuestionItem,
    QuestionKind,
)

_CHAT_LABEL = "Chat about this"
_DENIALS = {QuestionKind.PERMISSION: "deny", QuestionKind.PLAN: "revise", QuestionKind.TRUST: "exit"}


def answers_for(question: Question, request: AnswerRequest) -> tuple[Answer, ...]:
    """Return the answers to give.

    UsageError where their number or kind is off, RefusedError for what is not offered.
    """
    if request.chat:
        return _chat(question, request)
    if request.deny:
        return _denial(question, request)
    given = request.answers
    if not given and request.text is not None:
        given = (Answer(text=request.text),)
    if question.kind is QuestionKind.PLAN and len(given) == 1 and not given[0].keys and given[0].text is not None:
        # Words alone send a plan back.
        given = (Answer(keys=("revise",), note=given[0].text),)
    if len(given) != len(question.items):
        raise UsageError(
            "the number of answers is off",
            f"{len(question.items)} asked, {len(given)} given",
            "give one --choose or --text for each question",
        )
    for item, answer in zip(question.items, given, strict=True):
        _check(question, item, answer)
    return tuple(given)


def _chat(question: Question, request: AnswerRequest) -> tuple[Answer, ...]:
    if question.kind is not QuestionKind.QUESTION or request.answers or request.deny:
        raise UsageError("a chat goes with nothing else", "", "only a question can be talked about first")
    return (Answer(keys=(CHAT,), note=(request.text or "").strip() or None),)


def _denial(question: Question, request: AnswerRequest) -> tuple[Answer, ...]:
    if request.answers:
        raise UsageError("--deny goes with no other answer", "", "leave out --choose")
    if question.kind is QuestionKind.QUESTION:
        if request.text:
            raise UsageError("a declined question takes no words", "", "leave out --text, or answer with it")
        return ()
    if question.kind is QuestionKind.TRUST and request.text:
        raise UsageError("a start-up dialog takes no words", "", "leave out --text")
    answer = Answer(keys=(_DENIALS[question.kind],), note=request.text or None)
    _check(question, question.items[0], answer)
    return (answer,)


def _check(question: Question, item: QuestionItem, answer: Answer) -> None:
    words = [text for text in (answer.text, answer.note) if text is not None]
    if any(not text.strip() for text in words):
        raise UsageError("an empty text is no answer", "", "give words, or leave the option out")
    offered = {option.key: option for option in item.options}
    if answer.text is not None and question.kind in (QuestionKind.PERMISSION, QuestionKind.TRUST):
        raise UsageError("words alone do not answer this", "", "choose, or use --deny --text")
    for key in answer.keys:
        if key not in offered:
            raise RefusedError(f"{key!r} is not offered", "there are " + ", ".join(offered))
    if len(set(answer.keys)) != len(answer.keys) or (len(answer.keys) > 1 and not item.multi_select):
        raise RefusedError("one choice is asked for", ", ".join(answer.keys))
    if not answer.keys and answer.text is None:
        raise UsageError("nothing was chosen", item.text, "give --choose or --text")
    if answer.text is not None:
        if answer.keys and not item.multi_select:
            raise UsageError("a choice and own words at once", item.text, "give one of them, or --note")
        if question.kind is QuestionKind.QUESTION and not item.takes_text:
            raise RefusedError("this question takes no own words", item.text)
    if answer.note is not None:
        _check_note(question, item, answer)


def _check_note(question: Question, item: QuestionItem, answer: Answer) -> None:
    """A note goes beside ticked boxes, a preview, allow and deny, and with a plan's answer."""
    key = answer.keys[0] if answer.keys else ""
    if question.kind is QuestionKind.QUESTION:
        beside_preview = bool(answer.keys) and any(option.preview for option in item.options)
        fits = answer.text is None and (item.multi_select or beside_preview)
    elif question.kind is QuestionKind.PERMISSION:
        fits = key in ("allow", "deny")
    else:
        fits = question.kind is QuestionKind.PLAN
    if not fits:
        raise UsageError("a note does not go with this answer", item.text, "leave out --note")


def wants_chat(answers: Sequence[Answer]) -> bool:
    """Whether these answer nothing, but take the question back to talk about it."""
    return len(answers) == 1 and answers[0].keys == (CHAT,)


def as_given(question: Question, answers: Sequence[Answer]) -> tuple[GivenAnswer, ...]:
    """Return the answers as a receipt tells them."""
    if wants_chat(answers):
        return (GivenAnswer(question=question.text, labels=(_CHAT_LABEL,), note=answers[0].note),)
    told: list[GivenAnswer] = []
    for item, answer in zip(question.items, answers, strict=False):
        labels = tuple(option.label for option in item.options if option.key in answer.keys)
        told.append(GivenAnswer(question=item.text, labels=labels, text=answer.text, note=answer.note))
    return tuple(told)


def in_words(question: Question, answers: Sequence[Answer]) -> list[list[str]]:
    """Return the answers as the ledger keeps them."""
    return [[*given.labels, *filter(None, (given.text, given.note))] for given in as_given(question, answers)]


def in_one_line(question: Question) -> str:
    """Return the first line of what is asked: a diff or a plan may follow it."""
    return next((line.strip() for line in question.text.splitlines() if line.strip()), "")


def in_short(record: Sequence[GivenAnswer]) -> str:
    """Return what a record shows, on one line."""
    return "; ".join(", ".join([*one.labels, *filter(None, (one.text,))]) for one in record) or "none"


def is_on_record(question: Question, answers: Sequence[Answer], record: Sequence[GivenAnswer]) -> bool:
    """Whether the agent's record of this question shows these answers."""
    if not answers or wants_chat(answers):
        return not record
    if question.kind is QuestionKind.PLAN and answers[0].keys == ("revise",) and _words(answers[0]) is None:
        return not record or _same(record[0].labels, as_given(question, answers)[0].labels)
    if len(record) != len(answers):
        return False
    wanted = as_given(question, answers)
    if question.kind is QuestionKind.QUESTION:
        return all(map(_shows, question.items, wanted, record))
    if not set(wanted[0].labels) & set(record[0].labels) and not _both_allow(question, answers[0], record[0]):
        return False
    words = _words(answers[0])
    if words is None:
        return True
    # Words with a Yes may be a message of their own, which the record of the tool call does not hold.
    own_message = record[0].text is None and answers[0].keys[0] in ("allow", "approve_manual", "approve_auto")
    return own_message or _same_words(words, record[0].text)


def _both_allow(question: Question, answer: Answer, record: GivenAnswer) -> bool:
    """The record says that a tool was allowed, and not always for how long."""
    denied = {option.label for item in question.items for option in item.options if option.key == "deny"}
    permission = question.kind is QuestionKind.PERMISSION
    return permission and answer.keys[0] != "deny" and not denied & set(record.labels)


def _shows(item: QuestionItem, wanted: GivenAnswer, record: GivenAnswer) -> bool:
    if not _same(wanted.labels, record.labels):
        return False
    if item.multi_select:
        words = wanted.text if wanted.text is not None else wanted.note
        return _same_words(words, record.text)
    return _same_words(wanted.text, record.text) and (wanted.note is None or _same_words(wanted.note, record.note))


def _same(one: Sequence[str], other: Sequence[str]) -> bool:
    return sorted(one) == sorted(other)


def _same_words(one: str | None, other: str | None) -> bool:
    return (one or "").split() == (other or "").split()


def _words(answer: Answer) -> str | None:
    return answer.note if answer.note is not None else answer.text
