"""An answer while it is being given: what can be chosen, what was, and the request that comes of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from legion_tui.state import Answer, AnswerRequest, Option, Question, QuestionItem, QuestionKind


class RowKind(StrEnum):
    """What Enter does on a row: takes the option, opens the words, goes on."""

    OPTION = "option"
    WORDS = "words"
    SUBMIT = "submit"


@dataclass(frozen=True, slots=True)
class Row:
    """One line that can be pointed at. `number` is the digit that chooses it; 0 where none does."""

    kind: RowKind
    label: str
    number: int = 0
    option: Option | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDraft:
    """What was given to one question so far. `own` says that the words are the answer, not just kept."""

    pointer: int = 0
    keys: tuple[str, ...] = ()
    words: str = ""
    own: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What was given to a whole question so far; `page` is a question's number from 0, or the review after the last."""

    items: tuple[ItemDraft, ...]
    page: int = 0
    talk: str = ""


class Drafts:
    """The answers that were begun, by question id. Its owner outlives the dialog, so a refused answer loses nothing."""

    def __init__(self) -> None:
        self._drafts: dict[str, Draft] = {}

    def of(self, question: Question) -> Draft:
        """Return the draft of a question, a fresh one where there is none; choices that are gone are dropped."""
        draft = self._drafts.get(question.id)
        if draft is None or len(draft.items) != len(question.items):
            return Draft(items=tuple(ItemDraft() for _ in question.items))
        return replace(draft, items=tuple(map(_still_there, question.items, draft.items)))

    def keep(self, question: Question, draft: Draft) -> None:
        """Remember a draft."""
        self._drafts[question.id] = draft

    def forget(self, question_id: str) -> None:
        """Drop the draft of a question that was answered."""
        self._drafts.pop(question_id, None)

    def keep_only(self, question_ids: Iterable[str]) -> None:
        """Drop the drafts of questions that nobody asks any more."""
        known = set(question_ids)
        self._drafts = {key: draft for key, draft in self._drafts.items() if key in known}


def _still_there(item: QuestionItem, given: ItemDraft) -> ItemDraft:
    keys = {option.key for option in item.options}
    return replace(given, keys=tuple(key for key in given.keys if key in keys))


def rows(question: Question, index: int) -> tuple[Row, ...]:
    """Return what can be pointed at on the page of a question, in the agent's own order."""
    item = question.items[index]
    found = [
        Row(
            RowKind.WORDS if _takes_words_only(question, option) else RowKind.OPTION,
            " ".join(option.label.split()) or "(no label)",
            number,
            option,
        )
        for number, option in enumerate(item.options, start=1)
    ]
    if item.takes_text and not any(row.kind is RowKind.WORDS for row in found):
        found.append(Row(RowKind.WORDS, "Write…", len(found) + 1))
    if item.multi_select:
        last = index == len(question.items) - 1
        found.append(Row(RowKind.SUBMIT, "Submit" if last else "Next"))
    return tuple(found)


def _takes_words_only(question: Question, option: Option) -> bool:
    return question.kind is QuestionKind.PLAN and option.key == "revise"


def has_review(question: Question) -> bool:
    """Whether a last page repeats all answers: wherever there is more than one."""
    return len(question.items) > 1


def note_prompt(question: Question, index: int, row: Row) -> str:
    """Return what words beside this row are for, or "" where the agent takes none."""
    if row.kind is not RowKind.OPTION or row.option is None:
        return ""
    if question.kind is QuestionKind.PERMISSION:
        return {"allow": "Allow, and tell it what to do next", "deny": "Deny, and tell it what to do instead"}.get(
            row.option.key, ""
        )
    if question.kind is QuestionKind.PLAN:
        return "Approve, with these words" if row.option.key.startswith("approve") else ""
    item = question.items[index]
    has_previews = any(option.preview for option in item.options)
    return "A note beside the choice" if has_previews and not item.multi_select else ""


def pointer(question: Question, draft: Draft) -> int:
    """Return the number of the row that is pointed at, from 0; a page that lost rows meanwhile has its last one."""
    if draft.page >= len(question.items):
        return 0
    return max(min(draft.items[draft.page].pointer, len(rows(question, draft.page)) - 1), 0)


def pointed(question: Question, draft: Draft) -> Row | None:
    """Return the row that is pointed at, None on the review and on a page without any."""
    found = rows(question, draft.page) if draft.page < len(question.items) else ()
    return found[pointer(question, draft)] if found else None


