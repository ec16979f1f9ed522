"""For which agents the screen is looked at: only where the files leave something open. Pure."""

from __future__ import annotations

from datetime import datetime

from legion_tui.agents.claude_code.judge import LAG, SILENT
from legion_tui.agents.claude_code.questions import INPUT_NEEDED, asked_use
from legion_tui.agents.claude_code.records import Records
from legion_tui.agents.claude_code.transcript import Transcript, TurnState
from legion_tui.agents.protocol import Sighting


def wants_screen(sighting: Sighting, records: Records, now: datetime) -> bool:
    """Whether the pane's screen is needed to judge this one."""
    pane, status = sighting.pane, records.status
    if pane is None or pane.dead:
        return False
    if status is None or not records.lives:
        return not pane.shell_in_front
    if sighting.process is not None and sighting.process.stopped:
        return False
    transcript = records.transcript or Transcript()
    match status.status:
        case "waiting":
            # A permission's menu says in its own words what it offers.
            use = asked_use(transcript.pending, status.waiting_for, None)
            return use is None or status.waiting_for != INPUT_NEEDED
        case "busy":
            times = [at for at in (transcript.last_at, status.status_at) if at is not None]
            return not times or now - max(times) >= SILENT
        case "idle" | "shell":
            settled = status.status_at is None or now - status.status_at >= LAG
            return settled and transcript.turn is not TurnState.ENDED
        case _:
            return True
