"""What stands where rows would be: first run, no issues, a source that never worked, still reading."""

from __future__ import annotations

from collections.abc import Sequence

from legion_tui.present.board import GroupRows
from legion_tui.present.header import source_name
from legion_tui.present.line import Line, Tone
from legion_tui.present.prose import wrap_text
from legion_tui.present.rows import Look
from legion_tui.state import Snapshot, Source

_COMMANDS = (
    ("legion-tui init", "make this repository a project"),
    ("legion-tui demo", "see a whole swarm at work"),
    ("legion-tui doctor", "what is found, what is missing"),
)
_BLANK: Line = ()


def loading_lines(width: int) -> tuple[Line, ...]:
    """Return what stands there before the first snapshot."""
    return (_BLANK, *told("Reading the tracker, tmux and the agents", width, Tone.MUTED))


def lead_lines(snapshot: Snapshot, groups: Sequence[GroupRows], width: int, look: Look) -> tuple[Line, ...]:
    """Return what stands above the rows: a welcome, an explanation, a failure with its remedy; mostly nothing."""
    if snapshot.project is None and Source.TRACKER not in snapshot.sources:
        return _first_run(bool(snapshot.sessions), width)
    lines: list[Line] = []
    for source, health in snapshot.sources.items():
        if not health.ok and not health.known and source is not Source.PULL_REQUESTS:
            lines += [_BLANK, *told(f"{source_name(source, snapshot)}: {health.error or 'failed'}", width, Tone.BAD)]
            lines += told(health.remedy, width, Tone.MUTED) if health.remedy else []
            lines += told(f"asked again by itself; {look.key('refresh')} asks now", width, Tone.MUTED)
    if lines:
        return (*lines, _BLANK)
    return () if snapshot.issues or snapshot.problems else _empty(snapshot, width, look)


def no_match_lines(needle: str, width: int, look: Look) -> tuple[Line, ...]:
    """Return what stands there when the filter hides every row."""
    text = f"Nothing matches “{needle}”. {look.key('cancel') or 'escape'} shows all rows again."
    return (_BLANK, *told(text, width, Tone.MUTED))


def _first_run(any_session: bool, width: int) -> tuple[Line, ...]:
    lines: list[Line] = [_BLANK]
    lines += told(
        "One board for many coding agents: what each does, what it asks, what to do next.", width, Tone.STRONG
    )
    lines += told(
        "There is no project here, so this is every agent of this machine; all can be answered.", width, Tone.MUTED
    )
    lines.append(_BLANK)
    widest = max(len(command) for command, _ in _COMMANDS)
    for command, purpose in _COMMANDS:
        shown = f"   {purpose}" if len(purpose) + widest + 6 <= width else ""
        lines.append((("   ", Tone.PLAIN), (f"{command:<{widest}}", Tone.KEY), (shown, Tone.MUTED)))
    lines.append(_BLANK)
    if not any_session:
        lines += told("No agent runs on this machine now.", width, Tone.MUTED)
    return tuple(lines)


def _empty(snapshot: Snapshot, width: int, look: Look) -> tuple[Line, ...]:
    key = look.key("new")
    lines: list[Line] = [_BLANK, *told("No issues yet.", width, Tone.STRONG)]
    if key:
        lines.append((("   ", Tone.PLAIN), (key, Tone.KEY), ("  adds one, and dispatches it if you like", Tone.MUTED)))
    if snapshot.project is not None and snapshot.project.tracker == "local":
        lines.append(
            (
                ("   ", Tone.PLAIN),
                ("legion-tui issue add TITLE", Tone.KEY),
                ("  does so too" if key else "  adds one", Tone.MUTED),
            )
        )
    return (*lines, _BLANK)


def told(text: str, width: int, tone: Tone) -> list[Line]:
    """Return a paragraph between the margins."""
    wrapped = wrap_text(text, max(width - 4, 8))
    return [(("   ", Tone.PLAIN), ("".join(part for part, _ in line), tone)) for line in wrapped]
