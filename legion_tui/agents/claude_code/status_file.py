"""`sessions/<pid>.json`: what the agent says of itself. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from legion_tui.state.text import clean_line

_PLACE = re.compile(r"(?P<session>[^:]*):(?P<window>@\d+)\.(?P<pane>%\d+)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusFile:
    """One version of the file. `status` is empty at first, and `waiting_for` whenever it does not wait."""

    pid: int
    session_id: str
    cwd: str = ""
    started_at: datetime | None = None
    # Clock ticks since boot on Linux; elsewhere whatever the agent found.
    proc_start: str = ""
    version: str = ""
    kind: str = ""
    name: str = ""
    # Of the tmux server that it was started in: `@window` and `%pane`.
    window: str = ""
    pane: str = ""
    status: str = ""
    waiting_for: str = ""
    status_at: datetime | None = None


class _Wire(msgspec.Struct):
    pid: int
    sessionId: str
    cwd: str = ""
    startedAt: float | None = None
    procStart: str | int | None = None
    version: str = ""
    kind: str = ""
    name: str | None = None
    tmux: str | None = None
    status: str = ""
    waitingFor: str | None = None
    updatedAt: float | None = None
    statusUpdatedAt: float | None = None


_decoder = msgspec.json.Decoder(_Wire)


def parse_status(data: bytes) -> StatusFile | None:
    """Return what the file says; None where it is torn, empty or no such record. Never raises."""
    try:
        wire = _decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if wire.pid <= 0 or not wire.sessionId:
        return None
    place = _PLACE.fullmatch(wire.tmux or "")
    return StatusFile(
        pid=wire.pid,
        session_id=clean_line(wire.sessionId, limit=200),
        cwd=clean_line(wire.cwd),
        started_at=_time(wire.startedAt),
        proc_start=str(wire.procStart or ""),
        version=clean_line(wire.version, limit=100),
        kind=clean_line(wire.kind, limit=100),
        name=clean_line(wire.name or "", limit=200),
        window=place["window"] if place else "",
        pane=place["pane"] if place else "",
        status=clean_line(wire.status, limit=100),
        waiting_for=clean_line(wire.waitingFor or "", limit=200),
        status_at=_time(wire.statusUpdatedAt) or _time(wire.updatedAt),
    )


def _time(milliseconds: float | None) -> datetime | None:
    try:
        return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
