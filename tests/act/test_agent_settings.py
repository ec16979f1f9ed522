"""A worker is started with a settings file of ours, which only this user can read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from legion_tui.errors import LegionError
from legion_tui.state import Mode, Outcome
from legion_tui.tmux import OneShotTmux
from legion_tui.trackers import NewIssue
from tests.support.dispatching import Workshop

pytestmark = pytest.mark.live


async def test_the_settings_are_written_before_the_worker_starts(private_tmux: OneShotTmux, tmp_path: Path) -> None:
    shop = Workshop(private_tmux, tmp_path / "shop", hooks=True)
    await shop.tracker.add(NewIssue(title="Build it", status="In Progress"))
    file = shop.state / "agent-settings.json"
    dry = await shop.dispatcher.dispatch("ENG-1", Mode.IMPLEMENT, dry_run=True)
    assert not file.exists()
    receipt = await shop.dispatcher.dispatch("ENG-1", Mode.IMPLEMENT)
    assert receipt.outcome is Outcome.STARTED
    assert receipt.argv == dry.argv
    at = receipt.argv.index("--settings")
    assert receipt.argv[at + 1] == str(file)
    assert json.loads(file.read_bytes()) == {"refused": ["answer"]}
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


async def test_without_its_settings_no_worker_starts(private_tmux: OneShotTmux, tmp_path: Path) -> None:
    shop = Workshop(private_tmux, tmp_path / "shop", hooks=True)
    await shop.tracker.add(NewIssue(title="Build it", status="In Progress"))
    (shop.state / "agent-settings.json").mkdir(parents=True)
    with pytest.raises(LegionError, match="the agent's settings could not be written"):
        await shop.dispatcher.dispatch("ENG-1", Mode.IMPLEMENT)
    assert await private_tmux.panes() == ()
