"""A server for every test of the network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import stamina

from legion_tui.network import TRIES
from tests.support.github.server import GitHubServer, github_server


@pytest.fixture(autouse=True)
def _without_waiting() -> Iterator[None]:
    """Tries follow each other at once; their number is the product's own."""
    with stamina.set_testing(True, attempts=TRIES):
        yield


@pytest.fixture
async def github() -> AsyncIterator[GitHubServer]:
    async with github_server() as server:
        yield server
