"""A GraphQL service of loopback: speaks HTTP, answers what its subclass executes, and fails on demand."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is answered in place of the truth."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    # Promise the whole body, send half of it, and hang up.
    cut: bool = False
    # Take the request and never answer.
    silent: bool = False
    # Send a byte, wait so long, send the next.
    trickle_seconds: float = 0.0
    # Answer the truth when `GraphQLServer.held` is set.
    held: bool = False
    # Do what is asked, and then answer this all the same: the answer is lost, the write is not.
    carried_out: bool = False
    # Wait for a mutation, and let every question before it have the truth.
    on_write: bool = False


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    target: str
    headers: Mapping[str, str]
    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_write(self) -> bool:
        """Whether it asks for something to be done."""
        return self.query.lstrip().startswith("mutation")

    @property
    def pull_requests(self) -> int:
        """How many it asks for."""
        return self.query.count("pullRequest(number:")


@dataclass(kw_only=True)
class GraphQLServer:
    """How it fails, and what it was asked."""

    url: str = ""
    # One for each request to come, in order; None is the truth.
    faults: deque[Fault | None] = field(default_factory=deque)
    # For every request, after `faults` is used up.
    always: Fault | None = None
    asked: list[Asked] = field(default_factory=list)
    # What every true answer says beside its body.
    headers: dict[str, str] = field(default_factory=dict)
    # How far away it is: so long passes before each answer.
    delay_seconds: float = 0.0
    # What somebody else does just before a write arrives.
    before_write: Callable[[], object] | None = None
    connections: int = 0
    held: asyncio.Event = field(default_factory=asyncio.Event)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    open: dict[asyncio.Task[None], asyncio.StreamWriter] = field(default_factory=dict)

    def execute(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the answer to a question or a mutation, errors in the service's own shape."""
        raise NotImplementedError

    def status_of(self, answer: Mapping[str, Any]) -> int:
        """Return the HTTP status that an answer comes with."""
        del answer
        return 200

    def refusal_of(self, asked: Asked) -> Fault | None:
        """Return how the service itself refuses a request, None where it takes it."""
        del asked
        return None

    def _next_fault(self, asked: Asked) -> Fault | None:
        if not self.faults:
            return self.always if self.always is None or asked.is_write or not self.always.on_write else None
        first = self.faults[0]
        return None if first is not None and first.on_write and not asked.is_write else self.faults.popleft()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection, one after the other."""
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self.open[task] = writer
        try:
            while not self.closing.is_set():
                asked = await _request(reader)
                self.asked.append(asked)
                fault = self._next_fault(asked)
                if asked.is_write and self.before_write is not None:
                    self.before_write()
                if fault is not None and fault.carried_out:
                    self.execute(asked.query, asked.variables)
                if fault is not None and fault.held:
                    await self.held.wait()
                    fault = None
                fault = fault or self.refusal_of(asked)
                if fault is not None and fault.silent:
                    await self.closing.wait()
                    return
                fault = fault or self._truth(asked)
                await asyncio.sleep(self.delay_seconds)
                for part in _parts(fault):
                    writer.write(part)
                    await writer.drain()
                    await asyncio.sleep(fault.trickle_seconds)
                if fault.cut:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return  # the client has left
        finally:
            del self.open[task]
            writer.close()

    def _truth(self, asked: Asked) -> Fault:
        answer = self.execute(asked.query, asked.variables)
        return Fault(status=self.status_of(answer), headers=self.headers, body=json.dumps(answer).encode())


Served = TypeVar("Served", bound=GraphQLServer)


@asynccontextmanager
async def serving(service: Served) -> AsyncIterator[Served]:
    """Serve on a free port of loopback; gone at the end."""
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0)
    service.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/graphql"
    try:
        yield service
    finally:
        service.closing.set()
        service.held.set()
        server.close()
        open_now = dict(service.open)
        for writer in open_now.values():
            writer.transport.abort()
        await asyncio.gather(*open_now)


async def _request(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    start, *lines = head.rstrip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = json.loads(await reader.readexactly(int(headers["content-length"])))
    return Asked(start.split(" ")[1], headers, body["query"], body.get("variables") or {})


def _parts(fault: Fault) -> list[bytes]:
    whole = _response(fault)
    return [whole[i : i + 1] for i in range(len(whole))] if fault.trickle_seconds else [whole]


def _response(fault: Fault) -> bytes:
    reason = HTTPStatus(fault.status).phrase
    headers = {"content-type": "application/json", "content-length": str(len(fault.body)), **fault.headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    body = fault.body[: len(fault.body) // 2] if fault.cut else fault.body
    return f"HTTP/1.1 {fault.status} {reason}\r\n{head}\r\n".encode() + body
