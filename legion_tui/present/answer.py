"""The pages of the answer dialog as lines: what is asked, what can be chosen, what was said before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from legion_tui.present.ages import age
from legion_tui.present.diff import diff_lines, is_diff
from legion_tui.present.markdown import markdown_lines
from legion_tui.present.prose import BLANK, Line, Part, Role, crop, plain, rule, text_line, width_of, wrap, wrap_text
from legion_tui.present.question import (
    Draft,
    Row,
    RowKind,
    has_review,
    note_prompt,
    pointed,
    pointer,
    rows,
    said,
    unanswered,
)
from legion_tui.present.syntax import shell_lines
from legion_tui.state import Question, QuestionKind, Worker

# Descriptions stand beside their labels from this width on, below them where it is narrower.
_BESIDE = 56
_BEFORE = 3
_REVIEW = " Review "
# How far a tab goes in a command, a diff or a preview.
_TAB = 4
# A choice that is not pointed at takes at most so many lines.
_AT_REST = 6


@dataclass(frozen=True, slots=True)
class Signs:
    """The signs of the dialog, each one cell wide."""

    pointer: str = "❯"
    chosen: str = "✓"
    answer: str = "→"


UNICODE = Signs()
ASCII = Signs(pointer=">", chosen="*", answer=">")


def signs_of(glyphs: str) -> Signs:
    """Return the signs that go with a set of glyphs, `ascii` or `unicode`."""
    return ASCII if glyphs == "ascii" else UNICODE


def who(worker: Worker, shown_id: str = "") -> str:
    """Return how a person names this worker: its issue and mode, or what is known of a session."""
    if worker.issue:
        name = shown_id or worker.issue
        return f"{name} · {worker.mode}" if worker.mode else name
    folder = (worker.cwd or "").rstrip("/").rpartition("/")[2]
    return shown_id or worker.name or folder or worker.session_id[:8]


def asks(question: Question, now: datetime) -> str:
    """Return what is asked for, and for how long it has been."""
    waited = age(question.asked_at, now)
    match question.kind:
        case QuestionKind.PERMISSION:
            words = "asks for permission"
        case QuestionKind.PLAN:
            words = "has a plan"
        case QuestionKind.TRUST:
            words = "waits at its start"
        case _:
            return f"asks since {waited}" if waited else "asks"
    return f"{words} · {waited}" if waited else words


def place(question: Question, draft: Draft) -> str:
    """Return where in a question of several parts the page is, "" where there is one part."""
    if not has_review(question):
        return ""
    if draft.page == len(question.items):
        return "review"
    return f"question {draft.page + 1} of {len(question.items)}"


def tabs_line(question: Question, draft: Draft, width: int) -> Line:
    """Return one tab per question, ticked where it is answered, and the review; blank where there is one part."""
    if not has_review(question):
        return BLANK
    missing = unanswered(question, draft)
    names = [" ".join(item.header.split()) or f"Question {n}" for n, item in enumerate(question.items, start=1)]
    # The review's own tab, and what stands around each name.
    room = width - len(_REVIEW) - len(names) * len(" [ ]   ")
    most = _fair([width_of(((name, Role.TEXT),)) for name in names], room)
    parts: list[Part] = []
    for number, name in enumerate(names):
        box = "[ ]" if number in missing else "[x]"
        label = plain(crop(((name, Role.TEXT),), most))
        parts += [(f" {box} {label} ", Role.TAB_ON if number == draft.page else Role.TAB), (" ", Role.TEXT)]
    parts.append((_REVIEW, Role.TAB_ON if draft.page == len(names) else Role.TAB))
    return crop(parts, width)


def _fair(widths: list[int], room: int) -> int:
    """Return the width to which the wide ones are cut so that all fit into `room`; the narrow ones keep theirs."""
    left = room
    for place, width in enumerate(ordered := sorted(widths)):
        share = left // (len(ordered) - place)
        if width > share:
            return max(share, 4)
        left -= width
    return max(widths, default=0)


def tab_at(question: Question, draft: Draft, width: int, x: int) -> int | None:
    """Return the page whose tab is at column `x`, or None."""
    column = 0
    for number, (text, role) in enumerate(tabs_line(question, draft, width)):
        column += width_of(((text, role),))
        if x < column:
            return number // 2 if number % 2 == 0 else None
    return None


def subject_lines(question: Question, page: int, width: int) -> list[Line]:
    """Return what is asked on a page, whole: the question, the command or diff, the plan."""
    if page >= len(question.items):
        return [text_line("These answers are sent together.", Role.HEADING)]
    item = question.items[page]
    if question.kind is QuestionKind.PLAN:
        return markdown_lines(item.text, width)
    if question.kind is QuestionKind.QUESTION:
        return wrap_text(item.text, width, Role.HEADING)
    # In the agent's own words, as its own dialog names who asks.
    asker: Line = ((f" · from the {question.asker} agent", Role.MUTED),) if question.asker else BLANK
    header: Line = (*text_line(item.header, Role.HEADING), *asker)
    head = [*wrap(header, width), BLANK] if header else []
    if question.kind is QuestionKind.TRUST:
        return head + wrap_text(item.text, width)
    told = item.text.expandtabs(_TAB)
    if is_diff(told):
        return head + diff_lines(told, width)
    edge: Line = (("▏ ", Role.RULE),)
    if item.header == "Bash":
        return head + shell_lines(told, width, edge=edge)
    return head + [line for row in told.split("\n") for line in wrap_text(row, width, Role.CODE, first=edge, rest=edge)]


def row_lines(question: Question, draft: Draft, width: int, signs: Signs = UNICODE) -> tuple[list[Line], list[int]]:
    """Return the choices of the current page, and for each line the number of the row that it belongs to."""
    if draft.page >= len(question.items):
        return _review_lines(question, draft, width, signs)
    found = rows(question, draft.page)
    given, at = draft.items[draft.page], pointer(question, draft)
    multi = question.items[draft.page].multi_select
    labels = max((width_of(((row.label, Role.TEXT),)) for row in found), default=0)
    beside = width >= _BESIDE and labels <= width * 2 // 5
    lines: list[Line] = []
    owners: list[int] = []
    for index, row in enumerate(found):
        picked = row.option is not None and row.option.key in given.keys
        chosen = given.own if row.kind is RowKind.WORDS else picked
        head = _head(row, signs, pointed=index == at, chosen=chosen, multi=multi)
        block = _row(row, head, width, labels if beside else None, given.words)
        # Whole where it is pointed at; if all were, the others would be out of sight.
        block = block if index == at else _at_most(block, _AT_REST, width)
        lines += block
        owners += [index] * len(block)
    return lines, owners


def _head(row: Row, signs: Signs, *, pointed: bool, chosen: bool, multi: bool) -> Line:
    number = (f"{row.number} ", Role.KEY) if row.number else ("  ", Role.TEXT)
    if multi and row.kind is not RowKind.SUBMIT:
        mark = ("[x] " if chosen else "[ ] ", Role.CHOSEN if chosen else Role.MUTED)
    else:
        mark = (f"{signs.chosen} " if chosen else "  ", Role.CHOSEN)
    label = (row.label, Role.POINTED if pointed else Role.TEXT)
    return ((f"{signs.pointer} " if pointed else "  ", Role.POINTER), number, mark, label)


def _row(row: Row, head: Line, width: int, column: int | None, words: str) -> list[Line]:
    """Return a row with its description beside it, from `column` after its label on, or below it."""
    description = row.option.description if row.option is not None else ""
    if row.kind is RowKind.WORDS and words.strip():
        description = f"“{' '.join(words.split())}”"
    before, (label, role) = head[:-1], head[-1]
    indent: Line = ((" " * width_of(before), Role.TEXT),)
    if column is not None and description:
        first: Line = (*head, (" " * (column - width_of(head[-1:]) + 4), Role.TEXT))
        return wrap_text(description, width, Role.MUTED, first=first, rest=((" " * width_of(first), Role.TEXT),))
    lines = wrap_text(label, width, role, first=before, rest=indent)
    if description:
        lines += wrap_text(description, width, Role.MUTED, first=indent, rest=indent)
    return lines


def _review_lines(question: Question, draft: Draft, width: int, signs: Signs) -> tuple[list[Line], list[int]]:
    lines: list[Line] = []
    owners: list[int] = []
    for index, (item, given) in enumerate(zip(question.items, draft.items, strict=True)):
        number: Line = ((f"{index + 1}  ", Role.KEY),)
        block = wrap_text(item.text, width, Role.MUTED, first=number, rest=(("   ", Role.TEXT),))
        answer = said(question, index, given)
        arrow: Line = ((f"   {signs.answer} ", Role.MUTED),)
        rest: Line = ((" " * width_of(arrow), Role.TEXT),)
        block += wrap_text(
            answer or "not answered yet", width, Role.STRONG if answer else Role.WARN, first=arrow, rest=rest
        )
        lines += block
        owners += [index] * len(block)
    head = ((f"{signs.pointer} ", Role.POINTER), ("Submit", Role.POINTED))
    return [*lines, BLANK, head], [*owners, len(question.items), len(question.items)]


def preview_lines(question: Question, draft: Draft, width: int) -> list[Line]:
    """Return the preview of the option that is pointed at; none where the page has no previews."""
    if draft.page >= len(question.items) or not any(o.preview for o in question.items[draft.page].options):
        return []
    row = pointed(question, draft)
    option = row.option if row is not None else None
    preview = option.preview if option is not None else ""
    if not preview:
        return [text_line("no preview", Role.MUTED)]
    return [line for row in preview.expandtabs(_TAB).split("\n") for line in wrap_text(row, width, Role.CODE)]


def note_lines(question: Question, draft: Draft, width: int) -> list[Line]:
    """Return the words that go beside the choice that is pointed at, where there are any."""
    row = pointed(question, draft)
    words = draft.items[draft.page].note.strip() if row is not None else ""
    if row is None or not words or not note_prompt(question, draft.page, row):
        return []
    return wrap_text(words, width, first=(("note  ", Role.LABEL),), rest=(("      ", Role.TEXT),))


def before_lines(worker: Worker, width: int) -> list[Line]:
    """Return what the agent said before it asked: a rule and at most three lines; none where nothing is known."""
    if not worker.last_words:
        return []
    said_before = wrap_text(worker.last_words, width, Role.MUTED)
    return [rule("what it said before", width), *_at_most(said_before, _BEFORE, width)]


def _at_most(lines: list[Line], most: int, width: int) -> list[Line]:
    """Return the lines, those beyond `most` left out with an ellipsis."""
    if len(lines) <= most:
        return lines
    last = (*lines[most - 1], (" …" + " " * width, Role.MUTED))
    return [*lines[: most - 1], crop(last, width)]


def banner_lines(text: str, width: int, role: Role = Role.WARN) -> list[Line]:
    """Return a message that stands in the way of sending."""
    return wrap(((text, role),), width) if text else []
