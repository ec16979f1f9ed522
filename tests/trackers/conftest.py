"""A GitHub and a Linear, and trackers of them, for every test of the trackers that need the network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest
import stamina

from legion_tui.network import TRIES, GraphQLClient
from legion_tui.trackers import WRITES, Write
from legion_tui.trackers.github import GitHubTracker
from legion_tui.trackers.linear import LinearTracker
from tests.support.github.server import GitHubServer, github_server
from tests.support.linear.server import LinearServer, linear_server
from tests.support.network import github_client, linear_client


@pytest.fixture(autouse=True)
def _without_waiting() -> Iterator[None]:
    """Tries follow each other at once; their number is the product's own."""
    with stamina.set_testing(True, attempts=TRIES):
        yield


@pytest.fixture
async def github() -> AsyncIterator[GitHubServer]:
    async with github_server() as server:
        yield server


@dataclass
class House:
    """Makes trackers of the test's GitHub, each over a client of its own; `clock` is what they see of time."""

    github: GitHubServer
    opened: AsyncExitStack
    clock: list[float] = field(default_factory=lambda: [0.0])

    async def client(self, *, timeout_seconds: float = 5.0) -> GraphQLClient:
        made = github_client(self.github.url, timeout_seconds=timeout_seconds, clock=self.clock)
        return await self.opened.enter_async_context(made)

    async def tracker(
        self,
        repository: str = "acme/payments",
        *,
        key: str = "PAY",
        board: int | None = None,
        filter_text: str = "",
        statuses: Mapping[str, str] | None = None,
        allowed: Write = WRITES["all"],
        timeout_seconds: float = 5.0,
    ) -> GitHubTracker:
        return GitHubTracker(
            await self.client(timeout_seconds=timeout_seconds),
            repository,
            key=key,
            board=board,
            filter_text=filter_text,
            statuses=statuses,
            allowed=allowed,
            monotonic=lambda: self.clock[0],
        )


@pytest.fixture
async def house(github: GitHubServer) -> AsyncIterator[House]:
    async with AsyncExitStack() as opened:
        yield House(github, opened)


@pytest.fixture
async def linear() -> AsyncIterator[LinearServer]:
    async with linear_server() as server:
        yield server


@dataclass
class Team:
    """Makes trackers of the test's Linear, each over a client of its own; `clock` is what they see of time."""

    linear: LinearServer
    opened: AsyncExitStack
    clock: list[float] = field(default_factory=lambda: [0.0])

    async def tracker(
        self,
        team: str = "ENG",
        *,
        filter_text: str = "",
        statuses: Mapping[str, str] | None = None,
        allowed: Write = WRITES["all"],
        timeout_seconds: float = 5.0,
    ) -> LinearTracker:
        client = linear_client(self.linear.url, timeout_seconds=timeout_seconds, clock=self.clock)
        return LinearTracker(
            await self.opened.enter_async_context(client),
            team,
            filter_text=filter_text,
            statuses=statuses,
            allowed=allowed,
            monotonic=lambda: self.clock[0],
        )


@pytest.fixture
async def team(linear: LinearServer) -> AsyncIterator[Team]:
    async with AsyncExitStack() as opened:
        yield Team(linear, opened)
