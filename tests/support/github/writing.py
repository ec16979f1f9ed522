"""What the test's GitHub does on request: mutations over `World`, with GitHub's own refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphql import GraphQLResolveInfo

from tests.support.github.paging import not_found, refusal
from tests.support.github.telling import Telling
from tests.support.github.world import Comment, Issue, Item, Project, Repository, World, user_id

if TYPE_CHECKING:
    Info = GraphQLResolveInfo[Any]

_MAY_WRITE = ("ADMIN", "MAINTAIN", "WRITE", "TRIAGE")


class Writing:
    """Carries out mutations, one after the other."""

    def __init__(self, world: World, telling: Telling) -> None:
        """Take what is changed, and how it is told."""
        self._world = world
        self._telling = telling

    @property
    def root(self) -> Mapping[str, Callable[..., Any]]:
        """The resolvers of `Mutation`; each notes that it was carried out."""
        done: dict[str, Callable[..., dict[str, Any]]] = {
            "addAssigneesToAssignable": self._assign,
            "addComment": self._comment,
            "addLabelsToLabelable": self._add_labels,
            "addProjectV2ItemById": self._put,
            "closeIssue": self._close,
            "createIssue": self._create,
            "createLabel": self._create_label,
            "mergePullRequest": self._merge,
            "removeAssigneesFromAssignable": self._unassign,
            "removeLabelsFromLabelable": self._remove_labels,
            "reopenIssue": self._reopen,
            "updateIssue": self._update,
            "updateProjectV2ItemFieldValue": self._set_status,
        }

        def noting(name: str, carry_out: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
            def resolve(info: Info, **arguments: Any) -> dict[str, Any]:
                del info
                told = carry_out(arguments["input"])
                self._world.carried_out.append(name)
                return told

            return resolve

        return {name: noting(name, carry_out) for name, carry_out in done.items()}

    def _merge(self, given: Mapping[str, Any]) -> dict[str, Any]:
        homes = self._world.repositories.values()
        found = [
            (home, one) for home in homes for one in home.pull_requests.values() if one["id"] == given["pullRequestId"]
        ]
        if not found:
            raise not_found(given["pullRequestId"])
        home, pull = found[0]
        if home.permission not in ("ADMIN", "MAINTAIN", "WRITE"):
            raise refusal("octocat does not have the correct permissions to execute `MergePullRequest`", "FORBIDDEN")
        if given.get("expectedHeadOid") not in (None, pull["headRefOid"]):
            raise refusal("Head branch was modified. Review and try the merge again.", "UNPROCESSABLE")
        if pull["state"] != "OPEN" or pull["isDraft"] or pull["mergeable"] != "MERGEABLE":
            raise refusal("Pull Request is not mergeable", "UNPROCESSABLE")
        pull["state"] = "MERGED"
        pull["merged_by"] = given["mergeMethod"]
        return {"pullRequest": pull}

    def _assign(self, given: Mapping[str, Any]) -> dict[str, Any]:
        issue = self._issue(given["assignableId"], "AddAssigneesToAssignable")
        logins = self._logins(given["assigneeIds"])
        issue.assignees += [login for login in logins if login not in issue.assignees]
        return {"assignable": self._touched(issue)}

    def _unassign(self, given: Mapping[str, Any]) -> dict[str, Any]:
        issue = self._issue(given["assignableId"], "RemoveAssigneesFromAssignable")
        logins = self._logins(given["assigneeIds"])
        issue.assignees = [login for login in issue.assignees if login not in logins]
        return {"assignable": self._touched(issue)}

    def _comment(self, given: Mapping[str, Any]) -> dict[str, Any]:
        issue = self._issue(given["subjectId"], "AddComment", needs_write=False)
        if not given["body"].strip():
            raise refusal("Body can't be blank", "UNPROCESSABLE")
        made = Comment(
            id=f"IC_{issue.number}_{len(issue.comments)}",
            author=self._world.viewer,
            body=given["body"],
            created_at=self._world.tick(),
        )
        issue.comments.append(made)
        return {"subject": self._touched(issue), "commentEdge": {"node": self._telling.comment(issue, made)}}

    def _add_labels(self, given: Mapping[str, Any]) -> dict[str, Any]:
        issue = self._issue(given["labelableId"], "AddLabelsToLabelable")
        names = self._labels(issue.repository, given["labelIds"])
        issue.labels += [name for name in names if name not in issue.labels]
        return {"labelable": self._touched(issue)}

    def _remove_labels(self, given: Mapping[str, Any]) -> dict[str, Any]:
        issue = self._issue(given["labelableId"], "RemoveLabelsFromLabelable")
        names = self._labels(issue.repository, given["labelIds"])
        issue.labels = [name for name in issue.labels if name not in names]
        return {"labelable": self._touched(issue)}

    def _close(self, given: Mapping[str, Any]) -> dict[str, Any]:
        issue = self._issue(given["issueId"], "CloseIssue")
        issue.state, issue.state_reason = "CLOSED", given.get("stateReason") or "COMPLETED"
        return {"issue": self._touched(issue)}

    def _reopen(self, given: Mapping[str, Any]) -> dict[str, Any]:
        issue = self._issue(given["issueId"], "ReopenIssue")
        issue.state, issue.state_reason = "OPEN", "REOPENED"
        return {"issue": self._touched(issue)}

    def _create(self, given: Mapping[str, Any]) -> dict[str, Any]:
        home = self._home(given["repositoryId"])
        if not given["title"].strip():
            raise refusal("Title can't be blank", "UNPROCESSABLE")
        made = self._world.add_issue(
            given["title"],
            repository=home,
            body=given.get("body") or "",
            author=self._world.viewer,
            labels=self._labels(home, given.get("labelIds") or ()),
            assignees=self._logins(given.get("assigneeIds") or ()),
        )
        return {"issue": self._telling.issue(made)}

    def _create_label(self, given: Mapping[str, Any]) -> dict[str, Any]:
        home = self._home(given["repositoryId"])
        self._may(home, "CreateLabel")
        if given["name"].casefold() in home.labels:
            raise refusal("Name has already been taken", "UNPROCESSABLE")
        home.labels[given["name"].casefold()] = given["name"]
        return {"label": self._telling.label(home, given["name"])}

    def _update(self, given: Mapping[str, Any]) -> dict[str, Any]:
        issue = self._issue(given["id"], "UpdateIssue")
        if given.get("title") is not None:
            issue.title = given["title"]
        if given.get("body") is not None:
            issue.body = given["body"]
        return {"issue": self._touched(issue)}

    def _put(self, given: Mapping[str, Any]) -> dict[str, Any]:
        project = self._project(given["projectId"])
        issue = self._issue(given["contentId"], "AddProjectV2ItemById", needs_write=False)
        item = project.item_of(issue) or self._world.put(project, issue)
        return {"item": self._telling.item(project, item)}

    def _set_status(self, given: Mapping[str, Any]) -> dict[str, Any]:
        project = self._project(given["projectId"])
        item = next((one for one in project.items if one.id == given["itemId"]), None)
        if item is None or given["fieldId"] != project.field_id:
            raise not_found(given["itemId"])
        option = given["value"].get("singleSelectOptionId") or ""
        if option not in {f"{project.field_name}:{index}" for index in range(len(project.options))}:
            raise refusal("The single select option Id does not belong to the field", "VALIDATION")
        item.status = project.options[int(option.rpartition(":")[2])]
        return {"projectV2Item": self._item(project, item)}

    def _item(self, project: Project, item: Item) -> dict[str, Any]:
        return self._telling.item(project, item)

    def _touched(self, issue: Issue) -> dict[str, Any]:
        issue.updated_at = self._world.tick()
        return self._telling.issue(issue)

    def _issue(self, node_id: str, mutation: str, *, needs_write: bool = True) -> Issue:
        found = self._world.issues.get(node_id)
        if found is None:
            raise not_found(node_id)
        if needs_write:
            self._may(found.repository, mutation)
        return found

    def _may(self, home: Repository, mutation: str) -> None:
        if home.permission not in _MAY_WRITE:
            raise refusal(
                f"{self._world.viewer} does not have the correct permissions to execute `{mutation}`", "FORBIDDEN"
            )

    def _home(self, node_id: str) -> Repository:
        for home in self._world.repositories.values():
            if home.id == node_id:
                return home
        raise not_found(node_id)

    def _project(self, node_id: str) -> Project:
        for project in self._world.projects.values():
            if project.id == node_id:
                return project
        raise not_found(node_id)

    def _labels(self, home: Repository, ids: Sequence[str]) -> list[str]:
        known = self._world.labels_of(home)
        for one in ids:
            if one not in known:
                raise not_found(one)
        return [known[one] for one in ids]

    def _logins(self, ids: Sequence[str]) -> list[str]:
        known = {user_id(login): login for login in self._world.users}
        for one in ids:
            if one not in known:
                raise not_found(one)
        return [known[one] for one in ids]
