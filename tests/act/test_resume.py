"""Bringing workers back on a real tmux, with a real program as the agent and the real local tracker."""

from __future__ import annotations

import contextlib
import os
import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from legion_tui.act.comeback import Past, past_of, why_not
from legion_tui.act.records import Entry, Kind, Phase
from legion_tui.act.resume import Resumer
from legion_tui.state import Mode, Outcome, ResumeReceipt, Turn, Worker, WorkerState
from legion_tui.tmux import OneShotTmux
from legion_tui.trackers import NewIssue
from tests.support.dispatching import Workshop, now
from tests.support.waiting import until

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
GONE = Worker(session_id="s", state=WorkerState.GONE, turn=Turn.RUNNING)


async def resume(shop: Workshop, *issues: str, dry_run: bool = False) -> list[ResumeReceipt]:
    resumer = Resumer(
        dispatcher=shop.dispatcher,
        crew=shop.crew,
        tracker=shop.tracker,
        ledger=shop.ledger,
        agent=shop.agent,
        clock=now,
        stagger_seconds=0.01,
    )
    return [receipt async for receipt in resumer.resume(issues, dry_run=dry_run)]


async def started(shop: Workshop, count: int = 1) -> list[int]:
    """Start a worker on each of so many new issues, and return their processes."""
    pids = []
    for number in range(1, count + 1):
        await shop.tracker.add(NewIssue(title="Build it", status="In Progress"))
        await shop.dispatcher.dispatch(f"ENG-{number}", Mode.IMPLEMENT)
        await shop.idle(f"ENG-{number}", "implement")
        pid = shop.agent.owner(shop.session_id(f"ENG-{number}", "implement"))
        assert pid is not None
        pids.append(pid)
    return pids


@pytest.fixture
def shop(private_tmux: OneShotTmux, tmp_path: Path) -> Workshop:
    return Workshop(private_tmux, tmp_path / "shop")


@pytest.mark.live
async def test_a_crashed_worker_comes_back_in_its_session_and_worktree(
    private_tmux: OneShotTmux, tmp_path: Path
) -> None:
    shop = Workshop(private_tmux, tmp_path / "shop", worktrees=True)
    shop.git()
    (pid,) = await started(shop)
    session_id = shop.session_id("ENG-1", "implement")
    os.kill(pid, signal.SIGKILL)
    await until(lambda: shop.agent.owner(session_id) is None)
    (dry,) = await resume(shop, dry_run=True)
    assert (dry.outcome, dry.issue, dry.session_id) == (Outcome.DRY_RUN, "ENG-1", session_id)
    (receipt,) = await resume(shop)
    assert (receipt.outcome, receipt.reason, receipt.was) == (Outcome.RESUMED, "", "exited")
    assert receipt.dispatch is not None
    assert receipt.dispatch.cwd == str(tmp_path / "shop-worktrees" / "ENG-1")
    assert receipt.dispatch.argv[3:5] == ("--resume", session_id)
    await shop.idle("ENG-1", "implement")
    assert len(shop.agent.turns(session_id)) == 2
    # Its dead window is gone, and what it was is kept.
    assert len(await shop.tmux.panes()) == 1
    kept = [entry for entry in await shop.ledger.history() if entry.kind == Kind.RESUME]
    assert [(entry.data["was"], entry.data["session_id"]) for entry in kept] == [("exited", session_id)]


@pytest.mark.live
async def test_after_a_reboot_all_come_back_within_the_limit(private_tmux: OneShotTmux, tmp_path: Path) -> None:
    shop = Workshop(private_tmux, tmp_path / "shop")
    pids = await started(shop, 3)
    await private_tmux.kill_server()
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):  # its terminal is gone, and so it may be itself
            os.kill(pid, signal.SIGKILL)
    await until(lambda: not shop.agent.look((), ()))
    shop = Workshop(private_tmux, tmp_path / "shop", slots=2)
    receipts = await resume(shop)
    assert [(receipt.issue, receipt.outcome) for receipt in receipts] == [
        ("ENG-1", Outcome.RESUMED),
        ("ENG-2", Outcome.RESUMED),
        ("ENG-3", Outcome.REFUSED),
    ]
    assert "no free slot" in receipts[2].reason
    assert set(await shop.panes()) == {"eng-1-implement", "eng-2-implement"}


