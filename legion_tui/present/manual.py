"""The manual as Markdown: what the screen shows and what can be done, with the keys and glyphs that are in use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from legion_tui.present.cells import state_word
from legion_tui.present.glyphs import UNICODE, Glyphs, PullLook
from legion_tui.state import WorkerState

# What a state means, where its word does not say it all.
_STATES: Mapping[WorkerState, str] = {
    WorkerState.QUESTION: "it asks you something",
    WorkerState.PERMISSION: "it may not do something without you",
    WorkerState.PLAN: "its plan waits for your yes",
    WorkerState.STARTUP_DIALOG: "it asks something before it starts, such as whether to trust the folder",
    WorkerState.DIALOG: "another menu of its own is open",
    WorkerState.SUSPENDED: "somebody stopped it with ctrl+z",
    WorkerState.CRASHED: "its process is gone, and did not say goodbye",
    WorkerState.ERROR: "its turn ended with an error",
    WorkerState.INTERRUPTED: "its turn was stopped",
    WorkerState.UNSUBMITTED: "a text stands in its box that nobody sent",
    WorkerState.RATE_LIMITED: "its service lets it wait until the time shown",
    WorkerState.IDLE: "its turn is over",
    WorkerState.BUSY: "it works",
    WorkerState.COMPACTING: "it shortens its own memory",
    WorkerState.RETRYING: "its service did not answer, it tries again",
    WorkerState.STARTING: "it was started a moment ago",
    WorkerState.QUEUED: "it waits for its turn to be started",
    WorkerState.EXITED: "it ended; it can be resumed",
    WorkerState.GONE: "its window is closed; it can be resumed",
    WorkerState.UNKNOWN: "what is known contradicts itself, or is too little: nothing is done on it",
}
_TEXT = """# legion-tui

One row for each issue: what its tracker says, what its pull request and its checks say, what its worker is doing right
now, and the one next step, with its key. A worker is an agent in a tmux window and a worktree of its own.

## Where a row stands

- **Needs you**: a question, a permission, a plan, or an end that nobody has looked at. The second line says what it is.
- **Ready**: a step that can be done now. `{advance}` does it, after you saw what it would do.
- **Working**, **waiting** (for a limit, a reviewer, another issue), **backlog**, **quiet** (done, or not ours).
- **Sessions**: agents of this machine that work for no issue. `{link}` makes one the worker of an issue.

A row whose id is bold changed since you last had it selected. What could not be read stays, greyed, with its age.

## Answer

`{answer}` opens the question of a row, a digit opens it with that choice marked, `{advance}` in there sends. `{inbox}`
shows all that waits, what waits longest first. Nothing is typed into a window that does not show that very question,
and *confirmed* means that the agent's own record has the answer.

## Work

`{dispatch}` starts a worker, or resumes it; `{message}` tells it something, a busy one once it is idle; `{attach}` goes
to its window, and `{interrupt}` stops what it does. `{stop}` ends it; worktree and conversation stay. `{new}` adds an
issue. `{mark}` marks rows, and `{message}`, `{dispatch}`, `{snooze}` then act on all of them. `{autopilot}` lets the
actions run by themselves that your own configuration lists. `{undo}` takes back what was last changed in the tracker,
for 20 s, unless somebody changed it since; workers stay as they are.

## Look

`{detail}` opens the detail beside the board: its screen, the issue, the pull request, the log. `{why}` says why this is
the next step, and by what it was seen. `{filter}` finds rows, by words or by terms such as `is:ready -ci:failing`.
`{diagnostics}` shows what reading takes and costs. `{palette}` has every command by name, `{help}` every key.

## What a worker's state means

{states}

## What a pull request's glyph means

{pulls}

The bar beside it has a cell for each check, or for several: {passed} passed, {failed} failed, {pending} not over yet.
One failure always keeps a cell.
"""


def manual(keys: Mapping[str, str], glyphs: Glyphs = UNICODE) -> str:
    """Return the whole text; `keys` are the shown keys by command id, a command without one is named by its id."""
    states = _table(("", "word", "it means"), ((glyphs.states[it], state_word(it), _STATES[it]) for it in WorkerState))
    pulls = _table(("", "it means"), ((glyphs.pulls[look], look.value) for look in PullLook))
    marks = {"passed": glyphs.passed, "failed": glyphs.failed, "pending": glyphs.pending}
    return _TEXT.format_map(_Keys(keys) | {"states": states, "pulls": pulls, **marks})


class _Keys(dict[str, str]):
    def __missing__(self, command: str) -> str:
        return command

    def __or__(self, other: Mapping[str, str]) -> _Keys:  # type: ignore[override]
        return _Keys({**self, **other})


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *(tuple(map(_cell, row)) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    # Glyphs of the plain set are punctuation, which Markdown would take for its own.
    return "".join(f"\\{char}" if char.isascii() and not char.isalnum() and char != " " else char for char in text)
