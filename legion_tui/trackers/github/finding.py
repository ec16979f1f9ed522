"""Finding what a write or a look is about: the login, one issue and its card, the board."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from legion_tui.errors import TrackerError
from legion_tui.network import GraphQLClient
from legion_tui.trackers.github import queries
from legion_tui.trackers.github.listing import find_board, no_repository
from legion_tui.trackers.github.names import Names
from legion_tui.trackers.github.shapes import Board, IssueNode, RepositoryAnswer
from legion_tui.trackers.github.welcome import Welcome, welcome_of


@dataclass(frozen=True, slots=True)
class Card:
    """An issue's place on the project's board, and what its status field says."""

    id: str
    option: str | None


class Finder:
    """Asks for single things, as they are now."""

    def __init__(self, client: GraphQLClient, names: Names, *, board: int | None, field_name: str) -> None:
        """Take the way to GitHub, the names, and the board with its status field where there is one."""
        self._client = client
        self._names = names
        self._owner, _, self._name = names.own.partition("/")
        self._board_number = board
        self._field = field_name
        self._board_id: str | None = None
        self._welcome: Welcome | None = None

    async def greet(self) -> Welcome:
        """Return whose login it is, and what the server knows; asked once."""
        if self._welcome is None:
            answer = await self._client.ask(queries.WELCOME, {"owner": self._owner, "name": self._name})
            self._welcome = welcome_of(answer, self._names.own, no_repository(answer, self._names.own))
            self._names.renamed(self._welcome.repository)
        return self._welcome

    async def board(self) -> Board | None:
        """Return the board with its options as they are now; None where the project has none."""
        if self._board_number is None:
            return None
        variables = {"owner": self._owner, "number": self._board_number, "field": self._field}
        board = find_board(await self._client.ask(queries.STATUS_FIELD, variables), self._owner, self._board_number)
        self._board_id = board.id
        return board

    async def issue(self, issue_id: str, learn: Callable[[], Awaitable[object]]) -> tuple[IssueNode, Card | None]:
        """Return an issue and its card as they are now; TrackerError where there is none.

        `learn` reads the board, which tells the keys of the other repositories on it.
        """
        welcome = await self.greet()
        place = self._names.find(issue_id)
        if place is None and self._board_number is not None:
            await learn()
            place = self._names.find(issue_id)
        if place is None:
            example = self._names.id_of(self._names.own, 12)
            raise TrackerError(f"{issue_id}: no such issue", "", f"an issue here is called {example}, #12 or 12")
        if self._board_number is not None and self._board_id is None:
            await self.board()
        repository, number = place
        owner, _, name = repository.partition("/")
        variables = {"owner": owner, "name": name, "number": number, "field": self._field}
        query = queries.with_facts(queries.ISSUE, dependencies=welcome.has_dependencies)
        answer = await self._client.ask(query, {**variables, "withItems": self._board_number is not None})
        found = answer.decoded(RepositoryAnswer, service="github").repository
        if found is None:
            raise no_repository(answer, repository)
        if found.issue is None:
            error = answer.error_at("repository", "issue")
            raise TrackerError(
                f"{issue_id}: no such issue", error.message if error else "", "see: legion-tui issue list"
            )
        return found.issue, self._card(found.issue)

    def _card(self, node: IssueNode) -> Card | None:
        for card in node.project_items.all if node.project_items is not None else ():
            if card.project.id == self._board_id:
                return Card(card.id, card.field_value_by_name.name if card.field_value_by_name else None)
        return None
