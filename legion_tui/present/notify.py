"""What a person is told of without looking: which changes of which rows, once each, and in which words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from types import MappingProxyType

from legion_tui.present.asks import plan_gist
from legion_tui.present.board import Row, board_groups
from legion_tui.state import EMPTY, Attention, Question, QuestionKind, Snapshot, Worker, WorkerState
from legion_tui.state.text import clean_line
from legion_tui.state.workers import RUNNING

_TEXT = 200
_LINES = 6
# What comes and goes within so long is the same thing.
_SETTLED_SECONDS = 60.0
# After so long nobody asks any more whether a thing was told.
_FORGOTTEN = timedelta(days=1)


class Kind(StrEnum):
    """What may be told."""

    ASKS = "asks"
    FAILED = "failed"
    MISSING = "missing"
    NEEDS_YOU = "needs_you"
    IDLE = "idle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a person wants to be told of. `quiet` is from when to when nothing may sound, over midnight too."""

    kinds: frozenset[Kind] = frozenset(Kind) - {Kind.IDLE}
    quiet: tuple[time, time] | None = None
    # Of one row and one kind at most once within so many seconds; never what is asked, which is new each time.
    cooldown_seconds: Mapping[Kind, float] = field(
        default_factory=lambda: MappingProxyType({Kind.FAILED: 300.0, Kind.IDLE: 300.0, Kind.MISSING: 1800.0})
    )

    def is_quiet(self, now: datetime, zone: tzinfo | None) -> bool:
        """Whether it is a time at which nothing may sound."""
        if self.quiet is None:
            return False
        begin, end = self.quiet
        at = now.astimezone(zone).time()
        return begin <= at < end if begin <= end else at >= begin or at < end


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One change that is told. `pane` is where it can be seen, where there is one."""

    kind: Kind
    target: str
    name: str
    text: str = ""
    pane: str = ""
    # What is the same news when it comes again.
    mark: str = ""

    @property
    def title(self) -> str:
        """Who, and what of it."""
        words = {
            Kind.ASKS: "asks",
            Kind.FAILED: "failed",
            Kind.MISSING: "is gone",
            Kind.NEEDS_YOU: "needs you",
            Kind.IDLE: "is idle",
        }
        return f"{self.name} {words[self.kind]}"

    @property
    def line(self) -> str:
        """All of it on one line."""
        return f"{self.title}: {self.text}" if self.text else self.title


# By kind, target and mark: when it was told.
Told = Mapping[tuple[Kind, str, str], datetime]


def news(
    before: Snapshot, after: Snapshot, now: datetime, wishes: Wishes, told: Told
) -> tuple[tuple[News, ...], dict[tuple[Kind, str, str], datetime]]:
    """Return what is to be told of the step from one snapshot to the next, and what has been told by then.

    What was there when reading began is no news, and nothing of what sleeps is; what has just woken is.
    """
    kept = {key: at for key, at in told.items() if now - at < _FORGOTTEN}
    if before is EMPTY or any(health.ok and not health.known for health in before.sources.values()):
        return (), kept
    found: list[News] = []
    rows_before = {row.key: row for row in _rows(before)}
    for row in _rows(after):
        if row.snooze is not None:
            continue
        old = rows_before.get(row.key)
        if old is not None and old.subject is row.subject and old.snooze is None:
            continue  # an issue that did not change is the same object
        wakes = old is not None and old.snooze is not None
        one = _step(None if wakes else old, row)
        if one is None or one.kind not in wishes.kinds:
            continue
        key = (one.kind, one.target, one.mark)
        if (at := kept.get(key)) is not None and not wakes:
            cooldown = wishes.cooldown_seconds.get(one.kind, _SETTLED_SECONDS)
            if one.kind is Kind.ASKS or (now - at).total_seconds() < cooldown:
                continue
        kept[key] = now
        found.append(one)
    return tuple(found), kept


def unseen(found: Sequence[News], shown_panes: frozenset[str]) -> tuple[News, ...]:
    """Return what a person does not see by themselves: nothing of a pane that an attached terminal shows."""
    return tuple(one for one in found if one.pane not in shown_panes or not one.pane)


def summary(found: Sequence[News]) -> tuple[str, str]:
    """Return title and text of one message about all of it."""
    if len(found) == 1:
        return found[0].title, found[0].text
    asking = sum(one.kind is Kind.ASKS for one in found)
    title = f"{asking} ask" if asking == len(found) else f"{len(found)} need a look"
    lines = [one.line for one in found[:_LINES]]
    if len(found) > _LINES:
        lines.append(f"and {len(found) - _LINES} more")
    return title, "\n".join(lines)


def _step(old: Row | None, row: Row) -> News | None:
    """Return what a person would want to know of a row's change, the gravest where there are several."""
    worker, before = row.worker, old.worker if old is not None else None
    question = row.question
    if question is not None and worker is not None and (old is None or _question_id(old) != question.id):
        return _of(row, Kind.ASKS, _asked(question), mark=question.id)
    if worker is not None and (old is not None or row.needs_you):
        was = before.state if before is not None else None
        if worker.state in (WorkerState.CRASHED, WorkerState.ERROR) and was is not worker.state:
            return _of(row, Kind.FAILED, worker.detail.error or worker.last_words)
        if worker.state is WorkerState.GONE and before is not None and before.live:
            return _of(row, Kind.MISSING, worker.last_words)
    if question is None and _needs(row) and not (old is not None and (_needs(old) or old.question is not None)):
        why = worker.last_words if worker is not None and worker.last_words else ""
        return _of(row, Kind.NEEDS_YOU, why or (row.issue.decision.why if row.issue is not None else ""))
    if worker is not None and before is not None and worker.state is WorkerState.IDLE and before.state in RUNNING:
        return _of(row, Kind.IDLE, worker.last_words)
    return None


def _needs(row: Row) -> bool:
    return row.issue is not None and row.issue.attention is Attention.NEEDS_YOU and row.snooze is None


def _question_id(row: Row) -> str:
    return row.question.id if row.question is not None else ""


def _of(row: Row, kind: Kind, text: str, *, mark: str = "") -> News:
    worker: Worker | None = row.worker
    pane = worker.pane if worker is not None and worker.pane is not None else ""
    name = clean_line(row.shown_id, limit=60)
    one = News(kind=kind, target=row.target, name=name, pane=pane, mark=mark)
    return replace(one, text=clean_line(text, limit=_TEXT))


def _asked(question: Question) -> str:
    if question.kind is QuestionKind.PLAN:
        return plan_gist(question.text)
    first = next((line for line in question.text.splitlines() if line.strip()), "")
    header = question.items[0].header if question.items else ""
    return f"{header}: {first}" if question.kind is QuestionKind.PERMISSION and header else first


def _rows(snapshot: Snapshot) -> Iterator[Row]:
    return (row for group in board_groups(snapshot) for row in group.rows if row.target)
