"""The project's tracker, whichever it is."""

from __future__ import annotations

import getpass

from legion_tui.cli.projects import Place
from legion_tui.errors import TrackerError
from legion_tui.trackers import WRITES, Tracker


def make_tracker(place: Place) -> Tracker:
    """Return the project's tracker; raises TrackerError for one that this version does not know."""
    section = place.config.tracker
    if section.kind == "local":
        from legion_tui.trackers.local import LocalTracker

        return LocalTracker(
            place.root / section.path,
            root=place.root,
            key=place.config.project.key,
            host=place.config.github.host,
            allowed=WRITES[section.write or "all"],
            author=getpass.getuser(),
        )
    raise TrackerError(f"tracker {section.kind!r}", "cannot be read by this version", 'set kind = "local"')
