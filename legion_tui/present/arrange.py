"""Where everything on the board is: one pass over the groups, then each look-up by bisection."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from legion_tui.present.board import GroupRows, Row
from legion_tui.present.finding import query
from legion_tui.present.line import Line, line_width
from legion_tui.present.rows import Look, folded_parts

_BETWEEN = 2


class Kind(Enum):
    """What stands at a place of the board."""

    TEXT = auto()
    HEADER = auto()
    FOLDED = auto()
    ROW = auto()


@dataclass(frozen=True, slots=True)
class Stop:
    """One thing on the board: lines `y` to `y + height`, from column `x`; folded groups share a line."""

    key: str
    kind: Kind
    y: int
    height: int
    x: int = 0
    group: str | None = None
    text: Line = ()


@dataclass(frozen=True, slots=True)
class Arrangement:
    """All stops in reading order."""

    stops: tuple[Stop, ...] = ()
    tops: tuple[int, ...] = ()
    places: Mapping[str, int] = field(default_factory=dict)
    selectable: tuple[str, ...] = ()
    height: int = 0

    def on_line(self, y: int) -> tuple[Stop, ...]:
        """Return what stands on line `y`, left to right; several only where groups are folded."""
        end = bisect_right(self.tops, y)
        if end == 0 or not 0 <= y < self.height:
            return ()
        begin = end - 1
        while begin > 0 and self.tops[begin - 1] == self.tops[begin]:
            begin -= 1
        return self.stops[begin:end]

    def at(self, x: int, y: int) -> Stop | None:
        """Return what stands at a cell."""
        under = None
        for stop in self.on_line(y):
            if stop.x <= x:
                under = stop
        return under

    def stop(self, key: str) -> Stop | None:
        """Return where `key` is."""
        place = self.places.get(key)
        return None if place is None else self.stops[place]


def group_key(group: str) -> str:
    """Return the key under which a group is selected."""
    return f"group:{group}"


def arrange(
    groups: Sequence[GroupRows],
    folded: Collection[str],
    look: Look,
    width: int,
    *,
    lead: Sequence[Line] = (),
    heights: Mapping[str, int] | None = None,
) -> Arrangement:
    """Place `lead`, then the groups. `heights` keeps a row at a height although its content asks for another."""
    stops: list[Stop] = []
    y = 0
    for number, text in enumerate(lead):
        stops.append(Stop(f"text:{number}", Kind.TEXT, y, 1, text=text))
        y += 1
    x = -1
    for group in groups:
        key = group_key(group.group)
        if group.group in folded:
            taken = line_width(folded_parts(group, look))
            if x >= 0 and x + taken <= width:
                stops.append(Stop(key, Kind.FOLDED, y - 1, 1, x, group.group))
            else:
                stops.append(Stop(key, Kind.FOLDED, y, 1, 0, group.group))
                x = 0
                y += 1
            x += taken + _BETWEEN
            continue
        x = -1
        stops.append(Stop(key, Kind.HEADER, y, 1, group=group.group))
        y += 1
        for row in group.rows:
            height = heights.get(row.key, row.height) if heights is not None else row.height
            stops.append(Stop(row.key, Kind.ROW, y, height, group=group.group))
            y += height
    return Arrangement(
        stops=tuple(stops),
        tops=tuple(stop.y for stop in stops),
        places={stop.key: place for place, stop in enumerate(stops)},
        selectable=tuple(stop.key for stop in stops if stop.kind in (Kind.ROW, Kind.FOLDED)),
        height=y,
    )


def filtered(groups: Sequence[GroupRows], needle: str) -> tuple[GroupRows, ...]:
    """Return the groups with the rows that match, without those that have none."""
    wanted = query(needle)
    if not wanted.terms:
        return tuple(groups)
    kept = (GroupRows(group.group, tuple(row for row in group.rows if wanted.holds(row))) for group in groups)
    return tuple(group for group in kept if group.rows)


def next_needing(order: Sequence[str], rows: Mapping[str, Row], current: str) -> str | None:
    """Return the next key whose row needs a person, None where none does.

    From a row that needs one it is the next after it, around the end; from any other the first, which waits longest.
    """
    here = rows.get(current)
    start = order.index(current) + 1 if current in order and here is not None and here.needs_you else 0
    turned = (*order[start:], *order[:start])
    return next((key for key in turned if key in rows and rows[key].needs_you), None)
