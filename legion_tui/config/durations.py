"""Durations as a person writes them: `90s`, `30m`, `2h`, `1d`, `never`."""

from __future__ import annotations

import re

_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def seconds_of(text: str) -> float | None:
    """Return the seconds of a duration, None for `never`; ValueError where it is none."""
    if text == "never":
        return None
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?) ?([smhd])", text)
    if found is None:
        raise ValueError(text)
    return float(found[1]) * _SECONDS[found[2]]
