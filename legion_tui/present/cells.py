"""What stands in the cells of a row: pull request, checks, worker, each as glyph, word and tone."""

from __future__ import annotations

from dataclasses import dataclass

from legion_tui.present.glyphs import Glyphs, PullLook
from legion_tui.present.line import Line, Part, Tone
from legion_tui.state import Checks, PullRequest, PullRequestState, Worker, WorkerState
from legion_tui.state.workers import RUNNING

BAR_CELLS = 7

_WORDS: dict[WorkerState, tuple[str, Tone]] = {
    WorkerState.QUESTION: ("asks", Tone.NEEDS),
    WorkerState.PERMISSION: ("permission", Tone.NEEDS),
    WorkerState.PLAN: ("plan ready", Tone.NEEDS),
    WorkerState.STARTUP_DIALOG: ("start-up", Tone.NEEDS),
    WorkerState.DIALOG: ("dialog", Tone.NEEDS),
    WorkerState.SUSPENDED: ("suspended", Tone.BAD),
    WorkerState.CRASHED: ("crashed", Tone.BAD),
    WorkerState.ERROR: ("error", Tone.BAD),
    WorkerState.INTERRUPTED: ("interrupted", Tone.WARN),
    WorkerState.UNSUBMITTED: ("not sent", Tone.WARN),
    WorkerState.RATE_LIMITED: ("limit", Tone.WAITS),
    WorkerState.IDLE: ("idle", Tone.MUTED),
    WorkerState.BUSY: ("busy", Tone.BUSY),
    WorkerState.COMPACTING: ("compacting", Tone.BUSY),
    WorkerState.RETRYING: ("retrying", Tone.WARN),
    WorkerState.STARTING: ("starting", Tone.BUSY),
    WorkerState.QUEUED: ("queued", Tone.WAITS),
    WorkerState.EXITED: ("exited", Tone.MUTED),
    WorkerState.GONE: ("gone", Tone.MUTED),
    WorkerState.UNKNOWN: ("unknown", Tone.WARN),
}

_PULL_TONES: dict[PullLook, Tone] = {
    PullLook.DRAFT: Tone.MUTED,
    PullLook.OPEN: Tone.PLAIN,
    PullLook.WANTED: Tone.WAITS,
    PullLook.CHANGES: Tone.WARN,
    PullLook.APPROVED: Tone.GOOD,
    PullLook.CONFLICT: Tone.BAD,
    PullLook.MERGED: Tone.GOOD,
    PullLook.CLOSED: Tone.MUTED,
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A glyph with its word and its tone."""

    glyph: str
    word: str
    tone: Tone

    @property
    def text(self) -> str:
        """Glyph and word."""
        return f"{self.glyph} {self.word}"


def state_word(state: WorkerState) -> str:
    """Return what a state is called where nothing more is known of it."""
    return _WORDS[state][0]


def worker_mark(worker: Worker, glyphs: Glyphs) -> Mark:
    """Return how a worker's state is shown: a glyph, a word that is always there, a tone."""
    word, tone = _WORDS[worker.state]
    items = worker.question.items if worker.question else ()
    if worker.state is WorkerState.QUESTION and len(items) > 1:
        word = f"{word} 1/{len(items)}"
    elif worker.state is WorkerState.PERMISSION and items and items[0].header:
        word = items[0].header
    elif worker.state is WorkerState.RETRYING and worker.detail.attempt is not None:
        total = f"/{worker.detail.of}" if worker.detail.of else ""
        word = f"retry {worker.detail.attempt}{total}"
    elif worker.state in RUNNING and worker.silent:
        word, tone = f"{word}, silent", Tone.WARN
    if worker.conflict:
        word, tone = f"{word}, unsure", Tone.WARN
    return Mark(glyphs.states[worker.state], word, tone)


def version_mark(glyphs: Glyphs) -> Mark:
    """Return how a worker is marked whose version the contract tests do not cover."""
    return Mark(glyphs.untested, "untested", Tone.WARN)


def pull_look(pull: PullRequest) -> PullLook:
    """Return how a pull request stands; what blocks it most comes first."""
    if pull.state is PullRequestState.MERGED:
        return PullLook.MERGED
    if pull.state is PullRequestState.CLOSED:
        return PullLook.CLOSED
    if pull.mergeable == "conflicting":
        return PullLook.CONFLICT
    if pull.is_draft:
        return PullLook.DRAFT
    match pull.review:
        case "changes_requested":
            return PullLook.CHANGES
        case "approved":
            return PullLook.APPROVED
        case "review_required":
            return PullLook.WANTED
        case _:
            return PullLook.OPEN


def pull_mark(pull: PullRequest, glyphs: Glyphs) -> Mark:
    """Return how a pull request is shown."""
    look = pull_look(pull)
    return Mark(glyphs.pulls[look], look.value, _PULL_TONES[look])


def bar_counts(checks: Checks, cells: int = BAR_CELLS) -> tuple[int, int, int]:
    """Return how many of at most `cells` cells stand for passed, failed and pending checks.

    Up to that many checks each has its own cell. Beyond, the cells are shared out by number, and whatever there
    is at least one of keeps a cell: one failure among a thousand is seen.
    """
    counts = [max(0, checks.passed), max(0, checks.failed), max(0, checks.pending)]
    total = sum(counts)
    if total <= cells:
        return counts[0], counts[1], counts[2]
    shares = [count * cells / total for count in counts]
    given = [max(1, int(share)) if count else 0 for share, count in zip(shares, counts, strict=True)]
    while sum(given) > cells:
        given[given.index(max(given))] -= 1
    while sum(given) < cells:
        owed = [share - cell if count else -1.0 for share, cell, count in zip(shares, given, counts, strict=True)]
        given[owed.index(max(owed))] += 1
    return given[0], given[1], given[2]


def checks_bar(checks: Checks, glyphs: Glyphs) -> Line:
    """Return the checks as a bar of at most `BAR_CELLS` cells: passed, failed, pending."""
    passed, failed, pending = bar_counts(checks)
    parts: tuple[Part, ...] = (
        (glyphs.passed * passed, Tone.GOOD),
        (glyphs.failed * failed, Tone.BAD),
        (glyphs.pending * pending, Tone.MUTED),
    )
    return tuple(part for part in parts if part[0])


def checks_count(checks: Checks) -> str:
    """Return `5/7`: passed of all; an empty string without checks."""
    return f"{checks.passed}/{checks.total}" if checks.total else ""
