"""Dispatch on a real tmux, with a real program as the agent and real files."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import anyio
import psutil
import pytest

from legion_tui.act.order import ModeSettings
from legion_tui.errors import AgentError, TmuxError, TrackerError
from legion_tui.processes import run_command
from legion_tui.state import Label, Mode, Outcome
from legion_tui.tmux import NewWindow, OneShotTmux, Socket
from legion_tui.trackers import NewIssue
from tests.support.dispatching import Workshop
from tests.support.tiny_agent import PROGRAM
from tests.support.tmux_server import TmuxCommand
from tests.support.waiting import until, until_async

pytestmark = pytest.mark.live


@pytest.fixture
def shop(private_tmux: OneShotTmux, tmp_path: Path) -> Workshop:
    return Workshop(private_tmux, tmp_path / "shop")


async def test_a_worker_is_started_in_its_own_window(shop: Workshop, tmux_command: TmuxCommand) -> None:
    await shop.tracker.add(NewIssue(title="Build it", status="In Progress", labels=("worker-done", "kept"), body="`x`"))
    receipt = await shop.dispatcher.dispatch("eng-1", Mode.IMPLEMENT)
    session_id = shop.session_id("ENG-1", "implement")
    assert (receipt.issue, receipt.mode, receipt.session_id) == ("ENG-1", "implement", session_id)
    assert (receipt.outcome, receipt.reason) == (Outcome.STARTED, "")
    assert receipt.cwd == str(shop.root)
    brief = shop.state / "briefs" / "ENG-1-implement.md"
    assert receipt.prompt == f"You are the implement worker of ENG-1. Read {brief} and do what it says."
    assert receipt.argv == (*PROGRAM, "--session-id", session_id, "--", receipt.prompt)
    pane = (await shop.panes())["eng-1-implement"]
    assert (pane.pane_id, pane.window_id, pane.session_name) == (receipt.pane, receipt.window, "legion-3kgAnyAe")
    assert (pane.issue, pane.mode, pane.legion_session_id, pane.agent) == ("ENG-1", "implement", session_id, "tiny")
    assert (pane.width, pane.height, pane.cwd) == (200, 50, str(shop.root))
    assert shop.agent.turns(session_id) == [receipt.prompt]
    assert "Build it" in await anyio.Path(brief).read_text()
    assert await shop.labels("ENG-1") == {"worker-active", "kept"}
    (entry,) = await shop.ledger.dispatched("ENG-1", Mode.IMPLEMENT)
    assert (entry.session_id, entry.outcome) == (session_id, "started")
    assert await shop.ledger.unresolved() == ()
    environ = psutil.Process(pane.pid).environ()
    assert environ["LEGION_PROJECT"] == str(shop.root)
    assert (environ["LEGION_ISSUE"], environ["LEGION_MODE"]) == ("ENG-1", "implement")
    assert environ["LINEAR_ISSUE_ID"] == "ENG-1"
    assert environ["TINY_HOME"] == str(shop.agent.home)
    assert tmux_command("show-options", "-pv", "-t", pane.pane_id, "remain-on-exit") == "on"


async def test_a_dry_run_shows_what_would_be_done_and_does_nothing(shop: Workshop) -> None:
    await shop.tracker.add(NewIssue(title="Build it", labels=("worker-done",)))
    dry = await shop.dispatcher.dispatch("ENG-1", Mode.PLAN, dry_run=True)
    assert dry.outcome is Outcome.DRY_RUN
    assert await shop.tmux.panes() == ()
    assert await shop.labels("ENG-1") == {"worker-done"}
    assert await shop.ledger.history() == ()
    assert not (shop.state / "briefs").exists()
    done = await shop.dispatcher.dispatch("ENG-1", Mode.PLAN)
    assert (done.argv, done.prompt, done.cwd) == (dry.argv, dry.prompt, dry.cwd)


async def test_a_live_worker_is_not_started_twice(shop: Workshop) -> None:
    await shop.tracker.add(NewIssue(title="Build it"))
    first = await shop.dispatcher.dispatch("ENG-1", Mode.PLAN)
    again = await shop.dispatcher.dispatch("ENG-1", Mode.PLAN)
    assert again.outcome is Outcome.REFUSED
    assert f"runs in {first.pane}" in again.reason
    assert len(await shop.tmux.panes()) == 1


async def test_a_session_that_a_process_elsewhere_holds_is_refused(shop: Workshop) -> None:
    await shop.tracker.add(NewIssue(title="Build it"))
    session_id = shop.session_id("ENG-1", "plan")
    env = {**os.environ, **shop.agent.environment()}
    argv = [*PROGRAM, "--session-id", session_id, "--", "by hand"]
    async with await anyio.open_process(argv, env=env, stdin=-1) as process:
        await until(lambda: shop.agent.owner(session_id))
        receipt = await shop.dispatcher.dispatch("ENG-1", Mode.PLAN)
        assert receipt.outcome is Outcome.REFUSED
        assert f"process {process.pid} is live" in receipt.reason
        process.terminate()
    assert await shop.tmux.panes() == ()


async def test_a_session_with_a_transcript_is_resumed_and_its_old_window_goes(shop: Workshop) -> None:
    await shop.tracker.add(NewIssue(title="Build it"))
    first = await shop.dispatcher.dispatch("ENG-1", Mode.PLAN)
    pid = (await shop.panes())["eng-1-plan"].pid
    os.kill(pid, 9)

    async def dead() -> bool:
        return (await shop.panes())["eng-1-plan"].dead

    await until_async(dead)
    again = await shop.dispatcher.dispatch("ENG-1", Mode.PLAN)
    assert again.outcome is Outcome.RESUMED
    assert again.argv[len(PROGRAM)] == "--resume"
    assert "go on from where you stopped" in again.prompt
    assert again.window != first.window
    assert [pane.pane_id for pane in await shop.tmux.panes()] == [again.pane]
    assert shop.agent.turns(first.session_id) == [first.prompt, again.prompt]


async def test_slots_are_counted_over_the_projects_workers(shop: Workshop, private_tmux: OneShotTmux) -> None:
    shop = Workshop(private_tmux, shop.root, slots=1)
    for title in ("one", "two"):
        await shop.tracker.add(NewIssue(title=title))
    # Another project's worker of an issue with our id takes no slot and is in nobody's way.
    options = {"@legion_issue": "ENG-1", "@legion_mode": "plan", "@legion_session_id": "another"}
    other = NewWindow(session="x", name="eng-1-plan", cwd="/", argv=("cat", "-"), env={}, options=options)
    await private_tmux.open_window(other)
    assert (await shop.dispatcher.dispatch("ENG-1", Mode.PLAN)).outcome is Outcome.STARTED
    refused = await shop.dispatcher.dispatch("ENG-2", Mode.PLAN)
    assert refused.outcome is Outcome.REFUSED
    assert "no free slot" in refused.reason


async def test_a_finished_worker_of_another_mode_is_parked(shop: Workshop) -> None:
    await shop.tracker.add(NewIssue(title="Build it"))
    await shop.dispatcher.dispatch("ENG-1", Mode.PLAN)
    await shop.idle("ENG-1", "plan")
    receipt = await shop.dispatcher.dispatch("ENG-1", Mode.IMPLEMENT)
    assert receipt.outcome is Outcome.STARTED
    assert set(await shop.panes()) == {"eng-1-implement"}
    assert not list((shop.agent.home / "sessions").glob("*.tmp"))
    assert shop.agent.owner(shop.session_id("ENG-1", "plan")) is None
    assert [line for line in await shop.told() if "park" in line][-1] == "ENG-1 park done"


@pytest.mark.parametrize("status", ["busy", "waiting"])
async def test_a_busy_or_asking_worker_of_another_mode_refuses(shop: Workshop, status: str) -> None:
    await shop.tracker.add(NewIssue(title="Build it", labels=("worker-done",)))
    await shop.dispatcher.dispatch("ENG-1", Mode.PLAN)
    await shop.idle("ENG-1", "plan")
    await shop.label("ENG-1", Label.WORKER_DONE)
    shop.agent.set_status(shop.session_id("ENG-1", "plan"), status)
    receipt = await shop.dispatcher.dispatch("ENG-1", Mode.IMPLEMENT)
    assert receipt.outcome is Outcome.REFUSED
    assert "plan worker of ENG-1" in receipt.reason
    assert set(await shop.panes()) == {"eng-1-plan"}
    assert "worker-done" in await shop.labels("ENG-1")


async def test_the_tester_starts_without_old_verdicts(shop: Workshop) -> None:
    await shop.tracker.add(NewIssue(title="Build it", status="Testing", labels=("test-failed", "test-passed", "x")))
    await shop.dispatcher.dispatch("ENG-1", Mode.TEST)
    assert await shop.labels("ENG-1") == {"x", "worker-active"}


async def test_a_start_up_dialog_confirms(shop: Workshop, private_tmux: OneShotTmux) -> None:
    shop = Workshop(private_tmux, shop.root, command=(*PROGRAM, "--dialog"))
    await shop.tracker.add(NewIssue(title="Build it"))
    receipt = await shop.dispatcher.dispatch("ENG-1", Mode.PLAN)
    assert receipt.outcome is Outcome.STARTED
    assert "dialog" in receipt.reason


async def test_without_a_sign_of_the_agent_it_is_unconfirmed(shop: Workshop, private_tmux: OneShotTmux) -> None:
    shop = Workshop(private_tmux, shop.root, command=(*PROGRAM, "--silent"), confirm_seconds=0.5)
    await shop.tracker.add(NewIssue(title="Build it"))
    receipt = await shop.dispatcher.dispatch("ENG-1", Mode.PLAN)
    assert receipt.outcome is Outcome.UNCONFIRMED
    assert "no sign of the agent within 0.5 s" in receipt.reason
    assert receipt.pane in {pane.pane_id for pane in await shop.tmux.panes()}
    assert "worker-active" in await shop.labels("ENG-1")


async def test_an_agent_that_ends_at_once_is_told_with_its_last_words(
    shop: Workshop, private_tmux: OneShotTmux
) -> None:
    shop = Workshop(private_tmux, shop.root, command=(*PROGRAM, "--crash"))
    await shop.tracker.add(NewIssue(title="Build it", labels=("worker-done",)))
    receipt = await shop.dispatcher.dispatch("ENG-1", Mode.PLAN)
    assert receipt.outcome is Outcome.UNCONFIRMED
    # tmux 3.3a does not always learn the status.
    assert re.fullmatch(r"it ended( with status 7)?: cannot start: no account", receipt.reason)
    assert await shop.labels("ENG-1") == {"worker-done"}
    assert (await shop.ledger.journal()).issues == frozenset()


async def test_a_missing_program_is_told_before_a_window_is_opened(shop: Workshop, private_tmux: OneShotTmux) -> None:
    shop = Workshop(private_tmux, shop.root, command=("no-such-agent",))
    await shop.tracker.add(NewIssue(title="Build it"))
    with pytest.raises(AgentError, match="no no-such-agent to start"):
        await shop.dispatcher.dispatch("ENG-1", Mode.PLAN)
    assert await shop.tmux.panes() == ()
    assert await shop.ledger.history() == ()


async def test_nobody_is_parked_for_a_missing_program(shop: Workshop, private_tmux: OneShotTmux) -> None:
    await shop.tracker.add(NewIssue(title="Build it"))
    await shop.dispatcher.dispatch("ENG-1", Mode.PLAN)
    await shop.idle("ENG-1", "plan")
    without = Workshop(private_tmux, shop.root, command=("no-such-agent",))
    with pytest.raises(AgentError, match="no no-such-agent to start"):
        await without.dispatcher.dispatch("ENG-1", Mode.IMPLEMENT)
    assert shop.agent.owner(shop.session_id("ENG-1", "plan")) is not None


async def test_tmux_that_cannot_open_leaves_labels_and_ledger_true(shop: Workshop, tmux_env: dict[str, str]) -> None:
    """The listing says that no server runs, and then none can be started."""
    env = {**tmux_env, "TMUX_TMPDIR": "/nowhere"}
    broken = OneShotTmux(run_command, Socket("x"), env=env, program=_tmux_that_only_lists(shop.root.parent))
    shop = Workshop(broken, shop.root)
    await shop.tracker.add(NewIssue(title="Build it", labels=("worker-done",)))
    with pytest.raises(TmuxError, match="could not be opened"):
        await shop.dispatcher.dispatch("ENG-1", Mode.PLAN)
    assert await shop.labels("ENG-1") == {"worker-done"}
    assert (await shop.told())[-1].startswith("ENG-1 dispatch failed: the window could not be opened")
    assert (await shop.ledger.journal()).issues == frozenset()


def _tmux_that_only_lists(folder: Path) -> str:
    script = folder / "tmux"
    script.write_text(
        '#!/bin/sh\ncase "$* $(cat)" in *list-panes*) echo "no server running on /x" >&2; exit 1;; esac\n'
        'echo "create window failed: fork failed" >&2; exit 1\n'
    )
    script.chmod(0o700)
    return str(script)


async def test_while_another_acts_it_is_refused(shop: Workshop) -> None:
    await shop.tracker.add(NewIssue(title="Build it"))
    async with shop.locks.hold("ENG-1"):
        receipt = await shop.dispatcher.dispatch("ENG-1", Mode.PLAN)
    assert receipt.outcome is Outcome.REFUSED
    assert "another dashboard is acting on ENG-1" in receipt.reason


async def test_two_dispatches_at_once_start_one_worker(shop: Workshop, private_tmux: OneShotTmux) -> None:
    await shop.tracker.add(NewIssue(title="Build it"))
    outcomes = []

    async def dispatch(one: Workshop) -> None:
        outcomes.append((await one.dispatcher.dispatch("ENG-1", Mode.PLAN)).outcome)

    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(dispatch, Workshop(private_tmux, shop.root))
    assert sorted(outcomes) == [Outcome.REFUSED, Outcome.REFUSED, Outcome.STARTED]
    assert len(await shop.tmux.panes()) == 1


async def test_the_last_slot_is_taken_once(shop: Workshop, private_tmux: OneShotTmux) -> None:
    receipts = []

    async def dispatch(one: Workshop, issue: str) -> None:
        receipts.append(await one.dispatcher.dispatch(issue, Mode.PLAN))

    issues = [(await shop.tracker.add(NewIssue(title=f"No. {number}"))).id for number in range(4)]
    async with anyio.create_task_group() as group:
        for issue in issues:
            group.start_soon(dispatch, Workshop(private_tmux, shop.root, slots=2), issue)
    assert sorted(receipt.outcome for receipt in receipts) == [Outcome.REFUSED] * 2 + [Outcome.STARTED] * 2
    assert all("no free slot" in receipt.reason for receipt in receipts if receipt.outcome is Outcome.REFUSED)
    assert len(await shop.tmux.panes()) == 2
    labels = [Label.WORKER_ACTIVE in await shop.labels(issue) for issue in issues]
    assert sorted(labels) == [False, False, True, True]


async def test_an_unknown_issue_is_the_trackers_error(shop: Workshop) -> None:
    await shop.tracker.add(NewIssue(title="Build it"))
    with pytest.raises(TrackerError):
        await shop.dispatcher.dispatch("ENG-9", Mode.PLAN)


async def test_a_mode_has_its_own_prompt_and_its_own_worktree(private_tmux: OneShotTmux, tmp_path: Path) -> None:
    modes = {Mode.IMPLEMENT: ModeSettings(prompt="In {project}: {issue} as {mode}, see {brief}; it's; #(x)")}
    shop = Workshop(private_tmux, tmp_path / "shop", worktrees=True, modes=modes)
    shop.git()
    await shop.tracker.add(NewIssue(title="Build it"))
    dry = await shop.dispatcher.dispatch("ENG-1", Mode.IMPLEMENT, dry_run=True)
    place = tmp_path / "shop-worktrees" / "ENG-1"
    assert (dry.cwd, dry.branch) == (str(place), "ENG-1")
    assert not place.exists()
    receipt = await shop.dispatcher.dispatch("ENG-1", Mode.IMPLEMENT)
    assert receipt.outcome is Outcome.STARTED
    assert receipt.prompt.startswith("In shop: ENG-1 as implement, see /")
    assert shop.agent.turns(receipt.session_id) == [receipt.prompt]
    assert (await shop.panes())["eng-1-implement"].cwd == str(place)


async def test_a_program_by_its_path_needs_no_search(private_tmux: OneShotTmux, tmp_path: Path) -> None:
    assert shutil.which(sys.executable)
    shop = Workshop(private_tmux, tmp_path / "shop", command=(sys.executable, "-c", "import time; time.sleep(60)"))
    await shop.tracker.add(NewIssue(title="Build it"))
    assert (await shop.dispatcher.dispatch("ENG-1", Mode.PLAN, dry_run=True)).outcome is Outcome.DRY_RUN
