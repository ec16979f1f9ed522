"""The dialogs on a screen: which kind, which rows, where the pointer is. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from legion_tui.agents.claude_code.rows import (
    MORE,
    Dialog,
    DialogKind,
    Row,
    find_footer,
    find_last,
    find_rows,
    find_tabs,
    is_row,
    is_rule,
    may_stand_below,
    one_line,
)

_PLAN_RULE = re.compile(r"▔{10,}")
_CHIPS = re.compile(r" [☐☒] \S.*|← {1,2}[☐☒] .*")
_CHAT = re.compile(r"(❯ | {2})(\d\. )?Chat about this")
_QUESTION_FOOTER = re.compile(r"Enter to select · .*Esc to cancel")
_PERMISSION_FOOTER = re.compile(r"Esc to cancel( · .*)?")
_PERMISSION_ASK = re.compile(r"Do you want to .*\?$")
_STARTUP_FOOTER = re.compile(r"Enter to confirm · Esc to cancel")
_STARTUP_WORDS = (
    (DialogKind.TRUST, "Is this a project you created or one you trust?"),
    (DialogKind.API_KEY, "Detected a custom API key in your environment"),
    (DialogKind.BYPASS, "running in Bypass Permissions mode"),
)
_MENU_FOOTER = re.compile(r".*\b(Esc|esc) to (cancel|close|go back|exit|dismiss)( · .*)?")
# How far the rows of each dialog are indented; the plan's in its own box, and without one.
_QUESTION_INDENT, _PERMISSION_INDENT, _PLAN_INDENTS = (0,), (1,), (1, 3)
_NEAR_END = 4


def read_dialog(lines: Sequence[str]) -> Dialog | None:
    """Return the dialog at the end of these lines (plain, without blank ones at the end), if there is one."""
    for read in (_question, _review, _startup, _plan, _permission, _onboarding, _menu):
        dialog = read(lines)
        if dialog is not None:
            return dialog
    return None


def _question(lines: Sequence[str]) -> Dialog | None:
    footer = find_footer(lines, _QUESTION_FOOTER)
    if footer is None:
        return None
    body = lines[: footer[0]]
    chips = find_last(body, _CHIPS)
    more = find_last(body, MORE)
    if chips is None and more is None:
        return None
    top = 0 if chips is None else chips + 1
    # Rows are looked for from below: the chat's row, the rule above it, the rows above that.
    chat = next((i for i in range(len(body) - 1, top - 1, -1) if _CHAT.fullmatch(body[i])), None)
    if chat is None or len(body) - chat > _NEAR_END:
        return None
    inner = body[top : chat + 1]
    start = _first_row(inner, _QUESTION_INDENT, clipped=chips is None)
    rows, first = find_rows(inner[start:], indents=_QUESTION_INDENT)
    if not rows:
        return None
    return Dialog(
        kind=DialogKind.QUESTION,
        rows=rows,
        ask="" if chips is None else one_line(inner[: start + first]),
        clipped=chips is None,
        footer=footer[2],
        tabs=() if chips is None else find_tabs(body[chips]),
        text=one_line(lines[max(0, top - 1) : footer[0]]),
    )


def _first_row(inner: Sequence[str], indents: Sequence[int], *, clipped: bool) -> int:
    """Return where the rows begin: at the last `1.`, for the text above may hold a list; clipped, at any number."""
    number = None if clipped else 1
    found = [i for i, line in enumerate(inner) if is_row(line, indents=indents, number=number)]
    return 0 if not found else found[0] if clipped else found[-1]


def _review(lines: Sequence[str]) -> Dialog | None:
    for end in range(len(lines), max(0, len(lines) - _NEAR_END), -1):
        submit, cancel = lines[max(0, end - 2) : end] if end >= 2 else ("", "")
        if not all(may_stand_below(line) for line in lines[end:]):
            return None
        if submit[2:] == "1. Submit answers" and cancel[2:] == "2. Cancel":
            title = find_last(lines[:end], re.compile("Review your answers"))
            chips = find_last(lines[:end], _CHIPS)
            rows, _ = find_rows((submit, cancel), indents=_QUESTION_INDENT)
            return (
                Dialog(
                    kind=DialogKind.REVIEW,
                    rows=rows,
                    ask="" if title is None else one_line(lines[title + 1 : end - 2]),
                    clipped=title is None,
                    tabs=() if chips is None else find_tabs(lines[chips]),
                    text="" if title is None else one_line(lines[title:end]),
                )
                if len(rows) == 2
                else None
            )
    return None


def _startup(lines: Sequence[str]) -> Dialog | None:
    footer = find_footer(lines, _STARTUP_FOOTER)
    if footer is None:
        return None
    body = lines[: footer[0]]
    text = one_line(body)
    kind = next((kind for kind, words in _STARTUP_WORDS if words in text), None)
    options = [(i, line) for i, line in enumerate(body[-4:], start=max(0, len(body) - 4)) if line.strip()]
    rows = tuple(
        Row(number=None, text=line.strip().removeprefix("❯ ").strip(), pointed=line.lstrip().startswith("❯ "))
        for _, line in options[-2:]
    )
    if kind is None or len(rows) != 2 or sum(row.pointed for row in rows) != 1:
        return None
    top = max((i + 1 for i, line in enumerate(body) if is_rule(line)), default=0)
    return Dialog(
        kind=kind,
        rows=rows,
        ask=one_line(body[top : options[-2][0]]),
        footer=footer[2],
        text=one_line(body[top:]),
    )


def _plan(lines: Sequence[str]) -> Dialog | None:
    """The plan's menu: its question, two or three numbered rows, and no footer of the usual words."""
    rule = find_last(lines, _PLAN_RULE)
    tail = max(0, len(lines) - 14)
    for ask in range(len(lines) - 1, tail - 1, -1):
        if "Would you like to" in lines[ask] or lines[ask].strip() == "Exit plan mode?":
            rows, first = find_rows(lines[ask + 1 :], indents=_PLAN_INDENTS)
            asked = one_line(lines[ask : ask + 1 + first])
            proceed = asked.endswith("Would you like to proceed?") or asked == "Exit plan mode?"
            drawn = _only_hints_below(lines[ask + 1 + first :])
            if proceed and drawn and len(rows) >= 2 and rows[0].number == 1 and any(row.pointed for row in rows):
                return Dialog(
                    kind=DialogKind.PLAN,
                    rows=_without_hints(rows),
                    ask=asked,
                    clipped=rule is None,
                    text=one_line(lines[ask:] if rule is None else lines[rule + 1 :]),
                )
    return None


