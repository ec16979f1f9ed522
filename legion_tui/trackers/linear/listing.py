"""Reading a team's issues: what tells of changes from all of them, the facts only of those that changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from legion_tui.network import GraphQLClient
from legion_tui.state import Problem
from legion_tui.trackers.filters import ME, Filter
from legion_tui.trackers.linear.queries import ISSUES, MORE_STAMPS, STAMPS
from legion_tui.trackers.linear.shapes import CLOSED, IssueNode, IssuesAnswer, Stamp, StampsAnswer

SERVICE: Final = "linear"
# 250 stamps are 875 of the 10,000 points of a question, 50 issues some 5,000.
STAMPS_PAGE: Final = 250
FACTS_PAGE: Final = 50
# More rows are no board any more; what is beyond is named, and a filter brings it down.
MOST_ISSUES: Final = 1000
# So many of the closed issues, those that changed last.
RECENTLY_CLOSED: Final = 50
# Relations and attachments change without a stamp's; all of it is read again after so long.
WHOLE_AGAIN_SECONDS: Final = 600.0


@dataclass(frozen=True, slots=True)
class Found:
    """Issues by their ids, and what could not be read."""

    nodes: Mapping[str, IssueNode] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


class Listing:
    """All open issues of a team that pass the filter, and the closed ones that changed last."""

    def __init__(self, client: GraphQLClient, key: str, filter_: Filter, monotonic: Callable[[], float]) -> None:
        """Take the way to Linear, the team's key, the filter, and a clock that only goes forward."""
        self._client = client
        self._key = key
        self._filter = filter_
        self._monotonic = monotonic
        self._known: dict[str, tuple[tuple[object, ...], IssueNode]] = {}
        self._whole_at: float | None = None

    async def read(self) -> Found:
        """Return all of them; raises SourceError."""
        began = self._monotonic()
        stamps, problems = await self._stamps()
        whole = self._whole_at is None or began - self._whole_at >= WHOLE_AGAIN_SECONDS
        known = {} if whole else self._known
        wanted = [one.id for one in stamps if one.id not in known or known[one.id][0] != one.value]
        nodes = {node.id: node for node in await self._facts(wanted)}
        found = {
            # One that is gone by the time that it is asked for is gone.
            one.id: (one.value, nodes[one.id]) if one.id in nodes else known[one.id]
            for one in stamps
            if one.id in nodes or (one.id in known and one.id not in wanted)
        }
        self._known = found
        if whole:
            self._whole_at = began
        return Found({key: node for key, (_, node) in found.items()}, problems)

    async def _stamps(self) -> tuple[Sequence[Stamp], tuple[Problem, ...]]:
        variables: dict[str, Any] = {
            "open": filter_of(self._key, self._filter, closed=False),
            "openSize": STAMPS_PAGE,
            "closed": filter_of(self._key, self._filter, closed=True),
            "closedSize": 1 if self._filter.only_open else RECENTLY_CLOSED,
        }
        answer = await self._client.ask(STAMPS, variables)
        told = answer.decoded(StampsAnswer, service=SERVICE)
        stamps = [*told.open.nodes]
        page = told.open.page_info
        while page.has_next_page and page.end_cursor is not None:
            if len(stamps) >= MOST_ISSUES:
                what = f"more than {len(stamps)} open issues: the rest was left out"
                return stamps, (Problem(self._key, what, 'narrow it: filter = "assignee:@me" below [tracker]'),)
            given = {"open": variables["open"], "openSize": STAMPS_PAGE, "after": page.end_cursor}
            more = (await self._client.ask(MORE_STAMPS, given)).decoded(StampsAnswer, service=SERVICE).open
            stamps += more.nodes
            page = more.page_info
        if not self._filter.only_open:
            stamps += told.closed.nodes
        return list({one.id: one for one in stamps}.values()), ()

    async def _facts(self, ids: Sequence[str]) -> list[IssueNode]:
        nodes: list[IssueNode] = []
        for start in range(0, len(ids), FACTS_PAGE):
            part = ids[start : start + FACTS_PAGE]
            variables = {"filter": {"id": {"in": list(part)}}, "size": len(part)}
            answer = await self._client.ask(ISSUES, variables)
            nodes += answer.decoded(IssuesAnswer, service=SERVICE).issues.nodes
        return nodes


def filter_of(key: str, given: Filter, *, closed: bool) -> dict[str, object]:
    """Return Linear's `IssueFilter` of a team's issues that pass the project's filter."""
    parts: list[dict[str, object]] = [
        {"team": {"key": {"eqIgnoreCase": key}}},
        {"state": {"type": {"in" if closed else "nin": sorted(CLOSED)}}},
    ]
    if given.unassigned:
        parts.append({"assignee": {"null": True}})
    elif given.assignee is not None:
        parts.append({"assignee": _person(given.assignee)})
    if given.author is not None:
        parts.append({"creator": _person(given.author)})
    if given.project is not None:
        parts.append({"project": {"name": {"eqIgnoreCase": given.project}}})
    parts += [{"labels": {"some": {"name": {"eqIgnoreCase": name}}}} for name in given.labels]
    parts += [{"labels": {"every": {"name": {"neqIgnoreCase": name}}}} for name in given.without]
    return {"and": parts}


def _person(name: str) -> dict[str, object]:
    if name == ME:
        return {"isMe": {"eq": True}}
    return {"or": [{field: {"eqIgnoreCase": name}} for field in ("displayName", "name", "email")]}


def closed_by_identifier(nodes: Collection[IssueNode]) -> dict[str, bool]:
    """Return which issues are closed; an issue's own record tells it sooner than what others say of it."""
    return {node.identifier: node.is_closed for node in nodes}
