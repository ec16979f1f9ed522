"""The cells of the matrix: which agent, at which size, drawn how, answered through which channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from legion_tui.state import Channel


class Driven(StrEnum):
    """The agent that a cell drives."""

    STANDIN = "stand-in"
    REAL = "claude"


class Renderer(StrEnum):
    """How the agent draws: on the alternate screen or on the main one."""

    FULLSCREEN = "fullscreen"
    CLASSIC = "classic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One run of a scenario."""

    agent: Driven
    width: int
    height: int
    renderer: Renderer
    channel: Channel = Channel.KEYS

    @property
    def column(self) -> str:
        """Its column in the report."""
        return f"{self.channel} {self.width}x{self.height} {self.renderer}"

    @property
    def id(self) -> str:
        """Its name within a test's name."""
        return f"{self.agent}-{self.channel}-{self.width}x{self.height}-{self.renderer}"


_SIZES = ((60, 20), (80, 24), (200, 50))


def cells(*, whole: bool) -> Sequence[Cell]:
    """Return every cell of a scenario; unless `whole`, each agent once per channel, at 80x24."""
    return [
        Cell(agent=agent, width=width, height=height, renderer=renderer, channel=channel)
        for channel in (Channel.KEYS, Channel.HOOK)
        for agent in Driven
        for width, height in (_SIZES if whole else ((80, 24),))
        for renderer in (Renderer if whole else (Renderer.FULLSCREEN,))
    ]
