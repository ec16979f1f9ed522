"""What a crash left open, settled by what is there now."""

from __future__ import annotations

from contextlib import AsyncExitStack

from legion_tui.act.crew import Crew, CrewReader
from legion_tui.act.labels import Labels
from legion_tui.act.ledger import Ledger
from legion_tui.act.locks import Locks
from legion_tui.act.parking import close_dead
from legion_tui.act.records import Entry, Kind
from legion_tui.act.undo import settle_undo
from legion_tui.errors import RefusedError
from legion_tui.state import Outcome, is_issue_id
from legion_tui.tmux import Tmux
from legion_tui.trackers import Tracker

_CUT_OFF = "the program ended before it could tell"


async def settle(ledger: Ledger, crew: CrewReader, *, tracker: Tracker, locks: Locks, tmux: Tmux) -> tuple[Entry, ...]:
    """Conclude every intent whose program is gone, and return them; raises what reading and labelling raises.

    A dispatch is settled by its pane and its agent, a prompt by the agent's record, a change of status by the tracker.
    Where it did not come to be, the labels that were taken off for it are put back: without them nobody would do it
    again. What was being taken back, and has its status back, gets its labels back too. Nothing is started, ended or
    typed; a parked worker's dead window is closed, as parking would have done. What somebody is acting on is left for
    later.
    """
    settled = []
    for entry in await ledger.unresolved():
        async with AsyncExitStack() as held:
            if is_issue_id(entry.issue):
                try:
                    await held.enter_async_context(locks.hold(entry.issue))
                except RefusedError:
                    continue
            # Another one may have been quicker.
            if all(entry.id != still.id for still in await ledger.unresolved()):
                continue
            labels = Labels(tracker, ledger)
            outcome, what, undone = await _found(entry, await crew.read(), tracker, labels)
            removed = entry.data.get("removed")
            if undone and isinstance(removed, list):
                await labels.change(entry.issue, add=[str(label) for label in removed])
            reason = f"{_CUT_OFF}; {what}" if what else _CUT_OFF
            if entry.kind == Kind.PARK and outcome is Outcome.DONE:
                await close_dead(tmux, str(entry.data.get("session_id", "")))
            facts = {"undone": True} if undone else {}
            await ledger.conclude(entry.id, entry.kind, entry.issue, str(outcome), reason, **facts)
            settled.append(entry)
    return tuple(settled)


async def _found(entry: Entry, now: Crew, tracker: Tracker, labels: Labels) -> tuple[Outcome, str, bool]:
    """Return what came of it as far as can be seen, in words, and whether it is sure that nothing did."""
    session_id = str(entry.data.get("session_id", ""))
    member = now.in_session(session_id)
    if entry.kind == Kind.DISPATCH:
        pane = next((p for p in now.panes if p.legion_session_id == session_id and not p.dead), None)
        if pane is not None or member is not None:
            return Outcome.STARTED, "the worker is live", False
        return Outcome.UNCONFIRMED, "no worker of it is live", True
    if entry.kind in (Kind.PARK, Kind.STOP):
        if member is not None:
            return Outcome.REFUSED, "it lives", False
        return Outcome.DONE, "its process has ended", False
    if entry.kind == Kind.PROMPT and member is not None and member.finished:
        told = member.worker.turn_at is not None and member.worker.turn_at >= entry.at
        if not told:
            return Outcome.UNCONFIRMED, "the worker was told nothing", True
    if entry.kind == Kind.UNDO:
        return *await settle_undo(entry, tracker, labels), False
    if entry.kind == Kind.ADVANCE and "removed" in entry.data:
        issue = await tracker.get(entry.issue)
        if issue.status == entry.data.get("from"):
            return Outcome.UNCONFIRMED, f"its status still is {issue.status}", True
        return Outcome.DONE, f"its status is {issue.status}", False
    return Outcome.UNCONFIRMED, "", False
