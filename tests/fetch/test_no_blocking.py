"""Nothing of state, fetch or act makes a blocking call on the event loop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from blockbuster import BlockingError, blockbuster_ctx

from legion_tui.act.ledger_file import LedgerFile
from legion_tui.agents.claude_code import ClaudeCode
from legion_tui.fetch import Collector, LiveSource
from legion_tui.fetch.pull_requests import PullRequests
from legion_tui.state import Label, Mode, Outcome, PullRequestRef, Source
from legion_tui.tmux import OneShotTmux
from legion_tui.trackers import NewIssue
from tests.support.dispatching import Workshop
from tests.support.github.server import GitHubServer
from tests.support.network import github_client

pytestmark = pytest.mark.live

SCANNED = ["legion_tui"]


@pytest.fixture
def watched() -> Iterator[None]:
    """Every blocking call that has a frame of ours above it, on a thread with a running loop, is an error."""
    with blockbuster_ctx(SCANNED):
        yield


async def test_a_blocking_call_would_be_seen(watched: None, tmp_path: Path) -> None:
    with pytest.raises(BlockingError):
        LedgerFile(tmp_path).append(b"{}\n")


async def test_reading_everything(private_tmux: OneShotTmux, tmp_path: Path, github: GitHubServer) -> None:
    shop = Workshop(private_tmux, tmp_path / "shop")
    await shop.tracker.add(NewIssue(title="Build it"))
    await shop.dispatcher.dispatch("ENG-1", Mode.PLAN)
    github.add("acme", "payments", 1)
    ref = PullRequestRef("github.com", "acme", "payments", 1)
    async with github_client(github.url) as client:
        source = PullRequests(client)
        with blockbuster_ctx(SCANNED):
            collector = Collector(
                live=LiveSource(shop.tmux, [shop.agent, ClaudeCode(tmp_path)], shop.project, lambda: datetime.now(UTC)),
                tracker=shop.tracker,
                pull_requests=source,
                read_journal=shop.ledger.journal,
                clock=lambda: datetime.now(UTC),
                project=shop.project,
            )
            await collector.collect()
            found = (await source.read([ref])).found
            snapshot = await collector.collect()
    assert ref in found
    assert snapshot.issues[0].worker is not None
    assert all(snapshot.sources[one].ok for one in Source)


async def test_acting(private_tmux: OneShotTmux, tmp_path: Path) -> None:
    shop = Workshop(private_tmux, tmp_path / "shop")
    shop.git()
    with blockbuster_ctx(SCANNED):
        await shop.tracker.add(NewIssue(title="Build it"))
        started = await shop.advancer.advance("ENG-1")
        assert started.outcome is Outcome.STARTED
        await shop.idle("ENG-1", "plan")
        await shop.label("ENG-1", Label.WORKER_DONE)
        # Parks, moves and starts the next one.
        moved = await shop.advancer.advance("ENG-1")
        assert moved.outcome is Outcome.DONE
        assert moved.dispatch is not None
        assert moved.dispatch.outcome is Outcome.STARTED
        assert await shop.ledger.unresolved() == ()
