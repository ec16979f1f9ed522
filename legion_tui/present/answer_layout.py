"""How the answer dialog shares out its lines, and which keys it names. Pure arithmetic on what there is to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from legion_tui.present.prose import Line, Part, Role, width_of
from legion_tui.present.question import Draft, RowKind, has_review, note_prompt, pointed, rows, unanswered
from legion_tui.state import Question, QuestionKind

# What is asked keeps at least this many lines, however many choices there are.
_SUBJECT_AT_LEAST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How many lines each part of the dialog would take; 0 where it has nothing to show."""

    tabs: int
    subject: int
    choices: int
    preview: int
    beside: bool
    note: int
    words: int
    before: int
    banner: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heights:
    """How many lines each part gets; `dialog` is all of them with the borders."""

    dialog: int
    subject: int
    choices: int
    middle: int
    before: int
    roomy: bool


def share(room: int, wanted: Wanted) -> Heights:
    """Share out `room` lines: what was said before goes first, and neither question nor choices push the other out."""
    middle = max(wanted.choices, wanted.preview) if wanted.beside else wanted.choices + wanted.preview
    subject = wanted.subject
    # A blank line stands between what is asked and what can be chosen.
    others = wanted.tabs + wanted.note + wanted.words + wanted.banner + 1
    left = room - others
    before = wanted.before if subject + middle + wanted.before <= left else 0
    if subject + middle > left:
        middle = max(min(middle, max(left - min(subject, _SUBJECT_AT_LEAST), left // 2)), 1)
        subject = max(left - middle, 1)
    used = others + subject + middle + before
    roomy = used + 2 <= room
    return Heights(
        dialog=used + 2 + (2 if roomy else 0),
        subject=subject,
        choices=middle if wanted.beside else min(wanted.choices, middle),
        middle=middle,
        before=before,
        roomy=roomy,
    )


def key_words(
    question: Question,
    draft: Draft,
    *,
    writing: bool = False,
    blocked: bool = False,
    newer: bool = False,
    scrolls: bool = False,
    sending: bool = False,
) -> list[tuple[str, str]]:
    """Return the keys that do something now, each with its word, the most needed first."""
    if sending:
        return [("esc", "let it go on"), ("t", "attach"), ("?", "help")]
    several = has_review(question)
    if writing:
        multi = draft.page < len(question.items) and question.items[draft.page].multi_select
        return [("enter", "take" if several or multi else "send"), ("ctrl+j", "new line"), ("esc", "back")]
    scroll = [("pgdn", "scroll")] if scrolls else []
    if blocked:
        return [*([("r", "show it")] if newer else []), ("t", "attach"), ("esc", "not now"), *scroll, ("?", "help")]
    keys: list[tuple[str, str]] = []
    if draft.page >= len(question.items):
        keys += [
            ("enter", "give the rest" if unanswered(question, draft) else "send all"),
            (f"1-{len(question.items)}", "change"),
            ("left", "back"),
        ]
    else:
        keys += _page_keys(question, draft)
    keys += [("esc", "not now"), *scroll]
    if several and draft.page < len(question.items):
        keys.append(("tab", "next"))
    return [*keys, *_more_keys(question, draft), ("?", "help")]


def _page_keys(question: Question, draft: Draft) -> list[tuple[str, str]]:
    item, found = question.items[draft.page], rows(question, draft.page)
    if not found:
        return []
    numbers = sum(1 for row in found if row.number)
    row = pointed(question, draft)
    kind = row.kind if row is not None else RowKind.OPTION
    word = "next" if has_review(question) else "send"
    if question.kind is QuestionKind.TRUST and row is not None and row.option is not None:
        # Only what was marked is sent: the digits come first, and Enter once there is something to send.
        word = word if row.option.key in draft.items[draft.page].keys else ""
    if kind is RowKind.WORDS:
        word = "write"
    elif item.multi_select and kind is RowKind.OPTION:
        word = "tick"
    digits = [("1" if numbers == 1 else f"1-{min(numbers, 9)}", "tick" if item.multi_select else "choose")]
    return [*(digits if numbers else []), *([("enter", word)] if word else [])]


def _more_keys(question: Question, draft: Draft) -> list[tuple[str, str]]:
    keys: list[tuple[str, str]] = []
    row = pointed(question, draft)
    if row is not None and note_prompt(question, draft.page, row):
        keys.append(("n", "note" if question.kind is QuestionKind.QUESTION else "words"))
    keys.append(("t", "attach"))
    if question.kind is QuestionKind.QUESTION:
        keys.append(("c", "chat about it"))
    return keys


def keys_line(keys: Sequence[tuple[str, str]], width: int) -> Line:
    """Return `key word` pairs, the later ones left out where there is no room for them."""
    parts: list[Part] = []
    for key, word in keys:
        more: list[Part] = [("   " if parts else "", Role.TEXT), (key, Role.KEY), (f" {word}", Role.MUTED)]
        if width_of(parts) + width_of(more) > width:
            break
        parts += more
    return tuple(parts)
