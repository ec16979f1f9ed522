"""Whether a worker can be told something now, by one look at it. Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from legion_tui.act.looking import Sight
from legion_tui.agents.protocol import Box
from legion_tui.state.panes import Pane
from legion_tui.state.text import letters
from legion_tui.state.workers import ASKING, RUNNING, Rung, Worker, WorkerState

# Cells beside a line of the box, and rows above and below the box.
_BOX_MARGIN = 6
_AROUND_BOX = 6
_INTERRUPTIBLE = frozenset({WorkerState.BUSY, WorkerState.COMPACTING, WorkerState.RETRYING})
_AT_REST = frozenset({WorkerState.IDLE, WorkerState.INTERRUPTED, WorkerState.ERROR, WorkerState.RATE_LIMITED})

NO_PANE = "it has no pane on this tmux server, as one without a screen has none anywhere"


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why nothing may be typed now. `busy`: it is at work, and will be idle; `gone`: there is nobody to tell."""

    why: str
    busy: bool = False
    gone: bool = False


def hindrance(sight: Sight, box: Box, now: datetime, *, written: str = "") -> Hindrance | None:
    """Return what stands in the way of typing into the box, which holds `written` by us; None where nothing does."""
    worker = sight.worker
    found = keyboard_hindrance(sight)
    if found is not None or worker is None:
        return found
    if worker.asking or worker.state in ASKING:
        asked = worker.question.text if worker.question is not None else ""
        return Hindrance(f"it asks {asked!r}: answer that first" if asked else "a dialog is open: answer that first")
    if worker.state is WorkerState.DIALOG:
        return Hindrance("a dialog of its own is open")
    if worker.state in RUNNING:
        return Hindrance(f"it is {worker.state}", busy=True)
    until = worker.detail.until
    if worker.state is WorkerState.RATE_LIMITED and until is not None and until > now:
        return Hindrance(f"its usage limit holds until {until.astimezone():%H:%M}", busy=True)
    if any(not piece.agrees and piece.rung is not Rung.TRANSCRIPT for piece in worker.evidence):
        return Hindrance("what is known of it does not agree: explain shows it")
    if worker.state not in _AT_REST and not (written and worker.state is WorkerState.UNSUBMITTED):
        why = "text is typed in its prompt box" if worker.state is WorkerState.UNSUBMITTED else f"it is {worker.state}"
        return Hindrance(why)
    return _of_box(box, written)


def interrupt_hindrance(sight: Sight, box: Box) -> Hindrance | None:
    """Return why Escape may not be pressed now: only a worker that is busy, and asks nothing, is interrupted by it."""
    worker = sight.worker
    found = keyboard_hindrance(sight)
    if found is not None or worker is None:
        return found
    if worker.asking or worker.state in ASKING:
        return Hindrance("a question is open: Escape would decline it")
    if worker.state is WorkerState.DIALOG:
        return Hindrance("a dialog of its own is open")
    if worker.state not in _INTERRUPTIBLE:
        return Hindrance(f"it is {worker.state}: there is nothing to interrupt")
    if not box.shown:
        return Hindrance("its prompt box is not shown: Escape could go elsewhere")
    return Hindrance("a list of commands is open in its prompt box") if box.offers else None


def keyboard_hindrance(sight: Sight) -> Hindrance | None:
    """Return why no key may go to the worker's pane, whatever it does; None where one may."""
    worker, pane = sight.worker, sight.pane
    if worker is None or not worker.live or (pane is not None and pane.dead):
        return Hindrance("the agent's process is gone", gone=True)
    if pane is None:
        return Hindrance(NO_PANE)
    return _of_pane(pane, worker)


def is_too_tall(pane: Pane, text: str) -> bool:
    """Whether the box would not fit into the pane: on the main screen it grows off the top, and cannot be read."""
    if pane.alternate_on:
        return False
    width = max(1, pane.width - _BOX_MARGIN)
    rows = sum(max(1, -(-_cells(line) // width)) for line in text.split("\n"))
    return rows > pane.height - _AROUND_BOX


def _cells(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


def holds(box: Box, written: str) -> bool:
    """Whether the box holds this text and nothing else, as far as it shows."""
    shown, given = letters(box.text), letters(written)
    return bool(shown) and given.endswith(shown) if box.clipped else shown == given and bool(box.text) == bool(written)


def _of_pane(pane: Pane, worker: Worker) -> Hindrance | None:
    if pane.in_mode:
        return Hindrance("its pane is in copy mode")
    if pane.shell_in_front:
        return Hindrance("a shell is in front in its pane")
    if worker.state in (WorkerState.SUSPENDED, WorkerState.UNKNOWN):
        return Hindrance(f"it is {worker.state}")
    return None


def _of_box(box: Box, written: str) -> Hindrance | None:
    if not box.shown:
        return Hindrance("its prompt box is not shown")
    if box.working:
        return Hindrance("it is busy", busy=True)
    if not holds(box, written):
        return Hindrance("text is typed in its prompt box" if not written else "its prompt box shows something else")
    if box.offers and written and box.offers != written.split(maxsplit=1)[0]:
        return Hindrance(f"Enter would run {box.offers}: write the whole name of the command")
    return None
