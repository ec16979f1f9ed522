"""Issues of a GitHub repository, or of a Projects board."""

from __future__ import annotations

from legion_tui.trackers.github.merging import Merge, Merger
from legion_tui.trackers.github.names import key_of
from legion_tui.trackers.github.tracker import GitHubTracker

__all__ = ["GitHubTracker", "Merge", "Merger", "key_of"]
