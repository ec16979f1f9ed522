"""Ages in at most four cells."""

from __future__ import annotations

from datetime import datetime

_MINUTE, _HOUR, _DAY, _WEEK, _YEAR = 60, 3_600, 86_400, 604_800, 31_557_600


def age_seconds(since: datetime | None, now: datetime) -> float | None:
    """Return how long ago `since` was; a clock that runs ahead counts as now."""
    return None if since is None else max(0.0, (now - since).total_seconds())


def duration(seconds: float) -> str:
    """Return `41s`, `12m`, `2h`, `3d`, `20w`, `2y`: whole units, never rounded up."""
    whole = int(seconds)
    for unit, size, below in (
        ("s", 1, _MINUTE),
        ("m", _MINUTE, _HOUR),
        ("h", _HOUR, 2 * _DAY),
        ("d", _DAY, 100 * _DAY),
        ("w", _WEEK, 2 * _YEAR),
    ):
        if whole < below:
            return f"{whole // size}{unit}"
    return f"{min(whole // _YEAR, 999)}y"


def age(since: datetime | None, now: datetime) -> str:
    """Return the age of `since`, an empty string where it is not known."""
    seconds = age_seconds(since, now)
    return "" if seconds is None else duration(seconds)
