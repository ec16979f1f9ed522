"""Clearing away on a real repository, a real tmux and real processes: what goes, and what must never go."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from legion_tui.act.clean import Cleaner
from legion_tui.act.worktrees import Worktrees
from legion_tui.processes import run_command
from legion_tui.state import CleanReceipt, Mode, Outcome
from legion_tui.tmux import NewWindow, OneShotTmux
from legion_tui.trackers import NewIssue
from tests.support.dispatching import Workshop
from tests.support.waiting import until, until_async

pytestmark = pytest.mark.live


@dataclass
class Yard:
    """A shop whose issue ENG-1 has, or had, a worker in a worktree."""

    shop: Workshop
    worktree: Path
    pid: int

    async def clean(self, *, dry_run: bool = False) -> list[CleanReceipt]:
        shop = self.shop
        cleaner = Cleaner(
            tmux=shop.tmux,
            crew=shop.crew,
            parking=shop.parking,
            worktrees=Worktrees(
                runner=run_command,
                project_root=shop.root,
                environ=dict(os.environ),
                marks=shop.state / "unfinished",
                kind="git",
            ),
            ledger=shop.ledger,
            locks=shop.locks,
        )
        return [receipt async for receipt in cleaner.clean(["ENG-1"], dry_run=dry_run)]

    async def reason(self) -> str:
        """Clean, see that nothing went, and return why."""
        before = sorted(path.name for path in self.worktree.iterdir())
        (receipt,) = await self.clean()
        assert receipt.outcome is Outcome.REFUSED
        assert sorted(path.name for path in self.worktree.iterdir()) == before
        return receipt.reason

    def git(self, *arguments: str, at: Path | None = None) -> str:
        argv = ["git", "-C", str(at or self.worktree), *arguments]
        return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=20).stdout

    async def crash(self) -> None:
        """Have the worker leave a dead window."""
        os.kill(self.pid, signal.SIGKILL)
        await until(lambda: self.shop.agent.owner(self.shop.session_id("ENG-1", "implement")) is None)

        async def dead() -> bool:
            return all(pane.dead for pane in await self.shop.tmux.panes())

        await until_async(dead)


@pytest.fixture
async def yard(private_tmux: OneShotTmux, tmp_path: Path) -> Yard:
    shop = Workshop(private_tmux, tmp_path / "shop", worktrees=True)
    shop.git()
    await shop.tracker.add(NewIssue(title="Build it", status="In Progress"))
    await shop.dispatcher.dispatch("ENG-1", Mode.IMPLEMENT)
    await shop.idle("ENG-1", "implement")
    pid = shop.agent.owner(shop.session_id("ENG-1", "implement"))
    assert pid is not None
    return Yard(shop, tmp_path / "shop-worktrees" / "ENG-1", pid)


async def test_an_idle_worker_its_window_and_its_worktree_go(yard: Yard) -> None:
    (dry,) = await yard.clean(dry_run=True)
    assert (dry.outcome, dry.path, dry.branch) == (Outcome.DRY_RUN, str(yard.worktree), "ENG-1")
    assert dry.steps == (
        f"end the finished implement worker (SIGTERM to process {yard.pid})",
        f"remove worktree {yard.worktree}",
    )
    assert yard.worktree.exists()
    (done,) = await yard.clean()
    assert (done.outcome, done.reason, done.steps) == (Outcome.DONE, "", dry.steps)
    assert not yard.worktree.exists()
    assert await yard.shop.tmux.panes() == ()
    assert "ENG-1" in yard.git("branch", at=yard.shop.root)
    assert await yard.clean() == []
    assert (await yard.shop.told())[-1].startswith("ENG-1 clean done")


async def test_what_a_crash_left_goes(yard: Yard) -> None:
    await yard.crash()
    (pane,) = await yard.shop.tmux.panes()
    (done,) = await yard.clean()
    assert done.outcome is Outcome.DONE
    assert done.steps == (f"close window {pane.window_id}", f"remove worktree {yard.worktree}")
    assert await yard.shop.tmux.panes() == ()


async def test_a_file_that_is_not_committed_keeps_it(yard: Yard) -> None:
    (yard.worktree / "new.py").write_text("1\n")
    assert (await yard.reason()) == f"{yard.worktree} stays: 1 uncommitted change: new.py"
    assert yard.shop.agent.owner(yard.shop.session_id("ENG-1", "implement")) == yard.pid


async def test_commits_that_are_nowhere_else_keep_it_until_they_are(yard: Yard, tmp_path: Path) -> None:
    yard.git("commit", "-q", "--allow-empty", "-m", "work")
    assert "1 commit is neither pushed nor merged" in await yard.reason()
    yard.git("init", "-q", "--bare", str(tmp_path / "remote"))
    yard.git("remote", "add", "origin", str(tmp_path / "remote"))
    yard.git("push", "-q", "-u", "origin", "ENG-1")
    yard.git("commit", "-q", "--allow-empty", "-m", "more")
    assert "1 commit is neither pushed nor merged" in await yard.reason()
    yard.git("push", "-q", "origin", "ENG-1")
    (done,) = await yard.clean()
    assert done.outcome is Outcome.DONE


async def test_commits_on_a_detached_head_keep_it(yard: Yard) -> None:
    yard.git("checkout", "-q", "--detach")
    yard.git("commit", "-q", "--allow-empty", "-m", "work")
    assert "neither pushed nor merged" in await yard.reason()


async def test_what_is_merged_goes(yard: Yard) -> None:
    yard.git("commit", "-q", "--allow-empty", "-m", "work")
    yard.git("merge", "-q", "ENG-1", at=yard.shop.root)
    (done,) = await yard.clean()
    assert done.outcome is Outcome.DONE


async def test_a_locked_worktree_stays(yard: Yard) -> None:
    yard.git("worktree", "lock", str(yard.worktree))
    assert "it is locked" in await yard.reason()


async def test_a_locked_worktree_that_is_not_there_stops_nobody_elses(yard: Yard) -> None:
    yard.git("worktree", "lock", "--reason", "on a stick", str(yard.worktree))
    yard.worktree.rename(yard.worktree.with_name("away"))
    (receipt,) = await yard.clean()
    assert receipt.outcome is Outcome.REFUSED
    assert receipt.reason.startswith(f"the worktree is not there: {yard.worktree} is locked: on a stick")


async def test_a_busy_worker_keeps_everything(yard: Yard) -> None:
    yard.shop.agent.set_status(yard.shop.session_id("ENG-1", "implement"), "busy")
    assert "the implement worker of ENG-1 is busy" in await yard.reason()


async def test_whoever_works_there_keeps_it(yard: Yard) -> None:
    await yard.shop.tmux.open_window(
        NewWindow(session="mine", name="mine", cwd=str(yard.worktree), argv=("sleep", "600"), env={}, options={})
    )
    assert "works there" in await yard.reason()


async def test_one_on_whom_another_acts_is_left_alone(yard: Yard) -> None:
    async with yard.shop.locks.hold("ENG-1"):
        assert "another dashboard is acting on ENG-1" in await yard.reason()
