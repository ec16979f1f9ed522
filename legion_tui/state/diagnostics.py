"""What the program itself costs and how it fares: figures, no health."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from legion_tui.state.names import Strategy
from legion_tui.state.snapshot import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long the last readings of a source took, in milliseconds; None before the first."""

    last_ms: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    readings: int = 0
    failures: int = 0

    @classmethod
    def of(cls, taken_ms: Iterable[float], *, readings: int, failures: int) -> Timing:
        """Return the figures of these durations, the last one being the newest."""
        taken = list(taken_ms)
        if not taken:
            return cls(readings=readings, failures=failures)
        ordered = sorted(taken)
        return cls(
            last_ms=taken[-1],
            p50_ms=_quantile(ordered, 0.5),
            p95_ms=_quantile(ordered, 0.95),
            readings=readings,
            failures=failures,
        )


@dataclass(frozen=True, slots=True)
class Cost:
    """What was read (bytes of files, answers and listings), and how many processes were started for that."""

    bytes_read: int = 0
    processes: int = 0


@dataclass(frozen=True, slots=True)
class SourceFigures:
    """How fast one source is, and what it costs."""

    timing: Timing
    cost: Cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostics:
    """The figures since the program was started, at one moment."""

    strategy: Strategy = Strategy.CONCURRENT
    # How tmux is read, and why not in the better way where it is not.
    transport: str = ""
    transport_why: str = ""
    sources: Mapping[Source, SourceFigures] = field(default_factory=lambda: MappingProxyType({}))
    # Folders whose changes are told at once, and why none are where the system refuses.
    folders_watched: int = 0
    file_events_why: str = ""
    file_events: int = 0
    # The longest time for which the event loop did nothing else, as far as it was seen.
    longest_stall_ms: float = 0.0
    snapshots: int = 0
    uptime_seconds: float = 0.0
    cpu_seconds: float = 0.0
    memory_bytes: int = 0

    @property
    def processes(self) -> int:
        """How many processes were started to read."""
        return sum(figures.cost.processes for figures in self.sources.values())


def _quantile(ordered: list[float], share: float) -> float:
    """Return the smallest value that at least this share of them does not exceed."""
    return ordered[max(0, -(-len(ordered) * round(share * 100) // 100) - 1)]
