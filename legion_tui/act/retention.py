"""Which records of the ledger are still needed: the young ones, and those by which something still stands. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from legion_tui.act.ledger_sum import Sum
from legion_tui.act.records import Entry, Kind, decode


def needed(lines: Sequence[bytes], *, older_than: datetime) -> Sequence[bool]:
    """Return for each line whether it stays. What cannot be read (another version's) stays as well."""
    entries = [decode(line) for line in lines]
    known = Sum()
    for entry in entries:
        if entry is not None:
            known.add(entry)
    ids = known.needed_ids() | _last_words_on_labels([entry for entry in entries if entry is not None])
    # An intent and its outcome go together, whatever their clocks say.
    ids |= {entry.id for entry in entries if entry is not None and entry.at >= older_than}
    return [entry is None or entry.id in ids for entry in entries]


def _last_words_on_labels(entries: Sequence[Entry]) -> set[str]:
    """Return the notes that last added or removed each label of each issue.

    One that is kept may name more labels; whatever was said of those later is a last word, too, and kept.
    """
    last: dict[tuple[str, str], str] = {}
    for entry in entries:
        if entry.kind == Kind.LABELS:
            for name in ("added", "removed"):
                labels = entry.data.get(name)
                for label in labels if isinstance(labels, list) else ():
                    last[entry.issue, str(label)] = entry.id
    return set(last.values())
