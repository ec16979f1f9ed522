"""Reading the issues of a repository or of a board, page by page, and no more than changed where that can be known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

import msgspec

from legion_tui.errors import TrackerError
from legion_tui.network import Answer, GraphQLClient, TooLargeError
from legion_tui.state import Problem
from legion_tui.state.text import clean_line
from legion_tui.trackers.filters import Filter
from legion_tui.trackers.github.queries import BOARD, ISSUES, with_facts
from legion_tui.trackers.github.shapes import Board, BoardAnswer, IssueNode, RepositoryAnswer
from legion_tui.trackers.github.welcome import Welcome

LARGEST_PAGE: Final = 100
SMALLEST_PAGE: Final = 10
# A page costs by what it could hold: 100 issues with their lists are 5 points of the hour's budget, 20 are one.
CHANGED_PAGE: Final = 20
# More rows are no board any more; what is beyond is named, and a filter brings it down.
MOST_ISSUES: Final = 1000
# So many of the closed issues, those that changed last.
RECENTLY_CLOSED: Final = 50
# Dependencies and links change without the issue's own time; all of it is read again after so long.
WHOLE_AGAIN_SECONDS: Final = 300.0


@dataclass(frozen=True, slots=True)
class Found:
    """Issues by their nodes' ids, what their cards say, and what could not be read."""

    nodes: Mapping[str, IssueNode] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


class Listing(Protocol):
    """Reads all issues that are the project's."""

    async def read(self, welcome: Welcome) -> Found:
        """Return them; raises SourceError or TrackerError."""
        ...


