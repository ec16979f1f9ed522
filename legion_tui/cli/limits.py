"""The limits and thresholds of the configuration, as those who go by them take them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from legion_tui.config import ProjectConfig, WorkersSection, seconds_of
from legion_tui.state import Mode
from legion_tui.state.pulse import Thresholds


def mode_slots(config: ProjectConfig) -> Mapping[Mode, int]:
    """Return how many workers of a mode may live at once, where the project says so."""
    limits = {mode: getattr(config.modes, mode.value).max_concurrent for mode in Mode}
    return {mode: limit for mode, limit in limits.items() if limit is not None}


def duration(text: str) -> timedelta | None:
    """Return a duration of the configuration, None for `never`."""
    seconds = seconds_of(text)
    return timedelta(seconds=seconds) if seconds is not None else None


def thresholds(workers: WorkersSection) -> Thresholds:
    """Return the thresholds of the configuration."""
    return Thresholds(
        idle_after=timedelta(seconds=workers.idle_after_seconds),
        needs_look_after=timedelta(seconds=workers.needs_look_after_seconds),
        stuck_after=timedelta(seconds=workers.stuck_after_seconds),
        start_within=timedelta(seconds=workers.start_within_seconds),
    )
