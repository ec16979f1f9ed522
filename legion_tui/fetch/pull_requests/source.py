"""Pull requests over GraphQL: many in one request, in chunks one after the other that fit what the server can do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from legion_tui.errors import SourceError
from legion_tui.fetch.pull_requests.failing import failing_of, failing_query
from legion_tui.fetch.pull_requests.query import Answered, build_query, parse_answer
from legion_tui.network import GraphQLClient, TooLargeError
from legion_tui.state import BranchRef, Checks, FailedCheck, PullRequest, PullRequestRef, PullRequestState

# GitHub answers within 10 s or not at all; that many aliases are well within it.
FIRST_CHUNK = 25
# A server that was overtaxed once is tried with larger questions again after so many good readings.
_GROW_AFTER = 10
# One that is merged or closed hardly changes any more: it is asked for again after so long.
SETTLED_SECONDS = 300.0
# A hundred checks each.
_NAMED_AT_ONCE = 10


class PullRequests:
    """Asks for the facts of pull requests. `read` raises SourceError."""

    def __init__(self, client: GraphQLClient, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Take the way to GitHub, which others may use too, and a clock that only goes forward."""
        self.client = client
        # What the answers held, up to now.
        self.bytes_read = 0
        self._monotonic = monotonic
        self._chunk = FIRST_CHUNK
        self._good_readings = 0
        # By what they were asked for: the head commit and its counts.
        self._named: dict[PullRequestRef, tuple[tuple[str, Checks], tuple[FailedCheck, ...]]] = {}
        # Those that are over, and when (monotonic seconds) that was read.
        self._settled: dict[PullRequestRef, tuple[float, PullRequest]] = {}

    async def read(
        self, refs: Iterable[PullRequestRef | BranchRef], *, tell: Callable[[Answered], None] | None = None
    ) -> Answered:
        """Return the pull requests that are there, and why each other is not; raises SourceError.

        They are asked for in their order; `tell` is given what is known after each chunk but the last.
        """
        given = list(dict.fromkeys(refs))
        now = self._monotonic()
        self._settled = {
            ref: (at, one) for ref, (at, one) in self._settled.items() if ref in given and now - at < SETTLED_SECONDS
        }
        found = {ref: one for ref, (_, one) in self._settled.items()}
        notes: dict[PullRequestRef, str] = {}
        branches: dict[BranchRef, PullRequestRef] = {}
        wanted = [ref for ref in given if ref not in self._settled]
        while wanted:
            asked = wanted[: self._chunk]
            try:
                answered = await self._ask(asked)
            except TooLargeError:
                self._halve(len(asked))
                continue
            found |= answered.found
            notes |= answered.notes
            branches |= answered.branches
            wanted = wanted[len(asked) :]
            if wanted and tell is not None:
                tell(Answered(found=dict(found), notes=dict(notes), branches=dict(branches)))
        self._grow()
        found = await self._with_names(found)
        fresh = {ref: (now, one) for ref, one in found.items() if one.state is not PullRequestState.OPEN}
        # What was said beside it would not be said again.
        self._settled = {**{ref: told for ref, told in fresh.items() if ref not in notes}, **self._settled}
        return Answered(found=found, notes=notes, branches=branches)

    async def _with_names(self, found: dict[PullRequestRef, PullRequest]) -> dict[PullRequestRef, PullRequest]:
        """Add the names of failed checks, which are asked for where they are not those of the last time."""
        failing = {ref: one for ref, one in found.items() if one.ci == "failing" and one.state is PullRequestState.OPEN}
        # The same commit with the same counts has the same failures.
        outcomes = {ref: (one.head, one.checks) for ref, one in failing.items()}
        self._named = {ref: named for ref, named in self._named.items() if outcomes.get(ref) == named[0]}
        unnamed = [ref for ref in failing if ref not in self._named]
        for start in range(0, len(unnamed), _NAMED_AT_ONCE):
            part = unnamed[start : start + _NAMED_AT_ONCE]
            try:
                answer = await self.client.ask(failing_query(part))
            except SourceError:
                break  # the counts are told without them, and they are asked for the next time
            self.bytes_read += answer.size_bytes
            self._named |= {ref: (outcomes[ref], checks) for ref, checks in failing_of(answer, part).items()}
        named = {
            ref: replace(one, failed_checks=self._named[ref][1]) for ref, one in failing.items() if ref in self._named
        }
        return {**found, **named}

    async def _ask(self, refs: Sequence[PullRequestRef | BranchRef]) -> Answered:
        query, aliases = build_query(refs)
        answer = await self.client.ask(query, divisible=len(refs) > 1)
        self.bytes_read += answer.size_bytes
        return parse_answer(answer, aliases)

    def _halve(self, asked: int) -> None:
        self._chunk = max(1, asked // 2)
        self._good_readings = 0

    def _grow(self) -> None:
        self._good_readings += 1
        if self._chunk < FIRST_CHUNK and self._good_readings >= _GROW_AFTER:
            self._chunk = min(FIRST_CHUNK, self._chunk * 2)
            self._good_readings = 0
