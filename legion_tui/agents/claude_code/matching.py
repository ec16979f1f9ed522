"""Whether a screen shows a text: wrapped, cut and in cells, so only its letters count. Pure."""

from __future__ import annotations

from legion_tui.agents.claude_code.rows import Dialog, Row
from legion_tui.state.questions import Option, QuestionItem
from legion_tui.state.text import letters

# So much of a command must be on the screen to know the prompt by it; a longer one may be cut.
_KNOWN_BY = 40
_FILE_TOOLS = frozenset({"Edit", "Write", "NotebookEdit", "MultiEdit"})
_SHOWN_TOOLS = _FILE_TOOLS | {"Bash", "WebFetch"}
FREE_ROW = frozenset({"Type something.", "Type something"})
_BOX_EDGES = "┌│└├"


def shows_option(row: Row, option: Option) -> bool:
    """Whether a row is about this option: its label, then the description."""
    if any(edge in row.text for edge in _BOX_EDGES) and option.preview:
        # Beside a preview the label is cut to its column.
        shown = row.text
        for edge in _BOX_EDGES:
            shown = shown.partition(edge)[0]
        return letters(option.label).startswith(letters(shown)) and bool(shown.strip())
    return letters(row.text).startswith(letters(option.label))


def shows_item(dialog: Dialog, item: QuestionItem) -> bool:
    """Whether a page of a dialog is about this question. Where its top is cut off, its options must tell."""
    if not dialog.clipped and letters(dialog.ask) != letters(item.text):
        return False
    seen = 0
    for number, option in enumerate(item.options, start=1):
        row = dialog.row(number)
        if row is None:
            if not dialog.clipped:
                return False
            continue
        if not shows_option(row, option) or (row.checked is None) is item.multi_select:
            return False
        seen += 1
    return seen > 0


def shows_call(dialog: Dialog, item: QuestionItem) -> bool:
    """Whether the text of a permission prompt is about this call; of a long command its beginning is enough."""
    shown, told = letters(dialog.text), letters(item.text)[:_KNOWN_BY]
    if item.header in _FILE_TOOLS:
        told = letters(item.text.partition("\n")[0].partition(" ")[2])
    if told in shown:
        return True
    # What a tool of another kind was called with is not always shown as it is.
    return item.header not in _SHOWN_TOOLS and letters(item.header.rpartition("__")[2]) in shown


def shows_words(row: Row, words: str, *, clipped: bool) -> bool:
    """Whether a row of own words holds these words and nothing else."""
    shown, given = letters(row.text), letters(words)
    if "\t" in words and row.text.endswith("…"):
        # Measured: where a tab makes a line too long, that line and all that follow it are left out.
        return bool(shown) and given.startswith(shown)
    return bool(shown) and (shown in given if clipped else shown == given)
