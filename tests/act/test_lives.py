"""What is done with workers, as the steps of their lives in the ledger."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legion_tui.act.lives import transitions_after
from legion_tui.act.records import Entry, Kind, Phase
from legion_tui.processes import kill
from legion_tui.state import Mode
from legion_tui.state.life import Life, LifeState
from legion_tui.tmux import OneShotTmux
from legion_tui.trackers import NewIssue
from tests.support.dispatching import Workshop
from tests.support.waiting import until_async

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
STARTED = ["created", "queued", "running"]


@pytest.mark.live
async def test_a_worker_is_started_parked_and_taken_up_again(private_tmux: OneShotTmux, tmp_path: Path) -> None:
    shop = Workshop(private_tmux, tmp_path / "shop")
    await shop.tracker.add(NewIssue(title="one"))
    await shop.dispatcher.dispatch("ENG-1", Mode.PLAN)
    assert await shop.life("ENG-1", "plan") == STARTED
    await shop.idle("ENG-1", "plan")
    member = (await shop.crew.read()).in_session(shop.session_id("ENG-1", "plan"))
    assert member is not None
    await shop.parking.park(member)
    assert await shop.life("ENG-1", "plan") == [*STARTED, "parked"]
    await shop.dispatcher.dispatch("ENG-1", Mode.PLAN)
    assert await shop.life("ENG-1", "plan") == [*STARTED, "parked", "running"]
    life = (await shop.ledger.lives())[shop.session_id("ENG-1", "plan")]
    assert (life.issue, life.mode, life.state) == ("ENG-1", Mode.PLAN, LifeState.RUNNING)


@pytest.mark.live
async def test_one_that_was_gone_has_failed_before_it_lives_again(private_tmux: OneShotTmux, tmp_path: Path) -> None:
    shop = Workshop(private_tmux, tmp_path / "shop")
    await shop.tracker.add(NewIssue(title="one"))
    await shop.dispatcher.dispatch("ENG-1", Mode.PLAN)
    await shop.idle("ENG-1", "plan")
    member = (await shop.crew.read()).in_session(shop.session_id("ENG-1", "plan"))
    assert member is not None
    assert member.sighting.process is not None
    kill(member.sighting.process)

    async def is_gone() -> bool:
        return (await shop.crew.read()).in_session(shop.session_id("ENG-1", "plan")) is None and all(
            pane.dead for pane in await private_tmux.panes()
        )

    await until_async(is_gone)
    await shop.dispatcher.dispatch("ENG-1", Mode.PLAN)
    assert await shop.life("ENG-1", "plan") == [*STARTED, "failed", *STARTED]


@pytest.mark.live
async def test_a_start_that_comes_to_nothing_is_a_failed_life(private_tmux: OneShotTmux, tmp_path: Path) -> None:
    shop = Workshop(private_tmux, tmp_path / "shop")
    shop.command = (*shop.command, "--crash")
    shop.__post_init__()
    await shop.tracker.add(NewIssue(title="one"))
    await shop.dispatcher.dispatch("ENG-1", Mode.PLAN)
    assert await shop.life("ENG-1", "plan") == ["created", "queued", "failed"]
    told = [entry.text for entry in await shop.ledger.history() if entry.kind == "life"]
    # With which status, tmux does not always know.
    assert told[-1].startswith("ENG-1 plan worker queued → failed: it ended")


OUTCOMES = ("started", "resumed", "unconfirmed", "failed", "refused", "done", "", "no such word")


@given(
    st.sampled_from([None, *LifeState]),
    st.sampled_from([*Kind, "of another version"]),
    st.sampled_from(list(Phase)),
    st.sampled_from(OUTCOMES),
    st.booleans(),
)
def test_no_record_is_one_that_no_life_can_take(
    state: LifeState | None, kind: str, phase: Phase, outcome: str, undone: bool
) -> None:
    data = {"session_id": "s", "mode": "plan"}
    intent = Entry(id="1", phase=Phase.INTENT, kind=kind, at=NOW, issue="ENG-1", data=data)
    concluded = {"outcome": outcome, "undone": undone}
    entry = intent if phase is Phase.INTENT else Entry(id="1", phase=phase, kind=kind, at=NOW, data=concluded)
    life = None
    if state is not None:
        life = Life(issue="ENG-1", mode=Mode.PLAN, session_id="s", state=state, since=NOW)
    steps = transitions_after(entry, None if phase is Phase.INTENT else intent, life)
    before = state
    for step in steps:
        assert step.source in (before, None)
        before = step.target
    if phase is Phase.OUTCOME and outcome in ("failed", "refused") and kind != Kind.DISPATCH:
        assert steps == ()
