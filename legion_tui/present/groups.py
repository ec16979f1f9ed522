"""What a group's header tells: the one figure that matters, and its tone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from legion_tui.present.ages import age, age_seconds, duration
from legion_tui.present.board import Group, GroupRows
from legion_tui.present.line import Tone
from legion_tui.present.snooze import clock
from legion_tui.state import WorkerState

_TONES = {
    Group.NEEDS_YOU: Tone.NEEDS,
    Group.INBOX: Tone.NEEDS,
    Group.READY: Tone.READY,
    Group.WORKING: Tone.BUSY,
    Group.WAITING: Tone.WAITS,
    Group.PROBLEMS: Tone.BAD,
}
_BY_NAME: dict[str, Tone] = {group.value: tone for group, tone in _TONES.items()}


def title_tone(group: GroupRows) -> Tone:
    """Return the tone of a group's name; sessions that ask call as loudly as issues that do."""
    known = {one.value for one in Group}
    if (group.group == Group.SESSIONS or group.group not in known) and asking(group):
        return Tone.NEEDS
    return _BY_NAME.get(group.group, Tone.MUTED)


def asking(group: GroupRows) -> int:
    """Return how many of the group's rows wait for a person."""
    return sum(row.needs_you for row in group.rows)


def figure(group: GroupRows, now: datetime, zone: tzinfo | None) -> str:
    """Return the figure at the right end of a header, empty where none matters."""
    match group.group:
        case Group.NEEDS_YOU:
            return _waited([row.since for row in group.rows], now, "waited {} in all")
        case Group.INBOX:
            return _waited([row.asked_since for row in group.rows], now, "{} of agents' time lost in all")
        case Group.WORKING:
            return f"longest {oldest}" if (oldest := _oldest(group, now)) else ""
        case Group.WAITING:
            return _next_end(group, zone) or (f"oldest {oldest}" if (oldest := _oldest(group, now)) else "")
        case Group.SNOOZED:
            return _next_waking(group, now, zone)
        case Group.READY:
            return f"oldest {oldest}" if (oldest := _oldest(group, now)) else ""
        case Group.BACKLOG | Group.QUIET | Group.PROBLEMS:
            return ""
        case _:  # sessions, and what another view calls its groups
            count = asking(group)
            return f"{count} need{'s' if count == 1 else ''} you" if count else ""


def _waited(since: Sequence[datetime | None], now: datetime, in_all: str) -> str:
    waits = [seconds for at in since if (seconds := age_seconds(at, now)) is not None]
    if not waits:
        return ""
    told = f"oldest {duration(max(waits))}"
    return f"{told}, {in_all.format(duration(sum(waits)))}" if len(waits) > 1 else told


def _oldest(group: GroupRows, now: datetime) -> str:
    return age(min((row.since for row in group.rows if row.since), default=None), now)


def _next_waking(group: GroupRows, now: datetime, zone: tzinfo | None) -> str:
    ends = [row.snooze.until for row in group.rows if row.snooze is not None and row.snooze.until is not None]
    return f"next wakes {clock(min(ends), now, zone)}" if ends else ""


def _next_end(group: GroupRows, zone: tzinfo | None) -> str:
    ends = [
        row.worker.detail.until
        for row in group.rows
        if row.worker is not None and row.worker.state is WorkerState.RATE_LIMITED and row.worker.detail.until
    ]
    return f"next limit ends {min(ends).astimezone(zone):%H:%M}" if ends else ""
