"""The program's own figures as lines: what reading takes and costs, and how it is done."""

from __future__ import annotations

from collections.abc import Sequence

from legion_tui.present.ages import duration
from legion_tui.present.prose import BLANK, Line, Role, wrap_text
from legion_tui.state import Source, Strategy
from legion_tui.state.diagnostics import Diagnostics, SourceFigures

STRATEGY_WORDS = {
    Strategy.CONCURRENT: "every source at its own pace, side by side",
    Strategy.POLLING: "one source after the other",
    Strategy.PRIORITY: "what is selected or waits for you before the rest",
}
_HEADS = ("last", "p50", "p95", "readings", "failed", "read", "processes")
# A narrow screen keeps the first of them.
_KEPT_WHERE_NARROW = 3
_NAME_CELLS = 15
_CELLS = 10
_KILO = 1024


def diagnostics_lines(figures: Diagnostics, width: int) -> list[Line]:
    """Return the figures as a table and a few sentences, none wider than `width`."""
    heads = _HEADS[: max(_KEPT_WHERE_NARROW, (width - _NAME_CELLS) // _CELLS)]
    lines: list[Line] = [
        (("source".ljust(_NAME_CELLS), Role.LABEL), *((head.rjust(_CELLS), Role.LABEL) for head in heads))
    ]
    lines += [_source_line(source, one, len(heads)) for source, one in figures.sources.items()]
    told = [
        ("tmux is read by", figures.transport + (f" ({figures.transport_why})" if figures.transport_why else "")),
        ("strategy", f"{figures.strategy}: {STRATEGY_WORDS[figures.strategy]}"),
        ("file events", _events(figures)),
        ("longest stall", f"{figures.longest_stall_ms:g} ms of the event loop"),
        ("processes", f"{figures.processes} started, in {duration(figures.uptime_seconds)}"),
        ("snapshots", str(figures.snapshots)),
        ("this program", f"{size(figures.memory_bytes)} of memory, {_share(figures)} of one core since its start"),
    ]
    lines.append(BLANK)
    for name, words in told:
        head: Line = ((name.ljust(_NAME_CELLS + 1), Role.LABEL),)
        lines += wrap_text(words, width, first=head, rest=((" " * (_NAME_CELLS + 1), Role.TEXT),))
    return lines


def source_words(figures: SourceFigures) -> str:
    """Return the figures of one source as a sentence."""
    timing, cost = figures.timing, figures.cost
    told = [f"median of {timing.readings} {milliseconds(timing.p50_ms)}", f"95 % within {milliseconds(timing.p95_ms)}"]
    told += [f"{size(cost.bytes_read)} read"] if cost.bytes_read else []
    told += [f"{cost.processes} process{'es' if cost.processes != 1 else ''}"] if cost.processes else []
    return ", ".join(told)


def milliseconds(value: float | None) -> str:
    """Return a time that a reading took, `-` where there was none."""
    return "-" if value is None else f"{value:.1f} ms" if value < 100 else f"{value:.0f} ms"


def size(count: float) -> str:
    """Return a number of bytes for people."""
    for unit in ("B", "kB", "MB"):
        if count < _KILO:
            return f"{count:.0f} {unit}"
        count /= _KILO
    return f"{count:.1f} GB"


def _source_line(source: Source, one: SourceFigures, count: int) -> Line:
    name: Line = ((source.value.replace("_", " ").ljust(_NAME_CELLS), Role.TEXT),)
    failed = Role.WARN if one.timing.failures else Role.TEXT
    roles = [failed if head == "failed" else Role.TEXT for head in _HEADS]
    return (*name, *((cell.rjust(_CELLS), role) for cell, role in zip(_cells(one)[:count], roles, strict=False)))


def _cells(one: SourceFigures) -> Sequence[str]:
    timing = one.timing
    return (
        milliseconds(timing.last_ms),
        milliseconds(timing.p50_ms),
        milliseconds(timing.p95_ms),
        str(timing.readings),
        str(timing.failures),
        size(one.cost.bytes_read),
        str(one.cost.processes),
    )


def _events(figures: Diagnostics) -> str:
    if figures.file_events_why:
        return f"none, files are looked at by the clock ({figures.file_events_why})"
    if not figures.folders_watched:
        return "none yet, files are looked at by the clock"
    return f"{figures.file_events} told, {figures.folders_watched} folders are watched"


def _share(figures: Diagnostics) -> str:
    return f"{figures.cpu_seconds / figures.uptime_seconds:.1%}" if figures.uptime_seconds else "0.0%"
