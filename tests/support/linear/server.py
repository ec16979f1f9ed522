"""A Linear of loopback: executes each GraphQL query for real, over the schema that its SDK declares."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLError, execute_sync, parse, validate

from tests.support.graphql_server import GraphQLServer, serving
from tests.support.linear.schema import MOST_POINTS, points_of, schema
from tests.support.linear.telling import Telling
from tests.support.linear.world import Comment, Issue, World


@dataclass(kw_only=True)
class LinearServer(GraphQLServer):
    """What it knows."""

    world: World = field(default_factory=World)
    # Points of each question so far.
    points: list[float] = field(default_factory=list)

    def execute(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the answer to a question or a mutation, errors in Linear's own shape."""
        document = parse(query)
        refused = validate(schema(), document)
        if refused:
            return {"errors": [_error(error, "GRAPHQL_VALIDATION_FAILED") for error in refused]}
        points = points_of(document, variables or {})
        self.points.append(points)
        if points > MOST_POINTS:
            return {"errors": [_told(f"Query too complex: {points:.0f} of {MOST_POINTS} points.", "INPUT_ERROR")]}
        telling = Telling(self.world)
        root = {
            "viewer": telling.viewer,
            "teams": telling.teams,
            "users": telling.users,
            "issues": telling.issues,
            "issueLabels": telling.labels,
            "comments": telling.comments,
            "issueCreate": self._create,
            "issueUpdate": self._update,
            "issueLabelCreate": self._label,
            "commentCreate": self._comment,
            "attachmentLinkURL": self._link,
        }
        result = execute_sync(schema(), document, root, variable_values=dict(variables or {}))
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [_error(error, "INPUT_ERROR") for error in result.errors]
        return answer

    def status_of(self, answer: Mapping[str, Any]) -> int:
        """Linear answers a question that it refuses with 400."""
        return 400 if answer.get("data") is None else 200

    def _create(self, info: Any, input: dict[str, Any]) -> dict[str, Any]:
        del info
        team = next(team for team in self.world.teams.values() if team.id == input["teamId"])
        if any(one.id == input.get("id") for one in self.world.issues):
            raise GraphQLError("Entity with this id already exists")
        state = next(state for state in team.states if state.id == input["stateId"])
        made = self.world.add_issue(
            team.key,
            input["title"],
            state=state.name,
            id=input.get("id"),
            description=input.get("description") or None,
            priority=input.get("priority", 0),
        )
        made.labels = [label for label in self.world.labels if label.id in input.get("labelIds", [])]
        return {"success": True, "issue": Telling(self.world).issue(made)}

    def _update(self, info: Any, id: str, input: dict[str, Any]) -> dict[str, Any]:
        del info
        issue = self._found(id)
        gone = input.get("removedLabelIds", [])
        issue.labels = [label for label in issue.labels if label.id not in gone]
        issue.labels += [
            label
            for label in self.world.labels
            if label.id in input.get("addedLabelIds", []) and label not in issue.labels
        ]
        if "stateId" in input:
            issue.state = next(state for state in issue.team.states if state.id == input["stateId"])
        if "assigneeId" in input:
            issue.assignee = next((user for user in self.world.users if user.id == input["assigneeId"]), None)
        for name in ("title", "description", "priority"):
            if name in input:
                setattr(issue, name, input[name])
        if set(input) - {"addedLabelIds", "removedLabelIds"}:
            # A label is no "meaningful" change: the time of the last one stays.
            issue.updated_at = self.world.now()
        return {"success": True}

    def _label(self, info: Any, input: dict[str, Any], **given: Any) -> dict[str, Any]:
        del info, given
        team = next((team.key for team in self.world.teams.values() if team.id == input.get("teamId")), None)
        self.world.add_label(input["name"], team=team)
        return {"success": True}

    def _comment(self, info: Any, input: dict[str, Any]) -> dict[str, Any]:
        del info
        self._found(input["issueId"]).comments.append(Comment(id=input["id"], body=input["body"]))
        return {"success": True}

    def _link(self, info: Any, issueId: str, url: str, **given: Any) -> dict[str, Any]:
        del info, given
        self.world.link(self._found(issueId), url)
        return {"success": True}

    def _found(self, issue_id: str) -> Issue:
        found = next((one for one in self.world.issues if one.id == issue_id), None)
        if found is None:
            raise GraphQLError("Entity not found: Issue")
        return found


@asynccontextmanager
async def linear_server() -> AsyncIterator[LinearServer]:
    """A server on a free port of loopback, gone at the end."""
    async with serving(LinearServer()) as linear:
        linear.world.add_team("ENG")
        yield linear


def _error(error: GraphQLError, code: str) -> dict[str, Any]:
    return {**_told(error.message, code), "path": error.path}


def _told(message: str, code: str) -> dict[str, Any]:
    return {"message": message, "extensions": {"code": code, "userPresentableMessage": message}}