class Pages:
    """Asks for lists in pages of a size that the server can answer."""

    def __init__(self, client: GraphQLClient) -> None:
        """Take the way to GitHub."""
        self._client = client
        self._size = LARGEST_PAGE

    async def ask(self, query: str, variables: Mapping[str, object], *, most: int = LARGEST_PAGE) -> Answer:
        """Return a page's answer; a page that is too large is asked for again at half its size."""
        while True:
            size = min(self._size, most)
            try:
                return await self._client.ask(query, {**variables, "size": size}, divisible=size > SMALLEST_PAGE)
            except TooLargeError:
                self._size = max(SMALLEST_PAGE, size // 2)


class RepositoryListing:
    """All open issues of a repository that pass the filter, and the closed ones that changed last."""

    def __init__(
        self, client: GraphQLClient, owner: str, name: str, filter_: Filter, monotonic: Callable[[], float]
    ) -> None:
        """Take the way to GitHub, the repository, the filter, and a clock that only goes forward."""
        self._pages = Pages(client)
        self._variables = {"owner": owner, "name": name}
        self._filter = filter_
        self._monotonic = monotonic
        self._known: dict[str, IssueNode] = {}
        self._problems: tuple[Problem, ...] = ()
        self._newest: datetime | None = None
        self._whole_at = 0.0

    async def read(self, welcome: Welcome) -> Found:
        """Return all of them; most times only what changed since the last time is asked for."""
        query = with_facts(ISSUES, dependencies=welcome.has_dependencies)
        if self._newest is None or self._monotonic() - self._whole_at >= WHOLE_AGAIN_SECONDS:
            began = self._monotonic()
            nodes, problems = await self._whole(query, welcome)
            self._known, self._problems, self._whole_at = nodes, problems, began
        else:
            since = {"since": self._newest.isoformat()}
            changed, problems = await self._list(
                query, {"filter": since}, "UPDATED_AT", most=MOST_ISSUES, page=CHANGED_PAGE
            )
            self._known = {**self._known, **changed}
            # What could not be read this time was not read; what was not read the time before still is not.
            self._problems = tuple(dict.fromkeys((*self._problems, *problems)))
        self._newest = max((node.updated_at for node in self._known.values()), default=self._newest)
        self._known = {key: node for key, node in self._known.items() if holds(self._filter, node, welcome.login)}
        return Found(self._known, {}, self._problems)

    async def _whole(self, query: str, welcome: Welcome) -> tuple[dict[str, IssueNode], tuple[Problem, ...]]:
        told = self._filter.variables(welcome.login)
        nodes, problems = await self._list(
            query, {"states": ["OPEN"], "filter": told or None}, "CREATED_AT", most=MOST_ISSUES
        )
        if not self._filter.only_open:
            closed, more = await self._list(
                query, {"states": ["CLOSED"], "filter": told or None}, "UPDATED_AT", most=RECENTLY_CLOSED, silent=True
            )
            nodes, problems = {**closed, **nodes}, (*problems, *more)
        return nodes, problems

    async def _list(
        self,
        query: str,
        variables: Mapping[str, object],
        order: str,
        *,
        most: int,
        page: int = LARGEST_PAGE,
        silent: bool = False,
    ) -> tuple[dict[str, IssueNode], tuple[Problem, ...]]:
        nodes: dict[str, IssueNode] = {}
        problems: list[Problem] = []
        given = {**self._variables, **variables, "order": {"field": order, "direction": "DESC"}}
        after: str | None = None
        seen = 0
        while True:
            answer = await self._pages.ask(query, {**given, "after": after}, most=min(page, most))
            repository = answer.decoded(RepositoryAnswer, service="github").repository
            if repository is None or repository.issues is None:
                raise no_repository(answer, f"{given['owner']}/{given['name']}")
            told = repository.issues
            nodes |= {node.id: node for node in told.nodes if node is not None}
            problems += _gaps(answer, told.nodes, ("repository", "issues", "nodes"))
            seen += len(told.nodes)
            if not told.page_info.has_next_page or not told.nodes:
                return nodes, tuple(problems)
            if seen >= most:
                if not silent:
                    problems.append(_too_many(f"{given['owner']}/{given['name']}", told.total_count - seen))
                return nodes, tuple(problems)
            after = told.page_info.end_cursor


class BoardListing:
    """All issues on a Projects board that pass the filter, with what their cards say."""

    def __init__(self, client: GraphQLClient, owner: str, number: int, field_name: str, filter_: Filter) -> None:
        """Take the way to GitHub, whose board it is and which, the name of its status field, and the filter."""
        self._pages = Pages(client)
        self._owner = owner
        self._number = number
        self._field = field_name
        self._filter = filter_

    async def read(self, welcome: Welcome) -> Found:
        """Return all of them: a board does not tell what changed."""
        query = with_facts(BOARD, dependencies=welcome.has_dependencies)
        nodes: dict[str, IssueNode] = {}
        options: dict[str, str] = {}
        problems: list[Problem] = []
        drafts = hidden = seen = 0
        after: str | None = None
        where = f"board {self._number} of {self._owner}"
        while True:
            variables = {"owner": self._owner, "number": self._number, "field": self._field, "after": after}
            answer = await self._pages.ask(query, variables)
            board = find_board(answer, self._owner, self._number)
            if board.items is None:
                raise TrackerError(where, "its cards were not told", "it is asked again")
            if after is None and (board.field is None or board.field.id is None):
                problems.append(
                    Problem(where, f"has no single-select field {self._field!r}", "statuses come from labels")
                )
            path = ("repositoryOwner", "projectV2", "items", "nodes")
            problems += _gaps(answer, board.items.nodes, path)
            for item in board.items.nodes:
                if item is None or item.is_archived:
                    continue
                drafts += item.type == "DRAFT_ISSUE"
                hidden += item.type == "REDACTED"
                try:
                    node = item.issue
                except msgspec.ValidationError as error:
                    problems.append(Problem(where, clean_line(f"a card of another shape: {error}", limit=200)))
                    continue
                if node is None or not holds(self._filter, node, welcome.login):
                    continue
                nodes[node.id] = node
                if item.field_value_by_name is not None and item.field_value_by_name.name:
                    options[node.id] = item.field_value_by_name.name
            seen += len(board.items.nodes)
            if not board.items.page_info.has_next_page or not board.items.nodes:
                break
            if seen >= MOST_ISSUES:
                problems.append(_too_many(where, board.items.total_count - seen))
                break
            after = board.items.page_info.end_cursor
        if drafts:
            problems.append(Problem(where, f"{drafts} drafts have no number", "convert them to issues to work on them"))
        if hidden:
            problems.append(Problem(where, f"{hidden} cards are not for this login"))
        return Found(nodes, options, tuple(problems))


def holds(filter_: Filter, node: IssueNode, me: str) -> bool:
    """Whether an issue passes the filter."""
    return filter_.holds(
        assignees=[person.login for person in node.assignees.all],
        author=node.author.login if node.author is not None else "",
        labels=node.label_names,
        is_open=node.is_open,
        me=me,
    )


def find_board(answer: Answer, owner: str, number: int) -> Board:
    """Return the board of an answer; TrackerError says why there is none."""
    told = answer.decoded(BoardAnswer, service="github").repository_owner
    if told is not None and told.project_v2 is not None:
        return told.project_v2
    error = answer.error_at("repositoryOwner", "projectV2")
    where = f"board {number} of {owner}"
    if error is not None and error.kind == "INSUFFICIENT_SCOPES":
        raise TrackerError(where, "the token may not see boards", "run: gh auth refresh -s project")
    why = error.message if error is not None else f"there is no user or organisation {owner}"
    raise TrackerError(where, why, "look at tracker.board and tracker.repo, and whether this login may see it")


def no_repository(answer: Answer, name: str) -> TrackerError:
    """Return why there is no such repository, or nothing of it."""
    error = answer.error_at("repository") or next(iter(answer.errors), None)
    why = error.message if error is not None else "it is not there, or not for this login"
    return TrackerError(name, why, "look at tracker.repo, and whether this login may see it: gh auth status")


def _gaps(answer: Answer, nodes: Sequence[object | None], path: tuple[str, ...]) -> Iterable[Problem]:
    for place, node in enumerate(nodes):
        if node is None:
            error = answer.error_at(*path, place) or next(
                (one for one in answer.errors if one.path[: len(path) + 1] == (*path, place)), None
            )
            why = error.message if error is not None else "not told"
            yield Problem("github", f"an issue was left out: {why}", "it is asked again")


def _too_many(where: str, beyond: int) -> Problem:
    return Problem(where, f"{beyond} more issues were left out", 'narrow it: filter = "assignee:@me" below [tracker]')
