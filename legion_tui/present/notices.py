"""The lines under the header: what a person should know of the whole board just now."""

from __future__ import annotations

from datetime import datetime

from legion_tui.present.ages import age
from legion_tui.present.glyphs import Glyphs
from legion_tui.present.header import failure, source_name
from legion_tui.present.line import Line, Tone, fit_line
from legion_tui.present.standstill import standstill
from legion_tui.state import Snapshot, Source

_STALE = {
    Source.TRACKER: "issues are shown as they were",
    Source.TMUX: "workers are shown as they were",
    Source.AGENTS: "workers are shown as they were",
    Source.PULL_REQUESTS: "pull requests are shown as they were",
}


def notice_lines(
    snapshot: Snapshot,
    width: int,
    glyphs: Glyphs,
    now: datetime,
    *,
    paused: bool = False,
    resume_key: str = "",
    problem: str = "",
    stopped: str = "",
) -> tuple[Line, ...]:
    """Return a line for each thing: reading that broke off, an autopilot that stopped, the pause, failing sources.

    Then that nothing works, and what the project itself has to say.
    """
    told: list[tuple[str, Tone]] = []
    if problem:
        told.append((problem, Tone.BAD))
    if stopped:
        told.append((stopped, Tone.BAD))
    if paused:
        since = age(snapshot.collected_at, now)
        told.append((f"paused: this is how it was {since} ago; {resume_key} goes on", Tone.WARN))
    for source, health in snapshot.sources.items():
        if health.ok or (not health.known and source is not Source.PULL_REQUESTS):
            continue
        parts = [f"{source_name(source, snapshot)}: {failure(health, now)}"]
        parts += [health.remedy] if health.remedy else []
        if health.known:
            parts.append(f"{_STALE[source]} {age(health.read_at, now)} ago")
        told.append(("; ".join(parts), Tone.BAD))
    if not paused and (still := standstill(snapshot, now)) is not None:
        told.append(still)
    told += [(notice, Tone.WARN) for notice in snapshot.notices]
    return tuple(fit_line(((" ", Tone.PLAIN), (text, tone)), width, glyphs.ellipsis) for text, tone in told)
