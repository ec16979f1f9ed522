"""Why a command cannot act just now: each of these returns a sentence, an empty one where it can."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from legion_tui.present.board import Row
from legion_tui.present.inbox import alike, inbox_rows
from legion_tui.present.steps import browser_url, step_of
from legion_tui.state import Snapshot, Worker
from legion_tui.state.standing import GROUNDED, Standing
from legion_tui.state.workers import RUNNING, WorkerState


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a command would act on: the snapshot, and the selected row or folded group."""

    snapshot: Snapshot
    row: Row | None = None
    group: str | None = None
    marked: tuple[Row, ...] = ()
    autopilot: Standing = GROUNDED
    # The names of the filters that are saved.
    filters: tuple[str, ...] = ()
    # Why the last change of the tracker is not taken back.
    no_undo: str = ""


Reason = Callable[[Context], str]


def always(context: Context) -> str:
    """No reason not to."""
    return ""


def a_row(context: Context) -> str:
    """A row is needed."""
    if context.row is not None:
        return ""
    return "that is a folded group: enter opens it" if context.group else "no row is selected"


def a_target(context: Context) -> str:
    """A row that is an issue or a session is needed."""
    if reason := a_row(context):
        return reason
    return "" if context.row and context.row.target else "this record could not be read: y copies where it is"


def a_target_or_group(context: Context) -> str:
    """A row, or a folded group, is needed."""
    return "" if context.group is not None else a_target(context)


def asks(context: Context) -> str:
    """Its worker has to ask something that can be answered from here."""
    if reason := a_target(context):
        return reason
    question = context.row.question if context.row else None
    if question is None:
        return f"{_shown(context)} asks nothing"
    worker = context.snapshot.worker_of(context.row.target) if context.row else None
    if worker is None or worker.question is None or worker.question.id != question.id:
        return f"{_shown(context)} does not ask this any more"
    return question.unanswerable


def asks_alike(context: Context) -> str:
    """Another worker has to ask the very same."""
    if reason := asks(context):
        return reason
    same = alike(context.row, inbox_rows(context.snapshot))
    return "" if same else f"nobody else asks what {_shown(context)} asks"


def has_choices(context: Context) -> str:
    """What its worker asks has to have choices."""
    if reason := asks(context):
        return reason
    question = context.row.question if context.row else None
    return "" if question and question.items and question.items[0].options else f"{_shown(context)} offers no choice"


def can_sleep(context: Context) -> str:
    """A row that is an issue or a session is needed, or marks."""
    return "" if context.marked else a_target(context)


def has_step(context: Context) -> str:
    """Something has to be suggested."""
    if context.group is not None:
        return ""
    if reason := a_row(context):
        return reason
    if context.row is None or step_of(context.row).command:
        return ""
    issue = context.row.issue
    if context.row.snooze is not None:
        return f"{_shown(context)} is snoozed: wake it first"
    return f"nothing to do for {_shown(context)} now: {issue.decision.why}" if issue else "nothing to do here"


def dispatchable(context: Context) -> str:
    """The issue has to have no live worker; of several that are marked, one has to be so."""
    if context.marked:
        marked = (Context(snapshot=context.snapshot, row=row) for row in context.marked)
        return "nothing that is marked can be dispatched" if all(map(dispatchable, marked)) else ""
    if reason := a_target(context):
        return reason
    row = context.row
    if row is None or isinstance(row.subject, Worker):
        return "a session of the machine belongs to no issue"
    worker = row.worker
    return f"a worker is live on {row.shown_id}" if worker is not None and worker.live else ""


def has_pane(context: Context) -> str:
    """Its worker has to be in a tmux pane."""
    if reason := a_target(context):
        return reason
    worker = context.row.worker if context.row else None
    if worker is None:
        return f"{_shown(context)} has no worker to attach to"
    return "" if worker.pane else f"the worker of {_shown(context)} has no tmux pane"


def can_be_ended(context: Context) -> str:
    """Its worker has to live, or to wait in the queue, which it can be taken out of."""
    if reason := a_target(context):
        return reason
    worker = context.row.worker if context.row else None
    queued = worker is not None and worker.state is WorkerState.QUEUED
    return "" if queued else _has_live_worker(context)


def can_be_told(context: Context) -> str:
    """Its worker has to take messages; of several that are marked, the dialog says which do."""
    # Of several, the dialog says who can be.
    return "" if context.marked else _one_can_be_told(context)


def can_take_back(context: Context) -> str:
    """A message has to wait for its worker, or for one that is marked."""
    if context.marked:
        return "" if any(row.queued for row in context.marked) else "no message waits for what is marked"
    if reason := a_target(context):
        return reason
    return "" if context.row and context.row.queued else f"no message waits for the worker of {_shown(context)}"


def has_marks(context: Context) -> str:
    """Something has to be marked."""
    return "" if context.marked else "nothing is marked"


def _has_live_worker(context: Context) -> str:
    if reason := a_target(context):
        return reason
    worker = context.row.worker if context.row else None
    return "" if worker is not None and worker.live else f"no worker is live on {_shown(context)}"


def _one_can_be_told(context: Context) -> str:
    if reason := _has_live_worker(context):
        return reason
    worker = context.row.worker if context.row else None
    if worker is not None and worker.asking:
        return f"{_shown(context)} asks something: answer it first"
    return has_pane(context)


def can_be_interrupted(context: Context) -> str:
    """Its worker has to be at work."""
    if reason := _one_can_be_told(context):
        return reason
    worker = context.row.worker if context.row else None
    if worker is None or worker.state in RUNNING:
        return ""
    return f"the worker of {_shown(context)} is {worker.state}: there is nothing to interrupt"


def has_filters(context: Context) -> str:
    """Some filter has to be saved."""
    return "" if context.filters else 'no filter is saved; in your config.toml: [filters] mine = "label:mine is:ready"'


def has_project(context: Context) -> str:
    """There has to be a project."""
    return "" if context.snapshot.project else "there is no project here; `legion-tui init` makes one"


def may_fly(context: Context) -> str:
    """The autopilot has to be allowed here."""
    return has_project(context) or context.autopilot.forbidden


def flies(context: Context) -> str:
    """The autopilot has to be on."""
    if reason := may_fly(context):
        return reason
    return "" if context.autopilot.flies else f"the autopilot is {context.autopilot.flight}: there is nothing to pause"


def can_link(context: Context) -> str:
    """The row has to be a live session and there has to be an issue; or an issue whose worker was linked."""
    if reason := has_project(context) or a_target(context):
        return reason
    row = context.row
    worker = row.worker if row is not None else None
    if row is not None and row.issue is not None:
        return "" if worker is not None and worker.linked else f"no session is linked to {row.shown_id}"
    if worker is None or not worker.live:
        return f"{_shown(context)} has ended"
    return "" if context.snapshot.issues else "there is no issue to link it to"


def can_undo(context: Context) -> str:
    """Something that was changed a moment ago has to be there, and to be one that can be taken back."""
    return context.no_undo


def has_url(context: Context) -> str:
    """There has to be a page to open."""
    if reason := a_target(context):
        return reason
    return "" if browser_url(context.row) else f"{_shown(context)} has no https address"


def _shown(context: Context) -> str:
    return context.row.shown_id if context.row else ""
