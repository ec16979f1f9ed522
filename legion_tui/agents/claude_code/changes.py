"""What a call wants to change in a file, as a diff: from its input alone, the file itself is not read. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence

_CONTEXT = 3
# More pairs of lines than this are not compared: that would take longer than to read both.
_MOST_PAIRS = 4_000_000
# How the change of one place is told apart from the next: the numbers of its lines are not known here.
_PLACE = "@@ … @@"


def change_lines(path: str, given: Mapping[str, object]) -> list[str]:
    """Return the change that Edit, MultiEdit, Write or NotebookEdit asks for; empty for an input of another form."""
    lines = [line for edit in _edits(given) for line in _change(*edit)]
    return [f"--- {path}", f"+++ {path}", *lines] if lines else []


def _edits(given: Mapping[str, object]) -> Iterator[tuple[str, str, bool]]:
    edits = given.get("edits")
    for edit in edits if isinstance(edits, list) else (given,):
        if not isinstance(edit, dict):
            continue
        old, new, every = edit.get("old_string"), edit.get("new_string"), edit.get("replace_all") is True
        if isinstance(old, str) and isinstance(new, str):
            yield old, new, every
            continue
        written = edit.get("content", edit.get("new_source"))
        if isinstance(written, str):
            yield "", written, False


def _change(old: str, new: str, every: bool) -> Iterator[str]:
    before, after = old.splitlines(), new.splitlines()
    yield f"{_PLACE} everywhere in the file" if every else _PLACE
    first = True
    for line in _unified(before, after):
        # Only a head begins with this: what stands in the texts has a sign of its own before it.
        if not line.startswith("@@"):
            yield line
        elif not first:
            yield _PLACE
        first = False


def _unified(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    if len(before) * len(after) > _MOST_PAIRS:
        yield from (f"-{line}" for line in before)
        yield from (f"+{line}" for line in after)
        return
    lines = difflib.unified_diff(before, after, lineterm="", n=_CONTEXT)
    # The names of the files.
    next(lines, None)
    next(lines, None)
    yield from lines
