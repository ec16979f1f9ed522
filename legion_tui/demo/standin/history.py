"""What was said in a session before this process held it."""

from __future__ import annotations

from pathlib import Path

from legion_tui.demo.standin import blocks
from legion_tui.demo.standin.screen import View
from legion_tui.demo.standin.transcript import Transcript, branch, project_folder, read, transcripts


def open_log(config: Path, session_id: str, *, cwd: str, name: str) -> Transcript:
    """Return the session's transcript, which goes on after its last record; nothing is written yet."""
    existing = transcripts(config, session_id)
    path = existing[0] if existing else None
    parent = None
    if path is not None:
        parent = next((record["uuid"] for record in reversed(list(read(path))) if record.get("uuid")), None)
    return Transcript(
        path or config / "projects" / project_folder(cwd) / f"{session_id}.jsonl",
        session_id=session_id,
        cwd=cwd,
        branch=branch(cwd),
        name=name,
        parent=parent,
    )


def show_again(log: Transcript, view: View) -> int:
    """Show what was said in it, and return how many prompts there were."""
    prompts = 0
    for record in read(log.path):
        message = record.get("message")
        if not isinstance(message, dict) or record.get("isSidechain") or record.get("isMeta"):
            continue
        content = message.get("content")
        if record.get("type") == "user" and isinstance(content, str):
            prompts += 1
            view.add(blocks.prompt(content))
        elif record.get("type") == "assistant" and isinstance(content, list):
            for part in content:
                if isinstance(part, dict) and part.get("type") == "text":
                    view.add(blocks.said(str(part.get("text"))))
    return prompts
