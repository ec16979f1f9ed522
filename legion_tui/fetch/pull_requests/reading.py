"""The pull requests of the issues and workers that are known: which to ask for, and what was answered last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from legion_tui.fetch.branches import Branches, FindRepository
from legion_tui.fetch.health import Clock, Watched
from legion_tui.fetch.pull_requests.query import Answered
from legion_tui.fetch.pull_requests.source import PullRequests
from legion_tui.fetch.wanted import branches_to_look_for, named_pull_requests
from legion_tui.network import RateLimit
from legion_tui.state import BranchRef, Issue, PullRequestRef, Source, Worker

T = TypeVar("T")
# What is asked for: a pull request, or a branch by its name.
Named = PullRequestRef | str


class PullRequestReading:
    """Asks for what is named, and keeps the last good answer with its health."""

    def __init__(self, source: PullRequests, clock: Clock, *, host: str, find_repository: FindRepository) -> None:
        """Take whom to ask, where pull requests live, and what finds out where workers push to."""
        self._source = source
        self._host = host
        self._branches = Branches(host, find_repository)
        self._asked: Watched[Answered] = Watched(Source.PULL_REQUESTS, clock, Answered())
        # Which were asked for last; None before the first time.
        self._asked_for: frozenset[Named] | None = None

    @property
    def watched(self) -> Watched[Answered]:
        """The last good answer, and the health of the service."""
        return self._asked

    @property
    def rate(self) -> RateLimit | None:
        """What is left of the service's budget, where it told."""
        return self._source.client.rate

    @property
    def bytes_read(self) -> int:
        """How much the answers held."""
        return self._source.bytes_read

    def lacks(self, issues: Sequence[Issue], workers: Sequence[Worker]) -> bool:
        """Whether something is named that the last request, answered or not, did not ask for."""
        return self._asked_for is None or bool(self._named(issues, workers) - self._asked_for)

    async def read(
        self,
        issues: Sequence[Issue],
        workers: Sequence[Worker],
        *,
        first: frozenset[str] = frozenset(),
        tell: Callable[[], None] | None = None,
    ) -> bool:
        """Ask for everything that is named; return whether that worked.

        Where there are issues to ask for `first`, by id, `tell` is called as soon as a part is known.
        """
        named = self._named(issues, workers)
        self._asked_for = named
        urgent = self._named(_of(first, issues, key=lambda it: it.id), _of(first, workers, key=lambda it: it.issue))
        branches = sorted(await self._branches.refs(frozenset(name for name in named if isinstance(name, str))))
        refs: list[PullRequestRef | BranchRef] = [*sorted(ref for ref in named if not isinstance(ref, str)), *branches]
        # A stable order, in which the urgent ones are in the first chunk.
        refs.sort(key=lambda ref: (ref.name if isinstance(ref, BranchRef) else ref) not in urgent)
        before = self._asked.value

        def part(answered: Answered) -> None:
            self._asked.value = _over(before, answered)
            if tell is not None:
                tell()

        async def ask() -> Answered:
            return await self._source.read(refs, tell=part if urgent else None) if refs else Answered()

        worked = await self._asked.refresh(ask)
        if self._asked.value == before:
            self._asked.value = before  # the same object: comparing it costs nothing then
        return worked

    def _named(self, issues: Iterable[Issue], workers: Iterable[Worker]) -> frozenset[Named]:
        workers = tuple(workers)
        return named_pull_requests(issues, workers, host=self._host) | branches_to_look_for(workers)


def _of(ids: frozenset[str], things: Sequence[T], *, key: Callable[[T], str | None]) -> tuple[T, ...]:
    return tuple(thing for thing in things if key(thing) in ids) if ids else ()


def _over(before: Answered, part: Answered) -> Answered:
    """Return an earlier answer with what is newer over it."""
    return replace(
        part,
        found={**before.found, **part.found},
        notes={**{ref: note for ref, note in before.notes.items() if ref not in part.found}, **part.notes},
        branches={**before.branches, **part.branches},
    )
