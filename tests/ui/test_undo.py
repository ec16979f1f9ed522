"""Taking the last change of the tracker back by key."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from legion_tui.state import ActionReceipt, DispatchReceipt, IssueReceipt, Outcome, TrackerWrite
from legion_tui.ui.preferences import Preferences
from tests.support.apps import Stage, on_stage
from tests.support.snapshots import sample_snapshot

WRITE = TrackerWrite(issue="ENG-52", entry="e1", before="Todo", after="Testing", ended=("implement worker",))
STARTED = DispatchReceipt(issue="ENG-52", mode="test", session_id="s", outcome=Outcome.STARTED)
NOTHING = "no status and no label was changed from here in the last 20 s"


def moved(write: TrackerWrite | None = WRITE, *, action: str = "transition_to_testing") -> ActionReceipt:
    return ActionReceipt(issue="ENG-52", action=action, outcome=Outcome.DONE, reason="moved", write=write)


async def act(stage: Stage, receipt: ActionReceipt) -> None:
    """Have the row of ENG-52 do its next step, which comes to this."""
    stage.commands.receipts["advance"] = receipt
    stage.board.select("issue:ENG-52")
    await stage.press("enter", "y")
    assert len(stage.commands.named("advance"))


async def test_the_last_change_is_taken_back_once() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await act(stage, moved())
        assert stage.toasts[-1].endswith("moved · u takes it back for 20 s (its implement worker stays ended)")
        assert "u undo" in stage.lines()[-1]
        refreshed = stage.collector.refreshed
        await stage.press("u")
        assert stage.commands.named("undo") == [WRITE]
        assert stage.toasts[-1] == "ENG-52: taken back: Todo again; its implement worker stays ended"
        assert stage.collector.refreshed > refreshed
        await stage.press("u")
        assert stage.commands.named("undo") == [WRITE]
        assert stage.toasts[-1] == NOTHING


async def test_what_was_started_is_said_to_go_on() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await act(stage, replace(moved(), dispatch=STARTED))
        stays = "its implement worker stays ended, its test worker goes on"
        assert f"u takes it back for 20 s ({stays})" in stage.toasts[-1]
        await stage.press("u")
        assert stage.toasts[-1].endswith(stays)


async def test_after_its_time_it_is_not_taken_back() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await act(stage, moved())
        stage.now += timedelta(seconds=19.9)
        stage.screen.tick()
        await stage.settle()
        assert "u undo" in stage.lines()[-1]
        stage.now += timedelta(seconds=0.1)
        stage.screen.tick()
        await stage.settle()
        assert "u undo" not in stage.lines()[-1]
        await stage.press("u")
        assert stage.commands.named("undo") == []
        assert stage.toasts[-1] == "the 20 s to take ENG-52 back are over"


async def test_without_a_change_the_key_says_so() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press("u")
        assert stage.toasts == [NOTHING]
        await act(stage, moved(None))
        assert "takes it back" not in stage.toasts[-1]
        await stage.press("u")
        assert stage.toasts[-1] == NOTHING
        assert stage.commands.named("undo") == []


async def test_what_somebody_changed_meanwhile_is_shown() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await act(stage, moved())
        why = "ENG-52 changed meanwhile: its status is Icebox by now, not Testing"
        stage.commands.receipts["undo"] = IssueReceipt(issue="ENG-52", outcome=Outcome.REFUSED, reason=why)
        await stage.press("u")
        assert stage.toasts[-1] == f"ENG-52: not taken back: {why}"
        # Where it was a service that did not answer, it is there to be tried again.
        del stage.commands.receipts["undo"]
        await stage.press("u")
        assert stage.toasts[-1].startswith("ENG-52: taken back")


async def test_only_the_last_change_is_taken_back() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await act(stage, moved())
        later = TrackerWrite(issue="ENG-52", entry="e2", before="Testing", after="Retro")
        await act(stage, moved(later))
        await stage.press("u", "u")
        assert stage.commands.named("undo") == [later]


@pytest.mark.parametrize(
    ("receipt", "told"),
    [
        (moved(None, action="merge_pr"), "the merge of ENG-52 is not taken back"),
        (
            moved(TrackerWrite(issue="ENG-52", entry="e", before="open", after="Todo")),
            "ENG-52 cannot be moved back: its status was “open”, which is none that can be set",
        ),
        (
            moved(TrackerWrite(issue="ENG-52", entry="e", before="", after="Todo")),
            "ENG-52 cannot be moved back: it had no status, which is none that can be set",
        ),
    ],
    ids=["merge", "foreign status", "no status"],
)
async def test_what_can_never_be_taken_back_is_said_to_be_so(receipt: ActionReceipt, told: str) -> None:
    async with on_stage(sample_snapshot()) as stage:
        await act(stage, receipt)
        assert "takes it back" not in stage.toasts[-1]
        await stage.press("u")
        assert stage.toasts[-1] == told
        assert stage.commands.named("undo") == []


async def test_a_new_issue_is_not_taken_back() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await act(stage, moved())
        await stage.press("n", *"New", "ctrl+s")
        await stage.press("u")
        assert stage.toasts[-1] == "ENG-99 is new: that is not taken back; legion-tui issue close ENG-99 ends it"
        assert stage.commands.named("undo") == []


async def test_the_toast_names_the_key_that_the_person_chose() -> None:
    async with on_stage(sample_snapshot(), preferences=Preferences(keymap={"undo": "ctrl+z"})) as stage:
        await act(stage, moved())
        assert "ctrl+z takes it back" in stage.toasts[-1]
        await stage.press("ctrl+z")
        assert stage.commands.named("undo") == [WRITE]
