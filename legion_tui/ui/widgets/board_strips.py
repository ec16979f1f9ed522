"""The strips of a sheet, each kept for as long as what it was made of stays the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from textual.strip import Strip

from legion_tui.present.arrange import Kind, Stop
from legion_tui.present.board import Row
from legion_tui.present.line import Line, Tone, line_width
from legion_tui.present.rows import folded_parts, header_line, row_age, row_lines
from legion_tui.present.sheet import Sheet
from legion_tui.ui.widgets.toned import Toned


class BoardStrips:
    """Paints the lines of `sheet` in the colours of `widget`."""

    def __init__(self, widget: Toned, sheet: Sheet, now: Callable[[], datetime]) -> None:
        self._widget = widget
        self._sheet = sheet
        self._now = now
        # By key, and whether it is selected (a row that was left looks as it did before): what the strips were made of,
        # and the strips.
        self._painted: dict[tuple[str, bool], tuple[object, tuple[Strip, ...]]] = {}

    def forget(self) -> None:
        """Paint everything anew: the width, the places or the colours are others."""
        self._painted.clear()

    def differ(self, stop: Stop, width: int) -> bool:
        """Whether something stands on the screen for `stop` that is no longer so."""
        painted = self._painted.get(self._variant(stop))
        return painted is not None and painted[0] != self._made_of(stop, width)

    def line(self, y: int, width: int) -> Strip:
        """Return line `y` of the sheet, `width` cells wide."""
        stops = self._sheet.arrangement.on_line(y)
        if not stops:
            return Strip.blank(width, self._widget.rich_style)
        stop = stops[0]
        match stop.kind:
            case Kind.FOLDED:
                strip = self._folded(stops)
            case Kind.TEXT:
                strip = self._widget.strip_of(stop.text, line_width(stop.text))
            case _:
                strip = self._kept(stop, width)[y - stop.y]
        return strip.adjust_cell_length(width, self._widget.rich_style)

    def _kept(self, stop: Stop, width: int) -> tuple[Strip, ...]:
        made_of = self._made_of(stop, width)
        variant = self._variant(stop)
        painted = self._painted.get(variant)
        if painted is None or painted[0] != made_of:
            strips = self._header(stop, width) if stop.kind is Kind.HEADER else self._row(stop)
            painted = self._painted[variant] = (made_of, strips)
        return painted[1]

    def _variant(self, stop: Stop) -> tuple[str, bool]:
        return stop.key, stop.key == self._sheet.selected

    def _made_of(self, stop: Stop, width: int) -> object:
        sheet = self._sheet
        if stop.kind is Kind.HEADER:
            return self._header_line(stop, width)
        row = sheet.row_of(stop.key)
        age = row_age(row, self._now()) if row is not None else ""
        unseen, marked = stop.key in sheet.unseen, stop.key in sheet.marked
        return (row, stop.height, unseen, marked, age, self._activity(row))

    def _header_line(self, stop: Stop, width: int) -> Line:
        group = self._sheet.groups.get(stop.group) if stop.group is not None else None
        return header_line(group, width, self._sheet.look, self._now()) if group is not None else ()

    def _header(self, stop: Stop, width: int) -> tuple[Strip, ...]:
        return (self._widget.strip_of(self._header_line(stop, width), width),)

    def _activity(self, row: Row | None) -> str:
        """Return how much a row's worker worked of late, where there is room to show it."""
        worker = row.worker if row is not None else None
        if worker is None or not self._sheet.columns.activity:
            return ""
        return self._sheet.activity.line(worker.session_id, self._now(), self._sheet.look.glyphs.levels)

    def _row(self, stop: Stop) -> tuple[Strip, ...]:
        sheet, width = self._sheet, self._sheet.columns.width
        row = sheet.row_of(stop.key)
        if row is None:
            return (Strip.blank(width, self._widget.rich_style),) * stop.height
        selected, unseen = stop.key == sheet.selected, stop.key in sheet.unseen
        marked = stop.key in sheet.marked
        lines = row_lines(
            row,
            sheet.columns,
            sheet.look,
            self._now(),
            selected=selected,
            unseen=unseen,
            marked=marked,
            activity=self._activity(row),
        )
        # Held at another height than its content asks for: a line is left out, or one is left empty.
        empty: Line = ((" " * width, Tone.PLAIN),)
        shown = (*lines, empty)[: stop.height]
        return tuple(self._widget.strip_of(line, width, selected=selected) for line in shown)

    def _folded(self, stops: Sequence[Stop]) -> Strip:
        strips: list[Strip] = []
        x = 0
        for stop in stops:
            group = self._sheet.groups.get(stop.group) if stop.group is not None else None
            if group is None:
                continue
            selected = stop.key == self._sheet.selected
            parts = folded_parts(group, self._sheet.look, selected=selected)
            gap = Strip.blank(stop.x - x, self._widget.rich_style)
            strips += [gap, self._widget.strip_of(parts, line_width(parts), selected=selected)]
            x = stop.x + line_width(parts)
        return Strip.join(strips)
