from __future__ import annotations

import pytest

from legion_tui.act.answer_choices import answers_for, as_given, is_on_record
from legion_tui.errors import RefusedError, UsageError
from legion_tui.state.questions import (
    CHAT,
    Answer,
    AnswerRequest,
    GivenAnswer,
    Option,
    Question,
    QuestionItem,
    QuestionKind,
)


def item(*labels: str, multi: bool = False, preview: str = "", text: str = "Which?") -> QuestionItem:
    options = tuple(Option(key=str(n), label=label, preview=preview) for n, label in enumerate(labels, start=1))
    return QuestionItem(text=text, multi_select=multi, options=options, takes_text=not preview)


def of(*items: QuestionItem) -> Question:
    return Question(id="q", kind=QuestionKind.QUESTION, items=items)


def menu(kind: QuestionKind, *keys: str) -> Question:
    options = tuple(Option(key=key, label=key.upper()) for key in keys)
    return Question(id="q", kind=kind, items=(QuestionItem(text="May I?", options=options),))


ONE = of(item("A", "B"))
TWO = of(item("A", "B", text="First?"), item("C", "D", text="Second?"))
BOXES = of(item("A", "B", "C", multi=True))
PREVIEW = of(item("A", "B", preview="+--+"))
PERMISSION = menu(QuestionKind.PERMISSION, "allow", "deny")
PLAN = menu(QuestionKind.PLAN, "approve_manual", "approve_auto", "revise")
TRUST = menu(QuestionKind.TRUST, "trust", "exit")


def request(*answers: Answer, deny: bool = False, chat: bool = False, text: str | None = None) -> AnswerRequest:
    return AnswerRequest(target="ENG-1", answers=answers, deny=deny, chat=chat, text=text)


def keys(*chosen: str, note: str | None = None) -> Answer:
    return Answer(keys=chosen, note=note)


@pytest.mark.parametrize(
    ("question", "asked", "answers"),
    [
        (ONE, request(keys("2")), (keys("2"),)),
        (ONE, request(Answer(text="own")), (Answer(text="own"),)),
        (ONE, request(text="own"), (Answer(text="own"),)),
        (ONE, request(deny=True), ()),
        (ONE, request(chat=True), (keys(CHAT),)),
        (TWO, request(chat=True, text=" why? "), (keys(CHAT, note="why?"),)),
        (TWO, request(keys("1"), Answer(text="own")), (keys("1"), Answer(text="own"))),
        (BOXES, request(keys("1", "3", note="more")), (keys("1", "3", note="more"),)),
        (BOXES, request(Answer(keys=("1",), text="more")), (Answer(keys=("1",), text="more"),)),
        (PREVIEW, request(keys("2", note="wider")), (keys("2", note="wider"),)),
        (PERMISSION, request(keys("allow", note="then test")), (keys("allow", note="then test"),)),
        (PERMISSION, request(deny=True), (keys("deny"),)),
        (PERMISSION, request(deny=True, text="not now"), (keys("deny", note="not now"),)),
        (PLAN, request(text="smaller"), (keys("revise", note="smaller"),)),
        (PLAN, request(deny=True), (keys("revise"),)),
        (PLAN, request(deny=True, text="smaller"), (keys("revise", note="smaller"),)),
        (TRUST, request(deny=True), (keys("exit"),)),
        (TRUST, request(keys("trust")), (keys("trust"),)),
    ],
)
def test_what_is_given(question: Question, asked: AnswerRequest, answers: tuple[Answer, ...]) -> None:
    assert answers_for(question, asked) == answers


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (ONE, request()),
        (ONE, request(keys("1"), keys("2"))),
        (TWO, request(keys("1"))),
        (ONE, request(Answer())),
        (ONE, request(Answer(text="  "))),
        (ONE, request(keys("1"), deny=True)),
        (ONE, request(deny=True, text="no")),
        (ONE, request(keys("1"), chat=True)),
        (ONE, request(deny=True, chat=True)),
        (PERMISSION, request(chat=True)),
        (PLAN, request(chat=True)),
        (ONE, request(Answer(keys=("1",), text="both"))),
        (ONE, request(keys("1", note="a note on nothing"))),
        (PERMISSION, request(text="words alone")),
        (TRUST, request(text="words alone")),
        (TRUST, request(deny=True, text="words")),
        (TRUST, request(keys("trust", note="words"))),
    ],
)
def test_what_is_off_is_a_usage_error(question: Question, asked: AnswerRequest) -> None:
    with pytest.raises(UsageError):
        answers_for(question, asked)


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (ONE, request(keys("3"))),
        (ONE, request(keys("allow"))),
        (ONE, request(keys("1", "2"))),
        (BOXES, request(keys("1", "1"))),
        (PREVIEW, request(Answer(text="own"))),
        (PERMISSION, request(keys("allow_auto"))),
        (menu(QuestionKind.PERMISSION, "allow"), request(deny=True)),
    ],
)
def test_what_is_not_offered_is_refused(question: Question, asked: AnswerRequest) -> None:
    with pytest.raises(RefusedError):
        answers_for(question, asked)


