"""How often each source is asked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Paces:
    """Seconds between two readings of a source."""

    live_seconds: float = 1.0
    tracker_seconds: float = 30.0
    pull_request_seconds: float = 30.0
