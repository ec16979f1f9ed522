"""Issues as Markdown files in the repository's own folder."""

from __future__ import annotations

from legion_tui.trackers.local.tracker import LocalTracker

__all__ = ["LocalTracker"]