def _only_hints_below(menu: Sequence[str]) -> bool:
    """Whether below the last row stands only what the agent adds: how to edit the plan, how much is cut off."""
    last = max((i for i, line in enumerate(menu) if is_row(line, indents=_PLAN_INDENTS)), default=0)
    edit = ""
    for line in menu[last + 1 :]:
        if line.lstrip().startswith("ctrl+g to edit"):
            edit = line[: len(line) - len(line.lstrip())]
        elif not may_stand_below(line) and not MORE.fullmatch(line) and not (edit and line.startswith(edit)):
            return False
    return True


def _without_hints(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    last = rows[-1]
    text = last.text.split(" shift+tab to approve", 1)[0].split(" ctrl+g to edit", 1)[0]
    return (*rows[:-1], Row(number=last.number, text=text, pointed=last.pointed, checked=last.checked))


def _permission(lines: Sequence[str]) -> Dialog | None:
    footer = find_footer(lines, _PERMISSION_FOOTER)
    if footer is None:
        return None
    body = lines[: footer[0]]
    rule = next((i for i in range(len(body) - 1, -1, -1) if is_rule(body[i])), None)
    more = find_last(body, MORE)
    if rule is None and more is None:
        return None
    inner = body[(-1 if rule is None else rule) + 1 :]
    start = _first_row(inner, _PERMISSION_INDENT, clipped=False)
    rows, first = find_rows(inner[start:], indents=_PERMISSION_INDENT)
    above = [line for line in inner[: start + first] if line.strip()]
    ask = next((one_line(above[i:]) for i in range(len(above) - 1, -1, -1) if "Do you want to" in above[i]), "")
    if not _PERMISSION_ASK.fullmatch(ask) or len(rows) < 2 or rows[0].number != 1:
        return None
    if sum(row.pointed for row in rows) != 1:
        return None
    return Dialog(
        kind=DialogKind.PERMISSION,
        rows=rows,
        ask=ask,
        clipped=rule is None,
        footer=footer[2],
        text=one_line(inner),
    )


def _onboarding(lines: Sequence[str]) -> Dialog | None:
    text = one_line(lines)
    if text.startswith("Welcome to Claude Code") and "❯ " in text:
        return Dialog(kind=DialogKind.ONBOARDING, rows=(), text=text)
    return None


def _menu(lines: Sequence[str]) -> Dialog | None:
    footer = find_footer(lines, _MENU_FOOTER)
    if footer is None or not any(line.lstrip().startswith(("❯ ", "▔▔▔▔▔▔▔▔▔▔", "──────────")) for line in lines):
        return None
    return Dialog(kind=DialogKind.MENU, rows=(), footer=footer[2], text=one_line(lines[: footer[1]]))
