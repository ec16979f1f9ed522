"""What every test of reading has at hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import stamina

from tests.support.github.server import GitHubServer, github_server
from tests.support.tmux_server import private_tmux, tmux_command, tmux_env

__all__ = ["private_tmux", "tmux_command", "tmux_env"]


@pytest.fixture(autouse=True)
def _without_waiting() -> Iterator[None]:
    """Tries follow each other at once; their number is the product's own."""
    from legion_tui.network import TRIES

    with stamina.set_testing(True, attempts=TRIES):
        yield


@pytest.fixture
async def github() -> AsyncIterator[GitHubServer]:
    async with github_server() as server:
        yield server
