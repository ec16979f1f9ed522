"""Whether a worker that is gone is brought back, by what the ledger and its own records tell of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from legion_tui.act.records import Entry, Kind, Phase
from legion_tui.state.workers import Turn, Worker

# Of one worker, where nobody named it: a session that always crashes is not started for ever.
MOST_AN_HOUR = 3
APART = timedelta(seconds=300)
_ENDS = {Kind.PARK: "parked", Kind.STOP: "stopped by a person"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What the ledger tells of one session. `ended`: who ended it last, in words; empty where nobody did."""

    ended: str = ""
    resumed: tuple[datetime, ...] = ()


def past_of(history: Sequence[Entry], session_id: str) -> Past:
    """Return what these entries (oldest first) tell of a session."""
    kinds: dict[str, str] = {}
    ended, resumed = "", []
    for entry in history:
        if entry.data.get("session_id") == session_id:
            kinds[entry.id] = entry.kind
            if entry.kind in (Kind.DISPATCH, Kind.PROMPT):
                ended = ""
            elif entry.kind == Kind.RESUME:
                resumed.append(entry.at)
        if entry.phase is Phase.OUTCOME and entry.data.get("outcome") == "done":
            ended = _ENDS.get(Kind(kinds[entry.id]), ended) if entry.id in kinds else ended
    return Past(ended=ended, resumed=tuple(resumed))


def why_not(worker: Worker | None, past: Past, now: datetime) -> str:
    """Return why a worker that nobody named is not brought back, empty where it is.

    Only one that was cut off is: it did not end by anybody's will, and its turn is not over.
    """
    if past.ended:
        return f"it was {past.ended}"
    if worker is not None and worker.turn is Turn.ENDED:
        return "its turn had ended: nothing was cut off"
    recent = [at for at in past.resumed if now - at < timedelta(hours=1)]
    if len(recent) >= MOST_AN_HOUR:
        return f"it was brought back {len(recent)} times within an hour"
    if recent and now - recent[-1] < APART:
        return f"it was brought back {(now - recent[-1]).total_seconds():.0f} s ago"
    return ""
