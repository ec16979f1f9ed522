"""How the autopilot of a dashboard stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Flight(StrEnum):
    """What it does. `ENDING`: nothing new starts, and what is begun comes to its end."""

    OFF = "off"
    ON = "on"
    PAUSED = "paused"
    ENDING = "ending"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The autopilot at one moment. `forbidden` says why it cannot be switched on, and how to mend that."""

    flight: Flight = Flight.OFF
    # Why it ended by itself.
    why: str = ""
    forbidden: str = ""
    # By issue id: what it leaves alone for now, and why.
    held: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def flies(self) -> bool:
        """Whether it is at work, paused or not."""
        return self.flight in (Flight.ON, Flight.PAUSED)


GROUNDED = Standing()