@pytest.mark.live
async def test_one_that_was_parked_comes_back_only_by_name(shop: Workshop) -> None:
    await started(shop)
    (member,) = (await shop.crew.read()).of("ENG-1")
    await shop.parking.park(member)
    (left,) = await resume(shop)
    assert (left.outcome, left.reason) == (Outcome.NOTHING, "it was parked")
    (back,) = await resume(shop, "eng-1")
    assert back.outcome is Outcome.RESUMED


@pytest.mark.live
async def test_what_is_not_brought_back_is_told_why(shop: Workshop) -> None:
    (pid,) = await started(shop)
    await shop.tracker.add(NewIssue(title="Untouched", status="Todo"))
    live, untouched = await resume(shop, "ENG-1", "ENG-2")
    assert (live.outcome, live.reason) == (Outcome.REFUSED, "its worker is idle")
    assert (untouched.outcome, untouched.reason) == (Outcome.REFUSED, "nothing was dispatched on it from here")
    assert await resume(shop) == []
    os.kill(pid, signal.SIGKILL)
    await until(lambda: shop.agent.owner(shop.session_id("ENG-1", "implement")) is None)
    await shop.tracker.move("ENG-1", "Done")
    (done,) = await resume(shop, "ENG-1")
    assert (done.outcome, done.reason) == (Outcome.REFUSED, "it is done")
    assert await resume(shop) == []
    (shop.agent.home / f"{shop.session_id('ENG-1', 'implement')}.jsonl").unlink()
    await shop.tracker.move("ENG-1", "In Progress")
    (lost,) = await resume(shop)
    assert (lost.outcome, lost.reason) == (Outcome.NOTHING, "its session has no transcript: dispatch starts it anew")


def entry(kind: Kind, phase: Phase = Phase.NOTE, *, id: str = "1", at: datetime = NOW, **data: str) -> Entry:
    return Entry(id=id, phase=phase, kind=kind, at=at, data=data)


@pytest.mark.parametrize(("kind", "word"), [(Kind.PARK, "parked"), (Kind.STOP, "stopped by a person")])
def test_who_ended_it_last_is_read_from_the_ledger(kind: Kind, word: str) -> None:
    asked = entry(kind, Phase.INTENT, session_id="s")
    done = entry(kind, Phase.OUTCOME, outcome="done")
    assert past_of([asked, done], "s").ended == word
    assert past_of([asked, done], "another").ended == ""
    assert past_of([asked, entry(kind, Phase.OUTCOME, outcome="unconfirmed")], "s").ended == ""
    again = entry(Kind.DISPATCH, Phase.INTENT, id="2", session_id="s")
    assert past_of([asked, done, again], "s").ended == ""


@pytest.mark.parametrize(
    ("worker", "past", "why"),
    [
        (GONE, Past(), ""),
        (None, Past(), ""),
        (replace(GONE, turn=Turn.ERROR), Past(), ""),
        (replace(GONE, turn=Turn.ENDED), Past(), "its turn had ended: nothing was cut off"),
        (GONE, Past(ended="parked"), "it was parked"),
        (GONE, Past(resumed=(NOW - timedelta(seconds=120),)), "it was brought back 120 s ago"),
        (GONE, Past(resumed=(NOW - timedelta(seconds=301),)), ""),
        (
            GONE,
            Past(resumed=tuple(NOW - timedelta(minutes=minutes) for minutes in (50, 30, 10))),
            "it was brought back 3 times within an hour",
        ),
        (GONE, Past(resumed=tuple(NOW - timedelta(minutes=minutes) for minutes in (61, 30, 10))), ""),
    ],
)
def test_only_what_was_cut_off_is_brought_back_unnamed(worker: Worker | None, past: Past, why: str) -> None:
    assert why_not(worker, past, NOW) == why
