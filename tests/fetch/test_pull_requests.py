"""Pull requests asked of a server that answers, fails, and gives up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import anyio
import httpx
import pytest

from legion_tui.errors import SourceError
from legion_tui.fetch.pull_requests import Answered, PullRequests
from legion_tui.fetch.pull_requests.source import FIRST_CHUNK, SETTLED_SECONDS
from legion_tui.network import GitHubToken, Token
from legion_tui.processes import Ran
from legion_tui.state import FailedCheck, PullRequestRef, PullRequestState
from tests.support.github.server import GitHubServer, github_server
from tests.support.graphql_server import Fault
from tests.support.network import TOKEN, github_client
from tests.support.waiting import until


@asynccontextmanager
async def source(
    github: GitHubServer,
    *,
    timeout_seconds: float = 5.0,
    clock: list[float] | None = None,
    token: Token | None = None,
) -> AsyncIterator[PullRequests]:
    async with github_client(github.url, token=token, timeout_seconds=timeout_seconds, clock=clock) as client:
        yield PullRequests(client)


def refs(count: int, repo: str = "payments") -> list[PullRequestRef]:
    return [PullRequestRef("github.com", "acme", repo, number) for number in range(1, count + 1)]


def filled(github: GitHubServer, count: int, repo: str = "payments") -> list[PullRequestRef]:
    for number in range(1, count + 1):
        github.add("acme", repo, number)
    return refs(count, repo)


async def failing(pull_requests: PullRequests, wanted: Sequence[PullRequestRef]) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await pull_requests.read(wanted)
    return caught.value


async def test_one_request_asks_for_all_of_all_repositories(github: GitHubServer) -> None:
    wanted = [*filled(github, 8), *filled(github, 8, "ledger"), *filled(github, 8, "web")]
    async with source(github) as pull_requests:
        answered = await pull_requests.read([*wanted, *wanted])
        found, notes = answered.found, answered.notes
    assert len(github.asked) == pull_requests.client.requests == 1
    assert set(found) == set(wanted)
    assert all(found[ref].ref == ref and found[ref].branch == f"branch-{ref.number}" for ref in wanted)
    assert found[wanted[0]].state is PullRequestState.OPEN
    assert notes == {}
    assert pull_requests.client.rate is not None
    assert pull_requests.client.rate.remaining == 4987
    assert github.asked[0].headers["authorization"] == f"Bearer {TOKEN}"


async def test_many_go_in_chunks_over_one_connection(github: GitHubServer) -> None:
    wanted = filled(github, 60)
    async with source(github) as pull_requests:
        found = (await pull_requests.read(wanted)).found
        await pull_requests.read(wanted[:1])
    assert set(found) == set(wanted)
    assert [asked.pull_requests for asked in github.asked] == [25, 25, 10, 1]
    assert github.connections == 1


async def test_nothing_to_ask_is_not_asked(github: GitHubServer) -> None:
    async with source(github) as pull_requests:
        assert await pull_requests.read([]) == Answered()
    assert github.asked == []


async def test_what_is_not_there_is_noted_and_hides_nothing(github: GitHubServer) -> None:
    wanted = filled(github, 2)
    gone = refs(3)[2]
    foreign = refs(1, "gone")[0]
    async with source(github) as pull_requests:
        answered = await pull_requests.read([*wanted, gone, foreign])
        found, notes = answered.found, answered.notes
    assert set(found) == set(wanted)
    assert "number of 3" in notes[gone]
    assert "acme/gone" in notes[foreign]


@pytest.mark.parametrize(
    ("fault", "message", "remedy"),
    [
        (Fault(status=401), "login failed (401)", "gh auth login"),
        (
            Fault(status=403, body=b'{"message": "Resource protected by organization SAML enforcement."}'),
            "not allowed (403): Resource protected by organization SAML enforcement.",
            "gh auth status",
        ),
        (Fault(status=403, headers={"retry-after": "60"}), "rate limit, retry after 60 s", "wait"),
        (Fault(status=403, headers={"x-ratelimit-remaining": "0"}), "rate limit, retry after 60 s", "wait"),
        (Fault(status=429, headers={"retry-after": "17"}), "rate limit, retry after 17 s", "wait"),
        (Fault(status=429), "rate limit, retry after 60 s", "wait"),
        (Fault(status=429, headers={"retry-after": "9" * 30}), "rate limit, retry after 3600 s", "wait"),
        (Fault(status=301, headers={"location": "https://elsewhere.example/"}), "unexpected answer (301)", ""),
        (Fault(status=404), "unexpected answer (404)", ""),
        (Fault(body=b"<html>please log in to this network</html>"), "the answer is not JSON", ""),
        (Fault(status=403, headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": "90"}), "retry after 90 s", ""),
        (Fault(status=403, body=b'{"message": "You have exceeded a secondary rate limit."}'), "retry after 60 s", ""),
        (Fault(body=b'{"data": null, "errors": [{"message": "API rate limit exceeded"}]}'), "retry after 60 s", "wait"),
        (Fault(body=b'{"data": null, "errors": [{"type": "RATE_LIMITED"}]}'), "retry after 60 s", "wait"),
        (Fault(body=b'{"data": null, "errors": [{"message": "Something went wrong"}]}'), "Something went wrong", ""),
    ],
)
async def test_a_clear_no_is_taken_at_once(github: GitHubServer, fault: Fault, message: str, remedy: str) -> None:
    github.always = fault
    async with source(github) as pull_requests:
        error = await failing(pull_requests, refs(1))
    assert error.title == "github"
    assert message in error.message
    assert remedy in error.remedy
    assert len(github.asked) == 1
    assert TOKEN not in str(error)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault(status=500), "the server failed (500)"),
        (Fault(status=502), "the server failed (502)"),
        (Fault(status=503), "the server failed (503)"),
        (Fault(status=504), "the server failed (504)"),
        (Fault(body=b'{"data": {"repo0": null}}', cut=True), "RemoteProtocolError"),
    ],
)
async def test_a_failing_server_is_asked_three_times(github: GitHubServer, fault: Fault, message: str) -> None:
    github.always = fault
    async with source(github) as pull_requests:
        error = await failing(pull_requests, refs(1))
    assert message in error.message
    assert error.remedy == "the last values stay; it is asked again"
    assert len(github.asked) == 3


async def test_the_third_try_may_work(
    github: GitHubServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    wanted = filled(github, 1)
    github.faults.extend([Fault(status=503), Fault(body=b'{"data": {}}', cut=True)])
    async with source(github) as pull_requests:
        found = (await pull_requests.read(wanted)).found
    assert set(found) == set(wanted)
    assert len(github.asked) == 3
    # A line on stderr would be painted over the board.
    assert [record for record in caplog.records if record.name.startswith("stamina")] == []
    assert capfd.readouterr().err == ""


async def test_no_server_at_all(github: GitHubServer) -> None:
    async with github_server() as gone:
        pass
    async with source(gone) as pull_requests:
        error = await failing(pull_requests, refs(30))
    assert error.message.startswith("ConnectError")
    # The question was not too large: it is not asked in ever smaller pieces.
    assert pull_requests.client.requests == 3


async def test_a_connection_that_never_comes_does_not_shrink_the_question(
    github: GitHubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(client: httpx.AsyncClient, method: str, url: str, **arguments: object) -> httpx.Response:
        raise httpx.ConnectTimeout("")

    monkeypatch.setattr(httpx.AsyncClient, "stream", never)
    async with source(github) as pull_requests:
        error = await failing(pull_requests, refs(30))
    assert error.message == "no connection within 5 s"
    assert pull_requests.client.requests == 3


async def test_a_server_that_never_answers(github: GitHubServer) -> None:
    github.always = Fault(silent=True)
    async with source(github, timeout_seconds=0.05) as pull_requests:
        error = await failing(pull_requests, refs(1))
    assert error.message == "no answer within 0.05 s"
    assert len(github.asked) == 3


@pytest.mark.parametrize("fault", [Fault(status=502), Fault(status=504), Fault(silent=True)])
async def test_a_question_that_is_too_large_is_halved_not_repeated(github: GitHubServer, fault: Fault) -> None:
    wanted = filled(github, 25)
    github.faults.append(fault)
    async with source(github, timeout_seconds=0.5 if fault.silent else 5.0) as pull_requests:
        found = (await pull_requests.read(wanted)).found
    assert set(found) == set(wanted)
    assert [asked.pull_requests for asked in github.asked] == [25, 12, 12, 1]


async def test_the_right_size_is_found_and_kept(github: GitHubServer) -> None:
    wanted = filled(github, 25)
    github.most_aliases = 7
    async with source(github) as pull_requests:
        found = (await pull_requests.read(wanted)).found
        assert set(found) == set(wanted)
        assert [asked.pull_requests for asked in github.asked] == [25, 12, 6, 6, 6, 6, 1]
        github.asked.clear()
        await pull_requests.read(wanted)
    assert [asked.pull_requests for asked in github.asked] == [6, 6, 6, 6, 1]


async def test_a_server_that_gives_up_half_way_is_asked_for_less(github: GitHubServer) -> None:
    wanted = filled(github, 20)
    github.most_nodes = 10
    async with source(github) as pull_requests:
        answered = await pull_requests.read(wanted)
        found, notes = answered.found, answered.notes
    assert set(found) == set(wanted)
    assert notes == {}
    assert [asked.pull_requests for asked in github.asked] == [20, 10, 10]


async def test_questions_grow_again_when_the_server_has_recovered(github: GitHubServer) -> None:
    wanted = filled(github, 25)
    github.faults.append(Fault(status=504))
    async with source(github) as pull_requests:
        for _ in range(30):
            await pull_requests.read(wanted)
    assert github.asked[0].pull_requests == 25
    assert github.asked[1].pull_requests == 12
    assert github.asked[-1].pull_requests == 25


async def test_during_a_limit_nothing_is_asked(github: GitHubServer) -> None:
    wanted = filled(github, 1)
    github.faults.append(Fault(status=429, headers={"retry-after": "90"}))
    clock = [1000.0]
    async with source(github, clock=clock) as pull_requests:
        first = await failing(pull_requests, wanted)
        clock[0] += 89
        again = await failing(pull_requests, wanted)
        assert (first.message, again.message) == ("rate limit, retry after 90 s", "rate limit, retry after 1 s")
        assert len(github.asked) == 1
        clock[0] += 2
        found = (await pull_requests.read(wanted)).found
    assert set(found) == set(wanted)


async def test_a_token_that_was_refused_is_asked_for_again(github: GitHubServer) -> None:
    wanted = filled(github, 1)
    tokens = iter(["gho_old", "gho_new"])

    async def gh(argv: Sequence[str], **arguments: object) -> Ran:
        return Ran(next(tokens), "", 0)

    github.faults.extend([None, Fault(status=401)])
    async with source(github, token=GitHubToken({}, gh)) as pull_requests:
        await pull_requests.read(wanted)
        await failing(pull_requests, wanted)
        await pull_requests.read(wanted)
    assert [asked.headers["authorization"] for asked in github.asked] == [
        "Bearer gho_old",
        "Bearer gho_old",
        "Bearer gho_new",
    ]


async def test_no_token_leaves_the_house_for_another_host(github: GitHubServer) -> None:
    url = github.url.replace("http://", "http://api.github.com@")
    async with github_client(url) as client:
        error = await failing(PullRequests(client), refs(1))
    assert "no token is sent to" in error.message
    assert "your own config" in error.remedy
    assert github.asked == []


async def test_a_redirect_is_not_followed(github: GitHubServer) -> None:
    async with github_server() as elsewhere:
        github.always = Fault(status=307, headers={"location": elsewhere.url})
        async with source(github) as pull_requests:
            await failing(pull_requests, refs(1))
        assert elsewhere.asked == []


async def test_a_proxy_of_the_environment_does_not_see_loopback(
    github: GitHubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = filled(github, 1)
    async with github_server() as proxy:
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url.removesuffix("/graphql"))
        async with source(github) as pull_requests:
            await pull_requests.read(wanted)
        assert proxy.asked == []
    assert len(github.asked) == 1


async def test_the_connection_is_closed_at_the_end(github: GitHubServer) -> None:
    wanted = filled(github, 1)
    client = github_client(github.url)
    async with client:
        await PullRequests(client).read(wanted)
    async with client:
        await PullRequests(client).read(wanted)
    assert github.connections == 2


async def test_a_reader_that_leaves_breaks_nothing(github: GitHubServer) -> None:
    wanted = filled(github, 1)
    github.faults.append(Fault(held=True))
    async with source(github) as pull_requests:
        async with anyio.create_task_group() as group:
            group.start_soon(pull_requests.read, wanted)
            await until(lambda: github.asked)
            group.cancel_scope.cancel()
        with suppress(SourceError):
            await pull_requests.read(wanted)
        found = (await pull_requests.read(wanted)).found
    assert set(found) == set(wanted)


@pytest.mark.parametrize(
    ("variable", "value"), [("ALL_PROXY", "socks5://127.0.0.1:9"), ("ALL_PROXY", "gopher://127.0.0.1:9")]
)
async def test_a_proxy_that_cannot_be_used_is_the_sources_own_trouble(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    async with github_client("https://api.github.com/graphql") as client:
        with pytest.raises(SourceError, match="no connection can be set up") as caught:
            await PullRequests(client).read(refs(1))
    assert "proxy" in caught.value.remedy


async def test_one_that_is_over_is_not_asked_for_each_time(github: GitHubServer) -> None:
    for number, state in ((1, "OPEN"), (2, "MERGED"), (3, "CLOSED")):
        github.add("acme", "payments", number, state=state)
    wanted = [PullRequestRef("github.com", "acme", "payments", number) for number in (1, 2, 3)]
    clock = [0.0]
    async with github_client(github.url) as client:
        pull_requests = PullRequests(client, monotonic=lambda: clock[0])
        for asked in (3, 1, 1):
            answered = await pull_requests.read(wanted)
            assert set(answered.found) == set(wanted)
            assert github.asked[-1].pull_requests == asked
        clock[0] += SETTLED_SECONDS
        await pull_requests.read(wanted)
        assert github.asked[-1].pull_requests == 3
        # One that nobody asks for any more is forgotten.
        await pull_requests.read(wanted[:1])
        await pull_requests.read(wanted)
        assert github.asked[-1].pull_requests == 3


async def test_two_hundred_over_twelve_repositories_are_eight_requests(github: GitHubServer) -> None:
    wanted = []
    for number in range(200):
        repo = f"service-{number % 12}"
        github.add("acme", repo, number)
        wanted.append(PullRequestRef("github.com", "acme", repo, number))
    async with github_client(github.url) as client:
        pull_requests = PullRequests(client)
        assert len((await pull_requests.read(wanted)).found) == 200
        assert len(github.asked) == 200 // FIRST_CHUNK
        # Of the hour's 5000 points, read every 30 s.
        assert github.spent * 120 <= 5000 // 2


def run(name: str, conclusion: str | None, url: str = "https://github.com/acme/payments/runs/1") -> dict[str, object]:
    return {"__typename": "CheckRun", "name": name, "conclusion": conclusion, "url": url}


async def test_the_checks_that_failed_are_named_once_for_each_outcome(github: GitHubServer) -> None:
    status = {"__typename": "StatusContext", "context": "ci/old", "state": "ERROR", "targetUrl": "javascript:alert(1)"}
    named = [run("lint\x1b[31m", "FAILURE"), run("docs", "SUCCESS"), run("slow", None), status]
    failing = {"rollup": "FAILURE", "checks": {"FAILURE": 1, "SUCCESS": 1}, "named": named}
    github.add("acme", "payments", 1, **failing)
    github.add("acme", "payments", 2, rollup="SUCCESS", checks={"SUCCESS": 1})
    wanted = [PullRequestRef("github.com", "acme", "payments", number) for number in (1, 2)]
    async with github_client(github.url) as client:
        pull_requests = PullRequests(client)
        for requests in (2, 3, 4):
            one, two = (await pull_requests.read(wanted)).found.values()
            assert one.failed_checks == (
                FailedCheck("ci/old"),
                FailedCheck("lint", "https://github.com/acme/payments/runs/1"),
            )
            assert two.failed_checks == ()
            assert len(github.asked) == requests
        # Another commit, other failures; where they cannot be told, the counts still are.
        github.add("acme", "payments", 1, headRefOid="b" * 40, **failing)
        github.faults.extend((None, Fault(status=403)))
        one, _ = (await pull_requests.read(wanted)).found.values()
        assert (one.ci, one.checks.failed, one.failed_checks) == ("failing", 1, ())
        one, _ = (await pull_requests.read(wanted)).found.values()
        assert len(one.failed_checks) == 2
