"""Messages that cross screens."""

from __future__ import annotations

from collections.abc import Sequence

from textual.message import Message

from legion_tui.state import Snapshot
from legion_tui.state.autopilot import Event


class SnapshotReady(Message):
    """A newer snapshot is there; one that was not looked at yet is replaced by the next."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        """Whether this one makes `message` needless."""
        return isinstance(message, SnapshotReady)


class AutopilotDid(Message):
    """What the autopilot did, gathered for a moment."""

    def __init__(self, events: Sequence[Event]) -> None:
        super().__init__()
        self.events = tuple(events)
