"""What stands for the screen of an agent that has none: what it told, below what is known of its task."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from legion_tui.act.headless.reading import told_lately
from legion_tui.act.oneshot.records import Records
from legion_tui.cli.agent import make_headless
from legion_tui.config import state_home
from legion_tui.present.oneshot import task_lines
from legion_tui.state import is_issue_id
from legion_tui.state.oneshot import OneshotTask, TaskPhase
from legion_tui.ui.ports import LiveScreen

if TYPE_CHECKING:
    from legion_tui.cli.parts import Parts

# A session that runs now is of one of the newest runs.
_NEWEST_RUNS = 20


async def headless_screen(parts: Parts, session_id: str) -> LiveScreen | None:
    """Return what a run of ours told in this session; None where it is of no such run, or cannot be read."""
    try:
        lines = await anyio.to_thread.run_sync(_lines, parts, session_id)
    except OSError:
        return None
    return LiveScreen(lines=lines, width=max(map(len, lines), default=0)) if lines else None


def _lines(parts: Parts, session_id: str) -> tuple[str, ...]:
    if not is_issue_id(session_id):  # it comes from a file of the agent's, and becomes a part of a path
        return ()
    heard = make_headless(parts.context).heard
    held = parts.folder / "runs" / f"{session_id}.ndjson"
    if held.is_file():
        return told_lately(held, heard)
    found = _task_of(state_home(parts.context.environ) / "oneshot", session_id)
    if found is None:
        return ()
    task, log = found
    return (*task_lines(task), "", *told_lately(log, heard))


def _task_of(folder: Path, session_id: str) -> tuple[OneshotTask, Path] | None:
    records = Records(folder)
    newest: Sequence[str] = records.runs()[-_NEWEST_RUNS:]
    for run in reversed(newest):
        for task in records.tasks(run):
            if session_id == task.session_id:
                return task, records.log(task, "worker")
            if session_id == task.auditor_id and task.phase is not TaskPhase.QUEUED:
                return task, records.log(task, f"auditor-{task.round}")
    return None
