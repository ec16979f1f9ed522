"""Snapshots in which several workers ask, some of them the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from legion_tui.state import Attention, Mode, Snapshot, WorkerState
from tests.support.snapshots import NOW, issue_state, question, sample_snapshot, with_issue, worker

SAME = "Delete the old branch after the merge?"


def alike_snapshot(now: datetime = NOW) -> Snapshot:
    """The working day, in which ENG-71, ENG-72 and a session of the machine ask the very same too."""
    snapshot = sample_snapshot(now)
    for number, age in ((71, 300.0), (72, 200.0)):
        asked = replace(question(now, SAME, "Yes", "No", header="Branch", age=age), id=f"toolu_same_{number}")
        asking = worker(
            now, WorkerState.QUESTION, issue=f"ENG-{number}", mode=Mode.IMPLEMENT, age=age, asks=asked, cwd="/w/one"
        )
        issue = issue_state(
            now, f"ENG-{number}", f"Merge part {number}", "In Progress", Attention.NEEDS_YOU, working=asking
        )
        snapshot = with_issue(snapshot, issue)
    asked = replace(question(now, SAME, "Yes", "No", header="Branch", age=100), id="toolu_same_machine")
    session = worker(now, WorkerState.QUESTION, name="dotfiles", cwd="/home/ann/dotfiles", age=100, asks=asked)
    return replace(snapshot, sessions=(session, *snapshot.sessions[1:]))


def answered(snapshot: Snapshot, *issues: str) -> Snapshot:
    """The snapshot after the workers of these issues have got their answers and work on."""
    for issue_id in issues:
        state = snapshot.issue(issue_id)
        assert state is not None
        assert state.worker is not None
        goes_on = replace(state.worker, state=WorkerState.BUSY, question=None)
        snapshot = with_issue(snapshot, replace(state, worker=goes_on, attention=Attention.WORKING))
    return snapshot
