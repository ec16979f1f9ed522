"""Where issues live: a protocol, and the trackers that implement it."""

from __future__ import annotations

from legion_tui.trackers.protocol import WRITES, Edit, NewIssue, Reading, Tracker, Write

__all__ = ["WRITES", "Edit", "NewIssue", "Reading", "Tracker", "Write"]
