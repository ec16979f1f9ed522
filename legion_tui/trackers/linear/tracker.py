"""The Linear tracker: the issues of a team."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Mapping
from typing import Final
from uuid import uuid4

from legion_tui.errors import ConflictError, TrackerError
from legion_tui.network import GraphQLClient, RateLimit
from legion_tui.state import Issue, parse_pull_request_url
from legion_tui.state.text import clean, clean_line
from legion_tui.trackers.filters import parse_filter
from legion_tui.trackers.linear import queries
from legion_tui.trackers.linear.convert import Converter
from legion_tui.trackers.linear.listing import Listing, closed_by_identifier
from legion_tui.trackers.linear.shapes import IssueNode, Team, WorkflowState
from legion_tui.trackers.linear.writing import Writer
from legion_tui.trackers.moving import Moves, changed_meanwhile, check_labels
from legion_tui.trackers.protocol import (
    Edit,
    NewIssue,
    Reading,
    Write,
    canonical_status,
    check_expected,
)
from legion_tui.trackers.sending import Sent, not_confirmed, same_text
from legion_tui.trackers.statuses import Statuses

_NAMED: Final = re.compile(r"(?:(?P<key>[A-Za-z0-9_]+)-|#?)(?P<number>[0-9]{1,10})")
_LOWEST_PRIORITY: Final = 4


class LinearTracker(Moves):
    """Implements `Tracker` over GraphQL. Not for two readings at a time."""

    kind = "linear"
    possible = Write.ALL

    def __init__(
        self,
        client: GraphQLClient,
        team: str,
        *,
        filter_text: str = "",
        statuses: Mapping[str, str] | None = None,
        allowed: Write = Write.NONE,
        host: str = "github.com",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the way to Linear, the team's key (`ENG`), and what `[tracker]` says; TrackerError for a bad filter."""
        self.allowed = allowed
        self._client = client
        self._key = team
        self._host = host
        self._convert = Converter(Statuses(statuses or {}), host)
        self._listing = Listing(client, team, parse_filter(filter_text, projects=True), monotonic)
        self._writer = Writer(client, team)
        self._greeted = False

    @property
    def bytes_read(self) -> int:
        """How much the service has answered up to now, to whoever asked it over this client."""
        return self._client.bytes_read

    @property
    def rate(self) -> RateLimit | None:
        """What the service said is left of its budget."""
        return self._client.rate

    async def read(self) -> Reading:
        """Return every issue, and a problem for each list that is not whole; raises SourceError or TrackerError."""
        if not self._greeted:
            await self._writer.welcome()
            self._greeted = True
        found = await self._listing.read()
        nodes = list(found.nodes.values())
        closed = closed_by_identifier(nodes)
        problems = [*found.problems, *(problem for node in nodes for problem in self._convert.problems(node))]
        return Reading(tuple(self._convert.issue(node, closed) for node in nodes), tuple(problems))

    async def get(self, issue_id: str) -> Issue:
        """Return one issue as it is now; `ENG-12`, `#12` and `12` name it."""
        return self._convert.issue(await self._find(issue_id))

    async def add(self, new: NewIssue) -> Issue:
        """Open an issue, once, also where the answer is lost: its id is ours. Linear gives the number."""
        self.permit(Write.CREATE, "add an issue")
        if new.id is not None:
            raise TrackerError(f"cannot add {new.id}", "Linear gives the numbers", "leave --id out")
        title = clean_line(new.title)
        if not title:
            raise TrackerError("an issue needs a title")
        _check_priority(new.priority)
        status = canonical_status(new.status)
        _, team = await self._writer.welcome()
        node_id, what = str(uuid4()), f"add {title!r}"
        given: dict[str, object] = {
            "id": node_id,
            "teamId": team.id,
            "title": title,
            "description": clean(new.body).strip(),
            "stateId": self._state(what, team, status).id,
            "labelIds": [await self._writer.label(team, name) for name in dict.fromkeys(new.labels)],
        }
        if new.priority is not None:
            given["priority"] = new.priority
        sent = await self._writer.send(what, queries.CREATE_ISSUE, {"input": given})
        made = await self._writer.issue_by_id(node_id)
        if made is None:
            raise not_confirmed(what, sent)
        return self._convert.issue(made)

    async def _move(self, issue_id: str, status: str, expect: str | None) -> Issue:
        node = await self._find(issue_id)
        issue = self._convert.issue(node)
        check_expected(issue, expect, to=status)
        if issue.status == status:
            return issue
        what = f"move {issue.id} to {status}"
        _, team = await self._writer.welcome()
        sent = await self._update(what, node, stateId=self._state(what, team, status).id)
        after = self._convert.issue(await self._find(issue_id))
        if after.status == status:
            return after
        if sent.unsure is not None:
            raise not_confirmed(what, sent)
        raise changed_meanwhile(after, status)

    async def label(self, issue_id: str, *, add: Collection[str] = (), remove: Collection[str] = ()) -> Issue:
        """Add and remove single labels; those not named stay. One of ours is made where the team has none."""
        self.permit(Write.LABELS, f"label {issue_id}")
        check_labels((*add, *remove))
        node = await self._find(issue_id)
        there = {label.name: label.id for label in node.labels.nodes}
        adding = [name for name in dict.fromkeys(add) if name not in there]
        removing = [name for name in dict.fromkeys(remove) if name in there and name not in add]
        if not adding and not removing:
            return self._convert.issue(node)
        words = [*(f"+{name}" for name in adding), *(f"-{name}" for name in removing)]
        what = f"label {issue_id} {' '.join(words)}"
        added: list[str] = []
        if adding:
            _, team = await self._writer.welcome()
            added = [await self._writer.label(team, name) for name in adding]
        # Singly: a whole list would take away what somebody else adds at the same moment.
        sent = await self._update(what, node, addedLabelIds=added, removedLabelIds=[there[name] for name in removing])
        after = await self._find(issue_id)
        now = {label.name for label in after.labels.nodes}
        if set(adding) - now or set(removing) & now:
            raise not_confirmed(what, sent)
        return self._convert.issue(after)

    async def assign(self, issue_id: str, *, add: Collection[str] = (), remove: Collection[str] = ()) -> Issue:
        """Set or clear the one person; ConflictError where somebody else would lose the issue without being named."""
        self.permit(Write.ASSIGN, f"assign {issue_id}")
        what = f"assign {issue_id}"
        node = await self._find(issue_id)
        viewer, _ = await self._writer.welcome()
        wanted = [viewer.id if name == "@me" else (await self._writer.person(name)).id for name in dict.fromkeys(add)]
        if len(set(wanted)) > 1:
            raise TrackerError(f"cannot {what}", "an issue of Linear has one person", "name one")
        target: str | None = wanted[0] if wanted else None
        has = node.assignee
        leaves = has is not None and (_goes_by(has.names, remove) or ("@me" in remove and has.id == viewer.id))
        if has is not None and target is not None and has.id != target and not leaves:
            told = f"it is assigned to {clean_line(has.display_name)}"
            raise ConflictError(f"cannot {what}", told, f"nothing was overwritten: add -{clean_line(has.display_name)}")
        if (has is None and target is None) or (has is not None and (has.id == target or not (target or leaves))):
            return self._convert.issue(node)
        sent = await self._update(what, node, assigneeId=target)
        after = await self._find(issue_id)
        if (after.assignee.id if after.assignee is not None else None) != target:
            raise not_confirmed(what, sent)
        return self._convert.issue(after)

    async def comment(self, issue_id: str, body: str) -> Issue:
        """Add a comment, once, and find it again: its id is ours."""
        self.permit(Write.COMMENT, f"comment on {issue_id}")
        text = clean(body).strip()
        if not text:
            raise TrackerError("a comment needs some words")
        node = await self._find(issue_id)
        what, comment_id = f"comment on {issue_id}", str(uuid4())
        given = {"id": comment_id, "issueId": node.id, "body": text}
        sent = await self._writer.send(what, queries.CREATE_COMMENT, {"input": given})
        if not await self._writer.has_comment(comment_id, text):
            raise not_confirmed(what, sent)
        return await self.get(issue_id)

    async def edit(self, issue_id: str, edit: Edit) -> Issue:
        """Change the fields that are given; a pull request is linked beside those that are."""
        self.permit(Write.EDIT, f"edit {issue_id}")
        _check_priority(edit.priority)
        link = parse_pull_request_url(edit.pull_request, host=self._host) if edit.pull_request else None
        if edit.pull_request is not None and link is None:
            remedy = "take a link away in Linear" if not edit.pull_request else ""
            raise TrackerError(f"{edit.pull_request!r} is no pull request's URL on {self._host}", "", remedy)
        wanted: dict[str, object] = {}
        if edit.title is not None:
            wanted["title"] = clean_line(edit.title)
            if not wanted["title"]:
                raise TrackerError("an issue needs a title")
        if edit.body is not None:
            wanted["description"] = clean(edit.body).strip()
        if edit.priority is not None:
            wanted["priority"] = edit.priority
        what = f"edit {issue_id}"
        node = await self._find(issue_id)
        sent = await self._update(what, node, **wanted) if wanted else Sent()
        if link is not None and sent.unsure is None:
            sent = await self._writer.send(what, queries.LINK, {"issue": node.id, "url": link.url})
        after = await self._find(issue_id)
        issue = self._convert.issue(after)
        linked = {parse_pull_request_url(one.url, host=self._host) for one in after.attachments.nodes}
        as_wanted = (
            wanted.get("title") in (None, after.title)
            and wanted.get("priority") in (None, after.priority)
            and same_text(str(wanted.get("description", after.description or "")), after.description or "")
        )
        if not as_wanted or (link is not None and link not in linked):
            raise not_confirmed(what, sent)
        return issue

    async def _update(self, what: str, node: IssueNode, **fields: object) -> Sent:
        return await self._writer.send(what, queries.UPDATE_ISSUE, {"id": node.id, "input": fields})

    async def _find(self, issue_id: str) -> IssueNode:
        match = _NAMED.fullmatch(issue_id.strip())
        node = await self._writer.issue(match["key"] or self._key, int(match["number"])) if match else None
        if node is None:
            raise TrackerError(f"{issue_id}: no such issue", "", f"an issue here is called {self._key}-12, #12 or 12")
        return node

    def _state(self, what: str, team: Team, status: str) -> WorkflowState:
        state = self._convert.state_for(status, team.states.nodes)
        if state is not None:
            return state
        named = ", ".join(clean_line(one.name, limit=60) for one in team.states.nodes) or "none"
        remedy = f'say which one it is: "WORD" = "{status}" below [tracker.statuses]'
        raise TrackerError(f"cannot {what}", f"the states of team {team.key} are: {named}", remedy)


def _goes_by(names: Collection[str], given: Collection[str]) -> bool:
    return any(name.removeprefix("@").casefold() in names for name in given)


def _check_priority(priority: int | None) -> None:
    if priority is not None and not 0 <= priority <= _LOWEST_PRIORITY:
        raise TrackerError(f"{priority} is no priority", "Linear has 1 (urgent) to 4 (low)", "0 is none")
