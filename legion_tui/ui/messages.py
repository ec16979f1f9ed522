"""Messages that cross screens."""

from __future__ import annotations

from textual.message import Message

from legion_tui.state import Snapshot


class SnapshotReady(Message):
    """A newer snapshot is there; one that was not looked at yet is replaced by the next."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        """Whether this one makes `message` needless."""
        return isinstance(message, SnapshotReady)
