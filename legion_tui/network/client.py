"""A GraphQL service over one kept-open connection: retried, bounded, and within its limits."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import anyio

from legion_tui.errors import SourceError
from legion_tui.network.addresses import is_loopback, token_may_go_to
from legion_tui.network.answers import Answer, RateLimit, read_answer
from legion_tui.network.circuit import Circuit
from legion_tui.network.limits import Limits
from legion_tui.network.service import Service
from legion_tui.network.token import Token
from legion_tui.state.text import clean_line

if TYPE_CHECKING:
    import httpx

TRIES = 3
# A page of a hundred issues with long texts is some megabytes; more is asked for in smaller parts.
LARGEST_ANSWER = 16_000_000
_BAD_REQUEST = 400
_UNAUTHORIZED = 401
_FORBIDDEN = 403
_TOO_MANY = 429
_SERVER_FAILED = 500
_LOOK = "look whether it was done"


class TooLargeError(Exception):
    """The service gave up over the size of the question, or the answer: ask for fewer at a time."""


class UnsureError(SourceError):
    """A write was sent and not answered: only reading tells whether it was carried out."""


class _Transient(Exception):
    """Worth another try: the server, or the way to it, failed."""

    def __init__(self, why: str, *, too_large: bool = False, sent: bool = True) -> None:
        super().__init__(why)
        self.too_large = too_large
        # Whether the request may have arrived.
        self.sent = sent


def _may_be_asked_again(error: Exception) -> bool:
    # A question that is too large will be too large again: it is divided instead.
    return isinstance(error, _Transient) and not error.too_large


def _may_be_written_again(error: Exception) -> bool:
    # What may have arrived may have been carried out: writing it again could be writing it twice.
    return isinstance(error, _Transient) and not error.sent


class GraphQLClient:
    """One service. Use as an async context manager; shared by all who ask that service."""

    def __init__(
        self,
        service: Service,
        token: Token,
        *,
        timeout_seconds: float = 10.0,
        monotonic: Callable[[], float] = time.monotonic,
        epoch: Callable[[], float] = time.time,
    ) -> None:
        """Take the service and whose token to use; the connection is opened by the first question."""
        self.service = service
        self._token = token
        self._may_go = token_may_go_to(service.url, own_hosts=service.own_hosts, allowed_hosts=service.allowed_hosts)
        self._timeout = timeout_seconds
        self._limits = Limits(service, monotonic=monotonic, epoch=epoch)
        self._circuit = Circuit(service.name, monotonic=monotonic)
        self._client: httpx.AsyncClient | None = None
        self.rate: RateLimit | None = None
        self.requests = 0
        self.bytes_read = 0

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

    async def ask(
        self, query: str, variables: Mapping[str, object] | None = None, *, divisible: bool = False
    ) -> Answer:
        """Return the answer to a question, tried up to three times; it holds data, maybe with errors beside them.

        Raises SourceError; TooLargeError where the question is `divisible` and the service gave up over its size.
        """
        answer = await self._carried(query, variables, again=_may_be_asked_again, divisible=divisible)
        if divisible and answer.has(self.service.too_large):
            raise TooLargeError
        if answer.data is None:
            raise SourceError(self.service.name, answer.error)
        self._budget(answer.rate)
        return answer

    def _budget(self, rate: RateLimit | None) -> None:
        self.rate = rate or self.rate
        self._limits.note(rate)

    async def write(self, mutation: str, variables: Mapping[str, object]) -> Answer:
        """Send a write once: it is tried again only where it cannot have arrived.

        Raises UnsureError where nobody knows whether it was carried out, SourceError where it was not.
        """
        answer = await self._carried(mutation, variables, again=_may_be_written_again, divisible=False)
        if answer.data is None:
            # Without an error of the service's own it is no answer, whatever the status says.
            kind = SourceError if answer.errors else UnsureError
            raise kind(self.service.name, answer.error, "" if answer.errors else _LOOK)
        return answer

    async def _carried(
        self, query: str, variables: Mapping[str, object] | None, *, again: Callable[[Exception], bool], divisible: bool
    ) -> Answer:
        if not self._may_go:
            why = f"no token is sent to {self.service.url}"
            raise SourceError(self.service.name, why, "allow that host in your own config")
        reading = again is _may_be_asked_again
        self._limits.check(reading=reading)
        if reading:  # what a person does is tried in any case
            self._circuit.check()
        if self._client is None:
            self._client = await anyio.to_thread.run_sync(self._connect)
        import stamina

        # The library would log each retry to stderr, across the screen; the source's health tells it instead.
        stamina.instrumentation.set_on_retry_hooks(())
        document: dict[str, Any] = {"query": query, **({"variables": dict(variables)} if variables else {})}
        answer = Answer()
        try:
            async for attempt in stamina.retry_context(
                on=again, attempts=TRIES, timeout=None, wait_initial=0.5, wait_max=5.0
            ):
                with attempt:
                    answer = await self._post(self._client, document, divisible=divisible)
        except _Transient as error:
            if error.too_large:
                raise TooLargeError from None
            self._circuit.failed(str(error))
            if not reading and error.sent:
                raise UnsureError(self.service.name, str(error), _LOOK) from None
            raise SourceError(self.service.name, str(error), "the last values stay; it is asked again") from None
        return answer

    def _connect(self) -> httpx.AsyncClient:
        """Return the client; blocks. The imports and the certificates cost a tenth of a second."""
        import httpx
        import stamina  # noqa: F401  loaded here for the one who needs it next

        try:
            # A proxy of the environment is no way to this machine itself, and must not see the token.
            return httpx.AsyncClient(
                timeout=self._timeout, follow_redirects=False, trust_env=not is_loopback(self.service.url)
            )
        except (ImportError, ValueError, OSError) as error:
            # A SOCKS proxy needs a package more, another scheme is unknown, a file of certificates is missing.
            why = clean_line(f"no connection can be set up: {error}", limit=200)
            remedy = "look at the proxy and SSL_CERT variables of the environment"
            raise SourceError(self.service.name, why, remedy) from error

    async def _post(self, client: httpx.AsyncClient, document: Mapping[str, Any], *, divisible: bool) -> Answer:
        import httpx

        token = await self._token.get()
        self.requests += 1
        headers = {"Authorization": f"{self.service.scheme}{token}"}
        try:
            # The client's own limit is one of silence; what trickles in has to end too.
            with anyio.fail_after(self._timeout * 2):
                async with client.stream("POST", self.service.url, json=document, headers=headers) as response:
                    body = await self._body(response, divisible=divisible)
        except httpx.ConnectTimeout:
            raise _Transient(f"no connection within {self._timeout:g} s", sent=False) from None
        except httpx.ConnectError as error:
            raise _Transient(clean_line(f"ConnectError: {error}", limit=200), sent=False) from None
        except (httpx.TimeoutException, TimeoutError):
            raise _Transient(f"no answer within {self._timeout:g} s", too_large=divisible) from None
        except httpx.HTTPError as error:
            raise _Transient(clean_line(f"{type(error).__name__}: {error}", limit=200)) from None
        if response.status_code < _SERVER_FAILED:
            self._circuit.answered()
        return self._answer(response, body, divisible=divisible)

    async def _body(self, response: httpx.Response, *, divisible: bool) -> bytes:
        body = bytearray()
        async for part in response.aiter_bytes():
            body += part
            self.bytes_read += len(part)
            if len(body) > LARGEST_ANSWER:
                if divisible:
                    raise TooLargeError
                raise SourceError(self.service.name, f"an answer of more than {LARGEST_ANSWER // 1_000_000} MB")
        return bytes(body)

    def _answer(self, response: httpx.Response, body: bytes, *, divisible: bool) -> Answer:
        status, headers, name = response.status_code, response.headers, self.service.name
        if status == _UNAUTHORIZED:
            self._token.forget()
            raise SourceError(name, "login failed (401)", self.service.login_remedy)
        if status == _TOO_MANY or (status == _FORBIDDEN and self._limits.used_up(headers)):
            raise self._limits.told(headers)
        answer = read_answer(body)
        if answer.has(self.service.limited) or (answer.data is None and "rate limit" in answer.error.lower()):
            raise self._limits.told(headers)
        if status == _FORBIDDEN:
            raise SourceError(name, f"not allowed (403): {answer.error}", self.service.rights_remedy)
        if status in (500, 502, 503, 504):
            raise _Transient(f"the server failed ({status})", too_large=status in (502, 504) and divisible)
        self._budget(self._limits.budget(headers))
        if status == _BAD_REQUEST and answer.errors:
            return answer  # a service that refuses a question says why in the answer
        if status != 200:
            raise SourceError(name, f"unexpected answer ({status}) from {self.service.url}")
        return answer
