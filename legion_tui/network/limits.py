"""When a service asks us to wait, and for how long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from legion_tui.errors import SourceError
from legion_tui.network.answers import RateLimit
from legion_tui.network.service import Service

# What GitHub asks for where it names no time itself.
REST_SECONDS: Final = 60.0
LONGEST_REST_SECONDS: Final = 3600.0
# Seconds since the epoch have ten digits until the year 2286; longer ones are milliseconds.
_LARGEST_SECONDS: Final = 9_999_999_999
_LARGEST_MOMENT: Final = _LARGEST_SECONDS * 1000
# One part in so many of the hour's budget is kept back from reading, for what a person does.
RESERVE: Final = 50


class Limits:
    """Until when nothing is asked: asking on during a limit makes a service extend it."""

    def __init__(self, service: Service, *, monotonic: Callable[[], float], epoch: Callable[[], float]) -> None:
        """Take the clocks: one that only goes forward, and one that a header's time can be compared with."""
        self._service = service
        self._monotonic = monotonic
        self._epoch = epoch
        self._until = 0.0
        self._rate: RateLimit | None = None

    def check(self, *, reading: bool) -> None:
        """Raise SourceError with the seconds that are left, where a limit holds or the budget is used up."""
        left = self._until - self._monotonic()
        if left > 0:
            raise self._error(left)
        rate = self._rate
        if reading and rate is not None and rate.remaining < rate.limit // RESERVE:
            left = _epoch_of(rate.reset_at) - self._epoch()
            if left > 0:
                why = f"{rate.remaining} of {rate.limit} points of the hour's budget are left, retry after {left:.0f} s"
                remedy = "nothing to do but wait; poll less often in [poll]"
                raise SourceError(self._service.name, why, remedy, retry_seconds=left)

    def note(self, rate: RateLimit | None) -> None:
        """Keep what an answer said is left."""
        self._rate = rate or self._rate

    def budget(self, headers: Mapping[str, str]) -> RateLimit | None:
        """Return what an answer's headers say is left of the hour's budget, None where they say nothing."""
        prefix = self._service.budget_prefix
        if not prefix:
            return None
        remaining, limit, reset = (
            _number(headers.get(f"{prefix}{name}", "")) for name in ("remaining", "limit", "reset")
        )
        if remaining is None or limit is None or reset is None:
            return None
        at = datetime.fromtimestamp(_seconds(reset), UTC).isoformat() if reset < _LARGEST_MOMENT else ""
        return RateLimit(int(remaining), int(limit), at)

    def told(self, headers: Mapping[str, str]) -> SourceError:
        """Keep to the limit that an answer told of, and return its error."""
        rest = self._rest(headers)
        self._until = self._monotonic() + rest
        return self._error(rest)

    def used_up(self, headers: Mapping[str, str]) -> bool:
        """Whether an answer says that nothing is left."""
        return "retry-after" in headers or headers.get(self._service.remaining_header) == "0"

    def _rest(self, headers: Mapping[str, str]) -> float:
        # The header may be a date too, which neither service uses.
        given = _number(headers.get("retry-after", ""))
        resets = [_number(headers.get(name, "")) for name in self._service.reset_headers]
        # Which of several budgets is used up is not told: the one that comes back last is safe.
        if given is None and (known := [reset for reset in resets if reset is not None]):
            reset = max(known)
            given = _seconds(reset) - self._epoch()
        return min(max(REST_SECONDS if given is None else given, 1.0), LONGEST_REST_SECONDS)

    def _error(self, seconds: float) -> SourceError:
        left = max(seconds, 1.0)
        why = f"rate limit, retry after {left:.0f} s"
        return SourceError(self._service.name, why, "nothing to do but wait", retry_seconds=left)


def _number(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() else None


def _seconds(moment: float) -> float:
    """Return a moment in seconds since the epoch, whichever of the two it was told in."""
    return moment / 1000 if moment > _LARGEST_SECONDS else moment


def _epoch_of(written: str) -> float:
    try:
        return datetime.fromisoformat(written).timestamp()
    except (ValueError, OverflowError):
        return 0.0
