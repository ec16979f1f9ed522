"""Issues that wait for one another in a circle: none of them can ever begin, so a person has to be told."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence

from legion_tui.state.identity import natural_order
from legion_tui.state.issues import Issue, Problem

# In one knot of issues there can be more cycles than anyone could read; these are mended first, then the rest is told.
MOST_CYCLES = 50
# Of a longer one the first are named, and how many there are.
_MOST_NAMED = 8

_Graph = Mapping[str, Sequence[str]]
Cycle = tuple[str, ...]


def cycle_problems(issues: Iterable[Issue]) -> tuple[Problem, ...]:
    """Return a problem for each cycle of blockers, in the order of the ids.

    What is over blocks nothing, and a blocker that is not among `issues` closes no circle.
    """
    by_id = {issue.id.casefold(): issue for issue in issues}
    blockers = {
        key: tuple(dict.fromkeys(blocker.casefold() for blocker in issue.blockers if blocker.casefold() in by_id))
        for key, issue in by_id.items()
        if issue.blockers and not issue.is_over
    }
    graph = {key: tuple(one for one in found if one in blockers) for key, found in blockers.items()}
    names = {key: by_id[key].shown_id or by_id[key].id for key in graph}
    cycles = dependency_cycles(graph)
    found = [_problem([names[key] for key in cycle]) for cycle in cycles[:MOST_CYCLES]]
    if len(cycles) > MOST_CYCLES:
        where = names[cycles[MOST_CYCLES][0]]
        found.append(
            Problem(where, "is in more cycles of blockers", "end those that are named, then look again", readable=True)
        )
    return tuple(found)


def dependency_cycles(graph: _Graph) -> list[Cycle]:
    """Return the elementary cycles of `graph`, each once, from its least id on; at most `MOST_CYCLES` and one more.

    The time is linear in the graph's size for each cycle that is returned (Johnson 1975), and no recursion is as deep
    as the graph.
    """
    cycles: list[Cycle] = [(key,) for key, after in graph.items() if key in after]
    # Those of one are told apart from the others: each knot that is left then holds a longer one.
    rest = {key: tuple(one for one in after if one != key) for key, after in graph.items()}
    knots = [(_order(knot[0]), knot) for knot in _knots(rest, sorted(rest, key=_order))]
    heapq.heapify(knots)
    wanted = MOST_CYCLES + 1
    while knots and len(cycles) < wanted:
        _, knot = heapq.heappop(knots)
        for cycle in _through(knot[0], rest, frozenset(knot)):
            cycles.append(cycle)
            if len(cycles) == wanted:
                break
        for smaller in _knots(rest, knot[1:]):
            heapq.heappush(knots, (_order(smaller[0]), smaller))
    return sorted(cycles, key=lambda cycle: tuple(map(_order, cycle)))[:wanted]


def _through(start: str, graph: _Graph, within: frozenset[str]) -> Iterator[Cycle]:
    """Yield each cycle that goes through `start` and stays within the knot."""
    path = [start]
    blocked = {start}
    unblocks: dict[str, set[str]] = {}
    closed: set[str] = set()
    ahead = [(start, iter(graph[start]))]
    while ahead:
        here, following = ahead[-1]
        following_one = next((one for one in following if one in within), None)
        if following_one == start:
            yield tuple(path)
            closed.update(path)
        elif following_one is None:
            if here in closed:
                _unblock(here, blocked, unblocks)
            else:
                for one in graph[here]:
                    if one in within:
                        unblocks.setdefault(one, set()).add(here)
            ahead.pop()
            path.pop()
        elif following_one not in blocked:
            path.append(following_one)
            blocked.add(following_one)
            closed.discard(following_one)
            ahead.append((following_one, iter(graph[following_one])))


def _unblock(key: str, blocked: set[str], unblocks: dict[str, set[str]]) -> None:
    left = {key}
    while left:
        one = left.pop()
        if one in blocked:
            blocked.discard(one)
            left |= unblocks.pop(one, set())


def _knots(graph: _Graph, keys: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the strongly connected parts of more than one among `keys` (Tarjan 1972), each in the keys' order."""
    place = {key: number for number, key in enumerate(keys)}
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    stacked: set[str] = set()
    for root in keys:
        if root in index:
            continue
        ahead = [(root, iter(graph[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        stacked.add(root)
        while ahead:
            here, following = ahead[-1]
            for one in following:
                if one not in place:
                    continue
                if one not in index:
                    index[one] = low[one] = len(index)
                    stack.append(one)
                    stacked.add(one)
                    ahead.append((one, iter(graph[one])))
                    break
                if one in stacked:
                    low[here] = min(low[here], index[one])
            else:
                ahead.pop()
                if ahead:
                    low[ahead[-1][0]] = min(low[ahead[-1][0]], low[here])
                if low[here] == index[here]:
                    knot = [stack.pop()]
                    while knot[-1] != here:
                        knot.append(stack.pop())
                    stacked.difference_update(knot)
                    if len(knot) > 1:
                        yield tuple(sorted(knot, key=place.__getitem__))


def _problem(names: Sequence[str]) -> Problem:
    first = names[0]
    if len(names) == 1:
        return Problem(
            first, "is blocked by itself, so it never begins", f"take {first} out of its blockers", readable=True
        )
    named = names[1:_MOST_NAMED]
    chain = ", which is blocked by ".join(named)
    left = len(names) - 1 - len(named)
    back = f", and so on over {left} more" if left else ""
    what = f"blocked by {chain}{back}, which is blocked by {first}: a cycle, so none of the {len(names)} begins"
    return Problem(
        first, what, f"end it in one place: take {names[1]} out of what blocks {first}, for one", readable=True
    )


def _order(key: str) -> tuple[object, ...]:
    return (natural_order(key), key)
