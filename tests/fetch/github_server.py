"""A GitHub of loopback: speaks HTTP, executes each GraphQL query for real, and fails on demand."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, GraphQLResolveInfo, GraphQLSchema, build_schema, graphql_sync

if TYPE_CHECKING:
    Info = GraphQLResolveInfo[Any]

# The part of GitHub's published schema that is asked for: names, arguments and nullability are GitHub's own.
SCHEMA = """
type Query {
  repository(followRenames: Boolean = true, name: String!, owner: String!): Repository
  rateLimit(dryRun: Boolean = false): RateLimit
}
type RateLimit { cost: Int! limit: Int! nodeCount: Int! remaining: Int! resetAt: DateTime! used: Int! }
type Repository { nameWithOwner: String! pullRequest(number: Int!): PullRequest }
type PullRequest {
  number: Int!
  title: String!
  state: PullRequestState!
  isDraft: Boolean!
  reviewDecision: PullRequestReviewDecision
  mergeable: MergeableState!
  headRefName: String!
  headRefOid: GitObjectID!
  additions: Int!
  deletions: Int!
  commits(after: String, before: String, first: Int, last: Int): PullRequestCommitConnection!
}
type PullRequestCommitConnection { nodes: [PullRequestCommit] totalCount: Int! }
type PullRequestCommit { commit: Commit! }
type Commit { oid: GitObjectID! statusCheckRollup: StatusCheckRollup }
type StatusCheckRollup {
  state: StatusState!
  contexts(after: String, before: String, first: Int, last: Int): StatusCheckRollupContextConnection!
}
type StatusCheckRollupContextConnection {
  checkRunCount: Int!
  checkRunCountsByState: [CheckRunStateCount!]
  statusContextCount: Int!
  statusContextCountsByState: [StatusContextStateCount!]
  totalCount: Int!
}
type CheckRunStateCount { count: Int! state: CheckRunState! }
type StatusContextStateCount { count: Int! state: StatusState! }
enum PullRequestState { CLOSED MERGED OPEN }
enum PullRequestReviewDecision { APPROVED CHANGES_REQUESTED REVIEW_REQUIRED }
enum MergeableState { CONFLICTING MERGEABLE UNKNOWN }
enum StatusState { ERROR EXPECTED FAILURE PENDING SUCCESS }
enum CheckRunState {
  ACTION_REQUIRED CANCELLED COMPLETED FAILURE IN_PROGRESS NEUTRAL PENDING QUEUED SKIPPED STALE STARTUP_FAILURE
  SUCCESS TIMED_OUT WAITING
}
scalar DateTime
scalar GitObjectID
"""


@cache
def schema() -> GraphQLSchema:
    """The schema, built once."""
    return build_schema(SCHEMA)


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


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    target: str
    headers: Mapping[str, str]
    query: str

    @property
    def pull_requests(self) -> int:
        """How many it asks for."""
        return self.query.count("pullRequest(number:")


@dataclass
class GitHubServer:
    """What it knows, how it fails, and what it was asked."""

    url: str = ""
    pull_requests: dict[tuple[str, str], dict[int, dict[str, Any]]] = field(default_factory=dict)
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
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    held: asyncio.Event = field(default_factory=asyncio.Event)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    open: dict[asyncio.Task[None], asyncio.StreamWriter] = field(default_factory=dict)

    def add(self, owner: str, repo: str, number: int, **fields: Any) -> None:
        """Have a pull request; `fields` in GitHub's own names, `checks` as its counts by state."""
        self.pull_requests.setdefault((owner, repo), {})[number] = pull_request(number, **fields)

    def execute(self, query: str) -> dict[str, Any]:
        """Return the answer to a query, errors in GitHub's own shape."""
        self._nodes = 0
        root = {"repository": self._repository, "rateLimit": self._rate_limit}
        result = graphql_sync(schema(), query, root)
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [_error(error) for error in result.errors]
        return answer

    def _rate_limit(self, info: Info, **arguments: Any) -> dict[str, Any]:
        del info, arguments
        return {"cost": 1, "limit": 5000, "remaining": self.remaining, "resetAt": "2026-03-14T16:00:00Z"}

    def _repository(self, info: Info, *, owner: str, name: str, **arguments: Any) -> dict[str, Any]:
        del info, arguments
        known = self.pull_requests.get((owner, name))
        if known is None:
            raise GraphQLError(
                f"Could not resolve to a Repository with the name '{owner}/{name}'.", extensions={"type": "NOT_FOUND"}
            )

        def one(info: Info, *, number: int) -> dict[str, Any]:
            del info
            self._nodes += 1
            if self._nodes > self.most_nodes:
                raise GraphQLError("Too much.", extensions={"type": "RESOURCE_LIMITS_EXCEEDED"})
            if number in self.broken:
                raise GraphQLError("Something went wrong while executing your query.")
            if number not in known:
                raise GraphQLError(
                    f"Could not resolve to a PullRequest with the number of {number}.", extensions={"type": "NOT_FOUND"}
                )
            return known[number]

        return {"nameWithOwner": f"{owner}/{name}", "pullRequest": one}

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
                fault = self.faults.popleft() if self.faults else self.always
                if fault is not None and fault.held:
                    await self.held.wait()
                    fault = None
                if fault is None and asked.pull_requests > self.most_aliases:
                    fault = Fault(status=504, body=b"<html>Gateway Timeout</html>")
                if fault is not None and fault.silent:
                    await self.closing.wait()
                    return
                fault = fault or Fault(body=json.dumps(self.execute(asked.query)).encode())
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


def pull_request(number: int, **fields: Any) -> dict[str, Any]:
    """A pull request as GitHub tells it: open, ready, without reviews and checks unless `fields` say so."""
    checks: Mapping[str, int] = fields.pop("checks", {})
    statuses: Mapping[str, int] = fields.pop("statuses", {})
    rollup_state: str | None = fields.pop("rollup", None)

    def contexts(info: Info, first: int | None = None, last: int | None = None) -> dict[str, Any]:
        if first is None and last is None:
            raise GraphQLError(
                f"You must provide a `first` or `last` value to properly paginate the `{info.field_name}` connection.",
                extensions={"type": "MISSING_PAGINATION_BOUNDARIES"},
            )
        return {
            "totalCount": sum(checks.values()) + sum(statuses.values()),
            "checkRunCountsByState": [{"state": state, "count": count} for state, count in checks.items()],
            "statusContextCountsByState": [{"state": state, "count": count} for state, count in statuses.items()],
        }

    def commits(info: Info, first: int | None = None, last: int | None = None) -> dict[str, Any]:
        if first is None and last is None:
            raise GraphQLError(
                f"You must provide a `first` or `last` value to properly paginate the `{info.field_name}` connection.",
                extensions={"type": "MISSING_PAGINATION_BOUNDARIES"},
            )
        rollup = {"state": rollup_state, "contexts": contexts} if rollup_state else None
        return {"totalCount": 1, "nodes": [{"commit": {"oid": "0" * 40, "statusCheckRollup": rollup}}]}

    return {
        "number": number,
        "title": f"Pull request {number}",
        "state": "OPEN",
        "isDraft": False,
        "reviewDecision": None,
        "mergeable": "MERGEABLE",
        "headRefName": f"branch-{number}",
        "headRefOid": "0" * 40,
        "additions": 1,
        "deletions": 2,
        "commits": commits,
        **fields,
    }


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
    return Asked(start.split(" ")[1], headers, body["query"])


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
