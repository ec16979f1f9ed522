"""How the records of what we did move the lives of our workers. Pure; what is observed moves them too: see `pulse`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from legion_tui.act.records import Entry, Kind, Phase
from legion_tui.state.life import AT_WORK, OVER, Life, LifeEvent, LifeState, Transition
from legion_tui.state.receipts import Outcome

if TYPE_CHECKING:
    from legion_tui.state.lifecycle import Wanted

_BEGUN = frozenset({Outcome.STARTED, Outcome.RESUMED, Outcome.UNCONFIRMED, Outcome.DONE})


def transitions_after(entry: Entry, intent: Entry | None, life: Life | None) -> Sequence[Transition]:
    """Return what a record, with the intent that it concludes, makes of the life of its session as it stands."""
    wanted = _wanted(entry, intent, life.state if life is not None else None)
    return made(life.state if life is not None else None, wanted)


def made(state: LifeState | None, wanted: Sequence[Wanted]) -> Sequence[Transition]:
    """Return these steps of a life that stands at `state`, a new one where that is over; IllegalTransitionError."""
    if not wanted:
        return ()
    from legion_tui.state.lifecycle import pass_through  # costs a tenth of a second, and most commands change nothing

    found: list[Transition] = []
    part: list[Wanted] = []
    for one in wanted:
        if one[0] is LifeEvent.CREATE and (part or state in OVER):
            state = pass_through(state, part, [found.append]) if part else state
            part, state = [], None
        part.append(one)
    pass_through(state, part, [found.append])
    return found


def _wanted(entry: Entry, intent: Entry | None, state: LifeState | None) -> Sequence[Wanted]:
    if entry.phase is Phase.NOTE:
        return _requested(entry, state) if entry.kind == Kind.REQUEST else ()
    if entry.phase is Phase.INTENT:
        return _begun(entry, state) if entry.kind == Kind.DISPATCH else ()
    if intent is None:
        return ()
    outcome, reason = str(entry.data.get("outcome", "")), str(entry.data.get("reason", ""))
    begun = outcome in _BEGUN and entry.data.get("undone") is not True
    match entry.kind:
        case Kind.DISPATCH:
            return _started(reason, str(entry.data.get("pane", "")), state, begun=begun)
        case Kind.PROMPT if begun:
            told = f"it was told to go on: {intent.data.get('action')}" if intent.data.get("action") else "it was told"
            if state is None or state in OVER:
                return ((LifeEvent.CREATE, told, ""), (LifeEvent.ENQUEUE, told, ""), (LifeEvent.START, told, ""))
            return ((LifeEvent.WORK, told, ""),) if state in (LifeState.IDLE, LifeState.INTERRUPTED) else ()
        case Kind.MESSAGE if outcome == Outcome.DONE and state in (LifeState.IDLE, LifeState.INTERRUPTED):
            return ((LifeEvent.WORK, "it was sent a message", ""),)
        case Kind.INTERRUPT if outcome == Outcome.DONE and state in (LifeState.RUNNING, LifeState.IDLE):
            return ((LifeEvent.INTERRUPT, "it was interrupted from here", ""),)
        case Kind.PARK | Kind.STOP if outcome == Outcome.DONE and state in AT_WORK:
            how = "its turn was over" if entry.kind == Kind.PARK else "it was stopped from here"
            return ((LifeEvent.PARK, how, f"process {intent.data.get('pid')} has ended"),)
    return ()


def _begun(entry: Entry, state: LifeState | None) -> Sequence[Wanted]:
    before: tuple[Wanted, ...] = ()
    if state in AT_WORK:
        before = ((LifeEvent.FAIL, "it was gone when it was started again", ""),)
    elif state is not None and state not in OVER:
        return ()
    why = str(entry.data.get("reason") or f"{entry.by.get('program') or 'somebody'} asked for it")
    return (*before, (LifeEvent.CREATE, why, ""), (LifeEvent.ENQUEUE, why, ""))


def _requested(entry: Entry, state: LifeState | None) -> Sequence[Wanted]:
    if "outcome" not in entry.data:
        return _begun(entry, state)
    why = str(entry.data.get("reason") or entry.data["outcome"])
    return ((LifeEvent.FAIL, why, ""),) if state is LifeState.QUEUED else ()


def _started(reason: str, pane: str, state: LifeState | None, *, begun: bool) -> Sequence[Wanted]:
    if state is LifeState.PARKED:
        return ((LifeEvent.RESUME, reason, pane),) if begun else ()
    if state is not LifeState.QUEUED:
        return ()
    return ((LifeEvent.START if begun else LifeEvent.FAIL, reason, pane),)
