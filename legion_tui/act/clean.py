"""Clearing away what finished issues leave: idle workers, dead windows, worktrees; work that is nowhere else stays."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import anyio

from legion_tui.act.checkout import Linked
from legion_tui.act.crew import Crew, CrewReader, Member
from legion_tui.act.ledger import Ledger
from legion_tui.act.locks import Locks
from legion_tui.act.parking import Parking
from legion_tui.act.records import Kind
from legion_tui.act.worktrees import Worktrees
from legion_tui.errors import LegionError, RefusedError
from legion_tui.state import CleanReceipt, Outcome, Pane
from legion_tui.tmux import Tmux


@dataclass(frozen=True, slots=True, kw_only=True)
class _Left:
    """What one issue has left."""

    linked: Linked | None
    parked: tuple[Member, ...]
    windows: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        return self.linked is None and not self.parked and not self.windows

    @property
    def steps(self) -> tuple[str, ...]:
        ended = tuple(f"end the finished {m.name} (SIGTERM to process {m.worker.pid})" for m in self.parked)
        closed = tuple(f"close window {window}" for window in self.windows)
        return (*ended, *closed, *((f"remove worktree {self.linked.path}",) if self.linked is not None else ()))


class Cleaner:
    """Cleans issue by issue, each under its lock."""

    def __init__(
        self, *, tmux: Tmux, crew: CrewReader, parking: Parking, worktrees: Worktrees, ledger: Ledger, locks: Locks
    ) -> None:
        """Take the parts."""
        self._tmux = tmux
        self._crew = crew
        self._parking = parking
        self._worktrees = worktrees
        self._ledger = ledger
        self._locks = locks

    async def clean(self, issue_ids: Sequence[str], *, dry_run: bool = False) -> AsyncIterator[CleanReceipt]:
        """Clear away what these issues have left; yields a receipt for each that has anything.

        What is refused is a receipt, and nothing of that issue was removed. Raises TmuxError and AgentError where
        the workers could not be read.
        """
        for issue_id in issue_ids:
            receipt = CleanReceipt(issue=issue_id, outcome=Outcome.REFUSED)
            linked = None
            try:
                linked = await self._worktrees.of(issue_id)
                async with self._locks.hold(issue_id):
                    left = await self._left(issue_id, linked)
                    if left.nothing:
                        continue
                    receipt = replace(receipt, outcome=Outcome.DRY_RUN, steps=left.steps)
                    if not dry_run:
                        receipt = await self._clean(issue_id, left, receipt)
            except RefusedError as refused:
                receipt = replace(receipt, outcome=Outcome.REFUSED, reason=str(refused))
            path = str(linked.path) if linked is not None else None
            yield replace(receipt, path=path, branch=linked.branch if linked is not None else None)

    async def _left(self, issue_id: str, linked: Linked | None) -> _Left:
        """Return what there is to clear away; RefusedError where any of it has to stay."""
        crew = await self._crew.read()
        parked = self._parking.check(crew, issue_id)
        if linked is not None:
            await self._check_nobody_in(crew, linked, parked)
            why = await self._worktrees.unsaved(linked)
            if why:
                raise RefusedError(f"{linked.path} stays", why)
        dead = [pane for pane in crew.panes if pane.dead and pane.issue == issue_id and self._crew.is_ours(pane)]
        # A window that somebody split holds more than the worker.
        windows = tuple(pane.window_id for pane in dead if _alone(pane, crew.panes))
        return _Left(linked=linked, parked=parked, windows=windows)

    async def _check_nobody_in(self, crew: Crew, linked: Linked, parked: Sequence[Member]) -> None:
        ours = {member.worker.pane for member in parked}
        folder = await anyio.Path(linked.path).resolve()
        for pane in crew.panes:
            if not pane.dead and pane.pane_id not in ours and Path(pane.cwd).is_relative_to(folder):
                raise RefusedError(f"{linked.path} stays", f"{pane.command} in {pane.pane_id} works there")
        for member in crew.members:
            cwd = member.worker.cwd
            if member.worker.live and member not in parked and cwd and Path(cwd).is_relative_to(folder):
                raise RefusedError(f"{linked.path} stays", f"the {member.name} of {member.worker.issue} works there")

    async def _clean(self, issue_id: str, left: _Left, receipt: CleanReceipt) -> CleanReceipt:
        path = str(left.linked.path) if left.linked is not None else ""
        entry = await self._ledger.intend(Kind.CLEAN, issue_id, worktree=path, windows=list(left.windows))
        receipt = replace(receipt, outcome=Outcome.UNCONFIRMED, reason="it was cut off")
        try:
            for member in left.parked:
                await self._parking.park(member)
            if left.linked is not None:
                # An agent may have left something in its last moment.
                why = await self._worktrees.unsaved(left.linked)
                if why:
                    raise RefusedError(f"{left.linked.path} stays", why)
                await self._worktrees.remove(left.linked)
            for window in left.windows:
                await self._tmux.kill_window(window)
            receipt = replace(receipt, outcome=Outcome.DONE, reason="")
        except LegionError as error:
            receipt = replace(receipt, outcome=Outcome.REFUSED, reason=str(error))
        finally:
            with anyio.CancelScope(shield=True):
                await self._ledger.conclude(entry, Kind.CLEAN, issue_id, receipt.outcome, receipt.reason)
        return receipt


def _alone(pane: Pane, panes: Sequence[Pane]) -> bool:
    return sum(other.window_id == pane.window_id for other in panes) == 1