def point(question: Question, draft: Draft, to: int) -> Draft:
    """Move the pointer of the current page, round its ends."""
    return _changed(draft, pointer=to % max(len(rows(question, draft.page)), 1))


def choose(question: Question, draft: Draft, pointer: int) -> Draft:
    """Choose the option at `pointer`: ticks or unticks a box, takes a single choice; other rows are only pointed at."""
    row = rows(question, draft.page)[pointer]
    if row.kind is not RowKind.OPTION or row.option is None:
        return _changed(draft, pointer=pointer)
    if not question.items[draft.page].multi_select:
        return _changed(draft, pointer=pointer, keys=(row.option.key,), own=False)
    given = draft.items[draft.page].keys
    order = [option.key for option in question.items[draft.page].options]
    ticked = set(given) ^ {row.option.key}
    return _changed(draft, pointer=pointer, keys=tuple(key for key in order if key in ticked))


def write(question: Question, draft: Draft, words: str) -> Draft:
    """Take own words for the current page; blank ones are none."""
    own = bool(words.strip())
    if question.items[draft.page].multi_select:
        return _changed(draft, words=words, own=own)
    return _changed(draft, words=words, own=own, **({"keys": ()} if own else {}))


def keep_words(draft: Draft, words: str) -> Draft:
    """Keep words that are not the answer yet."""
    return _changed(draft, words=words)


def note(draft: Draft, words: str) -> Draft:
    """Take words beside the choice of the current page."""
    return _changed(draft, note=words)


def turn(question: Question, draft: Draft, step: int) -> Draft:
    """Go to the next or the previous page, round the ends."""
    pages = len(question.items) + has_review(question)
    return replace(draft, page=(draft.page + step) % pages)


def _changed(draft: Draft, **changes: object) -> Draft:
    items = list(draft.items)
    items[draft.page] = replace(items[draft.page], **changes)  # type: ignore[arg-type]
    return replace(draft, items=tuple(items))


def answer(question: Question, index: int, given: ItemDraft) -> Answer | None:
    """Return the answer to one question, None where there is none yet. A multi-select may be answered by nothing."""
    item = question.items[index]
    words = given.words.strip() if given.own else ""
    if item.multi_select:
        if given.keys:
            return Answer(keys=given.keys, note=words or None)
        return Answer(text=words) if words else None
    if words:
        return Answer(text=words)
    if not given.keys:
        return None
    chosen = next((row for row in rows(question, index) if row.option and row.option.key == given.keys[0]), None)
    takes_note = chosen is not None and note_prompt(question, index, chosen)
    return Answer(keys=given.keys, note=given.note.strip() or None if takes_note else None)


def unanswered(question: Question, draft: Draft) -> tuple[int, ...]:
    """Return the numbers, from 0, of the questions that have no answer yet."""
    return tuple(n for n, given in enumerate(draft.items) if answer(question, n, given) is None)


def request(question: Question, draft: Draft, target: str) -> AnswerRequest | None:
    """Return what is to be sent, None while an answer is missing. Refusing a permission or a start-up is a denial."""
    answers = tuple(answer(question, n, given) for n, given in enumerate(draft.items))
    complete = tuple(given for given in answers if given is not None)
    if not complete or len(complete) < len(answers):
        return None
    first = complete[0]
    refusing = {QuestionKind.PERMISSION: ("deny",), QuestionKind.TRUST: ("exit",)}
    if first.keys and first.keys == refusing.get(question.kind):
        return AnswerRequest(target=target, deny=True, text=first.note, question_id=question.id)
    return AnswerRequest(target=target, answers=complete, question_id=question.id)


def talk(question: Question, target: str, words: str) -> AnswerRequest:
    """Return what takes the whole question back, so that it is talked about first; words say what about."""
    return AnswerRequest(target=target, chat=True, text=words.strip() or None, question_id=question.id)


def said(question: Question, index: int, given: ItemDraft) -> str:
    """Return the answer to one question in words, "" where there is none yet."""
    found = answer(question, index, given)
    if found is None:
        return ""
    labels = {option.key: option.label for option in question.items[index].options}
    parts = [labels[key] for key in found.keys if key in labels]
    if found.text:
        parts.append(found.text)
    text = ", ".join(parts)
    return f"{text} - {found.note}" if found.note else text
