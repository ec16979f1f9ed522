"""The second line of a row: what is asked, what went wrong, or which issue is waited for, on one line."""

from __future__ import annotations

import re

from legion_tui.present.board import Row
from legion_tui.present.cells import checks_count, pull_look
from legion_tui.present.line import Line, Part, Tone, crop, line_width, printable
from legion_tui.present.steps import ON_ITS_PAGE
from legion_tui.state import Option, Problem, PullRequest, Question, QuestionKind, Worker, WorkerState

_STEP = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+(?P<text>\S.*)")
_HEADING = re.compile(r"\s*#+\s")
# The row's number is told by the detail's Why; on the board the sentence is enough.
_ROW_PREFIX = re.compile(r"^Row [^:\s]+: ")
# Marks of Markdown that say nothing on one plain line.
_MARKS = re.compile(r"`|\*\*")
_GAP = "   "
# Fewer cells than this tell nothing of the choices.
_CHOICES_AT_LEAST = 14

_TROUBLE = {
    WorkerState.CRASHED: "the process died; what it did is in its worktree",
    WorkerState.ERROR: "the turn ended in an error",
    WorkerState.SUSPENDED: "stopped by ctrl+z; `fg` in its window brings it back",
    WorkerState.UNSUBMITTED: "a text in its composer was not sent",
    WorkerState.DIALOG: "a dialog that only its window can answer",
    WorkerState.STARTUP_DIALOG: "a start-up dialog waits in its window",
}


def plan_gist(text: str) -> str:
    """Return `3 steps: first; second; …` of a plan in Markdown, its first sentence where it lists no steps."""
    lines = [line for line in text.splitlines() if line.strip()]
    steps = [match["text"] for line in lines if (match := _STEP.match(line))]
    if steps:
        number = f"{len(steps)} step{'s' if len(steps) > 1 else ''}"
        told = "; ".join(step.rstrip(" .;") for step in steps)
        return _MARKS.sub("", f"{number}: {told}")
    return _MARKS.sub("", next((line.strip() for line in lines if not _HEADING.match(line)), ""))


def choices(question: Question) -> tuple[Option, ...]:
    """Return what a digit on the row would choose from; nothing where the question is no choice by number."""
    return question.items[0].options if question.kind is QuestionKind.QUESTION and question.items else ()


def ask_line(row: Row, width: int, ellipsis: str) -> Line:
    """Return the second line's text in at most `width` cells."""
    question = row.question
    if question is None and row.queued:
        return ((crop(_waiting(row), width, ellipsis), Tone.WAITS),)
    if question is None:
        return ((crop(_said(row), width, ellipsis), Tone.MUTED),)
    text = _asked(question)
    told: Part = (crop(text, width, ellipsis), Tone.PLAIN)
    if question.unanswerable:
        return (told, (f"{_GAP}{printable(question.unanswerable)}", Tone.WARN))
    left = width - line_width((told,)) - len(_GAP)
    offered = choices(question)
    if not offered or left < _CHOICES_AT_LEAST:
        return (told,)
    return (told, (_GAP, Tone.PLAIN), *_numbered(offered, left, ellipsis))


def _numbered(options: tuple[Option, ...], width: int, ellipsis: str) -> Line:
    parts: list[Part] = []
    for number, option in enumerate(options, start=1):
        gap = "  " if parts else ""
        label = printable(option.label)
        left = width - line_width(parts) - len(gap) - len(f"{number} ")
        if left < min(4, line_width(((label, Tone.PLAIN),))):
            break
        parts += [(gap, Tone.PLAIN), (f"{number} ", Tone.KEY), (crop(label, left, ellipsis), Tone.PLAIN)]
    return tuple(part for part in parts if part[0])


def _asked(question: Question) -> str:
    if question.kind is QuestionKind.PLAN:
        return plan_gist(question.text) or "a plan waits for your word"
    first = next((line for line in question.text.splitlines() if line.strip()), "")
    return " ".join(first.split()) or "it asks without words"


def _waiting(row: Row) -> str:
    more = f"{len(row.queued)} messages wait" if len(row.queued) > 1 else "a message waits"
    return f"{more} until it is idle: {' '.join(row.queued[0].text.split())}"


def _said(row: Row) -> str:
    worker, issue = row.worker, row.issue
    if isinstance(row.subject, Problem):
        return row.subject.remedy or "the other records are shown as usual"
    if worker is not None and worker.state in _TROUBLE:
        return _trouble(worker)
    if issue is not None and issue.decision.action in ON_ITS_PAGE and issue.pull_request is not None:
        return _pull_words(issue.pull_request, worker)
    if worker is not None and worker.last_words:
        return worker.last_words
    return _ROW_PREFIX.sub("", issue.decision.why) if issue is not None else ""


def _pull_words(pull: PullRequest, worker: Worker | None) -> str:
    """Return what a person who is to merge or review wants to know before they open the page."""
    size = f"+{pull.additions} -{pull.deletions}" if pull.additions or pull.deletions else ""
    unread = "checks not known" if pull.ci == "unknown" else "no checks"
    checks = f"{checks_count(pull.checks)} checks passed" if pull.checks.total else unread
    threads = f"{pull.unresolved_threads} unresolved" if pull.unresolved_threads else ""
    told = ", ".join(filter(None, (pull_look(pull).value, checks, threads, size)))
    return f"{told}; it last said: {worker.last_words}" if worker is not None and worker.last_words else told


def _trouble(worker: Worker) -> str:
    if worker.detail.error:
        return worker.detail.error
    told = _TROUBLE[worker.state]
    return f"{told}; it last said: {worker.last_words}" if worker.last_words else told
