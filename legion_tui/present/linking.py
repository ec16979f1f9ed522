"""To which issue a session of the machine may belong: by its branch or its folder. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from legion_tui.present.board import Row
from legion_tui.state import Outcome, Worker
from legion_tui.state.receipts import IssueReceipt


def likely_first(rows: Sequence[Row], worker: Worker) -> tuple[Row, ...]:
    """Return the rows of issues, those whose id the session's branch holds first, then its folder; else as they are."""
    return tuple(sorted((row for row in rows if row.issue is not None), key=lambda row: _rank(row, worker)))


def linked_line(receipt: IssueReceipt, session: str, key: str) -> str:
    """Return what came of linking a session."""
    if receipt.outcome is not Outcome.DONE:
        return f"{session}: not linked: {receipt.reason}"
    return f"{session}: linked to {receipt.issue}, as its {receipt.reason}; {key} there takes it back"


def unlinked_line(receipt: IssueReceipt, session: str) -> str:
    """Return what came of unlinking a session."""
    if receipt.outcome is not Outcome.DONE:
        return f"{session}: not unlinked: {receipt.reason}"
    return f"{session}: belongs to {receipt.issue} no more"


def _rank(row: Row, worker: Worker) -> int:
    # As a whole word: ENG-1 is not in ENG-12.
    held = re.compile(rf"(?<![a-z0-9]){re.escape(row.target.casefold())}(?![a-z0-9])")
    places = (worker.branch or "", worker.cwd or "")
    return next((rank for rank, place in enumerate(places) if held.search(place.casefold())), len(places))
