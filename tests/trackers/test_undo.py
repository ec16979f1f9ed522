"""Taking a change back where the tracker has words of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from legion_tui.act.ledger import Ledger
from legion_tui.act.locks import Locks
from legion_tui.act.parking import Parking
from legion_tui.act.undo import Undoer
from legion_tui.act.writes import Writes
from legion_tui.errors import ConflictError
from legion_tui.processes import run_command
from legion_tui.state import (
    Attention,
    Decision,
    IssueFacts,
    IssueState,
    IssueStatus,
    Outcome,
    TrackerWrite,
    decide,
)
from legion_tui.tmux import OneShotTmux, Socket
from legion_tui.trackers import Tracker
from tests.support.github.server import GitHubServer
from tests.support.linear.server import LinearServer
from tests.trackers.conftest import House, Team


class Desk:
    """Moves an issue as an action does, and takes it back."""

    def __init__(self, tracker: Tracker, folder: Path) -> None:
        self.tracker = tracker
        self.ledger = Ledger(folder, clock=lambda: datetime.now(UTC))
        self.undoer = Undoer(tracker, self.ledger, Locks(folder / "locks"))
        # Nothing is parked here.
        self.writes = Writes(
            tracker, self.ledger, Parking(OneShotTmux(run_command, Socket("none"), env={}), self.ledger)
        )

    async def move(self, issue_id: str, target: IssueStatus, *removed: str) -> TrackerWrite:
        issue = await self.tracker.get(issue_id)
        facts = IssueFacts(status=IssueStatus.normalize(issue.status), labels=issue.labels)
        decision: Decision = decide(facts)
        state = IssueState(
            issue=issue,
            status=facts.status,
            facts=facts,
            decision=decision,
            session_id="",
            attention=Attention.READY,
        )
        return await self.writes.move(state, target, removed=frozenset(removed))


async def test_a_closed_issue_is_opened_again(github: GitHubServer, house: House, tmp_path: Path) -> None:
    issue = github.world.add_issue(labels=["Todo", "worker-done"])
    desk = Desk(await house.tracker(), tmp_path)
    write = await desk.move("PAY-1", IssueStatus.DONE, "worker-done")
    assert issue.labels == ["Todo"]
    assert (await desk.tracker.get("PAY-1")).closed
    receipt = await desk.undoer.undo(write)
    assert (receipt.outcome, receipt.reason) == (Outcome.DONE, "Todo again, +worker-done")
    after = await desk.tracker.get("PAY-1")
    assert (after.status, after.closed, set(after.labels)) == ("Todo", False, {"Todo", "worker-done"})


async def test_a_card_is_put_back_unless_it_was_moved_on(github: GitHubServer, house: House, tmp_path: Path) -> None:
    world = github.world
    board = world.add_project(options=("Todo", "Doing", "In review", "Done"))
    world.put(board, world.add_issue(), "Doing")
    desk = Desk(await house.tracker(board=4, statuses={"Doing": "In Progress"}), tmp_path)
    write = await desk.move("PAY-1", IssueStatus.NEEDS_REVIEW)
    await desk.undoer.undo(write)
    assert board.items[0].status == "Doing"
    write = await desk.move("PAY-1", IssueStatus.NEEDS_REVIEW)
    board.items[0].status = "Todo"
    with pytest.raises(ConflictError, match="its status is Todo by now, not Needs Review"):
        await desk.undoer.undo(write)
    assert board.items[0].status == "Todo"


async def test_a_state_of_linear_is_set_back(linear: LinearServer, team: Team, tmp_path: Path) -> None:
    issue = linear.world.add_issue(state="In Progress", labels=("worker-done",))
    desk = Desk(await team.tracker(), tmp_path)
    write = await desk.move("ENG-1", IssueStatus.NEEDS_REVIEW, "worker-done")
    assert (issue.state.name, issue.labels) == ("In Review", [])
    await desk.undoer.undo(write)
    assert (issue.state.name, [label.name for label in issue.labels]) == ("In Progress", ["worker-done"])
