"""Writing to a worker: what the dialog gives, and what the board makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from legion_tui.state import AttachReceipt, Deed, MessageRequest, Outcome, Worker, WorkerReceipt, WorkerState
from legion_tui.state.journal import QueuedMessage
from legion_tui.ui.screens.message import Messaged, MessageScreen
from tests.support.apps import on_stage
from tests.support.ports import FakeCommands
from tests.support.snapshots import sample_snapshot
from tests.support.stage import Stage, shown

BUSY = Worker(session_id="11111111-2222-3333-4444-555555555555", state=WorkerState.BUSY)
WAITS = QueuedMessage(
    id="m", issue="ENG-1", session_id=BUSY.session_id, text="and [b]the\ndocs", at=datetime(2026, 1, 1, tzinfo=UTC)
)


def stage(*waiting: QueuedMessage, text: str = "", worker: Worker = BUSY) -> Stage:
    return Stage(lambda: MessageScreen(worker, waiting, text=text, shown_id="ENG-1"))


@pytest.mark.parametrize("key", ["enter", "ctrl+s"])
async def test_enter_sends_and_another_key_begins_a_line(key: str) -> None:
    app = stage()
    async with app.run_test(size=(80, 24)) as pilot:
        assert "It is busy: it is told once it is idle" in shown(app)
        await pilot.press(*"one", "ctrl+j", *"two", key)
        await pilot.pause()
        assert app.results == ["one\ntwo"]


async def test_nothing_is_not_sent() -> None:
    app = stage()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("space", "enter")
        await pilot.pause()
        assert "There is nothing to send." in shown(app)
        assert app.results == []


async def test_escape_asks_before_it_throws_a_text_away() -> None:
    app = stage(text="half")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("escape")
        await pilot.pause()
        assert "esc again throws this away." in shown(app)
        await pilot.press("escape")
        await pilot.pause()
        assert app.results == [None]


async def test_what_waits_is_shown_as_it_is_and_can_be_taken_back() -> None:
    app = stage(WAITS)
    async with app.run_test(size=(80, 24)) as pilot:
        assert "waits: and [b]the docs" in shown(app)
        await pilot.press("ctrl+x")
        await pilot.pause()
        assert app.results == [Messaged.TAKE_BACK]


async def test_where_nothing_waits_nothing_is_taken_back() -> None:
    app = stage(worker=replace(BUSY, state=WorkerState.IDLE))
    async with app.run_test(size=(60, 20)) as pilot:
        assert "It is idle: it is told at once." in shown(app)
        await pilot.press("ctrl+x")
        await pilot.pause()
        assert "No message waits for it." in shown(app)
        assert app.results == []


async def test_the_key_writes_to_the_row() -> None:
    async with on_stage(sample_snapshot()) as board:
        row = next(i for i in sample_snapshot().issues if i.worker and i.worker.live and i.worker.question is None)
        board.board.select(f"issue:{row.id}")
        await board.settle()
        await board.press("m", *"go on", "enter")
        assert board.commands.named("send") == [MessageRequest(target=row.id, text="go on", queue=True)]
        assert board.toasts == [f"{row.id} was told · confirmed in 0.1 s"]


async def test_what_was_refused_is_there_again() -> None:
    refused = WorkerReceipt(deed=Deed.SEND, issue="ENG-1", outcome=Outcome.REFUSED, reason="not sent: it is unknown")
    async with on_stage(sample_snapshot(), commands=FakeCommands(receipts={"send": refused})) as board:
        row = next(i for i in sample_snapshot().issues if i.worker and i.worker.live and i.worker.question is None)
        board.board.select(f"issue:{row.id}")
        await board.settle()
        await board.press("m", *"go on", "enter")
        assert board.toasts == ["ENG-1: nothing was sent: not sent: it is unknown"]
        await board.press("m")
        assert "go on" in board.text()


async def test_a_row_that_asks_is_answered_and_not_written_to() -> None:
    async with on_stage(sample_snapshot()) as board:
        row = next(i for i in sample_snapshot().issues if i.worker and i.worker.live and i.worker.question is not None)
        board.board.select(f"issue:{row.id}")
        await board.settle()
        await board.press("m")
        assert board.toasts == [f"{row.id} asks something: answer it first"]


def _busy() -> str:
    live = (i for i in sample_snapshot().issues if i.worker and i.worker.live and i.worker.question is None)
    return next(i.id for i in live if i.worker is not None and i.worker.state is WorkerState.BUSY)


async def test_a_busy_row_is_interrupted_at_once() -> None:
    async with on_stage(sample_snapshot()) as board:
        row = _busy()
        board.board.select(f"issue:{row}")
        await board.settle()
        await board.press("x")
        assert board.commands.named("interrupt") == [row]
        assert board.toasts == [f"{row} was interrupted · confirmed in 0.1 s"]


async def test_a_row_is_ended_after_a_yes_by_the_process_that_was_shown() -> None:
    async with on_stage(sample_snapshot()) as board:
        row = _busy()
        board.board.select(f"issue:{row}")
        await board.settle()
        await board.press("X")
        assert "ask process 77 to end" in board.text()
        # Enter takes the safe side.
        await board.press("enter")
        assert board.commands.named("stop") == []
        await board.press("X", "y")
        assert board.commands.named("stop") == [(row, 77, False)]
        assert board.toasts == [f"{row} has ended · confirmed in 0.1 s"]


async def test_one_that_waits_in_the_queue_is_taken_out_of_it_and_nothing_else_is_done_to_it() -> None:
    snapshot = sample_snapshot()
    row = _busy()
    queued = tuple(
        replace(issue, worker=replace(issue.worker, state=WorkerState.QUEUED))
        if issue.id == row and issue.worker is not None
        else issue
        for issue in snapshot.issues
    )
    async with on_stage(replace(snapshot, issues=queued)) as board:
        board.board.select(f"issue:{row}")
        await board.settle()
        await board.press("X", "y")
        assert board.commands.named("stop") == [(row, 77, False)]
        await board.press("x")
        assert board.commands.named("interrupt") == []
        assert board.toasts[-1] == f"no worker is live on {row}"


@pytest.mark.parametrize(("key", "killed"), [("y", True), ("n", False)])
async def test_before_it_is_killed_it_is_asked_again(key: str, killed: bool) -> None:
    stubborn = WorkerReceipt(
        deed=Deed.STOP, issue="ENG-1", outcome=Outcome.UNCONFIRMED, reason="process 77 did not end", lives=True
    )
    async with on_stage(sample_snapshot(), commands=FakeCommands(receipts={"stop": stubborn})) as board:
        row = _busy()
        board.board.select(f"issue:{row}")
        await board.settle()
        await board.press("X", "y")
        assert "what it has not written is lost" in board.text()
        await board.press(key)
        assert ((row, 77, True) in board.commands.named("stop")) is killed
        ended = f"{row} has ended · confirmed in 0.1 s"
        asked = "ENG-1: was asked to end, not confirmed: process 77 did not end"
        assert board.toasts == [ended if killed else asked]


async def test_what_merged_issues_left_is_removed_after_a_yes() -> None:
    async with on_stage(sample_snapshot()) as board:
        await board.press("W")
        assert "ENG-1 would be cleaned" in board.text()
        await board.press("n")
        assert board.commands.named("clean") == []
        await board.press("W", "y")
        assert board.toasts == [
            "ENG-1 cleaned: remove worktree /w/ENG-1",
            "ENG-2 not cleaned: /w/ENG-2 stays: 1 uncommitted change: a",
        ]


async def test_where_nothing_is_left_nothing_is_asked() -> None:
    async with on_stage(sample_snapshot(), commands=FakeCommands(refused="nothing is left")) as board:
        await board.press("W")
        assert "nothing is left" in board.text()
        await board.press("y", "escape")
        assert board.commands.named("clean") == []


async def test_a_snapshot_that_meets_a_detail_being_closed_does_no_harm() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await stage.press("space")
        assert type(stage.app.screen).__name__ == "DetailScreen"
        stage.app.pop_screen()
        await stage.settle()
        await stage.show(sample_snapshot())
        assert "NEEDS YOU" in stage.text()


async def test_a_board_in_a_popup_gets_out_of_the_way_of_the_window_it_went_to() -> None:
    receipt = AttachReceipt(target="ENG-21", outcome=Outcome.DONE, covered=True)
    async with on_stage(sample_snapshot(), commands=FakeCommands(receipts={"attach": receipt})) as stage:
        stage.board.select("issue:ENG-21")
        await stage.press("t")
        assert not stage.app.is_running
