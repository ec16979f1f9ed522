"""A program that was killed between an intent and its outcome."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from legion_tui.act.recovery import settle
from legion_tui.processes import terminate
from legion_tui.state import Mode
from legion_tui.tmux import OneShotTmux
from legion_tui.trackers import NewIssue
from tests.support.dispatching import Workshop
from tests.support.waiting import until_async

pytestmark = pytest.mark.live


async def forget_outcomes(shop: Workshop) -> None:
    """Leave the ledger as a writer that was killed in the middle left it: intents only, its process gone."""
    lines = [json.loads(line) for line in shop.ledger.path.read_text().splitlines()]
    kept = [{**line, "by": {"pid": 2**22 + 1, "started": 1.0}} for line in lines if line["phase"] == "intent"]
    shop.ledger.path.write_text("".join(f"{json.dumps(line)}\n" for line in kept))


async def test_what_was_begun_is_settled_by_what_is_there(private_tmux: OneShotTmux, tmp_path: Path) -> None:
    shop = Workshop(private_tmux, tmp_path / "shop")
    await shop.tracker.add(NewIssue(title="lives"))
    await shop.dispatcher.dispatch("ENG-1", Mode.PLAN)
    await shop.ledger.intend("dispatch", "ENG-2", mode="plan", session_id=shop.session_id("ENG-2", "plan"))
    await shop.ledger.intend("answer", "ENG-3")
    await forget_outcomes(shop)
    again = Workshop(private_tmux, tmp_path / "shop")
    settled = await settle(again.ledger, again.crew, tracker=again.tracker, locks=again.locks, tmux=private_tmux)
    assert [entry.issue for entry in settled] == ["ENG-1", "ENG-2", "ENG-3"]
    told = {entry.issue: entry.text for entry in await again.ledger.history() if entry.phase == "outcome"}
    assert told["ENG-1"] == "ENG-1 dispatch started: the program ended before it could tell; the worker is live"
    assert told["ENG-2"].endswith("no worker of it is live")
    assert told["ENG-3"] == "ENG-3 answer unconfirmed: the program ended before it could tell"
    assert await settle(again.ledger, again.crew, tracker=again.tracker, locks=again.locks, tmux=private_tmux) == ()


async def test_labels_that_were_taken_off_for_nothing_are_put_back(private_tmux: OneShotTmux, tmp_path: Path) -> None:
    shop = Workshop(private_tmux, tmp_path / "shop")
    for title in ("not moved", "moved", "not started", "not told"):
        await shop.tracker.add(NewIssue(title=title, status="In Progress"))
    removed = ["worker-done"]
    for issue in ("ENG-1", "ENG-2"):
        await shop.ledger.intend("advance", issue, **{"removed": removed, "from": "In Progress"})
    await shop.tracker.move("ENG-2", "Needs Review")
    for issue, kind in (("ENG-3", "dispatch"), ("ENG-4", "prompt")):
        session_id = shop.session_id(issue, "implement")
        if kind == "prompt":
            await shop.dispatcher.dispatch(issue, Mode.IMPLEMENT)
        await shop.ledger.intend(kind, issue, mode="implement", session_id=session_id, removed=removed)

    async def at_rest() -> bool:
        member = (await shop.crew.read()).in_session(shop.session_id("ENG-4", "implement"))
        return member is not None and member.finished

    await until_async(at_rest)
    await forget_outcomes(shop)
    again = Workshop(private_tmux, tmp_path / "shop")
    await settle(again.ledger, again.crew, tracker=again.tracker, locks=again.locks, tmux=private_tmux)
    done = {issue: "worker-done" in await shop.labels(issue) for issue in ("ENG-1", "ENG-2", "ENG-3", "ENG-4")}
    assert done == {"ENG-1": True, "ENG-2": False, "ENG-3": True, "ENG-4": True}
    assert await again.ledger.unresolved() == ()


async def test_a_worker_whose_parking_was_cut_off_is_parked(private_tmux: OneShotTmux, tmp_path: Path) -> None:
    shop = Workshop(private_tmux, tmp_path / "shop")
    for issue in ("ENG-1", "ENG-2"):
        await shop.tracker.add(NewIssue(title=issue))
        await shop.dispatcher.dispatch(issue, Mode.PLAN)
        await shop.idle(issue, "plan")
        await shop.ledger.intend("park", issue, mode="plan", session_id=shop.session_id(issue, "plan"))
    # The program ended after the signal of one of them, and before that of the other.
    ended = (await shop.crew.read()).in_session(shop.session_id("ENG-1", "plan"))
    assert ended is not None
    assert ended.sighting.process is not None
    terminate(ended.sighting.process)

    async def is_dead() -> bool:
        return (await shop.panes())["eng-1-plan"].dead

    await until_async(is_dead)
    await forget_outcomes(shop)
    again = Workshop(private_tmux, tmp_path / "shop")
    await settle(again.ledger, again.crew, tracker=again.tracker, locks=again.locks, tmux=private_tmux)
    told = [entry.text for entry in await again.ledger.history() if entry.phase == "outcome" and entry.kind == "park"]
    assert told == [
        "ENG-1 park done: the program ended before it could tell; its process has ended",
        "ENG-2 park refused: the program ended before it could tell; it lives",
    ]
    assert list(await shop.panes()) == ["eng-2-plan"]
    assert (await again.ledger.journal()).ended == {shop.session_id("ENG-1", "plan")}
    # A later start is another life.
    await again.dispatcher.dispatch("ENG-1", Mode.PLAN)
    assert (await again.ledger.journal()).ended == frozenset()


async def test_what_somebody_is_acting_on_is_left_for_later(private_tmux: OneShotTmux, tmp_path: Path) -> None:
    shop = Workshop(private_tmux, tmp_path / "shop")
    await shop.tracker.add(NewIssue(title="one"))
    await shop.ledger.intend("advance", "ENG-1", **{"removed": ["worker-done"], "from": "Todo"})
    await forget_outcomes(shop)
    again = Workshop(private_tmux, tmp_path / "shop")
    async with shop.locks.hold("ENG-1"):
        assert await settle(again.ledger, again.crew, tracker=again.tracker, locks=again.locks, tmux=private_tmux) == ()
    assert len(await again.ledger.unresolved()) == 1
