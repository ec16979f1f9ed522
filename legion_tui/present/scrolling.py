"""Where the board is to be scrolled to, in lines: arithmetic on an arrangement and a viewport."""

from __future__ import annotations

from collections.abc import Sequence

from legion_tui.present.arrange import Arrangement, Kind, Stop


def away(stop: Stop | None, top: int, height: int) -> str:
    """Return where a row is, `above` or `below`, when it is out of sight; empty where it is in sight, or no row."""
    if stop is None or stop.kind is not Kind.ROW or not height:
        return ""
    if stop.y + stop.height <= top:
        return "above"
    return "below" if stop.y >= top + height else ""


def revealed(arrangement: Arrangement, stop: Stop, top: int, height: int) -> int | None:
    """Return the line to scroll to so that `stop` is in sight; None where it is.

    With the first row of a group its header comes into sight, with the first group what stands above it.
    """
    place = arrangement.places[stop.key]
    while place > 0 and arrangement.stops[place - 1].kind in (Kind.HEADER, Kind.TEXT):
        place -= 1
    end = stop.y + stop.height
    above = max(arrangement.stops[place].y, end - height)
    if above < top:
        return above
    return end - height if end > top + height else None


def anchors(visible: Sequence[Stop], top: int) -> list[Stop]:
    """Return the rows to hold on to; none at the very top, where what is new is to come into sight."""
    return [stop for stop in visible if stop.kind is Kind.ROW and stop.y >= top] if top else []


def held(rows: Sequence[Stop], arrangement: Arrangement, top: int) -> int | None:
    """Return the line to scroll to so that the first of `rows` that is still there stays where it is on the screen."""
    for anchor in rows:
        if (stop := arrangement.stop(anchor.key)) is not None:
            return stop.y - (anchor.y - top)
    return None
