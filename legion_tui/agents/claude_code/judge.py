"""What the evidence shows, the first certain rung first: tmux, status file, transcript, screen. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from legion_tui.agents.claude_code.hook import call_of
from legion_tui.agents.claude_code.limits import limit_of
from legion_tui.agents.claude_code.questions import (
    ASK,
    INPUT_NEEDED,
    PERMISSION_PROMPT,
    PLAN,
    asked_use,
    foreign_prompt,
    is_from_sub_agent,
    question_of,
    startup_question,
)
from legion_tui.agents.claude_code.records import Records
from legion_tui.agents.claude_code.rows import STARTUP, DialogKind
from legion_tui.agents.claude_code.screen import Screen
from legion_tui.agents.claude_code.transcript import ToolUse, Transcript, TurnState
from legion_tui.agents.protocol import Sighting
from legion_tui.state.questions import Question
from legion_tui.state.workers import Detail, Rung, WorkerState

# Right after its start it says idle for a moment although a prompt of the command line is about to run.
START_GRACE = timedelta(seconds=3)
# So long a pane may be there without a status file before that means anything.
MISSING_GRACE = timedelta(seconds=120)
# Status file, screen and transcript are up to this far apart while all is well.
LAG = timedelta(seconds=2)
# For this long after a dialog came up, the transcript may still show the call before it as the pending one.
FLUSH = timedelta(seconds=0.2)
SILENT = timedelta(seconds=10)

_NOTHING = Detail()
_WAITING = {INPUT_NEEDED: WorkerState.QUESTION, PERMISSION_PROMPT: WorkerState.PERMISSION}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The state, which rung decided it, since when, and what is asked. `doubt`: another rung says otherwise."""

    state: WorkerState
    rung: Rung
    since: datetime | None = None
    detail: Detail = _NOTHING
    question: Question | None = None
    doubt: frozenset[Rung] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clues:
    """Everything that is known of one agent at one moment."""

    sighting: Sighting
    records: Records
    screen: Screen | None
    now: datetime

    @property
    def turn(self) -> Transcript:
        """The transcript, an empty one where there is none."""
        return self.records.transcript or Transcript()


def verdict(clues: Clues) -> Verdict:
    """Return what the first certain rung says."""
    return _by_tmux(clues) or _by_status(clues) or _by_screen(clues)


def settled_until(clues: Clues) -> datetime | None:
    """Return when time alone may change what is shown for these clues; None: never, as long as nothing else does."""
    sighting, status = clues.sighting, clues.records.status
    graces = [(_started(sighting), START_GRACE), (_started(sighting), MISSING_GRACE)]
    graces += [(status.status_at if status else None, LAG), (status.status_at if status else None, FLUSH)]
    ends = [at + grace for at, grace in graces if at is not None]
    return min((end for end in ends if end > clues.now), default=None)


def _by_tmux(clues: Clues) -> Verdict | None:
    pane, records = clues.sighting.pane, clues.records
    ended = _ended(clues)
    if pane is None:
        if records.lives:
            return None
        if records.status is not None and not clues.sighting.told_to_end:
            return Verdict(state=WorkerState.CRASHED, rung=Rung.STATUS_FILE, since=ended)
        return Verdict(state=WorkerState.GONE, rung=Rung.TMUX, since=ended)
    if pane.dead:
        # A signal leaves no exit status, and sometimes tmux has none; a killed agent leaves its status file. One that
        # we ended did as it was told, whatever it left.
        clean = clues.sighting.told_to_end or (not pane.dead_status and records.status is None)
        return Verdict(
            state=WorkerState.EXITED if clean else WorkerState.CRASHED,
            rung=Rung.TMUX,
            since=ended,
            detail=_NOTHING if clean else Detail(error=_exit_words(pane.dead_status)),
        )
    if pane.shell_in_front and not records.lives:
        state = WorkerState.EXITED if records.status is None else WorkerState.CRASHED
        return Verdict(state=state, rung=Rung.TMUX, since=ended)
    return None


def _exit_words(status: int | None) -> str:
    return "ended by a signal" if status is None else f"ended with status {status}"


