"""Whose login is used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from async_lru import alru_cache

from legion_tui.errors import SourceError
from legion_tui.processes import MISSING, CommandRunner


class Token(Protocol):
    """What a service is shown."""

    async def get(self) -> str:
        """Return the token; raises SourceError that says how to get one."""
        ...

    def forget(self) -> None:
        """Look for another one next time: the service did not take this one."""
        ...


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
