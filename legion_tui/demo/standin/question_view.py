"""How the dialog of AskUserQuestion looks, row by row."""

from __future__ import annotations

from legion_tui.demo.standin.cells import (
    BOLD,
    CHIP,
    DIM,
    GREEN,
    POINTER,
    REVERSE,
    Row,
    clip,
    hanging,
    wrap,
)
from legion_tui.demo.standin.questions import Page, QuestionDialog

_PREVIEW_COLUMN = 34


def question_rows(dialog: QuestionDialog, width: int, height: int) -> list[Row]:
    """Return one question; what does not fit is left out at the top, with a count above the footer."""
    page = dialog.pages[dialog.tab]
    body: list[Row] = [_chips(dialog), [], *_question(page, width), []]
    body += _previews(page, width, height) if page.preview else _options(page, width)
    chosen = page.pointer == page.chat_row
    number = "" if page.preview else f"{page.words_row + 2}. "
    body += [[("─" * width, DIM)], [("❯ " if chosen else "  ", POINTER), (f"{number}Chat about this", "")]]
    footer: list[Row] = [[(line, DIM)] for line in wrap(_footer(dialog, page), width)]
    rule: Row = [("─" * width, DIM)]
    if 1 + len(body) + 1 + len(footer) <= height:
        return [rule, *body, [], *footer]
    if len(body) + 1 + len(footer) <= height:
        return [*body, [], *footer]
    room = max(0, height - 1 - len(footer))
    hidden = len(body) - room
    return [*body[hidden:], [(f" ↑ {hidden} more lines", DIM)], *footer]


def review_rows(dialog: QuestionDialog, width: int, height: int) -> list[Row]:
    """Return the page that repeats all answers; it has no footer."""
    rows: list[Row] = [[("─" * width, DIM)], _chips(dialog), [], [("Review your answers", BOLD)], []]
    if not all(page.answered for page in dialog.pages):
        rows += [[("⚠ Some questions are unanswered", "38;5;220")], []]
    for page in dialog.pages:
        if page.answered:
            rows += hanging(" ● ", "   ", page.question, width)
            rows += hanging("   → ", "     ", page.given.answer, width, GREEN)
    rows.append([])
    for i, label in enumerate(("Submit answers", "Cancel")):
        here = i == dialog.review_pointer
        rows.append([("❯ " if here else "  ", POINTER), (f"{i + 1}. ", DIM), (label, POINTER if here else "")])
    return rows[-height:]


def _chips(dialog: QuestionDialog) -> Row:
    if not dialog.tabbed:
        return [(f" {_box(dialog.pages[0])} {dialog.pages[0].header} ", CHIP)]
    row: Row = [("← ", "")]
    for i, page in enumerate(dialog.pages):
        row.append((f" {_box(page)} {page.header} ", CHIP if i == dialog.tab else ""))
    row += [(" ✔ Submit ", CHIP if dialog.reviewing else ""), (" →", DIM if dialog.reviewing else "")]
    return row


def _box(page: Page) -> str:
    return "☒" if page.answered else "☐"


def _question(page: Page, width: int) -> list[Row]:
    lines = wrap(page.question, width)
    if len(lines) == 1:
        return [[(lines[0], BOLD)]]
    return [[("│ ", DIM), (line, BOLD)] for line in wrap(page.question, width - 2)]


def _options(page: Page, width: int) -> list[Row]:
    rows: list[Row] = []
    for i, option in enumerate(page.options):
        here = page.pointer == i
        box = f"[{'✔' if i in page.ticked else ' '}] " if page.multi else ""
        chosen = not page.multi and page.done and page.ticked == [i]
        style = GREEN if chosen else POINTER if here and not page.multi else ""
        lines = wrap(f"{option['label']}{' ✔' if chosen else ''}", width - 5 - len(box))
        rows.append(
            [
                ("❯ " if here else "  ", POINTER),
                (f"{i + 1}. ", DIM),
                (box, GREEN if i in page.ticked else ""),
                (lines[0], style),
            ]
        )
        indent = " " * (5 + len(box))
        rows += [[(indent, ""), (line, style)] for line in lines[1:]]
        rows += [[(indent, ""), (line, DIM)] for line in wrap(str(option["description"]), width - len(indent))]
    return rows + _own_words(page, width)


def _own_words(page: Page, width: int) -> list[Row]:
    here = page.pointer == page.words_row
    box = f"[{'✔' if page.words_ticked else ' '}] " if page.multi else ""
    head: Row = [
        ("❯ " if here else "  ", POINTER),
        (f"{page.words_row + 1}. ", DIM),
        (box, GREEN if page.words_ticked else ""),
    ]
    lines = wrap(page.text, width - 5 - len(box) - 1) if page.text else []
    placeholder = "Type something" if page.multi else "Type something."
    rows: list[Row] = [[*head, (lines[0] if lines else placeholder, "" if lines else DIM)]]
    rows += [[(" " * (5 + len(box)), ""), (line, "")] for line in lines[1:]]
    if here and lines:
        rows[-1] = [*rows[-1], (" ", REVERSE)]
    if page.multi:
        rows.append([("❯    " if page.pointer == page.submit_row else "     ", POINTER), ("Submit", BOLD)])
    return rows


def _previews(page: Page, width: int, height: int) -> list[Row]:
    """Return the options at the left and the preview of the pointed one in a box at the right."""
    column = _PREVIEW_COLUMN if width >= 80 else _PREVIEW_COLUMN - 1
    inner = max(8, min(42, width - column - 3))
    shown = str(page.options[page.option].get("preview") or "").split("\n")
    room = max(1, height - 19)
    box: list[str] = ["┌" + "─" * inner + "┐"]
    box += [f"│ {clip(line, inner - 2):<{inner - 2}} │" for line in shown[:room]]
    if len(shown) > room:
        box.append("├" + f"─── ✂ ─── {len(shown) - room} lines hidden ".ljust(inner, "─") + "┤")
    box += ["└" + "─" * inner + "┘", ""]
    note = page.note or ("Add notes on this design…" if page.noting else "press n to add notes")
    box += [f"Notes: {line}" if i == 0 else f"       {line}" for i, line in enumerate(note.split("\n"))]
    rows: list[Row] = []
    for i in range(max(len(box), len(page.options))):
        left = ""
        if i < len(page.options):
            left = f"{'❯' if i == page.option else ' '} {i + 1}. {page.options[i]['label']}"
        left = clip(left, column - 2)
        style = POINTER if i == page.option and i < len(page.options) else ""
        rows.append([(left, style), (" " * (column - len(left)), ""), (box[i] if i < len(box) else "", "")])
    return [*rows, []]


def _footer(dialog: QuestionDialog, page: Page) -> str:
    parts = ["Enter to select", "Tab/Arrow keys to navigate" if len(dialog.pages) > 1 else "↑/↓ to navigate"]
    if page.preview:
        parts.append("n to add notes")
    beside = page.pointer >= len(page.options) and not page.preview
    if beside or page.noting:
        parts.append("ctrl+g to edit in Vim")
    return " · ".join([*parts, "Esc to cancel"])