def _ended(clues: Clues) -> datetime | None:
    """Return when it left its last record: nothing says when it ended."""
    status = clues.records.status
    times = [at for at in (status.status_at if status else None, clues.turn.last_at) if at is not None]
    return max(times, default=clues.sighting.started_at)


def _by_status(clues: Clues) -> Verdict | None:
    status, process, pane = clues.records.status, clues.sighting.process, clues.sighting.pane
    if status is None:
        return None
    if not clues.records.lives:
        return Verdict(state=WorkerState.CRASHED, rung=Rung.STATUS_FILE, since=_ended(clues))
    if process is not None and process.stopped:
        return Verdict(state=WorkerState.SUSPENDED, rung=Rung.STATUS_FILE, since=status.status_at)
    shell = frozenset({Rung.TMUX}) if pane is not None and pane.shell_in_front else frozenset()
    match status.status:
        case "":
            found = Verdict(state=WorkerState.STARTING, rung=Rung.STATUS_FILE, since=status.started_at)
        case "idle" | "shell":
            found = _idle(clues)
        case "busy":
            found = _busy(clues)
        case "waiting":
            found = _waiting(clues)
        case _:
            found = Verdict(state=WorkerState.UNKNOWN, rung=Rung.STATUS_FILE, since=status.status_at)
    return replace(found, doubt=found.doubt | shell)


def _started(sighting: Sighting) -> datetime | None:
    if sighting.started_at is not None or sighting.process is None:
        return sighting.started_at
    return datetime.fromtimestamp(sighting.process.started_at, UTC)


def _since(clues: Clues) -> datetime | None:
    status = clues.records.status
    return status.status_at if status is not None else None


def _recent(at: datetime | None, clues: Clues, within: timedelta) -> bool:
    return at is not None and clues.now - at < within


def _idle(clues: Clues) -> Verdict:
    turn, screen, since = clues.turn, clues.screen, _since(clues)
    started = clues.sighting.started_at
    told = turn.prompt_at is not None and started is not None and turn.prompt_at >= started - LAG
    if _recent(started, clues, START_GRACE) and not told:
        return Verdict(state=WorkerState.STARTING, rung=Rung.STATUS_FILE, since=started)
    found = Verdict(state=WorkerState.IDLE, rung=Rung.STATUS_FILE, since=since)
    if screen is not None and screen.dialog is not None and not _recent(since, clues, LAG):
        return replace(found, doubt=frozenset({Rung.SCREEN}))
    match turn.turn:
        case TurnState.ERROR:
            error = turn.error_text or turn.error
            limited, until = limit_of(turn.error, turn.error_text, turn.turn_at)
            return Verdict(
                state=WorkerState.RATE_LIMITED if limited else WorkerState.ERROR,
                rung=Rung.TRANSCRIPT,
                since=turn.turn_at,
                detail=Detail(error=error, until=until),
            )
        case TurnState.INTERRUPTED:
            return Verdict(state=WorkerState.INTERRUPTED, rung=Rung.TRANSCRIPT, since=turn.turn_at)
        case TurnState.RUNNING if not _recent(since, clues, LAG):
            # Interrupted before the first output, it leaves no record, and the prompt stands in the box again.
            if screen is not None and screen.draft:
                return Verdict(state=WorkerState.UNSUBMITTED, rung=Rung.SCREEN, since=since)
            if screen is not None and screen.interrupted:
                return Verdict(state=WorkerState.INTERRUPTED, rung=Rung.SCREEN, since=since)
            return replace(found, doubt=frozenset({Rung.TRANSCRIPT}))
        case TurnState.NONE if screen is not None and screen.draft and clues.sighting.issue is not None:
            return Verdict(state=WorkerState.UNSUBMITTED, rung=Rung.SCREEN, since=since)
    return found


def _busy(clues: Clues) -> Verdict:
    screen, since = clues.screen, _since(clues)
    found = Verdict(state=WorkerState.BUSY, rung=Rung.STATUS_FILE, since=since)
    if screen is None:
        return found
    if screen.attempt is not None:
        detail = Detail(attempt=screen.attempt, of=screen.attempts, error=screen.retry_reason or None)
        return replace(found, state=WorkerState.RETRYING, rung=Rung.SCREEN, detail=detail)
    if screen.compacting:
        return replace(found, state=WorkerState.COMPACTING, rung=Rung.SCREEN)
    if screen.dialog is not None and not _recent(since, clues, LAG):
        return replace(found, doubt=frozenset({Rung.SCREEN}))
    return found


