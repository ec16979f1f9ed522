"""Running the suggested action of an issue: previewed, under its lock, on a reading of that moment."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol

from legion_tui.act.crew import CrewReader
from legion_tui.act.deeds import Done
from legion_tui.act.dispatch import Dispatcher
from legion_tui.act.labels import Labels, words
from legion_tui.act.ledger import Ledger
from legion_tui.act.locks import Locks
from legion_tui.act.merging import PullRequestMerging
from legion_tui.act.order import MENDS
from legion_tui.act.parking import Parking
from legion_tui.act.relaying import Relaying
from legion_tui.act.writes import Writes
from legion_tui.errors import LegionError, NoSlotError, RefusedError
from legion_tui.state import (
    Action,
    ActionReceipt,
    AnswerReceipt,
    AnswerRequest,
    IssueState,
    IssueStatus,
    Label,
    Mode,
    Outcome,
    TrackerWrite,
)
from legion_tui.state.identity import compute_session_id
from legion_tui.trackers import Tracker


class Decide(Protocol):
    """Gives everything known of one issue."""

    def __call__(self, issue_id: str, *, older: bool = False) -> Awaitable[IssueState]:
        """Read it anew; `older`: what was read lately will do, because nothing is done by it."""
        ...


_STARTS = ("dispatch_", "resume_")
_TARGETS = {
    Action.TRANSITION_TO_TODO: IssueStatus.TODO,
    Action.TRANSITION_TO_IN_PROGRESS: IssueStatus.IN_PROGRESS,
    Action.TRANSITION_TO_TESTING: IssueStatus.TESTING,
    Action.TRANSITION_TO_NEEDS_REVIEW: IssueStatus.NEEDS_REVIEW,
    Action.TRANSITION_TO_RETRO: IssueStatus.RETRO,
    Action.TRANSITION_TO_DONE: IssueStatus.DONE,
}
_LEFT_BEHIND = frozenset({Label.WORKER_DONE, Label.WORKER_ACTIVE, Label.NEEDS_APPROVAL, Label.HUMAN_APPROVED})
_OPENS = {
    Action.REVIEW_PR: "the pull request waits for your review",
    Action.ESCALATE_BLOCKED: "a question waits for you: answer it",
    Action.RETRY_PR_CHECK: "the pull request is asked for again",
    Action.RETRY_CI_CHECK: "the checks are asked for again",
}


def chosen_mode(state: IssueState) -> Mode:
    """Return the mode in which a worker is to be started now; RefusedError where the next step is another."""
    decision = state.decision
    if decision.action.startswith(_STARTS):
        return decision.mode
    raise RefusedError(
        f"{state.id}: {decision.action}", decision.why, "to start a worker all the same, name its mode: --mode"
    )


class Advancer:
    """Runs suggested actions. Everything is decided again under the issue's lock."""

    def __init__(
        self,
        *,
        dispatcher: Dispatcher,
        crew: CrewReader,
        parking: Parking,
        tracker: Tracker,
        ledger: Ledger,
        locks: Locks,
        decide: Decide,
        merging: PullRequestMerging,
        answer: Callable[[AnswerRequest], Awaitable[AnswerReceipt]],
        project_id: str,
    ) -> None:
        """Take the parts; `decide` reads every source anew, `answer` answers for one who holds the issue's lock."""
        self._dispatcher = dispatcher
        self._crew = crew
        self._parking = parking
        self._tracker = tracker
        self._locks = locks
        self._decide = decide
        self._merging = merging
        self._project_id = project_id
        self._labels = Labels(tracker, ledger)
        self._writes = Writes(tracker, ledger, parking)
        self._relaying = Relaying(answer, self._labels, ledger)

    async def advance(
        self,
        issue_id: str,
        *,
        expected: str = "",
        shown: tuple[str, ...] = (),
        follow: bool = True,
        dry_run: bool = False,
        sure: bool = False,
        waits: bool = True,
    ) -> ActionReceipt:
        """Run the suggested action; with `expected`, only if it still is that one.

        A merge is made only where a person was `shown` just these steps, or is `sure` without being shown them.
        `follow`: after a change of status the dispatch that comes next runs too. `waits`: a dispatch for which no slot
        is free is queued, where somebody is there to start it later. What is refused is a receipt;
        raises TrackerError, TmuxError and the like where something could not be read or done.
        """
        began = time.monotonic()
        issue_id = (await self._tracker.get(issue_id)).id
        action = expected
        # Kept beside what comes of it: it stays written where what follows is refused.
        made: list[TrackerWrite] = []
        try:
            async with self._locks.hold(issue_id):
                state = await self._decide(issue_id, older=dry_run)
                action = state.decision.action
                if expected and action != expected:
                    raise RefusedError(f"{issue_id} changed meanwhile", f"now it is {action}", "look, then try again")
                if action is Action.MERGE_PR:
                    done = await self._merge(state, shown=shown, dry_run=dry_run, sure=sure)
                else:
                    done = await self._run(state, made, follow=follow, dry_run=dry_run, waits=waits)
        except RefusedError as refused:
            done = Done(Outcome.REFUSED, str(refused))
        return ActionReceipt(
            issue=issue_id,
            action=action,
            outcome=done.outcome,
            reason=done.reason,
            steps=done.steps,
            dispatch=done.dispatch,
            write=next((write for write in reversed(made) if write.changed), None),
            took_ms=round((time.monotonic() - began) * 1000),
        )

    async def _run(
        self, state: IssueState, made: list[TrackerWrite], *, follow: bool, dry_run: bool, waits: bool
    ) -> Done:
        action = state.decision.action
        if action.startswith(_STARTS):
            return await self._start(state, made, dry_run=dry_run, waits=waits)
        if action is Action.RELAY_USER_FEEDBACK:
            return await self._relay(state, made, dry_run=dry_run)
        if action in _TARGETS:
            return await self._transition(state, made, _TARGETS[action], follow=follow, dry_run=dry_run)
        if action is Action.REMOVE_WORKER_ACTIVE_AND_REDISPATCH:
            active = frozenset({Label.WORKER_ACTIVE})
            return await self._relabel(state, made, follow=follow, dry_run=dry_run, remove=active)
        if action is Action.ADD_NEEDS_APPROVAL:
            asked = frozenset({Label.NEEDS_APPROVAL})
            return await self._relabel(state, made, follow=False, dry_run=dry_run, add=asked)
        what = _OPENS.get(action)
        return Done(Outcome.NOTHING, f"{what}. {state.decision.why}" if what else state.decision.why)

    async def _start(self, state: IssueState, made: list[TrackerWrite], *, dry_run: bool, waits: bool = True) -> Done:
        """Start, resume or tell a worker; one that is to be started waits in the queue where no slot is free."""
        try:
            return await self._started(state, made, dry_run=dry_run)
        except NoSlotError as full:
            if waits and state.decision.action.startswith("dispatch_"):
                queued = await self._dispatcher.queue(state.id, state.decision.mode, full, dry_run=dry_run)
                if queued.outcome is not Outcome.REFUSED:
                    return Done(queued.outcome, steps=(queued.reason,), dispatch=queued)
            raise

    async def _started(self, state: IssueState, made: list[TrackerWrite], *, dry_run: bool) -> Done:
        decision, issue_id = state.decision, state.id
        planner = self._dispatcher.planner
        head = state.pull_request.head if state.pull_request is not None else ""
        order = await planner.order(issue_id, decision.mode, action=decision.action, head=head)
        steps = planner.steps(order)
        moves = decision.action in MENDS and state.status != IssueStatus.IN_PROGRESS and self._writes.has_status(state)
        if moves:
            steps = (f"move {issue_id} to {IssueStatus.IN_PROGRESS}", *steps)
        if dry_run:
            return Done(Outcome.DRY_RUN, decision.why, steps, order.receipt(Outcome.DRY_RUN))
        if moves:
            self._writes.check_status(issue_id)
            made.append(await self._writes.move(state, IssueStatus.IN_PROGRESS, removed=order.removed))
            # On the new status they would stand for work that is still to be done, so nothing puts them back.
            order = replace(order, removed=frozenset())
        receipt = await self._dispatcher.perform(order)
        return Done(receipt.outcome, receipt.reason, steps, receipt)

    async def _merge(self, state: IssueState, *, shown: tuple[str, ...], dry_run: bool, sure: bool) -> Done:
        if not (dry_run or shown or sure):
            told = "a merge is confirmed each time"
            raise RefusedError(f"{state.id} is not merged", told, "see --dry-run, then say --yes")
        merge = await self._merging.plan(state)
        if dry_run:
            return Done(Outcome.DRY_RUN, state.decision.why, (merge.words,))
        if not sure and shown != (merge.words,):
            # The action may be the same for another commit, which nobody has said yes to.
            raise RefusedError(f"{state.id} changed meanwhile", f"now it is: {merge.words}", "look, then try again")
        return Done(Outcome.DONE, await self._merging.carry_out(state, merge), (merge.words,))

    async def _relay(self, state: IssueState, made: list[TrackerWrite], *, dry_run: bool) -> Done:
        worker = state.worker
        if worker is not None and worker.asking:
            return await self._relaying.answer(state, worker.question, dry_run=dry_run)
        return await self._start(state, made, dry_run=dry_run)

    async def _transition(
        self, state: IssueState, made: list[TrackerWrite], target: IssueStatus, *, follow: bool, dry_run: bool
    ) -> Done:
        issue_id = state.id
        self._writes.check_status(issue_id)
        follows = follow and target is not IssueStatus.DONE
        # The worker that the new status speaks to is not ended to be brought back at once.
        keep = compute_session_id(self._project_id, issue_id, state.decision.mode) if follows else ""
        parked = self._parking.check(await self._crew.read(), issue_id, keep_session=keep)
        removed = await self._labels.of(state.issue) & _LEFT_BEHIND
        steps = (
            *(f"end the finished {m.name} (SIGTERM to process {m.worker.pid})" for m in parked),
            *((f"label {issue_id} {words((), removed)}",) if removed else ()),
            f"move {issue_id} from {state.status or 'no status'} to {target}",
        )
        if dry_run:
            return Done(Outcome.DRY_RUN, state.decision.why, (*steps, *_following(follows)))
        made.append(await self._writes.move(state, target, removed=removed, parked=parked))
        return await self._followed(Done(Outcome.DONE, f"{issue_id} is {target} now", steps), made, issue_id, follows)

    async def _relabel(
        self,
        state: IssueState,
        made: list[TrackerWrite],
        *,
        follow: bool,
        dry_run: bool,
        add: frozenset[str] = frozenset(),
        remove: frozenset[str] = frozenset(),
    ) -> Done:
        issue_id = state.id
        steps = (f"label {issue_id} {words(add, remove)}",)
        if dry_run:
            return Done(Outcome.DRY_RUN, state.decision.why, (*steps, *_following(follow)))
        made.append(await self._writes.relabel(state, add=add, remove=remove))
        done = Done(Outcome.DONE, f"{words(add, remove)} on {issue_id}", steps)
        return await self._followed(done, made, issue_id, follow)

    async def _followed(self, done: Done, made: list[TrackerWrite], issue_id: str, follow: bool) -> Done:
        """Decide again and run the dispatch that comes next; the action itself is done, whatever comes of that."""
        if not follow:
            return done
        state = await self._decide(issue_id)
        if not state.decision.action.startswith(_STARTS):
            return replace(done, reason=f"{done.reason}; next: {state.decision.action}. {state.decision.why}")
        try:
            started = await self._start(state, made, dry_run=False)
        except LegionError as error:
            refusal = self._dispatcher.refusal(issue_id, state.decision.mode, str(error))
            return replace(done, reason=f"{done.reason}; {state.decision.action}: {error}", dispatch=refusal)
        reason = "; ".join(part for part in (done.reason, started.reason) if part)
        outcome = started.outcome if started.outcome is Outcome.UNCONFIRMED else done.outcome
        return Done(outcome, reason, (*done.steps, *started.steps), started.dispatch)


def _following(follow: bool) -> tuple[str, ...]:
    return ("decide again, and start the worker that comes next",) if follow else ()
