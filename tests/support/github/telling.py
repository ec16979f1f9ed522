"""What the test's GitHub tells of what it holds: resolvers over `World`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from graphql import GraphQLResolveInfo

from tests.support.github.paging import connection, not_found, refusal
from tests.support.github.world import Issue, Item, Project, Repository, World, label_id, user_id

if TYPE_CHECKING:
    Info = GraphQLResolveInfo[Any]

# Resolves a repository's pull request by number.
FindPullRequest = Callable[[Repository, int], dict[str, Any]]


class Telling:
    """Answers a question's fields."""

    def __init__(self, world: World, find_pull_request: FindPullRequest) -> None:
        """Take what there is, and who finds a pull request."""
        self._world = world
        self._find_pull_request = find_pull_request

    def node(self, info: Info, *, id: str) -> dict[str, Any]:
        """Any node that has an id."""
        del info
        issue = self._world.issues.get(id)
        if issue is not None:
            return self.issue(issue)
        raise not_found(id)

    def viewer(self, info: Info) -> dict[str, Any]:
        """Who is logged in."""
        del info
        return self.user(self._world.viewer)

    def repository(self, info: Info, *, owner: str, name: str, **arguments: Any) -> dict[str, Any]:
        """A repository, found whatever the case."""
        del info, arguments
        owner, name = self._world.renamed.get((owner, name), (owner, name))
        for (their_owner, their_name), home in self._world.repositories.items():
            if (their_owner.casefold(), their_name.casefold()) == (owner.casefold(), name.casefold()):
                return self._repository(home)
        raise refusal(f"Could not resolve to a Repository with the name '{owner}/{name}'.", "NOT_FOUND")

    def owner(self, info: Info, *, login: str) -> dict[str, Any] | None:
        """An organisation or a user."""
        del info
        if login in self._world.organisations:
            return {"__typename": "Organization", "login": login, "projectV2": partial(self._project, login)}
        if login in self._world.users:
            return self.user(login)
        return None

    def find_user(self, info: Info, *, login: str) -> dict[str, Any]:
        """A user by login, whatever the case."""
        del info
        for known in self._world.users:
            if known.casefold() == login.casefold():
                return self.user(known)
        raise refusal(f"Could not resolve to a User with the login of '{login}'.", "NOT_FOUND")

    def user(self, login: str) -> dict[str, Any]:
        """A user."""
        return {
            "__typename": "User",
            "id": user_id(login),
            "login": login,
            "projectV2": partial(self._project, login),
            "url": f"https://github.com/{login}",
        }

    def label(self, home: Repository, name: str) -> dict[str, Any]:
        """A label."""
        return {"__typename": "Label", "id": label_id(home, name), "name": name, "color": "ededed"}

    def issue(self, issue: Issue) -> dict[str, Any]:
        """An issue."""
        home = issue.repository
        children = [one for one in self._world.issues.values() if one.parent is issue]
        return {
            "__typename": "Issue",
            "id": issue.id,
            "number": issue.number,
            "title": issue.title,
            "body": issue.body,
            "url": f"https://github.com/{home.full_name}/issues/{issue.number}",
            "state": issue.state,
            "stateReason": issue.state_reason,
            "closed": issue.state == "CLOSED",
            "createdAt": issue.created_at,
            "updatedAt": issue.updated_at,
            "author": self.user(issue.author),
            "viewerDidAuthor": issue.author == self._world.viewer,
            "repository": lambda info: self._repository(home),
            "labels": self._listed(issue.labels, partial(self.label, home)),
            "assignees": self._listed(issue.assignees, self.user),
            "parent": lambda info: self.issue(issue.parent) if issue.parent else None,
            "subIssues": self._listed(children, self.issue),
            "blockedBy": self._listed(issue.blocked_by, self.issue),
            "closedByPullRequestsReferences": partial(self._linked, issue),
            "comments": self._listed(issue.comments, partial(self.comment, issue)),
            "projectItems": self._listed(
                [item for board in self._world.projects.values() for item in board.items if item.content is issue],
                lambda item: self.item(self._board_of(item), item),
            ),
        }

    def comment(self, issue: Issue, comment: Any) -> dict[str, Any]:
        """A comment."""
        return {
            "__typename": "IssueComment",
            "id": comment.id,
            "author": self.user(comment.author),
            "body": comment.body,
            "createdAt": comment.created_at,
            "url": f"https://github.com/{issue.repository.full_name}/issues/{issue.number}#issuecomment-{comment.id}",
            "viewerDidAuthor": comment.author == self._world.viewer,
        }

    def project(self, project: Project) -> dict[str, Any]:
        """A board."""
        return {
            "__typename": "ProjectV2",
            "id": project.id,
            "number": project.number,
            "title": project.title,
            "url": f"https://github.com/orgs/{project.owner}/projects/{project.number}",
            "viewerCanUpdate": True,
            "field": partial(self._field, project),
            "items": self._listed(project.items, partial(self.item, project)),
        }

    def item(self, project: Project, item: Item) -> dict[str, Any]:
        """A card."""
        content = item.content
        return {
            "__typename": "ProjectV2Item",
            "id": item.id,
            "isArchived": item.archived,
            "type": "ISSUE" if isinstance(content, Issue) else "DRAFT_ISSUE" if content else "REDACTED",
            "project": lambda info: self.project(project),
            "content": self._content(content),
            "fieldValueByName": partial(self._value, project, item),
        }

    def _content(self, content: Issue | str | None) -> dict[str, Any] | None:
        if isinstance(content, Issue):
            return self.issue(content)
        return {"__typename": "DraftIssue", "title": content} if content else None

    def _repository(self, home: Repository) -> dict[str, Any]:
        return {
            "__typename": "Repository",
            "id": home.id,
            "name": home.name,
            "nameWithOwner": home.full_name,
            "url": f"https://github.com/{home.full_name}",
            "hasIssuesEnabled": home.has_issues,
            "isArchived": home.is_archived,
            "viewerDefaultMergeMethod": "SQUASH",
            "viewerPermission": home.permission,
            "issue": partial(self._issue_of, home),
            "issues": partial(self._issues, home),
            "label": partial(self._label_of, home),
            "labels": self._listed(list(home.labels.values()), partial(self.label, home)),
            "pullRequest": lambda info, number: self._find_pull_request(home, number),
            "pullRequests": partial(self._pull_requests, home),
        }

    def _pull_requests(self, home: Repository, info: Info, **arguments: Any) -> dict[str, Any]:
        """Those of a head branch, the newest first; creation goes by number here."""
        branch = arguments.get("headRefName")
        listed = [one for one in home.pull_requests.values() if branch in (None, one["headRefName"])]
        listed.sort(key=lambda one: -int(one["number"]))
        pages = {key: arguments.get(key) for key in ("first", "last", "after", "before")}
        return connection(info, listed, lambda one: one, **pages)

    def _issue_of(self, home: Repository, info: Info, *, number: int) -> dict[str, Any]:
        del info
        if number not in home.issues:
            raise refusal(f"Could not resolve to an Issue with the number of {number}.", "NOT_FOUND")
        return self.issue(home.issues[number])

    def _label_of(self, home: Repository, info: Info, *, name: str) -> dict[str, Any] | None:
        del info
        known = home.labels.get(name.casefold())
        return self.label(home, known) if known is not None else None

    def _issues(self, home: Repository, info: Info, **arguments: Any) -> dict[str, Any]:
        pages = {key: arguments.get(key) for key in ("first", "last", "after", "before")}
        by = {**(arguments.get("filterBy") or {})}
        by.setdefault("states", arguments.get("states"))
        by.setdefault("labels", arguments.get("labels"))
        order = arguments.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
        key = {"CREATED_AT": "created_at", "UPDATED_AT": "updated_at"}[order["field"]]
        found = [one for one in home.issues.values() if _matches(one, by)]
        found.sort(key=lambda one: (getattr(one, key), one.number), reverse=order["direction"] == "DESC")
        return connection(info, found, self._told, **pages)

    def _told(self, issue: Issue) -> dict[str, Any]:
        if issue.number in self._world.broken:
            raise_ = refusal("Something went wrong while executing your query.", "SERVICE_UNAVAILABLE")
            return {**self.issue(issue), "title": _raising(raise_)}
        return self.issue(issue)

    def _linked(self, issue: Issue, info: Info, *, includeClosedPrs: bool = False, **arguments: Any) -> dict[str, Any]:
        linked = [one for one in issue.pull_requests if includeClosedPrs or one["state"] == "OPEN"]
        arguments.pop("orderByState", None)
        arguments.pop("userLinkedOnly", None)
        return connection(info, linked, lambda one: one, **arguments)

    def _project(self, owner: str, info: Info, *, number: int) -> dict[str, Any]:
        del info
        if not self._world.sees_projects:
            raise refusal(
                "Your token has not been granted the required scopes to execute this query. The 'projectV2' field "
                "requires one of the following scopes: ['read:project'].",
                "INSUFFICIENT_SCOPES",
            )
        if (owner, number) not in self._world.projects:
            raise refusal(f"Could not resolve to a ProjectV2 with the number {number}.", "NOT_FOUND")
        return self.project(self._world.projects[owner, number])

    def _board_of(self, item: Item) -> Project:
        return next(board for board in self._world.projects.values() if item in board.items)

    def _field(self, project: Project, info: Info, *, name: str) -> dict[str, Any] | None:
        del info
        if name != project.field_name:
            return None
        options = [{"id": f"{name}:{index}", "name": option} for index, option in enumerate(project.options)]
        return {
            "__typename": "ProjectV2SingleSelectField",
            "id": project.field_id,
            "name": name,
            "options": lambda info, **arguments: options,
        }

    def _value(self, project: Project, item: Item, info: Info, *, name: str) -> dict[str, Any] | None:
        del info
        if name != project.field_name or item.status is None:
            return None
        option = f"{name}:{list(project.options).index(item.status)}"
        return {"__typename": "ProjectV2ItemFieldSingleSelectValue", "name": item.status, "optionId": option}

    @staticmethod
    def _listed(items: Sequence[Any], tell: Callable[[Any], Any]) -> Callable[..., dict[str, Any]]:
        def listed(info: Info, **arguments: Any) -> dict[str, Any]:
            pages = {key: arguments.get(key) for key in ("first", "last", "after", "before")}
            return connection(info, list(items), tell, **pages)

        return listed


def _raising(error: Exception) -> Callable[..., Any]:
    def resolve(info: Info) -> Any:
        del info
        raise error

    return resolve


def _matches(issue: Issue, by: dict[str, Any]) -> bool:
    if by.get("states") and issue.state not in by["states"]:
        return False
    if by.get("since") and issue.updated_at < by["since"]:
        return False
    if by.get("createdBy") and issue.author != by["createdBy"]:
        return False
    if "assignee" in by:
        wanted = by["assignee"]
        if (wanted is None and issue.assignees) or (wanted == "*" and not issue.assignees):
            return False
        if wanted not in (None, "*") and wanted not in issue.assignees:
            return False
    wanted, there = ({name.casefold() for name in names} for names in (by.get("labels") or (), issue.labels))
    return wanted <= there
