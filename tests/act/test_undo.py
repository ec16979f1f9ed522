"""Taking back what an action changed in the tracker, on the real local tracker and a real ledger."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pytest

from legion_tui.act.labels import Labels
from legion_tui.act.recovery import settle
from legion_tui.act.undo import Undoer
from legion_tui.errors import ConflictError, LegionError, RefusedError, TrackerError
from legion_tui.state import Action, Issue, Label, Outcome, Pipeline, TrackerWrite
from legion_tui.tmux import OneShotTmux
from legion_tui.trackers import NewIssue, Write
from tests.act.test_recovery import forget_outcomes
from tests.support.dispatching import Workshop

pytestmark = pytest.mark.live


@pytest.fixture
def shop(private_tmux: OneShotTmux, tmp_path: Path) -> Workshop:
    return Workshop(private_tmux, tmp_path / "shop")


@pytest.fixture
def undoer(shop: Workshop) -> Undoer:
    return Undoer(shop.tracker, shop.ledger, shop.locks)


async def add(shop: Workshop, status: str, *labels: str) -> None:
    await shop.tracker.add(NewIssue(title="Build it", status=status, labels=labels))


async def status(shop: Workshop) -> str:
    return (await shop.tracker.get("ENG-1")).status


async def written(shop: Workshop, *, follow: bool = False) -> TrackerWrite:
    """Run the suggested action, and return what it wrote."""
    receipt = await shop.advancer.advance("ENG-1", follow=follow)
    assert receipt.write is not None
    return receipt.write


async def test_a_move_and_its_labels_are_taken_back(shop: Workshop, undoer: Undoer) -> None:
    await add(shop, "Backlog", "worker-done", "human-approved", "kept")
    write = await written(shop)
    assert (write.before, write.after) == ("Backlog", "Todo")
    assert await shop.labels("ENG-1") == {"kept"}
    await shop.tracker.label("ENG-1", add=["theirs"])
    receipt = await undoer.undo(write)
    assert (receipt.issue, receipt.outcome) == ("ENG-1", Outcome.DONE)
    assert receipt.reason == "Backlog again, +human-approved +worker-done"
    assert await status(shop) == "Backlog"
    assert await shop.labels("ENG-1") == {"kept", "theirs", "worker-done", "human-approved"}
    told = await shop.told()
    assert told[-2].startswith(f"ENG-1 undo begun (undoes {write.entry}, back_to Backlog, put_on human-approved")
    assert told[-1] == "ENG-1 undo done"
    assert await shop.ledger.unresolved() == ()
    with pytest.raises(ConflictError, match="its status is Backlog by now, not Todo"):
        await undoer.undo(write)


async def test_a_label_is_taken_off_again(shop: Workshop, undoer: Undoer) -> None:
    shop.pipeline = Pipeline(approval_gate=True)
    await add(shop, "Backlog", "worker-done")
    write = await written(shop)
    assert write.added == {"needs-approval"}
    assert not write.removed
    assert not write.moved
    receipt = await undoer.undo(write)
    assert receipt.reason == "-needs-approval"
    assert await shop.labels("ENG-1") == {"worker-done"}
    with pytest.raises(ConflictError, match="its labels by now: -needs-approval"):
        await undoer.undo(write)


async def test_a_status_that_somebody_changed_stays(shop: Workshop, undoer: Undoer) -> None:
    await add(shop, "Backlog", "worker-done")
    write = await written(shop)
    await shop.tracker.move("ENG-1", "Icebox")
    before = await shop.told()
    with pytest.raises(ConflictError, match="its status is Icebox by now, not Todo; nothing was overwritten"):
        await undoer.undo(write)
    assert await status(shop) == "Icebox"
    assert await shop.labels("ENG-1") == set()
    assert await shop.told() == before


async def test_what_was_approved_meanwhile_stays_so(shop: Workshop, undoer: Undoer) -> None:
    shop.pipeline = Pipeline(approval_gate=True)
    await add(shop, "Backlog", "worker-done")
    write = await written(shop)
    await shop.label("ENG-1", Label.HUMAN_APPROVED)
    with pytest.raises(ConflictError, match=r"its labels by now: \+human-approved"):
        await undoer.undo(write)
    assert await shop.labels("ENG-1") == {"worker-done", "needs-approval", "human-approved"}


async def test_a_change_at_the_last_moment_is_not_overwritten(
    shop: Workshop, undoer: Undoer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(shop, "Backlog", "worker-done")
    write = await written(shop)
    move = shop.tracker.move

    async def later(issue_id: str, to: str, *, expect: str | None) -> Issue:
        await move(issue_id, "Icebox")
        return await move(issue_id, to, expect=expect)

    monkeypatch.setattr(shop.tracker, "move", later)
    with pytest.raises(ConflictError, match="its status is Icebox by now"):
        await undoer.undo(write)
    assert await status(shop) == "Icebox"
    assert await shop.labels("ENG-1") == set()
    assert (await shop.told())[-1].startswith("ENG-1 undo failed: ENG-1 changed meanwhile")


async def test_labels_that_cannot_be_written_are_named(
    shop: Workshop, undoer: Undoer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(shop, "Backlog", "worker-done")
    write = await written(shop)

    async def full(issue_id: str, *, add: Collection[str], remove: Collection[str]) -> Issue:
        raise TrackerError("no room left")

    monkeypatch.setattr(shop.tracker, "label", full)
    with pytest.raises(LegionError) as raised:
        await undoer.undo(write)
    assert str(raised.value) == (
        "ENG-1 is Backlog again, its labels are not: no room left; legion-tui issue label ENG-1 +worker-done"
    )
    assert await status(shop) == "Backlog"


async def test_a_worker_that_was_started_goes_on(shop: Workshop, undoer: Undoer) -> None:
    await add(shop, "Todo")
    await shop.advancer.advance("ENG-1")
    await shop.idle("ENG-1", "plan")
    await shop.label("ENG-1", Label.WORKER_DONE)
    receipt = await shop.advancer.advance("ENG-1")
    assert receipt.dispatch is not None
    assert receipt.dispatch.outcome is Outcome.STARTED
    assert receipt.write is not None
    assert receipt.write.ended == ("plan worker",)
    assert receipt.write.removed == {"worker-done", "worker-active"}
    undone = await undoer.undo(receipt.write)
    # The label of the worker that lives is on it already.
    assert undone.reason == "Todo again, +worker-done"
    assert await status(shop) == "Todo"
    assert await shop.labels("ENG-1") == {"worker-done", "worker-active"}
    panes = await shop.panes()
    assert set(panes) == {"eng-1-implement"}
    assert not panes["eng-1-implement"].dead


async def test_mended_work_is_moved_back_and_its_worker_goes_on(shop: Workshop, undoer: Undoer) -> None:
    await add(shop, "Testing", "worker-done", "test-failed")
    dry = await shop.advancer.advance("ENG-1", dry_run=True)
    assert dry.action == Action.RESUME_IMPLEMENTER_FOR_TEST_FAILURE
    assert dry.write is None
    receipt = await shop.advancer.advance("ENG-1")
    assert receipt.write is not None
    assert (receipt.write.before, receipt.write.after) == ("Testing", "In Progress")
    await undoer.undo(receipt.write)
    assert await status(shop) == "Testing"
    assert await shop.labels("ENG-1") == {"worker-done", "test-failed", "worker-active"}
    assert {"eng-1-implement"} == set(await shop.panes())


async def test_what_stays_written_though_the_rest_was_refused_is_known(
    private_tmux: OneShotTmux, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Workshop(private_tmux, tmp_path / "shop")
    await add(shop, "Testing", "worker-done", "test-failed")

    async def refuse(issue_id: str, mode: object) -> None:
        raise RefusedError("no slot is left by now")

    monkeypatch.setattr(shop.dispatcher.planner, "take_slot", refuse)
    receipt = await shop.advancer.advance("ENG-1")
    assert receipt.outcome is Outcome.REFUSED
    assert receipt.write is not None
    assert await status(shop) == "In Progress"


async def test_a_worker_that_was_only_started_is_no_write(shop: Workshop) -> None:
    await add(shop, "Todo")
    receipt = await shop.advancer.advance("ENG-1")
    assert receipt.outcome is Outcome.STARTED
    assert receipt.write is None


async def test_a_label_that_is_on_again_leaves_nothing_to_undo(shop: Workshop, undoer: Undoer) -> None:
    await add(shop, "In Progress", "worker-active")
    write = await written(shop, follow=True)
    assert write.removed == {"worker-active"}
    with pytest.raises(ConflictError, match="worker-active is on it again"):
        await undoer.undo(write)
    assert await shop.labels("ENG-1") == {"worker-active"}


async def test_labels_in_the_ledger_are_taken_back_there(shop: Workshop, undoer: Undoer) -> None:
    shop.pipeline = Pipeline(approval_gate=True)
    await add(shop, "Backlog")
    shop.tracker.allowed = Write.NONE
    await shop.ledger.note("labels", "ENG-1", added=["worker-done"])
    write = await written(shop)
    assert await shop.ledger.labels_of("ENG-1") == {"worker-done", "needs-approval"}
    assert (await undoer.undo(write)).reason == "-needs-approval"
    assert await shop.ledger.labels_of("ENG-1") == {"worker-done"}
    assert await shop.labels("ENG-1") == set()


async def test_a_label_that_only_the_tracker_has_is_not_made_ours(shop: Workshop) -> None:
    await add(shop, "Todo", "worker-done", "worker-active")
    await shop.ledger.note("labels", "ENG-1", added=["worker-active", "test-passed"])
    shop.tracker.allowed = Write.NONE
    effect = await Labels(shop.tracker, shop.ledger).effect(
        await shop.tracker.get("ENG-1"), add=["worker-done", "new"], remove=["worker-active", "test-passed", "none"]
    )
    assert effect.added == {"new"}
    assert effect.removed == {"test-passed"}


async def test_a_status_that_nobody_can_set_is_not_tried(shop: Workshop, undoer: Undoer) -> None:
    await add(shop, "Backlog", "worker-done")
    write = replace(await written(shop), before="open")
    with pytest.raises(RefusedError, match="cannot be moved back: its status was “open”"):
        await undoer.undo(write)
    assert await status(shop) == "Todo"


async def test_whoever_acts_on_the_issue_is_not_disturbed(shop: Workshop, undoer: Undoer) -> None:
    await add(shop, "Backlog", "worker-done")
    write = await written(shop)
    async with shop.locks.hold("ENG-1"):
        with pytest.raises(RefusedError, match="ENG-1"):
            await Undoer(shop.tracker, shop.ledger, Workshop(shop.tmux, shop.root).locks).undo(write)
    assert await status(shop) == "Todo"


@pytest.mark.parametrize(("now", "labels"), [("Backlog", {"worker-done"}), ("Todo", set())])
async def test_labels_that_were_cut_off_follow_their_status(shop: Workshop, now: str, labels: set[str]) -> None:
    await add(shop, "Todo")
    await shop.ledger.intend("undo", "ENG-1", undoes="x", back_to="Backlog", put_on=["worker-done"], taken_off=[])
    await forget_outcomes(shop)
    await shop.tracker.move("ENG-1", now)
    again = Workshop(shop.tmux, shop.root)
    await settle(again.ledger, again.crew, tracker=again.tracker, locks=again.locks, tmux=shop.tmux)
    assert await shop.labels("ENG-1") == labels
    assert await again.ledger.unresolved() == ()
