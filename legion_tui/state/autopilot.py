"""What the autopilot does next, by rules that only the user's own configuration gives. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase

from legion_tui.state.names import Action, Attention, Mode
from legion_tui.state.slots import is_spare
from legion_tui.state.snapshot import IssueState, Snapshot

# The name under which the ledger keeps what it does.
PROGRAM = "autopilot"
_OF_A_PERSON = frozenset({Action.SKIP, Action.ESCALATE_BLOCKED, Action.REVIEW_PR, Action.MERGE_PR})
_STARTS = ("dispatch_", "resume_", "relay_")
# Everything that may be listed: what is left to a person never is.
ALLOWABLE = frozenset(
    action for action in Action if action not in _OF_A_PERSON and not action.startswith(("retry_", "investigate_"))
)


def actions_of(words: Iterable[str]) -> frozenset[Action]:
    """Return the actions that these words name, `dispatch_*` all of that prefix; ValueError names one that is none."""
    found: set[Action] = set()
    for word in words:
        named = {action for action in ALLOWABLE if fnmatchcase(action, word)}
        if not named:
            raise ValueError(word)
        found |= named
    return frozenset(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What may be done by itself. `label` and `authors`: for which issues; without both, for all of them."""

    actions: frozenset[Action]
    max_workers: int
    # Starts of a worker of one mode for one issue, over all runs.
    max_rounds: int
    max_cost_usd: float | None = None
    label: str = ""
    authors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Task:
    """One action to run, as it was decided, and the slots that it takes. Nothing follows it by itself."""

    issue: str
    action: Action
    mode: Mode
    row: str
    slots: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """An action that waits, and for what."""

    issue: str
    action: Action
    why: str


@dataclass(frozen=True, slots=True)
class Agenda:
    """What to run now, in this order, and what waits. `stop` ends the autopilot."""

    tasks: tuple[Task, ...] = ()
    held: tuple[Held, ...] = ()
    stop: str = ""


class EventKind(StrEnum):
    """What is told of it while it runs."""

    RUNS = "runs"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    HELD = "held"
    WORKER = "worker"
    # A step of a worker's life; a worker that waited was started.
    LIFE = "life"
    STARTED = "started"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, or a change of what waits."""

    kind: EventKind
    at: datetime
    text: str
    issue: str = ""
    action: str = ""


def agenda(
    snapshot: Snapshot,
    rules: Rules,
    *,
    rounds: Mapping[tuple[str, Mode], int],
    busy: Collection[str] = (),
    taken: int = 0,
    waits: Mapping[str, str] | None = None,
) -> Agenda:
    """Return what is to be done about this snapshot, in the board's order.

    `rounds`: starts so far; `busy`: issues that something is being done about, which together have `taken` slots that
    the snapshot does not know of; `waits`: issues that are to be left alone, and why.
    """
    if snapshot.unread:
        return Agenda(
            held=tuple(Held(row.id, row.decision.action, snapshot.unread) for row in _wanted(snapshot, rules))
        )
    spent = sum(worker.cost_usd or 0.0 for row in snapshot.issues for worker in row.workers)
    if rules.max_cost_usd is not None and spent >= rules.max_cost_usd:
        return Agenda(stop=f"the workers cost ${spent:.2f}, of ${rules.max_cost_usd:.2f}")
    limit = min(snapshot.slots, rules.max_workers)
    wanted = list(_wanted(snapshot, rules))
    # One that has finished makes room for another, unless it is needed where it is.
    needed = {row.id for row in wanted}
    left = (row for row in snapshot.issues if row.id not in needed)
    spared = [worker for row in left for worker in row.workers if is_spare(worker, row.status)]
    spare = len(spared)
    alike = Counter(worker.mode for row in snapshot.issues for worker in row.workers if worker.live)
    alike -= Counter(worker.mode for worker in spared)
    free = limit - (snapshot.slots_used - spare) - taken
    tasks: list[Task] = []
    held: list[Held] = []
    for row in wanted:
        if row.id in busy:
            continue
        why = (waits or {}).get(row.id, "") or _not_allowed(row, rules, rounds)
        if not why:
            task = _task(row)
            of_mode = snapshot.mode_slots.get(task.mode)
            if task.slots > free:
                why = f"no free slot ({limit} at once)"
            elif task.slots and of_mode is not None and alike[task.mode] >= of_mode:
                why = f"no free {task.mode} slot ({of_mode} at once)"
            else:
                free -= task.slots
                alike[task.mode] += task.slots
                tasks.append(task)
                continue
        held.append(Held(row.id, row.decision.action, why))
    return Agenda(tuple(tasks), tuple(held))


def _wanted(snapshot: Snapshot, rules: Rules) -> Iterable[IssueState]:
    """Return the rows with something to run, those that no slot is free for included."""
    return (
        row
        for row in snapshot.issues
        if row.attention in (Attention.READY, Attention.BACKLOG) and row.decision.action in rules.actions & ALLOWABLE
    )


def _task(row: IssueState) -> Task:
    """Return the task, with the slots that it takes."""
    action = row.decision.action
    # A finished worker of the issue is told, or makes room for the one that comes after it.
    has_one = row.worker is not None and row.worker.live
    slots = 1 if action.startswith(_STARTS) and not has_one else 0
    return Task(row.id, action, row.decision.mode, row.decision.row, slots)


def _not_allowed(row: IssueState, rules: Rules, rounds: Mapping[tuple[str, Mode], int]) -> str:
    if rules.label or rules.authors:
        labelled = bool(rules.label) and rules.label in row.labels
        by_one_of_them = bool(rules.authors) and row.issue.author in rules.authors
        if not labelled and not by_one_of_them:
            wanted = [f"labelled {rules.label}"] if rules.label else []
            wanted += [f"by {', '.join(sorted(rules.authors))}"] if rules.authors else []
            return f"it is not {' or '.join(wanted)}"
    made = rounds.get((row.id, row.decision.mode), 0)
    if row.decision.action.startswith(_STARTS) and made >= rules.max_rounds:
        return f"its {row.decision.mode} worker was started {made} times, of {rules.max_rounds}: look at it"
    return ""
