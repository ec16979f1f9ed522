"""The workspace as Linear tells it: names and types of the schema, pages, and filters that are really applied."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.support.linear.world import Attachment, Comment, Issue, Label, State, Team, User, World

Told = dict[str, Any]
_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, given: bool(value == given),
    "neq": lambda value, given: bool(value != given),
    "in": lambda value, given: value in given,
    "nin": lambda value, given: value not in given,
    "eqIgnoreCase": lambda value, given: str(value).casefold() == str(given).casefold(),
    "neqIgnoreCase": lambda value, given: str(value).casefold() != str(given).casefold(),
}


def passes(told: Any, given: Mapping[str, Any] | None) -> bool:
    """Whether something that is told passes a filter of Linear's."""
    for name, wanted in (given or {}).items():
        if name == "and":
            held = all(passes(told, part) for part in wanted)
        elif name == "or":
            held = any(passes(told, part) for part in wanted)
        elif name == "null":
            held = (told is None) is wanted
        elif name == "some":
            held = any(passes(one, wanted) for one in told)
        elif name == "every":
            held = all(passes(one, wanted) for one in told)
        elif name in _COMPARED:
            held = told is not None and _COMPARED[name](told, wanted)
        else:
            held = told is not None and passes(_value(told[name]), wanted)
        if not held:
            return False
    return True


def _value(field: Any) -> Any:
    """What a field holds, all of it where it is a list."""
    told = field(None, first=10_000) if callable(field) else field
    return told["nodes"] if isinstance(told, dict) and "nodes" in told else told


class Telling:
    """Tells what a question asks for."""

    def __init__(self, world: World) -> None:
        """Take the workspace."""
        self._world = world

    def viewer(self, info: Any) -> Told:
        """Whose key is used."""
        del info
        return self._user(self._world.viewer)

    def teams(self, info: Any, **given: Any) -> Told:
        """The teams."""
        return _page([self._team(team) for team in self._world.teams.values()])(info, **given)

    def users(self, info: Any, **given: Any) -> Told:
        """The people."""
        return _page([self._user(user) for user in self._world.users])(info, **given)

    def issues(self, info: Any, **given: Any) -> Told:
        """The issues, newest first."""
        order = "updated_at" if given.get("orderBy") == "updatedAt" else "created_at"
        shown = [one for one in self._world.issues if given.get("includeArchived") or not one.archived]
        shown.sort(key=lambda one: str(getattr(one, order)), reverse=True)
        return _page([self.issue(one) for one in shown])(info, **given)

    def labels(self, info: Any, **given: Any) -> Told:
        """The labels of all teams."""
        return _page([self._label(label) for label in self._world.labels])(info, **given)

    def comments(self, info: Any, **given: Any) -> Told:
        """The comments on all issues."""
        told = [self.comment(comment) for issue in self._world.issues for comment in issue.comments]
        return _page(told)(info, **given)

    def issue(self, one: Issue) -> Told:
        """An issue; what it leads to is told when it is asked for."""
        relations = [("blocks", other) for other in one.blocked_by] + [("related", other) for other in one.related]
        return {
            "id": one.id,
            "identifier": one.identifier,
            "number": float(one.number),
            "title": one.title,
            "url": f"https://linear.app/acme/issue/{one.identifier}",
            "description": one.description,
            "priority": float(one.priority),
            "createdAt": one.created_at,
            "updatedAt": one.updated_at,
            "labelIds": [label.id for label in one.labels],
            "state": self._state(one.state),
            "team": lambda info, **given: self._team(one.team),
            "assignee": self._user(one.assignee) if one.assignee else None,
            "creator": self._user(one.creator) if one.creator else None,
            "project": {"name": one.project} if one.project else None,
            "parent": lambda info, **given: self.issue(one.parent) if one.parent else None,
            "labels": _page([self._label(label) for label in one.labels]),
            "children": _late(lambda: [self.issue(child) for child in self._world.issues if child.parent is one]),
            "inverseRelations": _late(
                lambda: [{"type": kind, "issue": self.issue(other)} for kind, other in relations]
            ),
            "attachments": _page([self._attachment(attachment) for attachment in one.attachments]),
        }

    def comment(self, one: Comment) -> Told:
        """A comment."""
        return {"id": one.id, "body": one.body}

    def _user(self, one: User) -> Told:
        told = {"id": one.id, "name": one.name, "displayName": one.display_name, "email": one.email}
        return {**told, "isMe": one is self._world.viewer}

    def _team(self, one: Team) -> Told:
        told = {"id": one.id, "key": one.key, "name": one.name}
        return {**told, "states": _page([self._state(state) for state in one.states])}

    def _state(self, one: State) -> Told:
        return {"id": one.id, "name": one.name, "type": one.type, "position": one.position}

    def _label(self, one: Label) -> Told:
        told = {"id": one.id, "name": one.name, "isGroup": one.is_group}
        return {**told, "team": self._team(one.team) if one.team else None}

    def _attachment(self, one: Attachment) -> Told:
        return {"id": one.id, "url": one.url, "createdAt": one.created_at, "metadata": one.metadata}


def _page(listed: Sequence[Told]) -> Callable[..., Told]:
    def page(info: Any, first: int = 50, after: str | None = None, **given: Any) -> Told:
        del info
        passed = [one for one in listed if passes(one, given.get("filter"))]
        start = int(after) if after else 0
        nodes = passed[start : start + first]
        end = start + len(nodes)
        return {"nodes": nodes, "pageInfo": {"hasNextPage": end < len(passed), "endCursor": str(end)}}

    return page


def _late(make: Callable[[], Sequence[Told]]) -> Callable[..., Told]:
    """A page of what leads on to other issues, made when it is asked for."""

    def page(info: Any, **given: Any) -> Told:
        return _page(make())(info, **given)

    return page
