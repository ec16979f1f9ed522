"""The top line: project, counts, slots, and how the sources are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from legion_tui.present.ages import age, age_seconds, duration
from legion_tui.present.autopilot import flight_word
from legion_tui.present.glyphs import Glyphs
from legion_tui.present.line import Line, Part, Tone, crop, fit_line, line_width, printable
from legion_tui.present.sorting import Sort
from legion_tui.state import Attention, Snapshot, Source, SourceHealth, WorkerState
from legion_tui.state.standing import GROUNDED, Standing
from legion_tui.state.workers import RUNNING

_ROOMY = 84
# An older reading than this is worth a word although nothing failed.
_OLD_SECONDS = 90.0
_ERROR = 36


def header_line(
    snapshot: Snapshot,
    width: int,
    glyphs: Glyphs,
    now: datetime,
    *,
    paused: bool = False,
    loading: bool = False,
    standing: Standing = GROUNDED,
    ordered: str = "",
) -> Line:
    """Return the header in exactly `width` cells; the right end is kept by the autopilot and the sources' health."""
    gap: Part = ("   " if width >= _ROOMY else "  ", Tone.PLAIN)
    health: Line = (("paused", Tone.WARN),) if paused else _health(snapshot, now, width, glyphs, loading=loading)
    if flight := flight_word(standing, width, glyphs.ellipsis):
        health = (*flight, gap, *health)
    room = max(width - line_width(health) - 2, 0)
    parts: list[Part] = [(" legion ", Tone.BRAND)]
    if not loading:
        parts += _project(snapshot, glyphs, key=width >= _ROOMY)
    told: list[Line] = [] if loading else _counts(snapshot)
    if snapshot.slots:
        told.append(((f"slots {snapshot.slots_used}/{snapshot.slots}", Tone.MUTED),))
    if ordered:
        told.insert(0, ((ordered, Tone.KEY),))
    between = gap
    for more in told:
        if line_width((*parts, between, *more)) > room:
            break
        parts += [between, *more]
        between = ("  ", Tone.PLAIN)
    head = fit_line(parts, room, glyphs.ellipsis)
    return fit_line((*head, (" ", Tone.PLAIN), *health, (" ", Tone.PLAIN)), width, glyphs.ellipsis)


def order_words(view: str, sort: Sort) -> str:
    """Return how rows are grouped and sorted where that is not as they come."""
    by = "" if sort is Sort.ATTENTION else f"by {sort.value}"
    return ", ".join(part for part in (view, by) if part)


def counts(snapshot: Snapshot) -> dict[str, int]:
    """Return how many rows need you, are ready, working and waiting; sessions of the machine count too.

    What is snoozed counts nowhere.
    """
    asleep = snapshot.asleep
    found = {
        attention: sum(issue.attention is attention and issue.id not in asleep for issue in snapshot.issues)
        for attention in (Attention.NEEDS_YOU, Attention.READY, Attention.WORKING, Attention.WAITING)
    }
    asking = sum(session.asking and session.session_id not in asleep for session in snapshot.sessions)
    busy = sum(session.state in RUNNING for session in snapshot.sessions) if snapshot.project is None else 0
    idle = sum(session.state is WorkerState.IDLE for session in snapshot.sessions)
    told = {
        "need you": found[Attention.NEEDS_YOU] + asking,
        "ready": found[Attention.READY],
        "working": found[Attention.WORKING] + busy,
        "waiting": found[Attention.WAITING],
    }
    return {**told, "idle": idle} if snapshot.project is None else told


def _counts(snapshot: Snapshot) -> list[Line]:
    tones = {"need you": Tone.NEEDS, "ready": Tone.READY, "working": Tone.BUSY, "waiting": Tone.WAITS}
    return [
        ((f"{count} {'needs you' if name == 'need you' and count == 1 else name}", tones.get(name, Tone.MUTED)),)
        for name, count in counts(snapshot).items()
        if count
    ]


def _project(snapshot: Snapshot, glyphs: Glyphs, *, key: bool) -> Line:
    project = snapshot.project
    if project is None:
        return ((" this machine", Tone.STRONG),)
    name = project.name or project.root.rstrip("/").rpartition("/")[2] or project.short_id
    parts: list[Part] = [(f" {crop(name, 24, glyphs.ellipsis)}", Tone.STRONG)]
    if key and project.key and project.key.casefold() != name.casefold():
        parts.append((f" {glyphs.separator} {printable(project.key)}", Tone.MUTED))
    return tuple(parts)


def source_name(source: Source, snapshot: Snapshot) -> str:
    """Return what a person calls a source: the tracker by its own name."""
    if source is Source.TRACKER and snapshot.project is not None:
        return {"local": "issues", "legion_json": "issues"}.get(snapshot.project.tracker, snapshot.project.tracker)
    return {Source.PULL_REQUESTS: "PRs", Source.TRACKER: "issues"}.get(source, source.value)


def failure(health: SourceHealth, now: datetime) -> str:
    """Return what a source failed with; a limit counts down to when it may be asked again."""
    said = health.error or "failed"
    if health.retry_at is None:
        return said
    left = (health.retry_at - now).total_seconds()
    cause = said.partition(", retry after ")[0]
    return f"{cause}, retry in {duration(left)}" if left >= 1 else f"{cause}, it is asked again"


def _health(snapshot: Snapshot, now: datetime, width: int, glyphs: Glyphs, *, loading: bool) -> Line:
    if loading:
        return (("reading", Tone.MUTED),)
    failing = {source: health for source, health in snapshot.sources.items() if not health.ok}
    if failing:
        return _failing(snapshot, failing, now, width, glyphs)
    old = [
        (source, health)
        for source, health in snapshot.sources.items()
        if (age_seconds(health.read_at, now) or 0) > _OLD_SECONDS
    ]
    if old:
        told = (f"{source_name(source, snapshot)} {age(health.read_at, now)} old" for source, health in old)
        return ((", ".join(told), Tone.WARN),)
    if width < _ROOMY:
        return (("ok", Tone.GOOD), *_fallbacks(snapshot.sources.values()))
    parts: list[Part] = []
    for source in snapshot.sources:
        if source is Source.AGENTS:
            continue  # read with tmux, and named only when it fails
        parts += [
            ("  " if parts else "", Tone.PLAIN),
            (f"{source_name(source, snapshot)} ", Tone.MUTED),
            ("ok", Tone.GOOD),
        ]
        parts += _fallbacks([snapshot.sources[source]])
    return tuple(part for part in parts if part[0])


def _fallbacks(healths: Iterable[SourceHealth]) -> Line:
    """Name the second best way that a source is read by while the best one fails."""
    return tuple((f" {health.via}", Tone.WARN) for health in healths if health.fallback)


def _failing(
    snapshot: Snapshot, failing: dict[Source, SourceHealth], now: datetime, width: int, glyphs: Glyphs
) -> Line:
    room = min(_ERROR, max(width // 3, 12))
    source, health = next(iter(failing.items()))
    since = age(health.failing_since, now)
    told = crop(f"{source_name(source, snapshot)}: {failure(health, now)}", room, glyphs.ellipsis)
    more = f" +{len(failing) - 1}" if len(failing) > 1 else ""
    return ((f"{told} {since}".rstrip(), Tone.BAD), (more, Tone.BAD))
