"""Bringing workers back that crashed, were parked or went with a reboot: same session, same worktree, one by one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import anyio

from legion_tui.act.comeback import past_of, why_not
from legion_tui.act.crew import CrewReader
from legion_tui.act.dispatch import Dispatcher
from legion_tui.act.ledger import Ledger
from legion_tui.act.ledger_sum import Dispatched
from legion_tui.act.records import Kind
from legion_tui.agents.protocol import Agent
from legion_tui.errors import LegionError
from legion_tui.state import Issue, IssueStatus, Outcome, ResumeReceipt, Worker
from legion_tui.trackers import Tracker

# Between two starts: an agent needs most of a core for its first seconds.
STAGGER_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class _Lost:
    """An issue's newest session, and its worker as it is now."""

    issue: Issue
    dispatched: Dispatched | None
    worker: Worker | None
    # Why it is not brought back; empty where it is.
    why_not: str = ""


class Resumer:
    """Brings workers back; each start is a dispatch, with its locks, its limit and its records."""

    def __init__(
        self,
        *,
        dispatcher: Dispatcher,
        crew: CrewReader,
        tracker: Tracker,
        ledger: Ledger,
        agent: Agent,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        stagger_seconds: float = STAGGER_SECONDS,
    ) -> None:
        """Take the parts."""
        self._dispatcher = dispatcher
        self._crew = crew
        self._tracker = tracker
        self._ledger = ledger
        self._agent = agent
        self._clock = clock
        self._sleep = sleep
        self._stagger_seconds = stagger_seconds

    async def resume(self, issue_ids: Sequence[str], *, dry_run: bool = False) -> AsyncIterator[ResumeReceipt]:
        """Bring back the workers of these issues, as a person asked for each of them.

        Without any: every worker of an unfinished issue that was cut off. Yields a receipt for each as it comes;
        raises TrackerError, TmuxError, AgentError and LegionError where something could not be read before the first.
        """
        named = bool(issue_ids)
        found = [await self._tracker.get(issue_id) for issue_id in issue_ids]
        if not named:
            found = [issue for issue in (await self._tracker.read()).issues if not _is_over(issue)]
        lost = [one for issue in found if (one := await self._lost(issue, named=named)) is not None]
        started = False
        for one in lost:
            receipt = _receipt(one)
            if one.why_not:
                yield replace(receipt, outcome=Outcome.REFUSED if named else Outcome.NOTHING, reason=one.why_not)
            elif dry_run:
                yield replace(receipt, outcome=Outcome.DRY_RUN)
            elif one.dispatched is not None:
                if started:
                    await self._sleep(self._stagger_seconds)
                started = True
                yield await self._bring_back(one.issue.id, one.dispatched, receipt)

    async def _lost(self, issue: Issue, *, named: bool) -> _Lost | None:
        """Return what is to be brought back; None for an issue that nobody asked for and that has nothing."""
        sessions = await self._ledger.dispatched(issue.id)
        if not sessions:
            return _Lost(issue, None, None, "nothing was dispatched on it from here") if named else None
        newest = sessions[-1]
        crew = await self._crew.read()
        member = crew.in_session(newest.session_id)
        if member is not None:
            return _Lost(issue, newest, member.worker, f"its worker is {member.worker.state}") if named else None
        dead = next((m.worker for m in crew.members if m.sighting.session_id == newest.session_id), None)
        why = ""
        if not await anyio.to_thread.run_sync(self._agent.has_transcript, newest.session_id):
            why = "its session has no transcript: dispatch starts it anew"
        elif not named:
            why = why_not(dead, past_of(await self._ledger.history(issue.id), newest.session_id), self._clock())
        elif _is_over(issue):
            why = "it is done"
        return _Lost(issue, newest, dead, why)

    async def _bring_back(self, issue_id: str, lost: Dispatched, receipt: ResumeReceipt) -> ResumeReceipt:
        # What it did last is kept before its window, and what that showed, is cleared away.
        await self._ledger.note(
            Kind.RESUME,
            issue_id,
            session_id=lost.session_id,
            mode=lost.mode.value,
            was=receipt.was,
            last_words=receipt.last_words,
            error=receipt.error,
        )
        try:
            done = await self._dispatcher.dispatch(issue_id, lost.mode)
        except LegionError as error:  # the others are brought back all the same
            return replace(receipt, reason=str(error))
        return replace(receipt, outcome=done.outcome, reason=done.reason, dispatch=done)


def _receipt(one: _Lost) -> ResumeReceipt:
    worker, lost = one.worker, one.dispatched
    return ResumeReceipt(
        issue=one.issue.id,
        mode=lost.mode.value if lost is not None else "",
        session_id=lost.session_id if lost is not None else "",
        outcome=Outcome.REFUSED,
        was=str(worker.state) if worker is not None else "",
        last_words=worker.last_words if worker is not None else "",
        error=(worker.detail.error or "") if worker is not None else "",
    )


def _is_over(issue: Issue) -> bool:
    return issue.closed or IssueStatus.normalize(issue.status) == IssueStatus.DONE
