"""What a crash left open, settled by what is there now."""

from __future__ import annotations

from legion_tui.act.crew import CrewReader
from legion_tui.act.ledger import Ledger
from legion_tui.act.records import Entry, Kind
from legion_tui.state import Outcome

_CUT_OFF = "the program ended before it could tell"


async def settle(ledger: Ledger, crew: CrewReader) -> tuple[Entry, ...]:
    """Conclude every intent whose program is gone, and return them; raises what reading panes and agents raises.

    A dispatch is settled by its pane and its agent; nothing is started, ended or typed.
    """
    entries = await ledger.unresolved()
    if not entries:
        return ()
    now = await crew.read()
    for entry in entries:
        outcome, reason = str(Outcome.UNCONFIRMED), _CUT_OFF
        if entry.kind == Kind.DISPATCH:
            session_id = str(entry.data.get("session_id", ""))
            pane = next((p for p in now.panes if p.legion_session_id == session_id and not p.dead), None)
            if pane is not None or now.in_session(session_id) is not None:
                outcome, reason = str(Outcome.STARTED), f"{_CUT_OFF}; the worker is live"
            else:
                reason = f"{_CUT_OFF}; no worker of it is live"
        await ledger.conclude(entry.id, entry.kind, entry.issue, outcome, reason)
    return entries
