"""Writes to Linear, and the ids that they take."""

from __future__ import annotations

from typing import Final

from legion_tui.errors import TrackerError
from legion_tui.network import GraphQLClient
from legion_tui.state.text import clean_line
from legion_tui.trackers.linear import queries
from legion_tui.trackers.linear.listing import SERVICE
from legion_tui.trackers.linear.shapes import (
    CommentsAnswer,
    IssueNode,
    IssuesAnswer,
    LabelNode,
    LabelsAnswer,
    Person,
    Team,
    TeamsAnswer,
    UsersAnswer,
    Viewer,
    WelcomeAnswer,
)
from legion_tui.trackers.sending import OURS, Sender, not_confirmed, same_text

_FORBIDDEN: Final = frozenset({"FORBIDDEN", "forbidden"})


class Writer(Sender):
    """Sends writes to Linear, and asks for single things as they are now."""

    def __init__(self, client: GraphQLClient, key: str) -> None:
        """Take the way to Linear and the team's key."""
        super().__init__(client, forbidden=_FORBIDDEN)
        self._key = key

    async def welcome(self) -> tuple[Viewer, Team]:
        """Return whose key it is, and the team with its workflow; TrackerError names the teams that there are."""
        answer = await self._client.ask(queries.WELCOME, {"key": self._key})
        told = answer.decoded(WelcomeAnswer, service=SERVICE)
        if told.teams.nodes:
            return told.viewer, told.teams.nodes[0]
        others = (await self._client.ask(queries.TEAMS)).decoded(TeamsAnswer, service=SERVICE).teams.nodes
        named = ", ".join(sorted(clean_line(team.key, limit=40) for team in others)) or "none"
        raise TrackerError(
            f"there is no team {self._key}", f"this key sees: {named}", "set tracker.team to one of them"
        )

    async def issue(self, key: str, number: int) -> IssueNode | None:
        """Return an issue of a team by its number, an archived one too."""
        wanted = {"team": {"key": {"eqIgnoreCase": key}}, "number": {"eq": number}}
        return await self._issue(wanted)

    async def issue_by_id(self, node_id: str) -> IssueNode | None:
        """Return an issue by Linear's own id."""
        return await self._issue({"id": {"eq": node_id}})

    async def label(self, team: Team, name: str) -> str:
        """Return the id of a label of the team or the workspace; one of ours is made where there is none."""
        found = await self._label(team, name)
        if found is not None:
            return found.id
        if name not in OURS:
            raise TrackerError(f"team {team.key} has no label {name!r}", "", "make it first, in Linear's settings")
        given = {"input": {"teamId": team.id, "name": name}}
        sent = await self.send(f"make the label {name}", queries.CREATE_LABEL, given)
        made = await self._label(team, name)
        if made is None:
            raise not_confirmed(f"make the label {name}", sent)
        return made.id

    async def person(self, name: str) -> Person:
        """Return whom a name, a display name or an address means; TrackerError for nobody, or several."""
        wanted = {"or": [{field: {"eqIgnoreCase": name}} for field in ("displayName", "name", "email")]}
        answer = await self._client.ask(queries.USERS, {"filter": wanted})
        found = answer.decoded(UsersAnswer, service=SERVICE).users.nodes
        shown = clean_line(name, limit=60)
        if not found:
            raise TrackerError(f"there is nobody called {shown!r} in this workspace", "", "look at the spelling")
        if len(found) > 1:
            raise TrackerError(f"{shown!r} could be {len(found)} people", "", "give the address instead")
        return found[0]

    async def has_comment(self, comment_id: str, body: str) -> bool:
        """Whether that comment is there, with these words."""
        answer = await self._client.ask(queries.COMMENTS, {"id": comment_id})
        found = answer.decoded(CommentsAnswer, service=SERVICE).comments.nodes
        return any(same_text(one.body, body) for one in found)

    async def _issue(self, wanted: dict[str, object]) -> IssueNode | None:
        answer = await self._client.ask(queries.ISSUES, {"filter": wanted, "size": 1})
        return next(iter(answer.decoded(IssuesAnswer, service=SERVICE).issues.nodes), None)

    async def _label(self, team: Team, name: str) -> LabelNode | None:
        answer = await self._client.ask(queries.LABELS, {"filter": {"name": {"eqIgnoreCase": name}}})
        here = [
            label
            for label in answer.decoded(LabelsAnswer, service=SERVICE).issue_labels.nodes
            if not label.is_group and (label.team is None or label.team.id == team.id)
        ]
        # A team's own before the workspace's.
        here.sort(key=lambda label: label.team is None)
        exact = next((label for label in here if label.name == name), None)
        if exact is None and here:
            told = f"team {team.key} has it as {clean_line(here[0].name, limit=60)!r}"
            raise TrackerError(f"label {name!r}", told, "write it so, or rename it in Linear")
        return exact
