"""Marks, and one message to all that are marked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from textual.pilot import Pilot

from legion_tui.state import Deed, DispatchReceipt, MessageRequest, Outcome, Snapshot, WorkerReceipt
from legion_tui.state.journal import QueuedMessage
from legion_tui.ui.preferences import Preferences
from tests.support.apps import Stage, make_stage, on_stage
from tests.support.ports import FakeCommands
from tests.support.snapshots import NOW, sample_snapshot, without_issue
from tests.support.stage import SIZES

IDS = ("ENG-29", "ENG-37", "ENG-21")


def receipt(issue: str, outcome: Outcome, reason: str = "") -> WorkerReceipt:
    return WorkerReceipt(deed=Deed.SEND, issue=issue, outcome=outcome, reason=reason, took_ms=120)


async def mark(stage: Stage, *issues: str) -> None:
    for issue in issues:
        stage.board.select(f"issue:{issue}")
        await stage.settle()
        await stage.press("v")


def marked(stage: Stage) -> list[str]:
    return [row.target for row in stage.board.marked]


def with_queue(snapshot: Snapshot, *issues: str) -> Snapshot:
    queue = []
    for issue in issues:
        worker = snapshot.worker_of(issue)
        assert worker is not None
        at = NOW - timedelta(seconds=5)
        text = "and [b]the docs"
        queue.append(QueuedMessage(id=issue, issue=issue, session_id=worker.session_id, text=text, at=at))
    return replace(snapshot, queue=tuple(queue))


async def test_a_mark_is_in_the_gutter_and_the_count_in_the_footer() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await mark(stage, "ENG-29")
        assert stage.lines()[stage.line_of("ENG-29")].startswith("⊡")
        assert "m message 1 marked  V unmark" in stage.lines()[-1]
        await mark(stage, "ENG-37")
        assert stage.lines()[stage.line_of("ENG-29")].startswith("⊞")
        assert marked(stage) == ["ENG-37", "ENG-29"]
        await stage.press("v")
        assert marked(stage) == ["ENG-29"]
        await stage.press("V")
        assert marked(stage) == []
        assert stage.lines()[stage.line_of("ENG-29")].startswith(" ")
        await stage.press("V")
        assert stage.toasts == ["nothing is marked"]


async def test_marks_stay_with_their_rows_and_leave_with_them() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await mark(stage, *IDS)
        assert marked(stage) == ["ENG-21", "ENG-37", "ENG-29"]
        # A filter hides rows, it does not unmark them.
        await stage.press("slash", *"ENG-52", "enter")
        assert "message 3 marked" in stage.lines()[-1]
        await stage.press("escape")
        # A refresh neither.
        await stage.show(sample_snapshot(NOW + timedelta(seconds=9)))
        assert marked(stage) == ["ENG-21", "ENG-37", "ENG-29"]
        await stage.show(without_issue(sample_snapshot(), "ENG-37"))
        stage.seconds += 60
        stage.board.settle()
        await stage.settle()
        assert marked(stage) == ["ENG-21", "ENG-29"]
        await stage.show(sample_snapshot())
        stage.board.settle()
        assert marked(stage) == ["ENG-21", "ENG-29"]


async def test_one_message_goes_to_all_and_failures_are_told_first() -> None:
    foreseen = {
        "ENG-29": receipt("ENG-29", Outcome.QUEUED, "it is busy"),
        "ENG-21": receipt("ENG-21", Outcome.REFUSED, "it asks '[b]Which?': answer that first"),
    }
    commands = FakeCommands(foreseen=foreseen, sent=foreseen)
    async with on_stage(sample_snapshot(), commands=commands) as stage:
        await mark(stage, *IDS)
        await stage.press("m")
        text = stage.text()
        assert "message to 3 workers" in text
        assert "1 now, 1 once idle, 1 not" in text
        rows = [stage.line_of(words) for words in ("ENG-37  now", "ENG-29  once idle: it is busy", "ENG-21  not: it")]
        assert rows == sorted(rows)
        assert commands.named("send") == []
        await stage.press(*"go on", "enter")
        asked = [MessageRequest(target=id, text="go on", queue=True, by_hand=False) for id in marked_order()]
        assert commands.named("send") == asked
        assert "1 told, 1 once idle, 1 not" in stage.text()
        told = ("ENG-21: nothing was sent: it asks '[b]Which?'", "ENG-29: queued: it is busy", "ENG-37 was told")
        rows = [stage.line_of(words) for words in told]
        assert rows == sorted(rows)
        # Once is enough; and who was not told is marked still, with the text at hand.
        await stage.press("enter")
        assert len(commands.named("send")) == 3
        assert marked(stage) == ["ENG-21"]
        await stage.press("m")
        assert "go on" in stage.text()


def marked_order() -> tuple[str, ...]:
    return ("ENG-21", "ENG-37", "ENG-29")


@pytest.mark.parametrize("text", ["/clear", "!ls", "#note", "look at @app.py"])
async def test_what_would_be_more_than_words_goes_to_nobody(text: str) -> None:
    async with on_stage(sample_snapshot()) as stage:
        await mark(stage, *IDS)
        await stage.press("m", *text, "enter")
        assert "Not sent to any: it begins with ! / or #, or holds @" in stage.text()
        assert text in stage.text()
        assert stage.commands.named("send") == []


async def test_nothing_is_not_sent_and_a_text_is_not_lost_by_one_key() -> None:
    async with on_stage(sample_snapshot()) as stage:
        await mark(stage, "ENG-29")
        await stage.press("m", "enter")
        assert "There is nothing to send." in stage.text()
        await stage.press("x", "escape")
        assert "esc again throws this away." in stage.text()
        await stage.press("escape")
        assert "message to 1 workers" not in stage.text()
        assert marked(stage) == ["ENG-29"]


async def test_a_record_that_is_no_worker_cannot_be_marked() -> None:
    async with on_stage(sample_snapshot()) as stage:
        stage.board.select("group:backlog")
        await stage.settle()
        await stage.press("v")
        assert stage.toasts == ["that is a folded group: enter opens it"]


async def test_a_message_that_waits_is_on_its_row_and_is_taken_back_there() -> None:
    async with on_stage(with_queue(sample_snapshot(), "ENG-29")) as stage:
        at = stage.line_of("ENG-29")
        assert "a message waits until it is idle: and [b]the docs" in stage.lines()[at + 1]
        stage.board.select("issue:ENG-29")
        await stage.settle()
        await stage.press("M")
        assert stage.commands.named("cancel_messages") == ["ENG-29"]
        assert stage.toasts == ["ENG-29: 1 message taken back"]
        await stage.show(sample_snapshot())
        stage.board.settle()
        await stage.settle()
        assert "a message waits" not in stage.text()
        await stage.press("M")
        assert stage.toasts[1:] == ["no message waits for the worker of ENG-29"]


async def test_what_waits_for_all_that_are_marked_is_taken_back_at_once() -> None:
    async with on_stage(with_queue(sample_snapshot(), "ENG-29", "ENG-37")) as stage:
        await mark(stage, *IDS)
        await stage.press("M")
        assert stage.commands.named("cancel_messages") == ["ENG-37", "ENG-29"]
        assert stage.toasts == ["ENG-37: 1 message taken back\nENG-29: 1 message taken back"]
        await stage.press("V")
        await mark(stage, "ENG-21")
        await stage.press("M")
        assert stage.toasts[1:] == ["no message waits for what is marked"]


async def test_in_ascii_a_mark_is_ascii() -> None:
    async with on_stage(sample_snapshot(), preferences=Preferences(glyphs="ascii")) as stage:
        await mark(stage, "ENG-29", "ENG-37")
        assert stage.lines()[stage.line_of("ENG-29")].startswith("$")
        assert stage.lines()[stage.line_of("ENG-37")].startswith(";")


async def test_all_that_are_marked_are_dispatched_after_one_look() -> None:
    async with on_stage(sample_snapshot(), size=(120, 50)) as stage:
        await mark(stage, "ENG-52", "ENG-29", "ENG-18")
        await stage.press("d")
        text = stage.text()
        assert "dispatch 1 of 3 marked" in text or "dispatch 2 of 3 marked" in text
        assert "ENG-29: not: a worker is live on ENG-29" in text
        assert "open a window eng-52-plan" in text
        assert stage.commands.named("dispatch") == []
        await stage.press("n")
        assert stage.commands.named("dispatch") == []
        await stage.press("d", "y")
        started = [issue for issue, _ in stage.commands.named("dispatch")]
        assert "ENG-52" in started
        assert "ENG-29" not in started
        assert marked(stage) == ["ENG-29"]
        assert any("ENG-52 started" in toast for toast in stage.toasts)
        await stage.press("d")
        assert stage.toasts[-1] == "nothing that is marked can be dispatched"


async def test_where_slots_are_short_the_preview_says_what_that_means() -> None:
    async with on_stage(replace(sample_snapshot(), slots=8, slots_used=8)) as stage:
        await mark(stage, "ENG-52")
        await stage.press("d")
        assert "0 of 8 slots are free: finished workers may be parked for the others" in stage.text()


async def test_what_could_not_be_started_is_told_first_and_stays_marked() -> None:
    refused = DispatchReceipt(
        issue="ENG-52", mode="plan", session_id="", outcome=Outcome.REFUSED, reason="no free slot"
    )
    async with on_stage(sample_snapshot(), commands=FakeCommands(receipts={"dispatch": refused})) as stage:
        await mark(stage, "ENG-52")
        await stage.press("d", "y")
        assert stage.toasts == ["ENG-52: nothing was started: no free slot"]
        assert marked(stage) == ["ENG-52"]


async def test_where_none_can_be_started_the_preview_only_says_why() -> None:
    async with on_stage(sample_snapshot(), commands=FakeCommands(refused="[b]no free slot")) as stage:
        await mark(stage, "ENG-52")
        await stage.press("d")
        assert "ENG-52: not: [b]no free slot" in stage.text()
        await stage.press("y", "enter")
        assert stage.commands.named("dispatch") == []


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_picture(size: tuple[int, int], snap_compare: Callable[..., bool]) -> None:
    foreseen = {"ENG-29": receipt("ENG-29", Outcome.QUEUED, "it is busy")}
    stage = make_stage([with_queue(sample_snapshot(), "ENG-29")], commands=FakeCommands(foreseen=foreseen))

    async def before(pilot: Pilot[None]) -> None:
        stage.pilot = pilot
        await stage.settle()
        await mark(stage, "ENG-29", "ENG-37")
        await stage.press("m", *"go on")

    assert snap_compare(stage.app, terminal_size=size, run_before=before)
