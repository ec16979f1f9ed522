"""What can be taken back of an action, what stays of it, and what came of taking it back. Pure."""

from __future__ import annotations

from typing import Final

from legion_tui.state import Action, ActionReceipt, IssueReceipt, Outcome

# So long after it was told.
UNDO_SECONDS: Final = 20.0
NOTHING_TO_UNDO: Final = f"no status and no label was changed from here in the last {UNDO_SECONDS:g} s"
_LIVES = {
    Outcome.STARTED: "goes on",
    Outcome.RESUMED: "goes on",
    Outcome.UNCONFIRMED: "goes on",
    Outcome.QUEUED: "stays in the queue",
}


def lasting(receipt: ActionReceipt) -> str:
    """Return why what was done cannot be taken back; empty where it can, or where nothing was written."""
    if receipt.action == Action.MERGE_PR and receipt.outcome is Outcome.DONE:
        return f"the merge of {receipt.issue} is not taken back"
    return receipt.write.lasting if receipt.write is not None else ""


def staying(receipt: ActionReceipt) -> str:
    """Return what of an action stays when its change of the tracker is taken back: `its test worker goes on`."""
    ended = [f"its {name.removeprefix('its ')} stays ended" for name in (receipt.write.ended if receipt.write else ())]
    started = receipt.dispatch
    told = _LIVES.get(started.outcome) if started is not None else None
    return ", ".join([*ended, *([f"its {started.mode} worker {told}"] if started is not None and told else [])])


def offer_line(receipt: ActionReceipt, key: str) -> str:
    """Return how long an action can be taken back, by which key, and what stays; empty where it cannot."""
    if receipt.write is None or lasting(receipt):
        return ""
    stays = staying(receipt)
    return f"{key} takes it back for {UNDO_SECONDS:g} s" + (f" ({stays})" if stays else "")


def over_line(receipt: ActionReceipt) -> str:
    """Return why an action is not taken back any more."""
    return f"the {UNDO_SECONDS:g} s to take {receipt.issue} back are over"


def added_line(issue: str) -> str:
    """Return why a new issue is not taken back."""
    return f"{issue} is new: that is not taken back; legion-tui issue close {issue} ends it"


def undone_line(receipt: IssueReceipt, stays: str) -> str:
    """Return what came of taking a change back."""
    if receipt.outcome is not Outcome.DONE:
        return f"{receipt.issue}: not taken back: {receipt.reason}"
    return f"{receipt.issue}: taken back: {receipt.reason}" + (f"; {stays}" if stays else "")
