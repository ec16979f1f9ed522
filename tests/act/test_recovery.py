"""A program that was killed between an intent and its outcome."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from legion_tui.act.recovery import settle
from legion_tui.state import Mode
from legion_tui.tmux import OneShotTmux
from legion_tui.trackers import NewIssue
from tests.support.dispatching import Workshop

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
    settled = await settle(again.ledger, again.crew)
    assert [entry.issue for entry in settled] == ["ENG-1", "ENG-2", "ENG-3"]
    told = {entry.issue: entry.text for entry in await again.ledger.history() if entry.phase == "outcome"}
    assert told["ENG-1"] == "ENG-1 dispatch started: the program ended before it could tell; the worker is live"
    assert told["ENG-2"].endswith("no worker of it is live")
    assert told["ENG-3"] == "ENG-3 answer unconfirmed: the program ended before it could tell"
    assert await settle(again.ledger, again.crew) == ()
