"""A GitHub of loopback: speaks HTTP, executes each GraphQL query for real, and fails on demand."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, GraphQLResolveInfo, execute_sync, parse, validate

from tests.support.github.paging import refusal
from tests.support.github.schema import MOST_NODES, schema, size_of
from tests.support.github.telling import Telling
from tests.support.github.world import Repository, World
from tests.support.github.writing import Writing

if TYPE_CHECKING:
    Info = GraphQLResolveInfo[Any]


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
    # Answer the truth when `GitHubServer.held` is set.
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


@dataclass
class GitHubServer:
    """What it knows, how it fails, and what it was asked."""

    url: str = ""
    world: World = field(default_factory=World)
    # One for each request to come, in order; None is the truth.
    faults: deque[Fault | None] = field(default_factory=deque)
    # For every request, after `faults` is used up.
    always: Fault | None = None
    # 504 for a request of more pull requests than these.
    most_aliases: int = 10_000
    # A server that gives up half way: data for so many pull requests, RESOURCE_LIMITS_EXCEEDED for the others.
    most_nodes: int = 10_000
    # Pull requests that cannot be told today, although the rest of the answer can.
    broken: set[int] = field(default_factory=set)
    remaining: int = 4987
    reset_at: str = "2026-03-14T16:00:00Z"
    # Points of the questions so far, and of the last one.
    spent: int = 0
    cost: int = 0
    # Whether its schema has the dependencies of issues.
    newer: bool = True
    asked: list[Asked] = field(default_factory=list)
    # What somebody else does just before a write arrives.
    before_write: Callable[[], object] | None = None
    connections: int = 0
    held: asyncio.Event = field(default_factory=asyncio.Event)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    open: dict[asyncio.Task[None], asyncio.StreamWriter] = field(default_factory=dict)

    def add(self, owner: str, repo: str, number: int, **fields: Any) -> None:
        """Have a pull request; `fields` in GitHub's own names, `checks` as its counts by state."""
        self.world.add_pull_request(owner, repo, number, **fields)

    def execute(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the answer to a question or a mutation, errors in GitHub's own shape."""
        self._nodes = 0
        document = parse(query)
        size = size_of(document, variables or {})
        if size.nodes > MOST_NODES:
            told = f"This query requests more than the {MOST_NODES} possible nodes."
            return {"data": None, "errors": [{"type": "MAX_NODE_LIMIT_EXCEEDED", "message": told}]}
        self.cost = size.points
        self.spent += size.points
        known = schema(newer=self.newer)
        refused = validate(known, document)
        if refused:
            return {"errors": [_error(error) for error in refused]}
        telling = Telling(self.world, self._pull_request)
        root = {
            "node": telling.node,
            "rateLimit": self._rate_limit,
            "repository": telling.repository,
            "repositoryOwner": telling.owner,
            "user": telling.find_user,
            "viewer": telling.viewer,
            **Writing(self.world, telling).root,
        }
        result = execute_sync(known, document, root, variable_values=dict(variables or {}))
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [_error(error) for error in result.errors]
        return answer

    def _rate_limit(self, info: Info, **arguments: Any) -> dict[str, Any]:
        del info, arguments
        return {"cost": self.cost, "limit": 5000, "remaining": self.remaining, "resetAt": self.reset_at}

    def _pull_request(self, home: Repository, number: int) -> dict[str, Any]:
        self._nodes += 1
        if self._nodes > self.most_nodes:
            raise refusal("Too much.", "RESOURCE_LIMITS_EXCEEDED")
        if number in self.broken:
            raise GraphQLError("Something went wrong while executing your query.")
        if number not in home.pull_requests:
            raise refusal(f"Could not resolve to a PullRequest with the number of {number}.", "NOT_FOUND")
        return home.pull_requests[number]

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
                if fault is None and asked.pull_requests > self.most_aliases:
                    fault = Fault(status=504, body=b"<html>Gateway Timeout</html>")
                if fault is not None and fault.silent:
                    await self.closing.wait()
                    return
                fault = fault or Fault(body=json.dumps(self.execute(asked.query, asked.variables)).encode())
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


@asynccontextmanager
async def github_server() -> AsyncIterator[GitHubServer]:
    """A server on a free port of loopback, gone at the end."""
    github = GitHubServer()
    server = await asyncio.start_server(github.serve, "127.0.0.1", 0)
    github.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/graphql"
    try:
        yield github
    finally:
        github.closing.set()
        github.held.set()
        server.close()
        serving = dict(github.open)
        for writer in serving.values():
            writer.transport.abort()
        await asyncio.gather(*serving)


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


def _error(error: GraphQLError) -> dict[str, Any]:
    told = {"path": error.path, "message": error.message, **(error.extensions or {})}
    return {name: value for name, value in told.items() if value is not None}
