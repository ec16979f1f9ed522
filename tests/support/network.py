"""A way to a server of the test's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from legion_tui.network import GitHubToken, GraphQLClient, LinearToken, Token, github_service, linear_service
from legion_tui.processes import MISSING, Ran

TOKEN = "gho_0123456789abcdef"
LINEAR_KEY = "lin_api_0123456789abcdef"


async def without_gh(argv: Sequence[str], **arguments: object) -> Ran:
    return Ran("", "gh: command not found", MISSING)


def github_client(
    url: str,
    *,
    environ: Mapping[str, str] | None = None,
    token: Token | None = None,
    timeout_seconds: float = 30.0,
    clock: list[float] | None = None,
) -> GraphQLClient:
    """A client of the server at `url`; both its clocks are `clock`, which stands still by itself."""
    now = clock if clock is not None else [0.0]
    return GraphQLClient(
        github_service(api_url=url.removesuffix("/graphql")),
        token or GitHubToken({"GITHUB_TOKEN": TOKEN} if environ is None else environ, without_gh),
        timeout_seconds=timeout_seconds,
        monotonic=lambda: now[0],
        epoch=lambda: now[0],
    )


def linear_client(url: str, *, timeout_seconds: float = 30.0, clock: list[float] | None = None) -> GraphQLClient:
    """A client of the Linear at `url`; both its clocks are `clock`, which stands still by itself."""
    now = clock if clock is not None else [0.0]
    return GraphQLClient(
        linear_service(api_url=url),
        LinearToken({"LINEAR_API_KEY": LINEAR_KEY}),
        timeout_seconds=timeout_seconds,
        monotonic=lambda: now[0],
        epoch=lambda: now[0],
    )
