"""Writes to GitHub: each sent once, with the ids of the newest state, and told apart from what may have been done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from legion_tui.errors import TrackerError
from legion_tui.network import GraphQLClient
from legion_tui.network.shapes import Named
from legion_tui.state.text import clean_line
from legion_tui.trackers.github import queries
from legion_tui.trackers.github.listing import no_repository
from legion_tui.trackers.github.shapes import (
    Comments,
    CommentsAnswer,
    IssueNode,
    NewestAnswer,
    NewestIssue,
    RepositoryAnswer,
    RepositoryNode,
    UserAnswer,
)
from legion_tui.trackers.github.welcome import Welcome
from legion_tui.trackers.sending import OURS, Sender, Sent, not_confirmed, same_text

# GitHub's own grey of a new label.
_COLOUR = "ededed"
_FORBIDDEN = frozenset({"FORBIDDEN", "INSUFFICIENT_SCOPES"})


class Writer(Sender):
    """Sends writes to GitHub, and asks for the ids that they take."""

    def __init__(self, client: GraphQLClient) -> None:
        """Take the way to GitHub."""
        super().__init__(client, forbidden=_FORBIDDEN)

    async def change_labels(self, what: str, node: IssueNode, add: Collection[Named], remove: Collection[str]) -> Sent:
        """Add labels, and remove those of the names that the issue has."""
        gone = [label.id for label in (node.labels.all if node.labels else ()) if label.name in remove]
        return await self._singly(what, queries.CHANGE_LABELS, node, [label.id for label in add], gone)

    async def change_assignees(self, what: str, node: IssueNode, add: Collection[str], remove: Collection[str]) -> Sent:
        """Add people by their ids, and remove those of the logins that are assigned."""
        folded = {login.casefold() for login in remove}
        gone = [person.id for person in node.assignees.all if person.login.casefold() in folded]
        return await self._singly(what, queries.CHANGE_ASSIGNEES, node, list(add), gone)

    async def _singly(self, what: str, mutation: str, node: IssueNode, add: list[str], remove: list[str]) -> Sent:
        if not add and not remove:
            return Sent()
        variables = {"id": node.id, "add": add, "remove": remove, "adds": bool(add), "removes": bool(remove)}
        return await self.send(what, mutation, variables)

    async def label(self, repository: str, name: str) -> Named:
        """Return the label of a repository; one of ours is made where there is none."""
        found = await self._repository(queries.LABEL_ID, repository, {"label": name})
        if found.label is not None and found.label.name == name:
            return found.label
        if found.label is not None:
            # GitHub finds it whatever its case; membership is by the exact name.
            told = f"{repository} has it as {clean_line(found.label.name, limit=60)!r}"
            raise TrackerError(f"label {name!r}", told, f"write it so, or rename it: gh label edit --name {name}")
        if name not in OURS:
            raise TrackerError(f"{repository} has no label {name!r}", "", "make it first: gh label create")
        sent = await self.send(
            f"make the label {name}",
            queries.CREATE_LABEL,
            {"input": {"repositoryId": found.id, "name": name, "color": _COLOUR}},
        )
        made = (await self._repository(queries.LABEL_ID, repository, {"label": name})).label
        if made is None:
            raise sent.unsure or TrackerError(f"the label {name} was made and is not there", "", "try again")
        return made

    async def labels(self, repository: str) -> dict[str, Named]:
        """Return all labels of a repository by name."""
        labels: dict[str, Named] = {}
        after: str | None = None
        while True:
            page = (await self._repository(queries.REPOSITORY_LABELS, repository, {"after": after})).labels
            if page is None:
                return labels
            labels |= {label.name: label for label in page.nodes if label is not None}
            after = page.page_info.end_cursor
            if not page.page_info.has_next_page or after is None:
                return labels

    async def person(self, login: str, welcome: Welcome) -> str:
        """Return the id of a user; `@me` is the login's own."""
        if login == "@me":
            return welcome.user_id
        answer = await self._client.ask(queries.USER_ID, {"login": login})
        user = answer.decoded(UserAnswer, service="github").user
        if user is None:
            shown = clean_line(login, limit=60)
            raise TrackerError(f"there is no user {shown!r} on GitHub", "", "look at the spelling")
        return user.id

    async def newest_of(self, repository: str, login: str) -> list[NewestIssue]:
        """Return the newest issues that somebody opened."""
        owner, _, name = repository.partition("/")
        answer = await self._client.ask(queries.NEWEST, {"owner": owner, "name": name, "by": login})
        told = answer.decoded(NewestAnswer, service="github").repository
        return told.issues.all if told is not None else []

    async def add_comment(self, what: str, node: IssueNode, body: str) -> None:
        """Add a comment and find it again; TrackerError where it is not there."""
        before = (await self._comments(node)).comments.total_count
        sent = await self.send(what, queries.ADD_COMMENT, {"input": {"subjectId": node.id, "body": body}})
        after = (await self._comments(node)).comments
        there = any(one.viewer_did_author and same_text(one.body, body) for one in after.all)
        if not (there and after.total_count > before):
            raise not_confirmed(what, sent)

    async def _comments(self, node: IssueNode) -> Comments:
        answer = await self._client.ask(queries.COMMENTS, {"id": node.id})
        return answer.decoded(CommentsAnswer, service="github").node or Comments()

    async def _repository(self, query: str, repository: str, variables: Mapping[str, object]) -> RepositoryNode:
        owner, _, name = repository.partition("/")
        answer = await self._client.ask(query, {"owner": owner, "name": name, **variables})
        found = answer.decoded(RepositoryAnswer, service="github").repository
        if found is None:
            raise no_repository(answer, repository)
        return found


def same_issue(title: str, body: str, above: int) -> Callable[[NewestIssue], bool]:
    """Return whether an issue is the one that was to be created, newer than what there was."""
    return lambda one: one.number > above and one.title == title and same_text(one.body, body)
