"""How many requests a large project costs: 300 issues with 200 pull requests over 12 repositories."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from legion_tui.fetch import Collector, LiveSource
from legion_tui.fetch.pull_requests import PullRequests
from legion_tui.fetch.pull_requests.source import FIRST_CHUNK
from legion_tui.state.journal import Journal
from legion_tui.trackers import Tracker
from tests.fetch.fakes import PROJECT, FakeAgent, FakeTmux
from tests.support.github.server import GitHubServer
from tests.support.linear.server import LinearServer
from tests.support.network import github_client
from tests.trackers.conftest import House, Team

ISSUES, LINKED, REPOSITORIES = 300, 200, 12


@asynccontextmanager
async def collector(tracker: Tracker, github: GitHubServer) -> AsyncIterator[Collector]:
    async def read_journal() -> Journal:
        return Journal()

    async with github_client(github.url) as client:
        yield Collector(
            live=LiveSource(FakeTmux(), [FakeAgent()], PROJECT, lambda: datetime.now(UTC)),
            tracker=tracker,
            pull_requests=PullRequests(client),
            read_journal=read_journal,
            clock=lambda: datetime.now(UTC),
            project=PROJECT,
        )


def pull_requests(github: GitHubServer) -> list[dict[str, Any]]:
    """One for each issue that has one, spread over the repositories."""
    return [
        github.world.add_pull_request("acme", f"service-{number % REPOSITORIES}", number + 1)
        for number in range(LINKED)
    ]


async def test_on_github(github: GitHubServer, house: House) -> None:
    linked = pull_requests(github)
    for number in range(ISSUES):
        github.world.add_issue(f"Issue {number}", pull_requests=linked[number : number + 1])
    async with collector(await house.tracker(), github) as collecting:
        first = await collecting.collect()
        assert len(first.issues) == ISSUES
        assert sum(row.pull_request is not None for row in first.issues) == LINKED
        asked = [one for one in github.asked if one.pull_requests]
        assert len(asked) == LINKED // FIRST_CHUNK
        # Whose login it is, three pages of open issues and one of closed ones.
        assert len(github.asked) - len(asked) == 1 + 3 + 1
        github.asked.clear()
        again = await collecting.collect()
        assert [row.issue for row in again.issues] == [row.issue for row in first.issues]
        # What changed, and the pull requests.
        assert len(github.asked) == 1 + LINKED // FIRST_CHUNK


async def test_on_linear(github: GitHubServer, linear: LinearServer, team: Team) -> None:
    linked = pull_requests(github)
    for number in range(ISSUES):
        issue = linear.world.add_issue(title=f"Issue {number}")
        for one in linked[number : number + 1]:
            linear.world.link(issue, one["url"])
    async with collector(await team.tracker(), github) as collecting:
        first = await collecting.collect()
        assert sum(row.pull_request is not None for row in first.issues) == LINKED
        assert len(github.asked) == LINKED // FIRST_CHUNK
        # Whose key it is, two pages of what tells of changes, and six of issues.
        assert len(linear.asked) == 1 + 2 + 6
        linear.asked.clear()
        github.asked.clear()
        await collecting.collect()
        assert (len(linear.asked), len(github.asked)) == (2, LINKED // FIRST_CHUNK)
