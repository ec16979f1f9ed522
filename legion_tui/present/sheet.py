"""The board as it is on the screen: which rows, in which order, where, and which one is selected.

What is selected is an id. New content comes in at once; another order only with `settle`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from legion_tui.present.activity import Activity
from legion_tui.present.arrange import Arrangement, Kind, Stop, arrange, filtered, group_key, next_needing
from legion_tui.present.board import GroupRows, Row, board_groups
from legion_tui.present.columns import Columns, columns, measured, read_now
from legion_tui.present.finding import query
from legion_tui.present.rows import Look
from legion_tui.present.sorting import Sort, sort_rows
from legion_tui.present.texts import loading_lines, no_match_lines
from legion_tui.present.views import BOARD, View
from legion_tui.state import EMPTY, Snapshot


class Sheet:
    """What the board shows of the newest snapshot. Sorted when it is settled, laid out for one width at a time."""

    def __init__(self, look: Look, view: View = BOARD) -> None:
        self.look = look
        self.view = view
        self.snapshot = EMPTY
        self.arrangement = Arrangement()
        self.selected = ""
        self.needle = ""
        self.sort = Sort.ATTENTION
        self.activity = Activity()
        # One line for each row, whatever it has to say.
        self.compact = False
        # What changed since it was last selected.
        self.unseen: set[str] = set()
        # What a person marked, for as long as its row is there, in sight or not.
        self.marked: set[str] = set()
        self.groups: Mapping[str, GroupRows] = {}
        self.columns: Columns = columns(0, (), EMPTY)
        self._latest: tuple[GroupRows, ...] = ()
        self._held: tuple[GroupRows, ...] = ()
        self._heights: dict[str, int] = {}
        self._rows: dict[str, Row] = {}
        self._folds: dict[str, bool] = {}
        # What changed since everything was last found, or put, in its place; and whether the columns fit all of it.
        self._unsettled: set[str] = set()
        self._fits = False
        self._read: tuple[bool, ...] = ()

    # What is there

    @property
    def row(self) -> Row | None:
        """The selected row."""
        return self._rows.get(self.selected) if self.selected in self.arrangement.places else None

    @property
    def folded_group(self) -> str | None:
        """The group that is selected, where it is a folded one."""
        stop = self.stop
        return stop.group if stop is not None and stop.kind is Kind.FOLDED else None

    @property
    def stop(self) -> Stop | None:
        """Where the selection is."""
        return self.arrangement.stop(self.selected)

    def row_of(self, key: str) -> Row | None:
        """Return the row of a key."""
        return self._rows.get(key)

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every row, those that are filtered out or folded included, in the board's order."""
        return tuple(row for group in self._latest for row in group.rows)

    @property
    def marked_rows(self) -> tuple[Row, ...]:
        """The rows that are marked, in the board's order, those that are filtered out or folded included."""
        if not self.marked:
            return ()  # as a rule, and asked for at every key
        return tuple(row for row in self.rows if row.key in self.marked)

    def toggle_mark(self) -> None:
        """Mark the selected row, or take its mark away."""
        if self.row is not None:
            self.marked ^= {self.selected}

    def visible(self, top: int, height: int) -> list[Stop]:
        """Return what stands on the lines from `top` on."""
        found: list[Stop] = []
        y = max(top, 0)
        while y < min(top + height, self.arrangement.height):
            stops = self.arrangement.on_line(y)
            found += stops
            y = stops[-1].y + stops[-1].height
        return found

    # What changes

    def adopt(self, snapshot: Snapshot) -> set[str]:
        """Take over the content of a snapshot and return the keys that changed; places stay until `settle`."""
        self.snapshot = snapshot
        changed: set[str] = set()
        latest: list[GroupRows] = []
        for group in self.view.groups(snapshot):
            rows: list[Row] = []
            for row in sort_rows(group.rows, self.sort):
                old = self._rows.get(row.key)
                # An equal row keeps its old object, so that what was painted of it is found again.
                if old is not None and _is_same(old, row):
                    rows.append(old)
                    continue
                rows.append(row)
                changed.add(row.key)
                self._fits = self._fits and old is not None and measured(old) == measured(row)
                self._rows[row.key] = row
                if old is not None and old.mark() != row.mark() and row.key != self.selected:
                    self.unseen.add(row.key)
            latest.append(GroupRows(group.group, tuple(rows)))
        self._latest = tuple(latest)
        changed |= self._leaving()
        self._unsettled |= changed
        return changed

    def _leaving(self) -> set[str]:
        """Show what leaves this view as it is now for as long as it keeps its place; return the keys that changed."""
        staying = {row.key for group in self._latest for row in group.rows}
        leaving = {row.key for group in self._held for row in group.rows} - staying
        if not leaving or not self.view.is_part:
            return set()
        now = {row.key: row for group in board_groups(self.snapshot) for row in group.rows if row.key in leaving}
        self._rows.update(now)
        return set(now)

    def keeps_places(self) -> bool:
        """Whether the newest content stands where the old did; then it is taken over without being sorted."""
        latest = filtered(self._latest, self.needle)
        if _shape(latest) != _shape(self._held) or any(
            self._heights[key] != self._height(self._rows[key]) for key in self._unsettled & self._heights.keys()
        ):
            return False
        if not self._fits or read_now(self.snapshot) != self._read:
            if self._columns_for(self.columns.width, latest) != self.columns:
                return False
            self._note_fit()
        self._unsettled.clear()
        self._held = latest
        self.groups = {group.group: group for group in latest}
        return True

    def _columns_for(self, width: int, groups: Sequence[GroupRows]) -> Columns:
        return columns(width, groups, self.snapshot, key=self.look.key_width, hidden=self.look.hidden)

    def _note_fit(self) -> None:
        self._fits, self._read = True, read_now(self.snapshot)

    def settle(self, width: int, *, anew: bool = False) -> None:
        """Sort: every row goes where the newest snapshot has it, what is gone leaves, what is new comes.

        With `anew` the selection goes to the first row that needs a person.
        """
        if anew:
            self.selected = ""
        self._rows = {row.key: row for group in self._latest for row in group.rows}
        self._held = filtered(self._latest, self.needle)
        self._heights = {row.key: self._height(row) for group in self._held for row in group.rows}
        self.groups = {group.group: group for group in self._held}
        self.unseen &= self._rows.keys()
        self.marked &= self._rows.keys()
        self._note_fit()
        self._unsettled.clear()
        self.lay_out(width)

    def lay_out(self, width: int) -> None:
        """Place everything for a width; what is selected stays so, else its neighbour is."""
        order = self.arrangement.selectable
        self.columns = self._columns_for(width, self._held)
        if self.snapshot is EMPTY:
            lead = loading_lines(width)
        elif self._filters and not self._held:
            lead = no_match_lines(self.needle, width, self.look)
        else:
            lead = self.view.lead(self.snapshot, self._held, width, self.look)
        self.arrangement = arrange(self._held, self._folded(), self.look, width, lead=lead, heights=self._heights)
        self._keep_selection(order)

    def toggle(self, group: str, width: int) -> None:
        """Fold a group, or open it; what is selected then is the group, or its first row."""
        if self._filters or group not in self.groups:
            return
        folded = group in self._folded()
        self._folds[group] = not folded
        self.selected = self.groups[group].rows[0].key if folded else group_key(group)
        self.lay_out(width)

    def uncover(self, key: str, width: int) -> bool:
        """Open the group of a row, and end the filter where that hides it; return whether there is such a row."""
        found = next(((group.group, row) for group in self._latest for row in group.rows if row.key == key), None)
        if found is None:
            return False
        group, row = found
        if self.needle and not query(self.needle).holds(row):
            self.needle = ""
        self._folds[group] = False
        self.settle(width)
        return True

    def select(self, key: str) -> None:
        """Select what has this key, and count it as seen."""
        self.selected = key
        self.unseen.discard(key)

    # Where one can go

    def beside(self, by: int) -> str:
        """Return the key so many further down, stopping at the ends; empty where there is nothing."""
        order = self.arrangement.selectable
        if not order:
            return ""
        place = order.index(self.selected) + by if self.selected in order else 0
        return order[min(max(place, 0), len(order) - 1)]

    def further(self, lines: int) -> str:
        """Return the key of what is about so many lines further down, or up where they are negative."""
        stop = self.stop
        if stop is None:
            return self.beside(0)
        stops = [self.arrangement.stops[self.arrangement.places[key]] for key in self.arrangement.selectable]
        beyond = [other for other in stops if (other.y - stop.y) * lines > 0]
        return min(beyond, key=lambda other: abs(other.y - stop.y - lines)).key if beyond else stop.key

    def next_needing(self) -> str | None:
        """Return the key of the next row that needs a person, around the end; None where there is none."""
        return next_needing(self.arrangement.selectable, self._rows, self.selected)

    def folded_needing(self) -> str | None:
        """Return the first folded group that has a row which needs a person."""
        folded = self._folded()
        return next(
            (name for name, group in self.groups.items() if name in folded and any(r.needs_you for r in group.rows)),
            None,
        )

    def _folded(self) -> frozenset[str]:
        if self._filters:
            return frozenset()
        usual = self.view.folded(self.snapshot)
        return frozenset(group for group in self.groups if self._folds.get(group, group in usual))

    def _height(self, row: Row) -> int:
        return 1 if self.compact else row.height

    @property
    def _filters(self) -> bool:
        return bool(query(self.needle).terms)

    def _keep_selection(self, order: Sequence[str]) -> None:
        selectable = self.arrangement.selectable
        stop = self.stop
        if stop is not None and stop.kind in (Kind.ROW, Kind.FOLDED):
            return
        known = self.arrangement.places
        if self.selected in order:
            place = order.index(self.selected)
            near = (*order[place + 1 :], *reversed(order[:place]))
            found = next((key for key in near if key in known), None)
        else:
            found = None
        first = next_needing(selectable, self._rows, "") or (selectable[0] if selectable else "")
        self.select(found or first)


def _is_same(old: Row, row: Row) -> bool:
    """Whether nothing of a row has changed; what is the same object needs no look into it."""
    if (old.group, old.queued, old.snooze) != (row.group, row.queued, row.snooze):
        return False
    return old.subject is row.subject or old == row


def _shape(groups: Sequence[GroupRows]) -> list[tuple[str, list[str]]]:
    return [(group.group, [row.key for row in group.rows]) for group in groups]
