"""Where issues live: a protocol, and the trackers that implement it."""

from __future__ import annotations

from legion_tui.trackers.protocol import Edit, NewIssue, Reading, Tracker

__all__ = ["Edit", "NewIssue", "Reading", "Tracker"]
