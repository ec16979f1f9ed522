"""Making a session of the machine the worker of an issue, because a person said so, and taking that back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio
import psutil

from legion_tui.act.ledger import Ledger
from legion_tui.act.locks import Locks
from legion_tui.act.records import Kind
from legion_tui.errors import RefusedError
from legion_tui.state import IssueReceipt, Mode, Outcome, Worker
from legion_tui.trackers import Tracker

# In the environment of every worker that is started, of whatever project.
_MARK = "LEGION_ISSUE"


class Linker:
    """Keeps in the ledger which sessions belong to which issues though they were not started from here."""

    def __init__(
        self, tracker: Tracker, ledger: Ledger, locks: Locks, find: Callable[[str], Awaitable[Worker | None]]
    ) -> None:
        """Take the parts; `find` gives who holds a session."""
        self._tracker = tracker
        self._ledger = ledger
        self._locks = locks
        self._find = find

    async def link(self, session_id: str, issue_id: str, mode: Mode = Mode.IMPLEMENT) -> IssueReceipt:
        """Make a live session that belongs to no issue the issue's worker; RefusedError where it is none.

        Raises TrackerError where there is no such issue.
        """
        issue = await self._tracker.get(issue_id)
        # The session's too: two boards may link it to two issues.
        async with self._locks.hold(issue.id), self._locks.hold(session_id):
            worker = await self._find(session_id)
            await self._check(session_id, worker)
            await self._ledger.note(Kind.LINK, issue.id, session_id=session_id, mode=mode.value)
        return IssueReceipt(issue=issue.id, outcome=Outcome.DONE, reason=f"{mode} worker")

    async def unlink(self, session_id: str, issue_id: str) -> IssueReceipt:
        """Have a session that was linked to an issue belong to none; RefusedError where it is not linked to it."""
        async with self._locks.hold(issue_id):
            journal = await self._ledger.journal()
            known = journal.dispatched.get(session_id)
            if session_id not in journal.linked or known is None or known[0] != issue_id:
                raise RefusedError(f"{issue_id}: nothing is unlinked", "that session is not linked to it")
            await self._ledger.note(Kind.UNLINK, issue_id, session_id=session_id)
        return IssueReceipt(issue=issue_id, outcome=Outcome.DONE)

    async def _check(self, session_id: str, worker: Worker | None) -> None:
        title = "the session is not linked"
        if worker is None or not worker.live:
            raise RefusedError(title, "it has ended")
        journal = await self._ledger.journal()
        of = worker.issue or next(iter(journal.dispatched.get(session_id, ())), None)
        if of is not None:
            raise RefusedError(title, f"it is a worker of {of}")
        theirs = await anyio.to_thread.run_sync(_marked, worker.pid) if worker.pid is not None else None
        if theirs is None:
            raise RefusedError(title, "it has ended")
        if theirs:
            raise RefusedError(title, f"it works on {theirs} of another project")


def _marked(pid: int) -> str | None:
    """Return the issue that a process was started for, "" where it was for none, None where it is gone; blocks."""
    try:
        return psutil.Process(pid).environ().get(_MARK, "")
    except psutil.NoSuchProcess:
        return None
    except psutil.Error:  # of another user: none of ours
        return ""
