"""Issues of a Linear team."""

from __future__ import annotations

from legion_tui.trackers.linear.tracker import LinearTracker

__all__ = ["LinearTracker"]
