"""Whose login is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

import anyio
from async_lru import alru_cache

from legion_tui.errors import SourceError
from legion_tui.processes import MISSING, CommandRunner
from legion_tui.state.text import clean_line

_GITHUB_LOGIN: Final = "set GITHUB_TOKEN or run: gh auth login"
# Where the system keyring keeps Linear's key: `keyring set legion-tui linear`.
KEYRING_SERVICE: Final = "legion-tui"
KEYRING_USER: Final = "linear"
LINEAR_LOGIN: Final = f"set LINEAR_API_KEY or run: keyring set {KEYRING_SERVICE} {KEYRING_USER}"


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
        return _checked(given, "GITHUB_TOKEN", "github", _GITHUB_LOGIN) if given else await self._from_gh()

    def forget(self) -> None:
        """Ask `gh` again next time: the server did not take the token."""
        self._from_gh.cache_clear()

    async def _ask_gh(self) -> str:
        ran = await self._runner(["gh", "auth", "token", "--hostname", self._host], timeout_seconds=5.0)
        if ran.ok and ran.stdout.strip():
            return _checked(ran.stdout.strip(), "gh auth token", "github", _GITHUB_LOGIN)
        why = "no GITHUB_TOKEN, and no gh" if ran.returncode == MISSING else "no GITHUB_TOKEN, and gh is not logged in"
        raise SourceError("github", why, _GITHUB_LOGIN)


class LinearToken:
    """A key of Linear's: `LINEAR_API_KEY`, else what the system keyring holds, asked once (it may be locked)."""

    def __init__(self, environ: Mapping[str, str], keyring: Callable[[], str | None] | None = None) -> None:
        """Take the environment, and what asks the keyring (blocks; None where it has nothing)."""
        self._environ = environ
        self._keyring = keyring or _ask_keyring
        self._from_keyring = alru_cache(maxsize=1, ttl=600.0)(self._ask)

    async def get(self) -> str:
        """Return the key, with `Bearer` where it is an application's token; SourceError says how to get one."""
        given = self._environ.get("LINEAR_API_KEY", "").strip()
        return _authorization(given, "LINEAR_API_KEY") if given else await self._from_keyring()

    def forget(self) -> None:
        """Ask the keyring again next time: the service did not take the key."""
        self._from_keyring.cache_clear()

    async def _ask(self) -> str:
        try:
            found = await anyio.to_thread.run_sync(self._keyring, abandon_on_cancel=True)
        except Exception as error:  # each of its back ends has errors of its own
            why = clean_line(f"no LINEAR_API_KEY, and the keyring cannot be read: {error}", limit=200)
            raise SourceError("linear", why, LINEAR_LOGIN) from error
        if found is None or not found.strip():
            raise SourceError("linear", "no LINEAR_API_KEY, and no key in the keyring", LINEAR_LOGIN)
        return _authorization(found.strip(), "the keyring")


def _ask_keyring() -> str | None:
    import keyring
    from keyring.errors import NoKeyringError

    try:
        return keyring.get_password(KEYRING_SERVICE, KEYRING_USER)
    except NoKeyringError:
        return None


def _authorization(key: str, where: str) -> str:
    checked = _checked(key, where, "linear", LINEAR_LOGIN)
    return f"Bearer {checked}" if checked.startswith("lin_oauth_") else checked


def _checked(token: str, where: str, service: str, remedy: str) -> str:
    """Return a token that fits into a header; the error for another one must not spell it."""
    if token.isascii() and token.isprintable() and " " not in token:
        return token
    raise SourceError(service, f"{where} gives something that is no token", remedy)
