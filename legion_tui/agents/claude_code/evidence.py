"""A worker from the verdict, with what each rung said. Pure."""

from __future__ import annotations

from datetime import datetime

from legion_tui.agents.claude_code.contexts import context_percent
from legion_tui.agents.claude_code.judge import Clues, Verdict, verdict
from legion_tui.agents.claude_code.screen import Screen
from legion_tui.agents.claude_code.transcript import TurnState
from legion_tui.agents.claude_code.version import is_tested
from legion_tui.state.text import clean_line
from legion_tui.state.workers import Evidence, Rung, Tokens, Turn, Worker

_TURNS = {
    TurnState.RUNNING: Turn.RUNNING,
    # What was cut off is not over: nothing may be taken for its result.
    TurnState.INTERRUPTED: Turn.RUNNING,
    TurnState.ENDED: Turn.ENDED,
    TurnState.ERROR: Turn.ERROR,
}


def worker_of(clues: Clues) -> Worker:
    """Return the worker that the evidence shows. Never raises."""
    found = verdict(clues)
    sighting, records, transcript = clues.sighting, clues.records, clues.turn
    status, pane = records.status, sighting.pane
    evidence = _evidence(clues, found)
    turn, turn_at = _turn(clues)
    version = (status.version if status else "") or transcript.version or None
    times = [at for at in (transcript.last_at, status.status_at if status else None) if at is not None]
    return Worker(
        session_id=sighting.session_id,
        state=found.state,
        issue=sighting.issue,
        mode=sighting.mode,
        detail=found.detail,
        since=found.since,
        evidence=evidence,
        pane=pane.pane_id if pane else None,
        window=pane.window_id if pane else None,
        session_name=pane.session_name if pane else None,
        pid=sighting.pid,
        cwd=(status.cwd if status else "") or transcript.cwd or (pane.cwd if pane else "") or None,
        branch=transcript.branch or None,
        activity=max(times, default=None),
        model=transcript.model or None,
        version=version,
        tested=is_tested(version),
        tokens=_tokens(clues),
        cost_usd=transcript.cost_usd,
        turn=turn,
        turn_at=turn_at,
        started_at=sighting.started_at,
        last_words=transcript.last_words,
        name=transcript.title or (status.name if status else ""),
        question=found.question,
        pull_request_url=transcript.pull_request_url,
        conflict=any(not piece.agrees for piece in evidence),
    )


def _turn(clues: Clues) -> tuple[Turn | None, datetime | None]:
    transcript, status = clues.turn, clues.records.status
    turn = _TURNS.get(transcript.turn)
    working = clues.records.lives and status is not None and status.status in ("busy", "waiting")
    if status is not None and working and turn is not Turn.RUNNING:
        # A turn is over in the record while agents of its own still work in the background.
        return Turn.RUNNING, status.status_at
    return turn, transcript.turn_at


def _tokens(clues: Clues) -> Tokens | None:
    spent = clues.turn.spent
    if not clues.records.transcript_whole or not (spent.input or spent.output or spent.context):
        return None
    return Tokens(
        input=spent.input,
        output=spent.output,
        cache_read=spent.cache_read,
        cache_write=spent.cache_write,
        context_percent=context_percent(clues.turn.model, spent.context),
    )


def _evidence(clues: Clues, found: Verdict) -> tuple[Evidence, ...]:
    sighting, records = clues.sighting, clues.records
    said: list[tuple[Rung, str, str, datetime | None]] = [(Rung.TMUX, *_tmux(clues), None)]
    status = records.status
    if status is not None:
        said.append((Rung.STATUS_FILE, f"sessions/{status.pid}.json", _status(clues), status.status_at))
    else:
        said.append((Rung.STATUS_FILE, "sessions", records.status_problem or "no file", None))
    if records.transcript is not None:
        source = f"{sighting.session_id}.jsonl"
        said.append((Rung.TRANSCRIPT, source, _transcript(clues), records.transcript.last_at))
    elif records.transcript_problem:
        said.append((Rung.TRANSCRIPT, f"{sighting.session_id}.jsonl", records.transcript_problem, None))
    for hook in records.hooks:
        call = hook.tool_use_id or "a call that is not on record yet"
        said.append((Rung.HOOK, f"hook {hook.pid}", f"waits: {hook.request.tool_name}, {call}", hook.since))
    if clues.screen is not None:
        said.append((Rung.SCREEN, "screen", screen_words(clues.screen), clues.now))
    pieces = [
        Evidence(
            rung=rung,
            source=source,
            value=value,
            at=at,
            agrees=rung not in found.doubt,
            decided=rung is found.rung,
        )
        for rung, source, value, at in said
    ]
    if records.others:
        held = ", ".join(str(pid) for pid in records.others)
        pieces.append(
            Evidence(rung=Rung.STATUS_FILE, source="sessions", value=f"also held by pid {held}", agrees=False)
        )
    return tuple(pieces)


def _tmux(clues: Clues) -> tuple[str, str]:
    pane = clues.sighting.pane
    if pane is None:
        return "panes", "no pane"
    if pane.dead:
        return f"pane {pane.pane_id}", f"dead, status {'none' if pane.dead_status is None else pane.dead_status}"
    mode = ", in a mode" if pane.in_mode else ""
    return f"pane {pane.pane_id}", f"{pane.command or 'nothing'} in front{mode}"


def _status(clues: Clues) -> str:
    status, process = clues.records.status, clues.sighting.process
    value = " · ".join(part for part in (status.status, status.waiting_for) if part) if status else ""
    value = value or "no status yet"
    if not clues.records.lives:
        return f"{value}, but its process is gone"
    if process is not None and process.stopped:
        return f"{value}, but its process is stopped"
    return f"{value}, {clues.records.status_problem}" if clues.records.status_problem else value


def _transcript(clues: Clues) -> str:
    transcript = clues.turn
    parts = [f"turn {transcript.turn}"]
    if transcript.pending:
        parts.append("pending: " + ", ".join(use.name for use in transcript.pending))
    sub_agents = [use.name for one in clues.records.sub_agents for use in one.pending]
    if sub_agents:
        parts.append("pending of sub-agents: " + ", ".join(sub_agents))
    if transcript.background_agents:
        count = transcript.background_agents
        parts.append(f"{count} agent{'s'[: count > 1]} in the background")
    if transcript.error:
        parts.append(f"error {transcript.error}")
    if clues.records.transcript_problem:
        parts.append(clues.records.transcript_problem)
    return "; ".join(parts)


def screen_words(screen: Screen) -> str:
    """Return in a few words what is on a screen."""
    if screen.dialog is not None:
        return f"{screen.dialog.kind} dialog"
    if screen.transcript_view:
        return "transcript view"
    if screen.suspended:
        return "suspended"
    if screen.dead or screen.left:
        return "what it showed last"
    if not screen.box:
        return "nothing that is known"
    parts = ["prompt box"]
    if screen.attempt is not None:
        parts.append(f"retrying, attempt {screen.attempt} of {screen.attempts}")
    if screen.spinner:
        parts.append(f"spinner {clean_line(screen.spinner, limit=80)}")
    if screen.interrupted:
        parts.append("interrupted")
    if screen.error:
        parts.append(clean_line(screen.error, limit=80))
    if screen.held_back:
        parts.append("a dialog is held back")
    if screen.draft:
        parts.append("a draft")
    return ", ".join(parts)
