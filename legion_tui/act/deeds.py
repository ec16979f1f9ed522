"""What one action came to, and doing it between an intent and its outcome."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from legion_tui.act.ledger import Ledger
from legion_tui.act.records import Kind
from legion_tui.errors import LegionError
from legion_tui.state import DispatchReceipt, IssueState, Outcome


@dataclass(frozen=True, slots=True)
class Done:
    """What one action came to; `steps` are what it did, or would do."""

    outcome: Outcome
    reason: str = ""
    steps: tuple[str, ...] = ()
    dispatch: DispatchReceipt | None = None


async def journalled(
    ledger: Ledger,
    state: IssueState,
    act: Callable[[], Awaitable[object]],
    *,
    removed: frozenset[str] | None = None,
) -> str:
    """Do it between an intent and its outcome, and return the id of both.

    `removed` are labels that go with a change of the status.
    """
    issue_id, action = state.id, state.decision.action
    # What is needed to put them back, should this be cut off.
    moves = {"removed": sorted(removed), "from": state.issue.status} if removed is not None else {}
    entry = await ledger.intend(Kind.ADVANCE, issue_id, action=action, status=state.status, **moves)
    try:
        await act()
    except LegionError as error:
        await ledger.conclude(entry, Kind.ADVANCE, issue_id, "failed", str(error))
        raise
    await ledger.conclude(entry, Kind.ADVANCE, issue_id, Outcome.DONE)
    return entry
