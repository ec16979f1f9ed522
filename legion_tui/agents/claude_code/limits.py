"""Usage limits: whether an error is one, and until when it holds. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_LIMIT = re.compile(r"(You've (hit|reached) your|You're out of usage credits|Claude (AI )?usage limit reached)", re.I)
_RESETS = re.compile(
    r"\bresets? (?:at |on )?(?:(?P<month>[A-Z][a-z]{2})[a-z]* (?P<day>\d{1,2}),? (?:at )?)?"
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d\d))? ?(?P<half>[ap]m)",
    re.I,
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Nothing that a limit says further ahead than this is believed.
LONGEST = timedelta(hours=4)


def limit_of(kind: str, text: str, at: datetime | None) -> tuple[bool, datetime | None]:
    """Return whether this error is a limit that ends by itself, and when, told in this machine's own time.

    A single request that was refused for its rate is none: nothing says when to try again.
    """
    limited = _LIMIT.match(text) is not None
    found = _RESETS.search(text)
    if not (limited or kind == "rate_limit") or found is None or at is None:
        return limited, None
    limited = True
    local = at.astimezone()
    hour = int(found["hour"]) % 12 + (12 if found["half"].lower() == "pm" else 0)
    try:
        until = local.replace(hour=hour, minute=int(found["minute"] or 0), second=0, microsecond=0)
        if found["month"]:
            month = _MONTHS.index(found["month"].lower()[:3]) + 1
            until = until.replace(month=month, day=int(found["day"]))
    except ValueError:
        return limited, None
    if until < local and not found["month"]:
        until += timedelta(days=1)
    return limited, min(until, local + LONGEST).astimezone(at.tzinfo) if until >= local else None
