"""For how long a row can be put to sleep, and how that is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from legion_tui.state.snooze import Snooze

# When a working day begins.
_MORNING = time(9)


@dataclass(frozen=True, slots=True)
class Nap:
    """One choice: its words, and when it is over; None is only with a change."""

    label: str
    until: datetime | None


def naps(now: datetime, zone: tzinfo | None) -> tuple[Nap, ...]:
    """Return the choices, the shortest first; a change ends each of them early."""
    local = now.astimezone(zone)
    tomorrow = datetime.combine(local.date() + timedelta(days=1), _MORNING, tzinfo=zone).astimezone(zone)
    return (
        Nap("15 minutes", now + timedelta(minutes=15)),
        Nap("1 hour", now + timedelta(hours=1)),
        Nap("4 hours", now + timedelta(hours=4)),
        Nap("tomorrow morning", tomorrow),
        Nap("until something changes", None),
    )


def until_word(until: datetime, now: datetime, zone: tzinfo | None) -> str:
    """Return `until 16:40`, with the day where that is not today."""
    return f"until {clock(until, now, zone)}"


def asleep_word(snooze: Snooze, now: datetime, zone: tzinfo | None) -> str:
    """Return what a row says that sleeps, in at most twelve cells: `until 16:40`, `Tue 09:00`, `on a change`."""
    if snooze.until is None:
        return "on a change"
    at = clock(snooze.until, now, zone)
    return at if " " in at else f"until {at}"


def clock(at: datetime, now: datetime, zone: tzinfo | None) -> str:
    """Return `16:40`, or `Tue 09:00` where that is another day."""
    local = at.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == now.astimezone(zone).date() else f"{local:%a %H:%M}"
