"""Whose login is used, and where it may go."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from async_lru import alru_cache

from legion_tui.errors import SourceError
from legion_tui.processes import MISSING, CommandRunner


class GitHubToken:
    """The token of one host: `GITHUB_TOKEN`, else what `gh auth token` says, asked once (it costs some 45 ms)."""

    def __init__(self, environ: Mapping[str, str], runner: CommandRunner, *, host: str = "github.com") -> None:
        """Take the environment and the runner; nothing is asked yet."""
        self._environ = environ
        self._runner = runner
        self._host = host
        # One cache an instance: a cache of the module would outlive its event loop.
        self._from_gh = alru_cache(maxsize=1, ttl=600.0)(self._ask_gh)

    async def get(self) -> str:
        """Return the token; raises SourceError that says how to get one."""
        given = self._environ.get("GITHUB_TOKEN", "").strip()
        return _checked(given, "GITHUB_TOKEN") if given else await self._from_gh()

    def forget(self) -> None:
        """Ask `gh` again next time: the server did not take the token."""
        self._from_gh.cache_clear()

    async def _ask_gh(self) -> str:
        ran = await self._runner(["gh", "auth", "token", "--hostname", self._host], timeout_seconds=5.0)
        if ran.ok and ran.stdout.strip():
            return _checked(ran.stdout.strip(), "gh auth token")
        why = "no GITHUB_TOKEN, and no gh" if ran.returncode == MISSING else "no GITHUB_TOKEN, and gh is not logged in"
        raise SourceError("github", why, "set GITHUB_TOKEN or run: gh auth login")


def _checked(token: str, where: str) -> str:
    """Return a token that fits into a header; the error for another one must not spell it."""
    if token.isascii() and token.isprintable() and " " not in token:
        return token
    raise SourceError("github", f"{where} gives something that is no token", "set GITHUB_TOKEN or run: gh auth login")


def endpoint(host: str, api_url: str | None) -> str:
    """Return the GraphQL address of a host, or of the given API root."""
    if api_url:
        return f"{api_url.rstrip('/')}/graphql"
    return "https://api.github.com/graphql" if host == "github.com" else f"https://{host}/api/graphql"


def token_may_go_to(url: str, *, allowed_hosts: frozenset[str] = frozenset()) -> bool:
    """Whether a token may be sent there: GitHub itself, this machine, or a host that the user's own config allows."""
    try:
        parts = urlsplit(url)
        name, _ = parts.hostname or "", parts.port
    except ValueError:  # no address at all
        return False
    if parts.username is not None or parts.password is not None or not url.isascii() or not url.isprintable():
        return False  # `https://api.github.com@elsewhere/`, and what two parsers may read in two ways
    if is_loopback(url):
        return parts.scheme in ("http", "https")
    return parts.scheme == "https" and (name in ("api.github.com", "github.com") or name in allowed_hosts)


def is_loopback(url: str) -> bool:
    """Whether an address that can be parsed is this machine's own."""
    name = urlsplit(url).hostname or ""
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
