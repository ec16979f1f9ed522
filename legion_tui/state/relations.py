"""How issues belong together: what each is a part of, its own parts, and what it waits for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from legion_tui.state.identity import natural_order
from legion_tui.state.issues import Issue


@dataclass(frozen=True, slots=True)
class Related:
    """An issue as another one names it; where it was not read, `known` is False and only the id is told."""

    id: str
    name: str
    title: str = ""
    status: str = ""
    known: bool = False
    over: bool = False


@dataclass(frozen=True, slots=True)
class Relations:
    """The issues that one issue is related to, each with what is known of it."""

    parent: Related | None = None
    children: tuple[Related, ...] = ()
    blockers: tuple[Related, ...] = ()

    @property
    def blocking(self) -> tuple[Related, ...]:
        """The blockers that are not over; what is not in the reading may well be open."""
        return tuple(blocker for blocker in self.blockers if not blocker.over)


NO_RELATIONS = Relations()


def relations_of(issues: Iterable[Issue]) -> Mapping[str, Relations]:
    """Return the relations of each issue that has any, by its id. Ids are matched without regard to case.

    The children are those that the tracker tells, in its order, then those that name the issue as their parent.
    """
    listed = tuple(issues)
    by_id = {issue.id.casefold(): issue for issue in listed}
    parts = children_by_parent(listed)

    def related(issue_id: str) -> Related:
        found = by_id.get(issue_id.casefold())
        if found is None:
            return Related(issue_id, issue_id)
        return Related(found.id, found.shown_id or found.id, found.title, found.status, True, found.is_over)

    return {
        issue.id: Relations(
            parent=related(issue.parent) if issue.parent else None,
            children=tuple(related(child) for child in _once((*issue.children, *own))),
            blockers=tuple(related(blocker) for blocker in _once(issue.blockers)),
        )
        for issue in listed
        if (own := parts.get(issue.id.casefold(), ())) or issue.parent or issue.children or issue.blockers
    }


def children_by_parent(issues: Iterable[Issue]) -> Mapping[str, tuple[str, ...]]:
    """Return the ids of those that name a parent, by the parent's id in lower case, in the order of the ids."""
    found: dict[str, list[str]] = {}
    for issue in issues:
        parent = issue.parent.casefold()
        # One that is a part of itself is no part of anything.
        if parent and parent != issue.id.casefold():
            found.setdefault(parent, []).append(issue.id)
    return {parent: tuple(sorted(ids, key=natural_order)) for parent, ids in found.items()}


def _once(ids: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for issue_id in ids:
        if issue_id.casefold() not in seen:
            seen.add(issue_id.casefold())
            yield issue_id
