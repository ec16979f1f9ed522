"""What differs between the services that are asked over GraphQL."""

from __future__ import annotations

from dataclasses import dataclass

from legion_tui.network.addresses import GITHUB_HOSTS, LINEAR_HOSTS, LINEAR_URL, endpoint
from legion_tui.network.token import LINEAR_LOGIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Where a service is, what it calls its errors, and what a person is told to do about them."""

    # What a person calls it; the title of its errors.
    name: str
    url: str
    login_remedy: str
    rights_remedy: str
    own_hosts: frozenset[str] = frozenset()
    # Hosts beside its own that the user's own config allows.
    allowed_hosts: frozenset[str] = frozenset()
    # What stands before the token.
    scheme: str = "Bearer "
    # Types of errors that mean: ask for less at a time; wait.
    too_large: frozenset[str] = frozenset()
    limited: frozenset[str] = frozenset()
    # Headers that tell how many requests are left, and when there are new ones (seconds or ms since the epoch).
    remaining_header: str = "x-ratelimit-remaining"
    reset_headers: tuple[str, ...] = ("x-ratelimit-reset",)
    # What headers that tell of the hour's budget in points begin with, where the answer itself does not.
    budget_prefix: str = ""


def github_service(
    *, host: str = "github.com", api_url: str | None = None, allowed_hosts: frozenset[str] = frozenset()
) -> Service:
    """Return GitHub, or a server of its enterprise kind."""
    return Service(
        name="github",
        url=endpoint(host, api_url),
        own_hosts=GITHUB_HOSTS,
        allowed_hosts=allowed_hosts,
        login_remedy="set GITHUB_TOKEN or run: gh auth login",
        rights_remedy="look at the token's rights: gh auth status",
        too_large=frozenset({"RESOURCE_LIMITS_EXCEEDED", "MAX_NODE_LIMIT_EXCEEDED"}),
        limited=frozenset({"RATE_LIMITED", "RATE_LIMIT"}),
    )


def linear_service(*, api_url: str | None = None, allowed_hosts: frozenset[str] = frozenset()) -> Service:
    """Return Linear."""
    return Service(
        name="linear",
        url=api_url or LINEAR_URL,
        own_hosts=LINEAR_HOSTS,
        allowed_hosts=allowed_hosts,
        login_remedy=LINEAR_LOGIN,
        rights_remedy="look at what the key may do: Settings, Security & access",
        # A personal key stands by itself; the token of an application brings its `Bearer` along.
        scheme="",
        limited=frozenset({"RATELIMITED"}),
        remaining_header="x-ratelimit-requests-remaining",
        reset_headers=("x-ratelimit-requests-reset", "x-ratelimit-complexity-reset"),
        budget_prefix="x-ratelimit-complexity-",
    )
