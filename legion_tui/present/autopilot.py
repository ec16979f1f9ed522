"""The autopilot in words: a word for the header, what it may and would do, what it did."""

from __future__ import annotations

from collections.abc import Sequence

from legion_tui.present.line import Line, Tone, crop
from legion_tui.present.steps import action_word
from legion_tui.state.autopilot import Agenda, Event, EventKind, Rules
from legion_tui.state.standing import Flight, Standing
from legion_tui.state.text import clean_line

# A limit that nobody would set is none.
_NO_LIMIT = 1_000_000
_MOST_SHOWN = 20
_MOST_TOLD = 6
_REASON = 36
# Fewer cells than this for the reason, and it is left to the line below the header.
_LEAST = 30
_TOLD = (EventKind.FAILED, EventKind.REFUSED, EventKind.DONE)


def flight_word(standing: Standing, width: int, ellipsis: str) -> Line:
    """Return how it stands, for a header of `width` cells; nothing while it is off."""
    match standing.flight:
        case Flight.OFF:
            return ()
        case Flight.ON:
            return (("autopilot on", Tone.GOOD),)
        case Flight.STOPPED:
            room = min(_REASON, width // 3)
            text = f"autopilot stopped: {clean_line(standing.why)}" if room >= _LEAST else "autopilot stopped"
            return ((crop(text, max(room, len("autopilot stopped")), ellipsis), Tone.BAD),)
        case _:
            return ((f"autopilot {standing.flight}", Tone.WARN),)


def stopped_notice(standing: Standing, key: str) -> str:
    """Return why it ended by itself, in whole, and what to press; empty where it did not."""
    if standing.flight is not Flight.STOPPED:
        return ""
    return f"the autopilot stopped, {key} looks at it anew: {clean_line(standing.why)}"


def held_line(standing: Standing, issue: str) -> str:
    """Return what the autopilot says of an issue that it leaves alone; empty where it says nothing."""
    held = standing.held.get(issue, "") if standing.flies else ""
    return f"autopilot: {clean_line(held)}" if held else ""


def plan_lines(rules: Rules, listed: Sequence[str], due: Agenda, *, max_hours: float | None = None) -> tuple[str, ...]:
    """Return what it may do (`listed`, in the person's own words), its limits, and what it would do now."""
    lines = [f"may run: {', '.join(listed) or 'nothing: `actions` in config.toml is empty'}"]
    lines += [f"for: {_for(rules)}", f"limits: {_limits(rules, max_hours)}", ""]
    lines += ["now:" if due.tasks else "now: nothing to do"]
    lines += _some([f"  {task.issue}  {action_word(task.action)} ({task.action})" for task in due.tasks])
    if due.held:
        lines += ["", "held back:"]
        lines += _some([f"  {one.issue}  {action_word(one.action)}: {clean_line(one.why)}" for one in due.held])
    return tuple(lines)


def told_lines(events: Sequence[Event]) -> tuple[tuple[str, ...], bool]:
    """Return what came of its actions, failures first, and whether anything is bad; nothing where nothing did."""
    told = sorted((event for event in events if event.kind in _TOLD), key=lambda event: _TOLD.index(event.kind))
    lines = [_line(event) for event in told[:_MOST_TOLD]]
    if len(told) > _MOST_TOLD:
        lines.append(f"and {len(told) - _MOST_TOLD} more")
    ended = next((event for event in events if event.kind is EventKind.ENDED), None)
    if ended is not None:
        lines.insert(0, f"autopilot ended: {clean_line(ended.text, limit=300)}")
    return tuple(lines), any(event.kind is not EventKind.DONE for event in told)


def _line(event: Event) -> str:
    text = clean_line(event.text, limit=200)
    what = f"autopilot: {event.issue} {action_word(event.action)}"
    return f"{what} {event.kind}" + (f": {text}" if text and text != event.kind else "")


def _for(rules: Rules) -> str:
    if not rules.label and not rules.authors:
        return "all issues"
    wanted = [f"labelled {rules.label}"] if rules.label else []
    wanted += [f"by {', '.join(sorted(rules.authors))}"] if rules.authors else []
    return f"issues {' or '.join(wanted)}"


def _limits(rules: Rules, max_hours: float | None) -> str:
    limits = ["the project's slots" if rules.max_workers >= _NO_LIMIT else f"{rules.max_workers} workers at once"]
    limits.append(f"{rules.max_rounds} starts of a mode on an issue")
    limits += [f"{max_hours:g} h"] if max_hours is not None else []
    limits += [f"${rules.max_cost_usd:.2f}"] if rules.max_cost_usd is not None else []
    return ", ".join(limits)


def _some(lines: list[str]) -> list[str]:
    more = len(lines) - _MOST_SHOWN
    return [*lines[:_MOST_SHOWN], f"  and {more} more"] if more > 0 else lines
