"""How wide each column is, and which ones a narrow terminal goes without."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rich.cells import cell_len

from legion_tui.present.activity import CELLS
from legion_tui.present.board import GroupRows, Row
from legion_tui.present.cells import BAR_CELLS
from legion_tui.present.glyphs import PullLook
from legion_tui.state import Snapshot, Source, Worker

_ROOMY = 84
_WIDEST_ID, _WIDEST_ID_NARROW = 16, 10
_WIDEST_STATUS = 14
_TITLE_WANTED, _TITLE_ENOUGH = 22, 72
_COUNTS = len("123/123")
_PULL_WORD = max(len(look) for look in PullLook)
_MODE = len("implement")
# A glyph and the longest of the common words.
_STATE = len("? interrupted")
_AGE = 4
_WORD = len("mend changes")
_UNTESTED_WORD = len("untested")
# The first is the first to go. What is not here stays: id, state, age, key.
_DROPPED_IN_ORDER = (
    "activity",
    "counts",
    "untested_word",
    "pull_word",
    "mode",
    "bar",
    "status",
    "word",
    "number",
    "untested",
)
# What a person may do without, by the words of their configuration.
HIDEABLE: Mapping[str, tuple[str, ...]] = {
    "status": ("status",),
    "mode": ("mode",),
    "pull_request": ("number", "pull_word", "bar", "counts"),
    "review": ("pull_word",),
    "checks": ("bar", "counts"),
    "next": ("word",),
    "activity": ("activity",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Widths in cells, 0 for a column that is left out; `width` is the whole line's."""

    width: int
    gap: int
    id: int
    title: int = 0
    status: int
    number: int
    pull_word: int
    bar: int
    counts: int
    mode: int
    state: int = _STATE
    # The mark of a version that is not covered, and its word: 0 where no row has it.
    untested: int = 0
    untested_word: int = 0
    # How much it worked of late.
    activity: int = 0
    age: int = _AGE
    key: int
    word: int
    # What comes from a source that fails now, and so is shown as old.
    stale_tracker: bool = False
    stale_worker: bool = False
    stale_pull: bool = False

    @property
    def pull(self) -> int:
        """The whole of the pull request's columns: number, glyph, bar, count, word."""
        if not self.number:
            return 0
        return self.number + 2 + sum(part + 1 for part in (self.bar, self.counts, self.pull_word) if part)

    @property
    def version(self) -> int:
        """The whole of the version's mark: glyph and word."""
        return self.untested + (1 + self.untested_word if self.untested and self.untested_word else 0)

    @property
    def step(self) -> int:
        """Key and word of the next step."""
        return self.key + (1 + self.word if self.word else 0)

    @property
    def step_x(self) -> int:
        """The column at which the next step begins."""
        parts = (
            self.id,
            self.title,
            self.status,
            self.pull,
            self.mode,
            self.state,
            self.version,
            self.activity,
            self.age,
        )
        return 1 + sum(part + self.gap for part in parts if part)

    @property
    def fixed(self) -> int:
        """Everything but the title, gaps included."""
        parts = (self.id, self.status, self.pull, self.mode, self.state, self.version, self.activity, self.age)
        gaps = sum(1 for part in (*parts, self.step) if part) * self.gap
        return 1 + sum(parts) + self.step + gaps


def columns(
    width: int,
    groups: Sequence[GroupRows],
    snapshot: Snapshot,
    *,
    key: int = 1,
    hidden: Collection[str] = (),
) -> Columns:
    """Return the columns for `width` cells; `key` is how wide the widest key is that a row names.

    `hidden` are those of `HIDEABLE` that a person does without.
    """
    roomy = width >= _ROOMY
    # One look at each row: this is done for every snapshot.
    ids: set[int] = set()
    status, number, longest_title, longest_name, untested = 0, 0, 0, 0, False
    for group in groups:
        for row in group.rows:
            issue = row.issue
            if issue is None:
                untested = untested or _untested(row)
                longest_name = max(longest_name, _name(row))
                continue
            untested = untested or (issue.worker is not None and issue.worker.untested)
            ids.add(cell_len(row.shown_id))
            status = max(status, len(issue.issue.status))
            number = max(number, _number(row))
            longest_title = max(longest_title, len(issue.issue.title))
    widest_id = _WIDEST_ID if roomy else _WIDEST_ID_NARROW
    found = Columns(
        width=width,
        gap=2 if roomy else 1,
        id=min(max(ids, default=4), widest_id, max(width // 4, 1)),
        status=min(status, _WIDEST_STATUS),
        number=number,
        pull_word=_PULL_WORD,
        bar=BAR_CELLS,
        counts=_COUNTS,
        mode=_MODE,
        untested=1 if untested else 0,
        untested_word=_UNTESTED_WORD if untested else 0,
        key=key,
        word=_WORD,
        activity=CELLS,
        stale_tracker=not _ok(snapshot, Source.TRACKER),
        stale_worker=not (_ok(snapshot, Source.TMUX) and _ok(snapshot, Source.AGENTS)),
        stale_pull=not _ok(snapshot, Source.PULL_REQUESTS),
    )
    unwanted: dict[str, Any] = {name: 0 for column in hidden for name in HIDEABLE[column]}
    found = replace(found, **unwanted)
    for name in _DROPPED_IN_ORDER:
        if found.fixed + _TITLE_WANTED <= width:
            break
        dropped: dict[str, Any] = {name: 0}
        found = replace(found, **dropped)
    longest = max(longest_title, longest_name - found.id)
    # In steps of eight, so that a title that is a little longer moves nothing.
    wanted = min(max(-(-longest // 8) * 8, _TITLE_WANTED), _TITLE_ENOUGH)
    return replace(found, title=max(0, min(width - found.fixed, wanted)))


def measured(row: Row) -> tuple[object, ...]:
    """Return all of a row that the columns depend on: while it is the same for every row, so are they."""
    issue = row.issue
    if issue is None:
        return (_name(row), _untested(row))
    return (row.shown_id, len(issue.issue.status), _number(row), len(issue.issue.title), _untested(row))


def read_now(snapshot: Snapshot) -> tuple[bool, ...]:
    """Return which sources were read: the columns of the others are greyed."""
    return tuple(_ok(snapshot, source) for source in Source)


def _name(row: Row) -> int:
    """How long the text of a row is that has no issue: a session's begins in the column of ids."""
    return len(row.shown_id) + 2 + len(row.subject.cwd or "") if isinstance(row.subject, Worker) else 0


def _untested(row: Row) -> bool:
    worker = row.issue.worker if row.issue is not None else row.subject
    return isinstance(worker, Worker) and worker.untested


def _number(row: Row) -> int:
    issue = row.issue
    if issue is None:
        return 0
    ref = issue.pull_request.ref if issue.pull_request is not None else issue.issue.pull_request
    return len(f"#{ref.number}") if ref else 0


def _ok(snapshot: Snapshot, source: Source) -> bool:
    health = snapshot.sources.get(source)
    return health is None or health.ok
