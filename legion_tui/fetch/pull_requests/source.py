"""Pull requests over GraphQL: one kept-open connection, chunks one after the other, the last good values kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

import anyio

from legion_tui.errors import SourceError
from legion_tui.fetch.pull_requests.query import Answered, RateLimit, build_query, parse_answer
from legion_tui.fetch.pull_requests.token import GitHubToken, is_loopback, token_may_go_to
from legion_tui.state import PullRequest, PullRequestRef
from legion_tui.state.text import clean_line

if TYPE_CHECKING:
    import httpx

# GitHub answers within 10 s or not at all; that many aliases are well within it.
FIRST_CHUNK = 25
TRIES = 3
# A server that was overtaxed once is tried with larger questions again after so many good readings.
_GROW_AFTER = 10
# What GitHub asks for where it names no time itself.
_REST_SECONDS = 60.0
_LONGEST_REST_SECONDS = 3600.0
_UNAUTHORIZED = 401
_FORBIDDEN = 403
_TOO_MANY = 429


class _Transient(Exception):
    """Worth another try: the server, or the way to it, failed."""

    def __init__(self, why: str, *, too_large: bool = False) -> None:
        super().__init__(why)
        self.too_large = too_large


def _worth_another_try(error: Exception) -> bool:
    # A question that is too large will be too large again: it is halved instead.
    return isinstance(error, _Transient) and not error.too_large


class PullRequests:
    """Asks for the facts of pull requests. Use as an async context manager; `read` raises SourceError."""

    def __init__(
        self,
        url: str,
        token: GitHubToken,
        *,
        allowed_hosts: frozenset[str] = frozenset(),
        timeout_seconds: float = 10.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the GraphQL address, whose token to use, and where else than to GitHub it may go."""
        self._url = url
        self._token = token
        self._may_go = token_may_go_to(url, allowed_hosts=allowed_hosts)
        self._timeout = timeout_seconds
        self._client: httpx.AsyncClient | None = None
        self._monotonic = monotonic
        self._chunk = FIRST_CHUNK
        self._good_readings = 0
        # A limit that GitHub told of: its error, and until when nothing is asked.
        self._limit: tuple[SourceError, float] | None = None
        self.rate: RateLimit | None = None
        self.requests = 0

    async def __aenter__(self) -> Self:
        """Return itself; the connection is opened by the first question."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def read(
        self, refs: Sequence[PullRequestRef]
    ) -> tuple[Mapping[PullRequestRef, PullRequest], Mapping[PullRequestRef, str]]:
        """Return the pull requests that are there, and why each other is not; raises SourceError."""
        if not self._may_go:
            raise SourceError("github", f"no token is sent to {self._url}", "allow that host in your own config")
        if self._limit is not None and self._monotonic() < self._limit[1]:
            raise self._limit[0]  # asking on during a limit makes GitHub extend it
        wanted = list(dict.fromkeys(refs))
        found: dict[PullRequestRef, PullRequest] = {}
        notes: dict[PullRequestRef, str] = {}
        while wanted:
            size = self._chunk
            answered = await self._ask(wanted[:size])
            if answered is None:
                continue  # too large a question: the chunk is smaller now
            found.update(answered.found)
            notes.update(answered.notes)
            self.rate = answered.rate or self.rate
            wanted = wanted[size:]
        self._grow()
        return found, notes

    def _halve(self, asked: int) -> None:
        self._chunk = max(1, asked // 2)
        self._good_readings = 0

    def _grow(self) -> None:
        self._good_readings += 1
        if self._chunk < FIRST_CHUNK and self._good_readings >= _GROW_AFTER:
            self._chunk = min(FIRST_CHUNK, self._chunk * 2)
            self._good_readings = 0

    async def _ask(self, refs: Sequence[PullRequestRef]) -> Answered | None:
        if self._client is None:
            self._client = await anyio.to_thread.run_sync(self._connect)
        import stamina

        # The library would log each retry to stderr, across the screen; the source's health tells it instead.
        stamina.instrumentation.set_on_retry_hooks(())
        query, aliases = build_query(refs)
        body = b""
        try:
            async for attempt in stamina.retry_context(
                on=_worth_another_try, attempts=TRIES, timeout=None, wait_initial=0.5, wait_max=5.0
            ):
                with attempt:
                    body = await self._post(self._client, query, alone=len(refs) == 1)
        except _Transient as error:
            if error.too_large:
                self._halve(len(refs))
                return None
            raise SourceError("github", str(error), "the last values stay; it is asked again") from None
        answered = parse_answer(body, aliases)
        if answered.too_large and len(refs) > 1:
            self._halve(len(refs))
            return None
        if answered.error:
            raise SourceError("github", answered.error)
        return answered

    def _connect(self) -> httpx.AsyncClient:
        """Return the client; blocks. The imports and the certificates cost a tenth of a second."""
        import httpx
        import stamina  # noqa: F401  loaded here for the one who needs it next

        try:
            # A proxy of the environment is no way to this machine itself, and must not see the token.
            return httpx.AsyncClient(
                timeout=self._timeout, follow_redirects=False, trust_env=not is_loopback(self._url)
            )
        except (ImportError, ValueError, OSError) as error:
            # A SOCKS proxy needs a package more, another scheme is unknown, a file of certificates is missing.
            why = clean_line(f"no connection can be set up: {error}", limit=200)
            raise SourceError("github", why, "look at the proxy and SSL_CERT variables of the environment") from error

    async def _post(self, client: httpx.AsyncClient, query: str, *, alone: bool) -> bytes:
        import httpx

        token = await self._token.get()
        self.requests += 1
        try:
            response = await client.post(self._url, json={"query": query}, headers={"Authorization": f"Bearer {token}"})
        except httpx.ConnectTimeout:
            raise _Transient(f"no connection within {self._timeout:g} s") from None
        except httpx.TimeoutException:
            raise _Transient(f"no answer within {self._timeout:g} s", too_large=not alone) from None
        except httpx.HTTPError as error:
            raise _Transient(clean_line(f"{type(error).__name__}: {error}", limit=200)) from None
        return self._body(response, alone=alone)

    def _body(self, response: httpx.Response, *, alone: bool) -> bytes:
        status = response.status_code
        if status == _UNAUTHORIZED:
            self._token.forget()
            raise SourceError("github", "login failed (401)", "set GITHUB_TOKEN or run: gh auth login")
        headers = response.headers
        if status == _TOO_MANY or (
            status == _FORBIDDEN and ("retry-after" in headers or headers.get("x-ratelimit-remaining") == "0")
        ):
            rest = _rest_seconds(headers.get("retry-after", ""))
            limited = SourceError("github", f"rate limit, retry after {rest:.0f} s", "nothing to do but wait")
            self._limit = (limited, self._monotonic() + rest)
            raise limited
        if status == _FORBIDDEN:
            why = parse_answer(response.content, {}).error
            raise SourceError("github", f"not allowed (403): {why}", "look at the token's rights: gh auth status")
        if status in (500, 502, 503, 504):
            raise _Transient(f"the server failed ({status})", too_large=status in (502, 504) and not alone)
        if status != 200:
            raise SourceError("github", f"unexpected answer ({status}) from {self._url}")
        return response.content


def _rest_seconds(retry_after: str) -> float:
    # The header may be a date too, which GitHub does not use.
    given = float(retry_after) if retry_after.isascii() and retry_after.isdigit() else _REST_SECONDS
    return min(max(given, 1.0), _LONGEST_REST_SECONDS)
