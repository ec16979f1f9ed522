"""Whose login is used, and where it goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import anyio
import pytest
from anyio.lowlevel import checkpoint

from legion_tui.errors import SourceError
from legion_tui.network import GitHubToken, endpoint, token_may_go_to
from legion_tui.processes import MISSING, Ran

TOKEN = "gho_0123456789abcdef"


class FakeGh:
    """A `gh` that says what the test wants, and counts."""

    def __init__(self, ran: Ran) -> None:
        self.ran = ran
        self.calls: list[tuple[str, ...]] = []

    async def __call__(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        timeout_seconds: float = 10.0,
    ) -> Ran:
        self.calls.append(tuple(argv))
        await checkpoint()
        return self.ran


async def test_the_environment_comes_first() -> None:
    gh = FakeGh(Ran("gho_other\n", "", 0))
    assert await GitHubToken({"GITHUB_TOKEN": f" {TOKEN}\n"}, gh).get() == TOKEN
    assert gh.calls == []


@pytest.mark.parametrize("given", [{}, {"GITHUB_TOKEN": ""}, {"GITHUB_TOKEN": " \n"}])
async def test_else_gh_is_asked_once(given: dict[str, str]) -> None:
    gh = FakeGh(Ran(f"{TOKEN}\n", "", 0))
    token = GitHubToken(given, gh, host="github.com")
    got: list[str] = []

    async def get() -> None:
        got.append(await token.get())

    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(get)
    await get()
    assert got == [TOKEN] * 6
    assert gh.calls == [("gh", "auth", "token", "--hostname", "github.com")]


async def test_two_of_them_share_nothing() -> None:
    one, other = FakeGh(Ran("gho_one", "", 0)), FakeGh(Ran("gho_other", "", 0))
    assert await GitHubToken({}, one).get() == "gho_one"
    assert await GitHubToken({}, other).get() == "gho_other"


async def test_a_refused_token_is_asked_for_again() -> None:
    gh = FakeGh(Ran(TOKEN, "", 0))
    token = GitHubToken({}, gh)
    await token.get()
    token.forget()
    await token.get()
    assert len(gh.calls) == 2


async def test_a_failure_is_not_remembered() -> None:
    gh = FakeGh(Ran("", "not logged in", 1))
    token = GitHubToken({}, gh)
    with pytest.raises(SourceError):
        await token.get()
    gh.ran = Ran(TOKEN, "", 0)
    assert await token.get() == TOKEN


@pytest.mark.parametrize(
    ("ran", "message"),
    [
        (Ran("", "gh: not found", MISSING), "no GITHUB_TOKEN, and no gh"),
        (Ran("", "You are not logged into any GitHub hosts.", 1), "no GITHUB_TOKEN, and gh is not logged in"),
        (Ran("\n", "", 0), "no GITHUB_TOKEN, and gh is not logged in"),
        (Ran("! a new release of gh is there", "", 0), "gh auth token gives something that is no token"),
    ],
)
async def test_without_a_login_the_way_to_one_is_told(ran: Ran, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        await GitHubToken({}, FakeGh(ran)).get()
    assert caught.value.message == message
    assert caught.value.remedy == "set GITHUB_TOKEN or run: gh auth login"


@pytest.mark.parametrize("odd", ["gho_a\nX-Evil: 1", "gho_ä", "gho a", "gho_\x00"])
async def test_what_is_no_token_is_not_sent_and_not_spelled(odd: str) -> None:
    with pytest.raises(SourceError) as caught:
        await GitHubToken({"GITHUB_TOKEN": odd}, FakeGh(Ran("", "", 1))).get()
    assert "GITHUB_TOKEN gives something that is no token" in str(caught.value)
    assert odd not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.github.com/graphql",
        "https://API.GitHub.com/graphql",
        "https://api.github.com:443/graphql",
        "http://127.0.0.1:8080/graphql",
        "http://127.8.8.8/graphql",
        "http://[::1]:8080/graphql",
        "http://localhost:1/graphql",
        "https://ghe.acme.example/api/graphql",
    ],
)
def test_where_a_token_may_go(url: str) -> None:
    assert token_may_go_to(url, allowed_hosts=frozenset({"ghe.acme.example"}))


@pytest.mark.parametrize(
    "url",
    [
        "http://api.github.com/graphql",
        "ftp://api.github.com/",
        "//api.github.com/",
        "api.github.com",
        "",
        "https://api.github.com.evil.example/graphql",
        "https://api-github.com/graphql",
        "https://evil.example/api.github.com",
        "https://evil.example#@api.github.com/",
        "https://evil.example?@api.github.com/",
        "https://api.github.com@evil.example/",
        "https://api.github.com:token@evil.example/",
        "https://user:password@api.github.com/graphql",
        "https://@api.github.com/graphql",
        "https://evil.example\\@api.github.com/graphql",
        "https://api.github.com\t.evil.example/",
        "https://api.github.com\n.evil.example/",
        "https://аpi.github.com/graphql",  # noqa: RUF001  the lookalike is the point
        "https://api.github。com/graphql",
        "https://api.github.com:99999/graphql",
        "https://api.github.com:x/graphql",
        "https://[::1/graphql",
        "https://ghe.acme.example/api/graphql",
        "http://127.0.0.1.evil.example/graphql",
        "http://localhost.evil.example/graphql",
        "http://127.0.0.1@evil.example/graphql",
        "http://0.0.0.0/graphql",
        "http://10.0.0.1/graphql",
        "http://169.254.169.254/latest/meta-data",
        "http://2130706433/",
        "ws://127.0.0.1/",
    ],
)
def test_where_no_token_goes(url: str) -> None:
    assert not token_may_go_to(url)


def test_a_host_that_the_user_allows_still_needs_tls() -> None:
    assert not token_may_go_to("http://ghe.acme.example/api/graphql", allowed_hosts=frozenset({"ghe.acme.example"}))


@pytest.mark.parametrize(
    ("host", "api_url", "expected"),
    [
        ("github.com", None, "https://api.github.com/graphql"),
        ("ghe.acme.example", None, "https://ghe.acme.example/api/graphql"),
        ("github.com", "http://127.0.0.1:8080/", "http://127.0.0.1:8080/graphql"),
        ("github.com", "", "https://api.github.com/graphql"),
    ],
)
def test_the_address_of_a_host(host: str, api_url: str | None, expected: str) -> None:
    assert endpoint(host, api_url) == expected
