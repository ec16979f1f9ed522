"""Every error that a person may see.

LegionError                 could not be done                        exit 1
├── UsageError              the words of the command are off         exit 2
├── RefusedError            refused for safety, nothing was done     exit 3
│   ├── ConflictError       somebody changed it meanwhile            exit 3
│   └── NoSlotError         as many workers live as may              exit 3
├── IllegalTransitionError  a worker's life cannot take this step    exit 1
├── ConfigError             a configuration file is wrong            exit 1
├── TrackerError            the tracker could not be read or written exit 1
├── TmuxError               tmux could not be asked                  exit 1
│   └── TmuxMissingError    there is no tmux on this machine         exit 1
├── AgentError              the agent's records could not be read    exit 1
└── SourceError             a network source did not answer          exit 1
"""

from __future__ import annotations

from typing import ClassVar


class LegionError(Exception):
    """One clear line: what happened (`title`), the particulars (`message`) and how to mend it (`remedy`)."""

    exit_code: ClassVar[int] = 1

    def __init__(self, title: str, message: str = "", remedy: str = "") -> None:
        """Keep the three parts apart; `str()` joins them into one line."""
        super().__init__(title)
        self.title = title
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        """Return `title: message; remedy` without the empty parts."""
        text = f"{self.title}: {self.message}" if self.message else self.title
        return f"{text.removesuffix('.')}; {self.remedy}" if self.remedy else text


class UsageError(LegionError):
    """The words of the command are off."""

    exit_code = 2


class RefusedError(LegionError):
    """Refused for safety: nothing was typed, started or ended."""

    exit_code = 3


class ConflictError(RefusedError):
    """What was to be changed is not what it was when that was decided; it stays as somebody else left it."""


class NoSlotError(RefusedError):
    """As many workers live as may: it can be done once one of them has ended."""


class IllegalTransitionError(LegionError):
    """A worker's life that stands where it does cannot take this event."""


class ConfigError(LegionError):
    """A configuration file is missing, unreadable or wrong; the message names file and key."""


class TrackerError(LegionError):
    """The tracker could not be read or written."""


class TmuxError(LegionError):
    """Tmux could not be asked, or answered with an error."""


class TmuxMissingError(TmuxError):
    """There is no tmux program on this machine."""


class AgentError(LegionError):
    """The agent's own records could not be read."""


class SourceError(LegionError):
    """A network source did not answer, or answered with an error; `retry_seconds` says when it may be asked again."""

    def __init__(self, title: str, message: str = "", remedy: str = "", *, retry_seconds: float | None = None) -> None:
        """Keep the parts apart."""
        super().__init__(title, message, remedy)
        self.retry_seconds = retry_seconds
