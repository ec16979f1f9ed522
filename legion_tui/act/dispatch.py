"""Starting a worker, or taking its session up again, in a tmux window of its own."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import anyio

from legion_tui.act.crew import CrewReader, Member
from legion_tui.act.labels import Labels
from legion_tui.act.ledger import Ledger
from legion_tui.act.locks import Locks
from legion_tui.act.order import DispatchSettings, Order, Planner
from legion_tui.act.parking import Parking, close_dead
from legion_tui.act.prompting import Prompting
from legion_tui.act.provisions import Provisions
from legion_tui.act.records import Kind
from legion_tui.act.requests import Requests
from legion_tui.act.room import Room
from legion_tui.act.startup import Seen, Startup
from legion_tui.act.worktrees import Worktrees
from legion_tui.agents.protocol import Agent
from legion_tui.errors import LegionError, NoSlotError, RefusedError
from legion_tui.state import DispatchReceipt, Label, Mode, Outcome, compute_session_id
from legion_tui.tmux import Opened, Tmux
from legion_tui.trackers import Tracker

if TYPE_CHECKING:
    from legion_tui.act.headless import Holding


class Dispatcher:
    """Starts, resumes and tells workers, one at a time for each issue."""

    def __init__(
        self,
        *,
        tmux: Tmux,
        agent: Agent,
        tracker: Tracker,
        ledger: Ledger,
        locks: Locks,
        crew: CrewReader,
        worktrees: Worktrees,
        settings: DispatchSettings,
        environ: Mapping[str, str],
        clock: Callable[[], datetime],
        prompting: Prompting | None = None,
        requests: Requests | None = None,
        tell: Callable[[str], None] | None = None,
        holding: Holding | None = None,
    ) -> None:
        """Take the parts. Without `prompting` an idle worker is parked and its session resumed with the prompt.

        Without `requests` nothing is queued. `tell` is told what takes its time, as it begins.
        """
        self._requests = requests
        self._holding = holding
        self._tell_begun = tell
        self._tmux = tmux
        self._tracker = tracker
        self._ledger = ledger
        self._locks = locks
        self._worktrees = worktrees
        self._settings = settings
        self._provisions = Provisions(agent, settings, environ)
        self._prompting = prompting
        self._labels = Labels(tracker, ledger)
        self._parking = Parking(tmux, ledger)
        self.planner = Planner(
            agent=agent,
            tracker=tracker,
            crew=crew,
            parking=self._parking,
            labels=self._labels,
            worktrees=worktrees,
            settings=settings,
            room=Room(crew=crew, tracker=tracker, parking=self._parking, locks=locks),
            tells=prompting is not None,
            holding=holding,
        )
        self._startup = Startup(tmux, crew, within_seconds=settings.confirm_seconds, clock=clock)

    async def dispatch(
        self, issue_id: str, mode: Mode, *, dry_run: bool = False, waits: bool = True
    ) -> DispatchReceipt:
        """Start the worker of an issue in a mode, or resume its session where it has a transcript.

        Waits for its status file or a start-up dialog, `confirm_seconds` at most. Where no slot is free it is queued,
        if somebody is there to start it later; without `waits` that raises NoSlotError. What is refused is a receipt;
        raises TrackerError, TmuxError, AgentError and LegionError where something could not be read or done.
        """
        began = time.monotonic()
        issue = await self._tracker.get(issue_id)
        try:
            async with self._locks.hold(issue.id):
                order = await self.planner.order(issue.id, mode)
                receipt = order.receipt(Outcome.DRY_RUN) if dry_run else await self.perform(order)
        except NoSlotError as full:
            if not waits:
                raise
            receipt = await self.queue(issue.id, mode, full, dry_run=dry_run)
        except RefusedError as refused:
            receipt = self.refusal(issue.id, mode, str(refused))
        return replace(receipt, took_ms=round((time.monotonic() - began) * 1000))

    async def queue(self, issue_id: str, mode: Mode, full: NoSlotError, *, dry_run: bool) -> DispatchReceipt:
        """Let a worker wait for the slot that there is not; refused where nobody is there to start it later."""
        refusal = self.refusal(issue_id, mode, str(full))
        if self._requests is None or not await self._requests.is_served():
            return refusal
        if dry_run:
            return replace(refusal, outcome=Outcome.DRY_RUN, reason=f"it waits for a free slot: {full.message}")
        await self._requests.add(issue_id, mode, refusal.session_id, full.message)
        return replace(refusal, outcome=Outcome.QUEUED, reason=full.message)

    def refusal(self, issue_id: str, mode: Mode, reason: str) -> DispatchReceipt:
        """Return the receipt of something that was not done."""
        return DispatchReceipt(
            issue=issue_id,
            mode=mode.value,
            session_id=compute_session_id(self._settings.project.id, issue_id, mode),
            outcome=Outcome.REFUSED,
            reason=reason,
        )

    async def perform(self, order: Order) -> DispatchReceipt:
        """Do what was planned, for one who holds the issue's lock; refusals are raised."""
        if order.live is None:
            await self._provisions.check_program()
        for member in order.parked:
            await self._parking.park(member)
        if order.live is not None and self._prompting is not None:
            return await self._tell(order, order.live, self._prompting)
        return await self._start(order)

    async def _tell(self, order: Order, live: Member, prompting: Prompting) -> DispatchReceipt:
        issue = order.task.issue.id
        data = {
            "mode": order.task.mode.value,
            "session_id": order.session_id,
            "pane": live.worker.pane,
            "removed": sorted(order.removed),
            **_asked_by(order),
        }
        entry = await self._ledger.intend(Kind.PROMPT, issue, **data)
        try:
            await self._provisions.write_brief(order.task)
            await self._labels.change(issue, remove=order.removed)
            taken = await prompting.tell(live, order.prompt)
        except LegionError as error:
            await self._take_back(order, entry, Kind.PROMPT, "refused", error)
            raise
        outcome = Outcome.RESUMED if taken else Outcome.UNCONFIRMED
        reason = "" if taken else "the agent's records do not show that it began"
        reason = _joined(reason, await self._label_started(order))
        await self._ledger.conclude(entry, Kind.PROMPT, issue, outcome, reason)
        return order.receipt(outcome, reason)

    async def _start(self, order: Order) -> DispatchReceipt:
        issue, mode = order.task.issue.id, order.task.mode
        data = {
            "mode": mode.value,
            "session_id": order.session_id,
            "resume": order.resume,
            "cwd": str(order.place.cwd),
            "branch": order.place.branch,
            "removed": sorted(order.removed),
            **_asked_by(order),
        }
        entry = await self._ledger.intend(Kind.DISPATCH, issue, **data)
        try:
            await self._make_place(order, entry)
            await self._provisions.write_brief(order.task)
            await self._provisions.write_settings()
            # Before the worker runs: one that is quick sets them again, and those are its own.
            await self._labels.change(issue, remove=order.removed)
            opened, seen = await self._open(order)
        except LegionError as error:
            outcome = Outcome.REFUSED if isinstance(error, RefusedError) else "failed"
            await self._take_back(order, entry, Kind.DISPATCH, outcome, error)
            raise
        if opened is not None:
            seen = await self._startup.watch(opened.pane_id, order.session_id, issue, mode)
        reason = _joined(seen.reason, await self._label_started(order, ended=seen.ended))
        if not seen.ended:
            await close_dead(self._tmux, order.session_id, keep=opened.window_id if opened is not None else "")
        outcome = (Outcome.RESUMED if order.resume else Outcome.STARTED) if seen.confirmed else Outcome.UNCONFIRMED
        await self._ledger.conclude(
            entry,
            Kind.DISPATCH,
            issue,
            "failed" if seen.ended else outcome,
            reason,
            pane=opened.pane_id if opened is not None else None,
            window=opened.window_id if opened is not None else None,
        )
        receipt = order.receipt(outcome, reason)
        return replace(receipt, pane=opened.pane_id, window=opened.window_id) if opened is not None else receipt

    async def _make_place(self, order: Order, entry: str) -> None:
        """Make and furnish the worktree, which may take a quarter of an hour, for one who holds the lock."""
        issue = order.task.issue.id

        async def tell(what: str) -> None:
            if self._tell_begun is not None:
                self._tell_begun(f"{issue}: {what}")
            await self._locks.tell(issue, what)

        if order.place.making:
            await self._locks.tell(issue, "making its worktree")
        try:
            await self._worktrees.make(order.place, tell)
        except anyio.get_cancelled_exc_class():
            with anyio.CancelScope(shield=True), contextlib.suppress(LegionError):
                await self._ledger.conclude(entry, Kind.DISPATCH, issue, "failed", "cancelled while its place was made")
            raise
        if order.place.steps:
            await self._locks.tell(issue, "starting its worker")

    async def _take_back(self, order: Order, entry: str, kind: Kind, outcome: str, error: LegionError) -> None:
        """Put the labels back and conclude what failed; where that fails too, the first error is the one to tell."""
        issue = order.task.issue.id
        with contextlib.suppress(LegionError):  # what is left open is settled later
            await self._labels.change(issue, add=order.removed)
            await self._ledger.conclude(entry, kind, issue, outcome, str(error))

    async def _open(self, order: Order) -> tuple[Opened | None, Seen]:
        """Open the window, if there still is a slot: from here on its worker is one that everybody counts.

        One without a screen has no window: it counts once it is seen, so it is waited for here.
        """
        async with self._locks.hold_slots():
            await self.planner.take_slot(order.task.issue.id, order.task.mode)
            if self._holding is not None and order.headless:
                return None, await self._hold(order, self._holding)
            return await self._tmux.open_window(self._provisions.window(order)), Seen(confirmed=False)

    async def _hold(self, order: Order, holding: Holding) -> Seen:
        await holding.start(
            argv=order.argv,
            cwd=str(order.place.cwd),
            prompt=order.prompt,
            session_id=order.session_id,
            issue=order.task.issue.id,
            mode=order.task.mode.value,
            environ=self._provisions.environment(order),
        )

        async def over() -> str | None:
            result = await holding.result(order.session_id)
            return None if result is None else str(result.get("error") or "")

        return await self._startup.watch_session(order.session_id, over)

    async def _label_started(self, order: Order, *, ended: bool = False) -> str:
        """Return why the labels could not be written, if so: the worker runs all the same."""
        try:
            add = order.removed if ended else {Label.WORKER_ACTIVE}
            await self._labels.change(order.task.issue.id, add=add)
        except LegionError as error:
            return f"its labels could not be written: {error}"
        return ""


def _asked_by(order: Order) -> dict[str, str]:
    """Return which action asked for it and about which commit, so that a worker is not told the same twice."""
    task = order.task
    return {"action": task.action.value, "head": task.head} if task.action is not None and task.head else {}


def _joined(*reasons: str) -> str:
    return "; ".join(reason for reason in reasons if reason)
