"""Which rows a person may mean who types an id, a number or a piece of a title; the likeliest first."""

from __future__ import annotations

from collections.abc import Sequence

from legion_tui.present.board import Row
from legion_tui.present.finding import fuzzy


def goto_rows(rows: Sequence[Row], text: str, *, most: int = 8) -> tuple[Row, ...]:
    """Return at most `most` rows; all that there are, in the board's order, where nothing is typed yet."""
    wanted = text.strip().casefold()
    ranked = [(rank, row) for row in rows if row.target and (rank := _rank(row, wanted)) is not None]
    return tuple(row for _, row in sorted(ranked, key=lambda one: one[0])[:most])


def _rank(row: Row, wanted: str) -> int | None:
    if not wanted:
        return 0
    title = row.issue.issue.title.casefold() if row.issue is not None else (row.worker.cwd or "" if row.worker else "")
    ids = {row.shown_id.casefold(), row.target.casefold()}
    numbers = {one.replace("#", "-").rpartition("-")[2] for one in ids}
    tests = (
        wanted in ids,
        wanted.lstrip("#") in numbers,
        any(one.startswith(wanted) for one in (*ids, *numbers)),
        any(wanted in one for one in ids),
        any(word.startswith(wanted) for word in title.split()),
        wanted in title,
        fuzzy(wanted, title),
    )
    return next((rank for rank, holds in enumerate(tests) if holds), None)