def test_as_a_receipt_tells_it() -> None:
    assert as_given(TWO, (keys("2"), Answer(text="own"))) == (
        GivenAnswer(question="First?", labels=("B",)),
        GivenAnswer(question="Second?", text="own"),
    )
    assert as_given(TWO, (keys(CHAT, note="why?"),)) == (
        GivenAnswer(question="First?", labels=("Chat about this",), note="why?"),
    )


def record(*labels: str, text: str | None = None, note: str | None = None) -> GivenAnswer:
    return GivenAnswer(question="Which?", labels=labels, text=text, note=note)


@pytest.mark.parametrize(
    ("question", "answers", "found", "same"),
    [
        (ONE, (keys("2"),), (record("B"),), True),
        (ONE, (keys("2"),), (record("A"),), False),
        (ONE, (keys("2"),), (record("B", text="and more"),), False),
        (ONE, (keys("2"),), (), False),
        (ONE, (), (), True),
        (ONE, (), (record("A"),), False),
        (TWO, (keys(CHAT, note="why?"),), (), True),
        (TWO, (keys(CHAT),), (record("A"), record("C")), False),
        (ONE, (Answer(text="a  b\nc"),), (record(text="a b\nc "),), True),
        (ONE, (Answer(text="a"),), (record(text="b"),), False),
        (TWO, (keys("1"), keys("2")), (record("A"), record("D")), True),
        (TWO, (keys("1"), keys("2")), (record("A"), record()), False),
        (BOXES, (keys("1", "3"),), (record("C", "A"),), True),
        (BOXES, (keys("1", note="x"),), (record("A", text="x"),), True),
        (BOXES, (keys("1"),), (record("A", text="x"),), False),
        (PREVIEW, (keys("1", note="wider"),), (record("A", note="wider"),), True),
        (PREVIEW, (keys("1", note="wider"),), (record("A"),), False),
        (PERMISSION, (keys("allow"),), (record("ALLOW"),), True),
        (PERMISSION, (keys("allow"),), (record("DENY"),), False),
        (PERMISSION, (keys("deny"),), (record("ALLOW"),), False),
        (PERMISSION, (keys("allow", note="then test"),), (record("ALLOW"),), True),
        (PERMISSION, (keys("deny", note="why"),), (record("DENY", text="why"),), True),
        (PERMISSION, (keys("deny", note="why"),), (record("DENY"),), False),
        (PLAN, (keys("approve_auto"),), (record("APPROVE_MANUAL", "APPROVE_AUTO"),), True),
        (PLAN, (keys("approve_auto"),), (record("REVISE"),), False),
        (PLAN, (keys("revise"),), (record("REVISE"),), True),
        (PLAN, (keys("revise", note="smaller"),), (record("REVISE", text="smaller"),), True),
        (PLAN, (keys("revise", note="smaller"),), (record("REVISE"),), False),
    ],
)
def test_whether_the_record_shows_it(
    question: Question, answers: tuple[Answer, ...], found: tuple[GivenAnswer, ...], same: bool
) -> None:
    assert is_on_record(question, answers, found) is same


def test_how_long_a_permission_holds_is_not_on_record() -> None:
    question = menu(QuestionKind.PERMISSION, "allow", "allow_always", "allow_auto", "deny")
    assert is_on_record(question, (keys("allow_auto"),), (record("ALLOW"),))
    assert not is_on_record(question, (keys("allow_auto"),), (record("DENY"),))
