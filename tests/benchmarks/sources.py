"""What one slow source costs the others: nothing."""

from __future__ import annotations

import statistics
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import anyio

from legion_tui.agents.claude_code import ClaudeCode
from legion_tui.fetch import Collector, LiveSource, Paces
from legion_tui.fetch.pull_requests import PullRequests
from legion_tui.processes import CountedRunner
from legion_tui.state import Source
from legion_tui.state.journal import Journal
from legion_tui.tmux import OneShotTmux, Socket
from legion_tui.trackers.github import GitHubTracker
from tests.benchmarks.rows import Row
from tests.benchmarks.swarm import PROJECT, swarm
from tests.support.github.server import github_server
from tests.support.network import github_client

_SIZE = 50
_SLOW_SECONDS = 0.4
_MEASURED_SECONDS = 4.0
_LIVE_SECONDS = 0.1


async def slow_source(rounds: int) -> list[Row]:
    """A whole reading with a tracker that is far away, and the live cycles that go on meanwhile."""
    async with AsyncExitStack() as stack:
        over = stack.enter_context(swarm(_SIZE))
        far = await stack.enter_async_context(github_server())
        near = await stack.enter_async_context(github_server())
        for number in range(1, _SIZE + 1):
            far.world.add_issue(f"Issue {number}")
        far.delay_seconds = _SLOW_SECONDS
        to_far = await stack.enter_async_context(github_client(far.url))
        to_near = await stack.enter_async_context(github_client(near.url))

        async def no_journal() -> Journal:
            return Journal()

        def collector(tracker: GitHubTracker | None) -> Collector:
            tmux = OneShotTmux(CountedRunner(), Socket(over.socket), env=over.env)
            now = lambda: datetime.now(UTC)  # noqa: E731
            return Collector(
                live=LiveSource(tmux, [ClaudeCode(over.agent_folder)], PROJECT, now),
                tracker=tracker,
                pull_requests=PullRequests(to_near) if tracker is not None else None,
                read_journal=no_journal,
                clock=now,
                project=PROJECT,
                paces=Paces(live_seconds=_LIVE_SECONDS, tracker_seconds=0.05, pull_request_seconds=0.05),
            )

        tracker = GitHubTracker(to_far, "acme/payments", key="ENG")
        whole = collector(tracker)
        await whole.collect()
        all_of_it, slowest = [], []
        for _ in range(rounds):
            began = time.perf_counter()
            snapshot = await whole.collect()
            all_of_it.append((time.perf_counter() - began) * 1000)
            if not all(health.ok for health in snapshot.sources.values()):
                raise SystemExit("not every source was read")
            began = time.perf_counter()
            await tracker.read()
            slowest.append((time.perf_counter() - began) * 1000)
        alone = await _live_readings(collector(None))
        beside = await _live_readings(collector(tracker))
    return [
        Row(
            f"a whole reading, the tracker {_SLOW_SECONDS * 1000:.0f} ms away",
            _SIZE,
            statistics.median(all_of_it),
            against="that tracker alone",
            theirs=statistics.median(slowest),
            times=1.2,
        ),
        Row(
            "time between live readings beside it",
            _SIZE,
            beside,
            against="without a tracker",
            theirs=alone,
            times=1.2,
        ),
    ]


async def _live_readings(collector: Collector) -> float:
    """Return the mean milliseconds from one live reading to the next."""
    read = set()
    began = time.perf_counter()
    async with anyio.create_task_group() as group:
        group.start_soon(collector.run)
        with anyio.move_on_after(_MEASURED_SECONDS):
            async for snapshot in collector.snapshots():
                read.add(snapshot.sources[Source.TMUX].read_at)
        group.cancel_scope.cancel()
    return (time.perf_counter() - began) * 1000 / max(1, len(read))