def _waiting(clues: Clues) -> Verdict:
    status, screen = clues.records.status, clues.screen
    waiting_for = status.waiting_for if status is not None else ""
    state = _WAITING.get(waiting_for, WorkerState.DIALOG)
    dialog = screen.dialog if screen is not None else None
    since = _since(clues)
    found = Verdict(state=state, rung=Rung.STATUS_FILE, since=since)
    asked = next((hook for hook in clues.records.hooks if hook.certain), None)
    if asked is not None:
        # What a client without a screen waits for, its sub-agents' questions too, it has told itself.
        call = call_of(asked)
        question = question_of(call, None, session_id=clues.sighting.session_id)
        return replace(found, state=WorkerState.PLAN if call.name == PLAN else state, question=question)
    of_sub_agents = [use for one in clues.records.sub_agents for use in one.pending]
    use = asked_use(clues.turn.pending, waiting_for, dialog, of_sub_agents=of_sub_agents)
    if use is not None and _recent(since, clues, FLUSH) and _may_be_the_last_one(use, since):
        return found
    if use is not None:
        question = question_of(use, dialog, session_id=clues.sighting.session_id)
        return replace(
            found,
            state=WorkerState.PLAN if use.name == PLAN else state,
            question=replace(question, asked_at=_asked_at(clues, since, question)),
        )
    late = not _recent(since, clues, LAG)
    foreign = dialog is not None and dialog.kind is DialogKind.PERMISSION and (late or is_from_sub_agent(dialog))
    if dialog is not None and foreign and waiting_for == PERMISSION_PROMPT:
        question = foreign_prompt(dialog, session_id=clues.sighting.session_id, pid=clues.sighting.pid)
        return replace(found, question=replace(question, asked_at=since))
    # The call is on record at most a moment after the dialog is up.
    return replace(found, doubt=frozenset({Rung.TRANSCRIPT}) if late and waiting_for in _WAITING else frozenset())


def _may_be_the_last_one(use: ToolUse, since: datetime | None) -> bool:
    """Whether a pending call could be one that was over before this dialog; nobody answers a question in a second."""
    old = use.at is None or since is None or since - use.at > timedelta(seconds=1)
    return old if use.name == ASK else True


def _asked_at(clues: Clues, since: datetime | None, question: Question) -> datetime | None:
    """Return since when this question has the keyboard: one that waited behind another, since that was answered."""
    times = [since, question.asked_at, *(result.at for result in clues.turn.results.values())]
    return max((at for at in times if at is not None), default=None)


def _by_screen(clues: Clues) -> Verdict:
    """A pane without a status file. A state needs two signs that agree; a start-up dialog is one by its whole form."""
    screen, sighting, turn = clues.screen, clues.sighting, clues.turn
    unknown = Verdict(state=WorkerState.UNKNOWN, rung=Rung.SCREEN, since=sighting.started_at)
    started = _started(sighting)
    young = _recent(started, clues, MISSING_GRACE)
    if screen is not None and screen.dialog is not None:
        dialog = screen.dialog
        if dialog.kind in STARTUP:
            question = startup_question(dialog, session_id=sighting.session_id, pid=sighting.pid)
            return replace(unknown, state=WorkerState.STARTUP_DIALOG, question=question)
        if not _recent(started, clues, START_GRACE):
            return replace(unknown, state=WorkerState.DIALOG)
        # The screen was taken after the files were read: what asks there has its status file by now.
        return replace(unknown, state=WorkerState.STARTING, rung=Rung.TMUX, since=started)
    if screen is None or not screen.box:
        return replace(unknown, state=WorkerState.STARTING, rung=Rung.TMUX, since=started) if young else unknown
    if screen.interruptible and (screen.spinner or screen.attempt is not None):
        return replace(unknown, state=WorkerState.BUSY, since=turn.turn_at)
    if turn.turn is TurnState.ENDED and not screen.interruptible and not screen.spinner:
        return replace(unknown, state=WorkerState.IDLE, since=turn.turn_at)
    return unknown
