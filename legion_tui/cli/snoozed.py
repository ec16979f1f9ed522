"""What is snoozed, for commands that count or print rows."""

from __future__ import annotations

from legion_tui.act.snoozes import SnoozeFile
from legion_tui.cli.parts import Parts
from legion_tui.errors import LegionError
from legion_tui.state import Snapshot
from legion_tui.state.snooze import lulled


async def lulled_now(parts: Parts, snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with what of it sleeps; all is awake where that cannot be read: the board tells why."""
    try:
        return lulled(snapshot, await SnoozeFile(parts.folder).load(), parts.clock())
    except LegionError:
        return snapshot
