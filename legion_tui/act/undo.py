"""Taking back what was changed in a tracker: against what is there now, never over what somebody else changed."""

from __future__ import annotations

from collections.abc import Sequence

from legion_tui.act.labels import Effect, Labels, words
from legion_tui.act.ledger import Ledger
from legion_tui.act.locks import Locks
from legion_tui.act.records import Entry, Kind
from legion_tui.act.writes import OURS
from legion_tui.errors import ConflictError, LegionError, RefusedError
from legion_tui.state import Issue, IssueReceipt, IssueStatus, Label, Outcome, TrackerWrite
from legion_tui.state.text import clean_line
from legion_tui.trackers import Tracker

_LOOK = "nothing was overwritten: look, then decide"
# The start of a worker puts it on, and its end takes it off: that is nobody's change of mind.
_OF_ITSELF = frozenset({str(Label.WORKER_ACTIVE)})


class Undoer:
    """Puts a status and labels of ours back as they were; workers stay as they are."""

    def __init__(self, tracker: Tracker, ledger: Ledger, locks: Locks) -> None:
        """Take the parts."""
        self._tracker = tracker
        self._ledger = ledger
        self._locks = locks
        self._labels = Labels(tracker, ledger)

    async def undo(self, write: TrackerWrite) -> IssueReceipt:
        """Take a write back, under the issue's lock; the receipt tells how the issue stands by that.

        ConflictError where the issue is not as the write left it, RefusedError where it can never be taken back:
        nothing was changed then. Raises TrackerError and the like where the tracker could not be read or written.
        """
        if write.lasting:
            raise RefusedError(write.lasting)
        async with self._locks.hold(write.issue):
            issue = await self._tracker.get(write.issue)
            labels = await self._checked(write, issue)
            entry = await self._ledger.intend(
                Kind.UNDO,
                write.issue,
                undoes=write.entry,
                back_to=write.before if write.moved else "",
                put_on=sorted(labels.added),
                taken_off=sorted(labels.removed),
            )
            try:
                await self._put_back(write, labels)
            except LegionError as error:
                await self._ledger.conclude(entry, Kind.UNDO, write.issue, "failed", str(error))
                raise
            await self._ledger.conclude(entry, Kind.UNDO, write.issue, Outcome.DONE)
        changed = words(labels.added, labels.removed)
        told = [f"{write.before} again"] if write.moved else []
        return IssueReceipt(
            issue=write.issue, outcome=Outcome.DONE, reason=", ".join([*told, *([changed] if changed else [])])
        )

    async def _checked(self, write: TrackerWrite, issue: Issue) -> Effect:
        """Return how the labels are to be changed; ConflictError where somebody changed what was written."""
        title, now = f"{write.issue} changed meanwhile", IssueStatus.normalize(issue.status)
        if write.moved and now != write.after:
            told = f"its status is {clean_line(now) or 'none'} by now, not {clean_line(write.after) or 'none'}"
            raise ConflictError(title, told, _LOOK)
        on = await self._labels.of(issue) & OURS
        came, gone = on - write.labels - _OF_ITSELF, write.added - on
        if came or gone:
            raise ConflictError(title, f"its labels by now: {words(came, gone)}", _LOOK)
        left = Effect(write.removed - on, write.added)
        if not write.moved and not any(left):
            raise ConflictError(title, f"{', '.join(sorted(write.removed))} is on it again", "nothing is left to undo")
        return left

    async def _put_back(self, write: TrackerWrite, labels: Effect) -> None:
        # The status first: it is what may have changed at the last moment, and then nothing is to have happened.
        if write.moved:
            await self._tracker.move(write.issue, write.before, expect=write.after)
        try:
            await self._labels.change(write.issue, add=labels.added, remove=labels.removed)
        except LegionError as error:
            if not write.moved:
                raise
            remedy = f"legion-tui issue label {write.issue} {words(labels.added, labels.removed)}"
            raise LegionError(
                f"{write.issue} is {write.before} again, its labels are not", str(error), remedy
            ) from None


async def settle_undo(entry: Entry, tracker: Tracker, labels: Labels) -> tuple[Outcome, str]:
    """Finish what was cut off between the status and its labels; return what came of it, in words.

    Without its labels an issue whose work is done would have it done again.
    """
    back_to = entry.data.get("back_to")
    if not back_to:
        return Outcome.UNCONFIRMED, ""
    status = IssueStatus.normalize((await tracker.get(entry.issue)).status)
    if status != back_to:
        return Outcome.UNCONFIRMED, f"its status is {status}"
    await labels.change(entry.issue, add=_names(entry.data.get("put_on")), remove=_names(entry.data.get("taken_off")))
    return Outcome.DONE, f"its status is {status}"


def _names(value: object) -> Sequence[str]:
    return [str(name) for name in value] if isinstance(value, list) else []
