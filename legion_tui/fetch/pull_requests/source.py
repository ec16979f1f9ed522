"""Pull requests over GraphQL: many in one request, in chunks one after the other that fit what the server can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from legion_tui.fetch.pull_requests.query import Answered, build_query, parse_answer
from legion_tui.network import GraphQLClient, TooLargeError
from legion_tui.state import PullRequest, PullRequestRef

# GitHub answers within 10 s or not at all; that many aliases are well within it.
FIRST_CHUNK = 25
# A server that was overtaxed once is tried with larger questions again after so many good readings.
_GROW_AFTER = 10


class PullRequests:
    """Asks for the facts of pull requests. `read` raises SourceError."""

    def __init__(self, client: GraphQLClient) -> None:
        """Take the way to GitHub, which others may use too."""
        self.client = client
        self._chunk = FIRST_CHUNK
        self._good_readings = 0

    async def read(
        self, refs: Sequence[PullRequestRef]
    ) -> tuple[Mapping[PullRequestRef, PullRequest], Mapping[PullRequestRef, str]]:
        """Return the pull requests that are there, and why each other is not; raises SourceError."""
        wanted = list(dict.fromkeys(refs))
        found: dict[PullRequestRef, PullRequest] = {}
        notes: dict[PullRequestRef, str] = {}
        while wanted:
            asked = wanted[: self._chunk]
            try:
                answered = await self._ask(asked)
            except TooLargeError:
                self._halve(len(asked))
                continue
            found.update(answered.found)
            notes.update(answered.notes)
            wanted = wanted[len(asked) :]
        self._grow()
        return found, notes

    async def _ask(self, refs: Sequence[PullRequestRef]) -> Answered:
        query, aliases = build_query(refs)
        return parse_answer(await self.client.ask(query, divisible=len(refs) > 1), aliases)

    def _halve(self, asked: int) -> None:
        self._chunk = max(1, asked // 2)
        self._good_readings = 0

    def _grow(self) -> None:
        self._good_readings += 1
        if self._chunk < FIRST_CHUNK and self._good_readings >= _GROW_AFTER:
            self._chunk = min(FIRST_CHUNK, self._chunk * 2)
            self._good_readings = 0
