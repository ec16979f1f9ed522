"""A GitHub of loopback: executes each GraphQL query for real, over its published schema."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, GraphQLResolveInfo, execute_sync, parse, validate

from tests.support.github.paging import refusal
from tests.support.github.schema import MOST_NODES, schema, size_of
from tests.support.github.telling import Telling
from tests.support.github.world import Repository, World
from tests.support.github.writing import Writing
from tests.support.graphql_server import Asked, Fault, GraphQLServer, serving

if TYPE_CHECKING:
    Info = GraphQLResolveInfo[Any]


@dataclass(kw_only=True)
class GitHubServer(GraphQLServer):
    """What it knows, and its limits."""

    world: World = field(default_factory=World)
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

    def refusal_of(self, asked: Asked) -> Fault | None:
        """504 for what is too much at a time."""
        too_much = asked.pull_requests > self.most_aliases
        return Fault(status=504, body=b"<html>Gateway Timeout</html>") if too_much else None


@asynccontextmanager
async def github_server() -> AsyncIterator[GitHubServer]:
    """A server on a free port of loopback, gone at the end."""
    async with serving(GitHubServer()) as github:
        yield github


def _error(error: GraphQLError) -> dict[str, Any]:
    told = {"path": error.path, "message": error.message, **(error.extensions or {})}
    return {name: value for name, value in told.items() if value is not None}
