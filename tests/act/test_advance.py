"""Advance on a real tmux, with a real program as the agent and the real local tracker."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from legion_tui.act.advance import chosen_mode
from legion_tui.errors import RefusedError, TmuxError, TrackerError
from legion_tui.processes import process_facts
from legion_tui.state import Action, Issue, Label, Mode, Outcome, Pane, Pipeline
from legion_tui.tmux import OneShotTmux
from legion_tui.trackers import NewIssue, Write
from tests.support.dispatching import Workshop
from tests.support.tmux_server import TmuxCommand
from tests.support.waiting import until

pytestmark = pytest.mark.live


@pytest.fixture
def shop(private_tmux: OneShotTmux, tmp_path: Path) -> Workshop:
    return Workshop(private_tmux, tmp_path / "shop")


async def add(shop: Workshop, status: str, *labels: str) -> None:
    await shop.tracker.add(NewIssue(title="Build it", status=status, labels=labels))


async def status(shop: Workshop) -> str:
    return (await shop.tracker.get("ENG-1")).status


async def test_dispatch_starts_the_next_worker(shop: Workshop) -> None:
    await add(shop, "Todo")
    dry = await shop.advancer.advance("eng-1", dry_run=True)
    assert (dry.outcome, dry.action, dry.issue) == (Outcome.DRY_RUN, Action.DISPATCH_PLANNER, "ENG-1")
    assert dry.steps == (
        "start an agent in window eng-1-plan of legion-3kgAnyAe",
        "label ENG-1 +worker-active",
    )
    assert dry.dispatch is not None
    assert await shop.tmux.panes() == ()
    assert await shop.ledger.history() == ()
    done = await shop.advancer.advance("ENG-1", expected="dispatch_planner")
    assert (done.outcome, done.steps) == (Outcome.STARTED, dry.steps)
    assert done.dispatch is not None
    assert done.dispatch.argv == dry.dispatch.argv
    assert set(await shop.panes()) == {"eng-1-plan"}


async def test_what_was_painted_and_is_no_longer_so_is_refused(shop: Workshop) -> None:
    await add(shop, "Todo")
    receipt = await shop.advancer.advance("ENG-1", expected="dispatch_implementer")
    assert receipt.outcome is Outcome.REFUSED
    assert "now it is dispatch_planner" in receipt.reason
    assert await shop.tmux.panes() == ()


async def test_a_transition_parks_moves_and_goes_on(shop: Workshop) -> None:
    await add(shop, "Todo")
    await shop.advancer.advance("ENG-1")
    await shop.idle("ENG-1", "plan")
    pid = shop.agent.owner(shop.session_id("ENG-1", "plan"))
    await shop.label("ENG-1", Label.WORKER_DONE, Label.HUMAN_APPROVED)
    dry = await shop.advancer.advance("ENG-1", dry_run=True)
    assert dry.steps == (
        f"end the finished plan worker (SIGTERM to process {pid})",
        "label ENG-1 -human-approved -worker-active -worker-done",
        "move ENG-1 from Todo to In Progress",
        "decide again, and start the worker that comes next",
    )
    assert await status(shop) == "Todo"
    done = await shop.advancer.advance("ENG-1")
    assert (done.outcome, done.action) == (Outcome.DONE, Action.TRANSITION_TO_IN_PROGRESS)
    assert done.steps[:3] == dry.steps[:3]
    assert done.dispatch is not None
    assert (done.dispatch.mode, done.dispatch.outcome) == ("implement", Outcome.STARTED)
    assert await status(shop) == "In Progress"
    assert await shop.labels("ENG-1") == {"worker-active"}
    assert set(await shop.panes()) == {"eng-1-implement"}
    told = await shop.told()
    assert "ENG-1 advance done" in told
    assert await shop.ledger.unresolved() == ()


async def test_no_follow_only_moves(shop: Workshop) -> None:
    await add(shop, "Backlog", "worker-done", "needs-approval", "human-approved", "kept")
    receipt = await shop.advancer.advance("ENG-1", follow=False)
    assert (receipt.action, receipt.outcome) == (Action.TRANSITION_TO_TODO, Outcome.DONE)
    assert receipt.dispatch is None
    assert await status(shop) == "Todo"
    assert await shop.labels("ENG-1") == {"kept"}
    assert await shop.tmux.panes() == ()


async def test_a_follow_up_that_is_refused_undoes_nothing(shop: Workshop, private_tmux: OneShotTmux) -> None:
    shop = Workshop(private_tmux, shop.root, slots=0)
    await add(shop, "Todo", "worker-done")
    receipt = await shop.advancer.advance("ENG-1")
    assert receipt.outcome is Outcome.DONE
    assert "no free slot" in receipt.reason
    assert receipt.dispatch is not None
    assert receipt.dispatch.outcome is Outcome.REFUSED
    assert await status(shop) == "In Progress"


@pytest.mark.parametrize("says", ["busy", "waiting"])
async def test_a_worker_that_is_not_at_rest_is_not_ended(shop: Workshop, says: str) -> None:
    await add(shop, "Todo")
    await shop.advancer.advance("ENG-1")
    await shop.idle("ENG-1", "plan")
    await shop.label("ENG-1", Label.WORKER_DONE)
    shop.agent.set_status(shop.session_id("ENG-1", "plan"), says)
    receipt = await shop.advancer.advance("ENG-1")
    if says == "waiting":  # a question outranks the label
        assert receipt.action != Action.TRANSITION_TO_IN_PROGRESS
    else:
        assert receipt.outcome is Outcome.REFUSED
        assert "plan worker of ENG-1 is busy" in receipt.reason
    assert await status(shop) == "Todo"
    assert "worker-done" in await shop.labels("ENG-1")
    assert not (await shop.panes())["eng-1-plan"].dead


async def test_a_process_that_is_another_by_now_is_not_ended(shop: Workshop) -> None:
    await add(shop, "Todo")
    await shop.advancer.advance("ENG-1")
    await shop.idle("ENG-1", "plan")
    (member,) = (await shop.crew.read()).of("ENG-1")
    pid = member.worker.pid
    assert pid is not None
    os.kill(pid, 9)
    await until(lambda: shop.agent.owner(shop.session_id("ENG-1", "plan")) is None)
    with pytest.raises(RefusedError, match="its process changed"):
        await shop.parking.park(member)


async def test_a_number_that_another_process_has_by_now_is_left_alone(shop: Workshop) -> None:
    await add(shop, "Todo")
    await shop.advancer.advance("ENG-1")
    await shop.idle("ENG-1", "plan")
    (member,) = (await shop.crew.read()).of("ENG-1")
    process = member.sighting.process
    assert process is not None
    earlier = replace(member.sighting, process=replace(process, started_at=process.started_at - 5))
    with pytest.raises(RefusedError, match="its process changed"):
        await shop.parking.park(replace(member, sighting=earlier))
    assert process_facts(process.pid) == process
    assert not any("park" in line for line in await shop.told())


async def test_mended_work_starts_over(shop: Workshop) -> None:
    """In Testing, done and not passed: back to In Progress, the implementer resumed, no verdict left."""
    await add(shop, "In Progress")
    await shop.advancer.advance("ENG-1")
    await shop.idle("ENG-1", "implement")
    pid = shop.agent.owner(shop.session_id("ENG-1", "implement"))
    assert pid is not None
    os.kill(pid, 15)
    await until(lambda: shop.agent.owner(shop.session_id("ENG-1", "implement")) is None)
    await shop.tracker.move("ENG-1", "Testing")
    await shop.label("ENG-1", Label.WORKER_DONE, Label.TEST_FAILED)
    await shop.tracker.label("ENG-1", remove=["worker-active"])
    dry = await shop.advancer.advance("ENG-1", dry_run=True)
    assert dry.action == Action.RESUME_IMPLEMENTER_FOR_TEST_FAILURE
    assert dry.steps == (
        "move ENG-1 to In Progress",
        "resume the session in window eng-1-implement of legion-3kgAnyAe",
        "label ENG-1 +worker-active -test-failed -worker-done",
    )
    receipt = await shop.advancer.advance("ENG-1")
    assert receipt.outcome is Outcome.RESUMED
    assert await status(shop) == "In Progress"
    assert await shop.labels("ENG-1") == {"worker-active"}
    brief = (shop.state / "briefs" / "ENG-1-implement.md").read_text()
    assert "did not pass its test" in brief


async def retro(shop: Workshop) -> None:
    """An implementer idle at its box, and its accepted issue in Retro."""
    await add(shop, "In Progress")
    await shop.advancer.advance("ENG-1")
    await shop.idle("ENG-1", "implement")
    await shop.tracker.move("ENG-1", "Retro")
    await shop.tracker.label("ENG-1", remove=["worker-active"])
    # The reading side holds a finished implementer for no live worker; in Retro its mode is the status's own.
    shop.facts = {"has_live_worker": False}


async def test_an_idle_live_worker_is_told_in_its_own_box(shop: Workshop) -> None:
    await retro(shop)
    dry = await shop.advancer.advance("ENG-1", dry_run=True)
    assert dry.action == Action.RESUME_IMPLEMENTER_FOR_RETRO
    assert dry.steps[0].startswith("tell the idle worker in %")
    session_id = shop.session_id("ENG-1", "implement")
    before = shop.agent.owner(session_id)
    receipt = await shop.advancer.advance("ENG-1")
    assert (receipt.outcome, receipt.reason) == (Outcome.RESUMED, "")
    assert receipt.dispatch is not None
    assert shop.agent.owner(session_id) == before
    assert shop.agent.turns(session_id)[1:] == [receipt.dispatch.prompt]
    assert "worker-active" in await shop.labels("ENG-1")
    assert "ENG-1 prompt resumed" in await shop.told()


async def test_a_prompt_that_was_sent_is_never_called_refused(
    shop: Workshop, private_tmux: OneShotTmux, monkeypatch: pytest.MonkeyPatch
) -> None:
    await retro(shop)
    send = private_tmux.send_key

    async def sent_and_gone(pane_id: str, key: str) -> None:
        await send(pane_id, key)
        monkeypatch.setattr(private_tmux, "panes", no_answer)
        raise TmuxError("tmux does not answer")

    async def no_answer(*, closely: bool = True) -> tuple[Pane, ...]:
        raise TmuxError("tmux does not answer")

    monkeypatch.setattr(private_tmux, "send_key", sent_and_gone)
    monkeypatch.setattr("legion_tui.act.prompting._CONFIRMED_WITHIN_SECONDS", 0.3)
    receipt = await shop.advancer.advance("ENG-1")
    assert receipt.outcome is Outcome.UNCONFIRMED
    assert "do not show that it began" in receipt.reason
    assert "worker-done" not in await shop.labels("ENG-1")


async def test_a_draft_in_the_box_is_kept(shop: Workshop, tmux_command: TmuxCommand) -> None:
    await retro(shop)
    pane = (await shop.panes())["eng-1-implement"]
    tmux_command("send-keys", "-t", pane.pane_id, "-l", "my own dra")
    receipt = await shop.advancer.advance("ENG-1")
    assert receipt.outcome is Outcome.REFUSED
    assert "its prompt box is not empty" in receipt.reason
    assert len(shop.agent.turns(shop.session_id("ENG-1", "implement"))) == 1
    assert "worker-active" not in await shop.labels("ENG-1")


async def test_a_pane_in_copy_mode_is_not_written_into(shop: Workshop, tmux_command: TmuxCommand) -> None:
    await retro(shop)
    tmux_command("copy-mode", "-t", (await shop.panes())["eng-1-implement"].pane_id)
    receipt = await shop.advancer.advance("ENG-1")
    assert receipt.outcome is Outcome.REFUSED
    assert "copy mode" in receipt.reason
    assert len(shop.agent.turns(shop.session_id("ENG-1", "implement"))) == 1


async def test_without_a_view_of_the_box_the_session_is_parked_and_resumed(
    shop: Workshop, private_tmux: OneShotTmux
) -> None:
    shop = Workshop(private_tmux, shop.root, tells=False)
    await retro(shop)
    session_id = shop.session_id("ENG-1", "implement")
    before = shop.agent.owner(session_id)
    receipt = await shop.advancer.advance("ENG-1")
    assert receipt.outcome is Outcome.RESUMED
    assert shop.agent.owner(session_id) not in (None, before)
    assert len(shop.agent.turns(session_id)) == 2
    assert set(await shop.panes()) == {"eng-1-implement"}


async def test_feedback_is_relayed(shop: Workshop) -> None:
    await add(shop, "In Progress", "user-input-needed", "user-feedback-given")
    receipt = await shop.advancer.advance("ENG-1")
    assert receipt.action == Action.RELAY_USER_FEEDBACK
    assert receipt.outcome is Outcome.STARTED
    assert await shop.labels("ENG-1") == {"worker-active"}
    assert "answered on the tracker" in (shop.state / "briefs" / "ENG-1-implement.md").read_text()


async def test_feedback_to_an_open_question_is_left_to_a_person(shop: Workshop) -> None:
    await add(shop, "In Progress")
    await shop.advancer.advance("ENG-1")
    await shop.idle("ENG-1", "implement")
    shop.agent.set_status(shop.session_id("ENG-1", "implement"), "waiting")
    await shop.label("ENG-1", Label.USER_FEEDBACK_GIVEN)
    receipt = await shop.advancer.advance("ENG-1")
    assert (receipt.action, receipt.outcome) == (Action.RELAY_USER_FEEDBACK, Outcome.NOTHING)
    assert "question" in receipt.reason
    assert "user-feedback-given" in await shop.labels("ENG-1")


async def test_a_vanished_worker_is_taken_off_and_started_again(shop: Workshop) -> None:
    await add(shop, "In Progress", "worker-active")
    receipt = await shop.advancer.advance("ENG-1")
    assert receipt.action == Action.REMOVE_WORKER_ACTIVE_AND_REDISPATCH
    assert receipt.outcome is Outcome.DONE
    assert receipt.steps[0] == "label ENG-1 -worker-active"
    assert receipt.dispatch is not None
    assert receipt.dispatch.outcome is Outcome.STARTED
    assert await shop.labels("ENG-1") == {"worker-active"}


async def test_approval_is_asked_for(shop: Workshop) -> None:
    shop.pipeline = Pipeline(approval_gate=True)
    await add(shop, "Backlog", "worker-done")
    receipt = await shop.advancer.advance("ENG-1")
    assert (receipt.action, receipt.outcome) == (Action.ADD_NEEDS_APPROVAL, Outcome.DONE)
    assert await shop.labels("ENG-1") == {"worker-done", "needs-approval"}
    assert await status(shop) == "Backlog"
    assert await shop.tmux.panes() == ()


@pytest.mark.parametrize(
    ("to", "labels", "facts", "action"),
    [
        ("Done", (), {}, "skip"),
        ("Needs Review", ("worker-done",), {}, "investigate_no_pr"),
        ("Needs Review", ("worker-done",), {"has_pr": True}, "retry_pr_check"),
    ],
)
async def test_where_nothing_is_to_be_done_it_says_why(
    shop: Workshop, to: str, labels: tuple[str, ...], facts: dict[str, object], action: str
) -> None:
    await add(shop, to, *labels)
    shop.facts = facts
    receipt = await shop.advancer.advance("ENG-1")
    assert (receipt.action, receipt.outcome) == (action, Outcome.NOTHING)
    assert receipt.reason
    assert await shop.tmux.panes() == ()
    assert await shop.ledger.history() == ()


async def test_a_tracker_that_refuses_the_move_keeps_the_labels(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(shop, "Todo", "worker-done")

    async def move(_issue: str, _status: str, *, expect: str) -> None:
        raise TrackerError("no such status here")

    monkeypatch.setattr(shop.tracker, "move", move)
    with pytest.raises(TrackerError):
        await shop.advancer.advance("ENG-1")
    assert await shop.labels("ENG-1") == {"worker-done"}
    assert (await shop.told())[-1] == "ENG-1 advance failed: no such status here"


async def test_what_somebody_changed_meanwhile_is_shown_and_stays(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(shop, "Todo", "worker-done")
    move = shop.tracker.move

    async def later(issue_id: str, to: str, *, expect: str | None) -> Issue:
        await move(issue_id, "Icebox")
        return await move(issue_id, to, expect=expect)

    monkeypatch.setattr(shop.tracker, "move", later)
    receipt = await shop.advancer.advance("ENG-1")
    assert receipt.outcome is Outcome.REFUSED
    assert "its status is Icebox by now, not Todo" in receipt.reason
    assert await status(shop) == "Icebox"
    assert await shop.labels("ENG-1") == {"worker-done"}
    assert (await shop.told())[-1].startswith("ENG-1 advance failed: ENG-1 changed meanwhile")


async def test_a_tracker_that_is_only_read_keeps_our_labels_in_the_ledger(shop: Workshop) -> None:
    await add(shop, "Todo")
    shop.tracker.allowed = Write.NONE
    receipt = await shop.advancer.advance("ENG-1")
    assert receipt.outcome is Outcome.STARTED
    assert await shop.labels("ENG-1") == set()
    assert await shop.ledger.labels_of("ENG-1") == {"worker-active"}
    await shop.ledger.note("labels", "ENG-1", added=["worker-done"])
    moved = await shop.advancer.advance("ENG-1")
    assert moved.outcome is Outcome.REFUSED
    assert "only read" in moved.reason


async def test_the_mode_of_a_dispatch_is_the_decisions(shop: Workshop) -> None:
    await add(shop, "Todo")
    assert chosen_mode(await shop.decide("ENG-1")) is Mode.PLAN
    await shop.label("ENG-1", Label.WORKER_DONE)
    with pytest.raises(RefusedError, match="transition_to_in_progress"):
        chosen_mode(await shop.decide("ENG-1"))
