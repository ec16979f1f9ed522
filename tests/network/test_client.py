"""Writes, the budget, answers without end; questions and their faults: tests/fetch/test_pull_requests.py."""

from __future__ import annotations

import json

import pytest

from legion_tui.errors import SourceError
from legion_tui.network import TooLargeError, UnsureError
from tests.support.github.server import GitHubServer, github_server
from tests.support.graphql_server import Fault
from tests.support.network import github_client

QUESTION = "query { rateLimit { cost remaining limit resetAt } }"


async def test_a_write_that_may_have_arrived_is_not_sent_again(github: GitHubServer) -> None:
    async with github_client(github.url, timeout_seconds=0.2) as client:
        for fault in (Fault(status=502), Fault(status=500), Fault(cut=True), Fault(silent=True), Fault(body=b"{}")):
            github.asked.clear()
            github.always = fault
            with pytest.raises(UnsureError) as caught:
                await client.write("mutation { x }", {"a": 1})
            assert len(github.asked) == 1
            assert "look whether it was done" in str(caught.value)


async def test_a_write_that_cannot_have_arrived_is_sent_again() -> None:
    async with github_server() as gone:
        pass
    async with github_client(gone.url) as client:
        with pytest.raises(SourceError) as caught:
            await client.write("mutation { x }", {})
        assert not isinstance(caught.value, UnsureError)
        assert client.requests == 3


async def test_a_write_that_was_refused_is_not_done(github: GitHubServer) -> None:
    async with github_client(github.url) as client:
        for fault in (Fault(status=401), Fault(status=403), Fault(status=429), Fault(body=b'{"errors": [{}]}')):
            github.always = fault
            client._limits._until = 0.0
            with pytest.raises(SourceError) as caught:
                await client.write("mutation { x }", {})
            assert not isinstance(caught.value, UnsureError)
    assert len(github.asked) == 4


async def test_the_last_of_the_budget_is_kept_for_writing(github: GitHubServer) -> None:
    github.remaining = 99
    clock = [1773500400.0]  # an hour before the server's resetAt
    async with github_client(github.url, clock=clock) as client:
        await client.ask(QUESTION)
        with pytest.raises(SourceError, match="99 of 5000 points of the hour's budget are left, retry after 3600 s"):
            await client.ask(QUESTION)
        assert len(github.asked) == 1
        await client.write(QUESTION, {})
        clock[0] += 3601
        await client.ask(QUESTION)
    assert len(github.asked) == 3


@pytest.mark.parametrize("divisible", [True, False])
async def test_an_answer_without_end_is_cut(
    github: GitHubServer, monkeypatch: pytest.MonkeyPatch, divisible: bool
) -> None:
    monkeypatch.setattr("legion_tui.network.client.LARGEST_ANSWER", 1_000_000)
    github.always = Fault(body=json.dumps({"data": {"long": "x" * 2_000_000}}).encode())
    async with github_client(github.url) as client:
        with pytest.raises(TooLargeError if divisible else SourceError, match=None if divisible else "more than 1 MB"):
            await client.ask(QUESTION, divisible=divisible)
    assert len(github.asked) == 1


async def test_what_trickles_in_has_to_end(github: GitHubServer) -> None:
    github.always = Fault(body=b'{"data": {}}', trickle_seconds=0.06)
    async with github_client(github.url, timeout_seconds=0.1) as client:
        with pytest.raises(SourceError, match=r"no answer within 0\.1 s"):
            await client.ask(QUESTION)
    assert len(github.asked) == 3


async def test_a_service_that_fails_time_and_again_is_left_alone_for_a_minute(github: GitHubServer) -> None:
    clock = [1000.0]
    async with github_client(github.url, clock=clock) as client:
        github.always = Fault(status=500)
        for _ in range(4):
            with pytest.raises(SourceError, match=r"the server failed \(500\)"):
                await client.ask(QUESTION)
        # An answer in between, and it is counted from the beginning.
        github.always = None
        await client.ask(QUESTION)
        github.always = Fault(status=500)
        for _ in range(5):
            with pytest.raises(SourceError, match=r"the server failed \(500\)"):
                await client.ask(QUESTION)
        asked = len(github.asked)
        with pytest.raises(SourceError, match="it failed 5 times one after the other, retry after 60 s") as caught:
            await client.ask(QUESTION)
        assert caught.value.retry_seconds == 60
        assert len(github.asked) == asked
        # A person's own act is tried in any case, and what came of it is told.
        with pytest.raises(UnsureError):
            await client.write("mutation { x }", {})
        assert len(github.asked) == asked + 1
        clock[0] += 61
        # Tried once more it still fails, and is left alone again at once.
        with pytest.raises(SourceError, match=r"the server failed \(500\)"):
            await client.ask(QUESTION)
        with pytest.raises(SourceError, match="one after the other"):
            await client.ask(QUESTION)
        clock[0] += 61
        github.always = None
        await client.ask(QUESTION)
        await client.ask(QUESTION)
