"""Where a service is, and where a token may go."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

GITHUB_HOSTS = frozenset({"api.github.com", "github.com"})
LINEAR_HOSTS = frozenset({"api.linear.app"})
LINEAR_URL = "https://api.linear.app/graphql"


def endpoint(host: str, api_url: str | None) -> str:
    """Return the GraphQL address of a GitHub host, or of the given API root."""
    if api_url:
        return f"{api_url.rstrip('/')}/graphql"
    return "https://api.github.com/graphql" if host == "github.com" else f"https://{host}/api/graphql"


def token_may_go_to(
    url: str, *, own_hosts: Collection[str] = GITHUB_HOSTS, allowed_hosts: Collection[str] = ()
) -> bool:
    """Whether a token may be sent there: the service itself, this machine, or a host that the user's config allows."""
    try:
        parts = urlsplit(url)
        name, _ = parts.hostname or "", parts.port
    except ValueError:  # no address at all
        return False
    if parts.username is not None or parts.password is not None or not url.isascii() or not url.isprintable():
        return False  # `https://api.github.com@elsewhere/`, and what two parsers may read in two ways
    if is_loopback(url):
        return parts.scheme in ("http", "https")
    return parts.scheme == "https" and (name in own_hosts or name in allowed_hosts)


def is_loopback(url: str) -> bool:
    """Whether an address that can be parsed is this machine's own."""
    name = urlsplit(url).hostname or ""
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
