"""What our own ledger knows of the issues, as facts for the decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from legion_tui.state.names import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedMessage:
    """A message that waits until its worker is idle; `issue` is what it is journalled under."""

    id: str
    issue: str
    session_id: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A worker that was asked for and waits for its turn."""

    id: str
    issue: str
    mode: Mode
    session_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """A summary of the ledger, made anew whenever it grew."""

    # By session id: which issue and mode it was dispatched for, or linked to.
    dispatched: Mapping[str, tuple[str, Mode]] = field(default_factory=lambda: MappingProxyType({}))
    # Those of them that were not started from here: a person said to which issue they belong.
    linked: frozenset[str] = frozenset()
    # The sessions whose process was last asked to end from here: how it ended is no accident.
    ended: frozenset[str] = frozenset()
    # Labels of ours that the tracker does not let us write, by issue id.
    labels: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    # By issue id: the actions that a worker was told, each with the head commit that it was about.
    told: Mapping[str, frozenset[tuple[str, str]]] = field(default_factory=lambda: MappingProxyType({}))
    # Messages that wait for their workers, oldest first.
    queue: tuple[QueuedMessage, ...] = ()
    # Workers that wait for their turn, oldest first.
    requests: tuple[Request, ...] = ()

    @property
    def issues(self) -> frozenset[str]:
        """The issues that were ever dispatched from here."""
        return frozenset(issue for issue, _ in self.dispatched.values())
