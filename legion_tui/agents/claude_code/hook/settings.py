"""What stands in the agent's settings: our hook, and what a worker of ours may and may not do. Pure."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

EVENT = "PermissionRequest"
# Two weeks, in seconds; a hook that is not needed leaves by itself, and the agent's own timer ends at 24 days.
TIMEOUT_SECONDS = 14 * 24 * 3600
# By this a command is known as ours, whichever version wrote it.
MARK = "# legion-tui answer hook"
_TRACKER = "Bash(legion-tui issue:*)"
PROGRAM = Path(__file__).with_name("program.py")


def hook_command(spool: Path, *, origin: str, python: str = sys.executable, program: Path = PROGRAM) -> str:
    """Return the shell line of the hook; it does nothing and ends with 0 once the program or its Python is gone.

    `origin` tells the two hooks of a session apart that has one by its own settings and one by the user's.
    """
    runs, file = shlex.quote(python), shlex.quote(str(program))
    argv = f"{runs} -I -S {file} {shlex.quote(str(spool))} {origin}"
    return f"if [ -x {runs} ] && [ -f {file} ]; then exec {argv}; fi {MARK}"


def hook_entry(command: str) -> dict[str, Any]:
    """Return the entry of the event's list."""
    return {"hooks": [{"type": "command", "command": command, "timeout": TIMEOUT_SECONDS}]}


def worker_settings(spool: Path | None, *, refused: Sequence[str]) -> dict[str, Any]:
    """Return the settings of a worker that we start: it may run `legion-tui issue`, and none of the `refused` commands.

    It may neither drive terminals nor touch the spool. A fence, not a wall. No spool: no hook.
    """
    permissions = {"allow": [_TRACKER], "deny": _fence(spool, refused)}
    if spool is None:
        return {"permissions": permissions}
    return {"hooks": {EVENT: [hook_entry(hook_command(spool, origin="session"))]}, "permissions": permissions}


def headless_settings(
    spool: Path | None, *, reads: Path, refused: Sequence[str], changes: bool, tracker: bool
) -> dict[str, Any]:
    """Return the settings of a run without a screen, whose questions come over its own pipe: a fence, and no hook.

    It may read what was written for it in `reads`; without `changes` it has no tool that edits files, or asks.
    """
    edits = [] if changes else ["Edit", "Write", "NotebookEdit", "AskUserQuestion"]
    allowed = [f"Read(/{reads}/**)", *([_TRACKER] if tracker else [])]
    return {"permissions": {"allow": allowed, "deny": [*_fence(spool, refused), *edits]}}


def _fence(spool: Path | None, refused: Sequence[str]) -> list[str]:
    commands = ["Bash(legion-tui)", *(f"Bash(legion-tui {name}:*)" for name in refused)]
    # A second slash makes a path of these rules absolute.
    files = [f"{tool}(/{spool}/**)" for tool in ("Read", "Edit")] if spool is not None else []
    return [*commands, "Bash(tmux:*)", *files]


def commands_of(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the commands of ours that these settings run."""
    return tuple(
        hook["command"] for entry in _entries(settings) for hook in _hooks(entry) if is_ours(hook.get("command"))
    )


def is_ours(command: object) -> bool:
    """Whether a command is our hook, of whatever version."""
    return isinstance(command, str) and command.rstrip().endswith(MARK)


def with_ours(settings: Mapping[str, Any], command: str) -> dict[str, Any]:
    """Return the settings with our hook as the last of its event, all else as it was. ValueError: no such shape."""
    cleared = without_ours(settings)
    hooks = cleared.get("hooks", {})
    if not isinstance(hooks, dict) or not isinstance(hooks.get(EVENT, []), list):
        raise ValueError(f"hooks.{EVENT} is no list of a table")
    return {**cleared, "hooks": {**hooks, EVENT: [*hooks.get(EVENT, []), hook_entry(command)]}}


def without_ours(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings without our hook, and without what it alone had made necessary."""
    if not commands_of(settings):
        return dict(settings)
    kept = []
    for entry in _entries(settings):
        if not any(is_ours(hook.get("command")) for hook in _hooks(entry)):
            kept.append(entry)
        elif others := [h for h in entry["hooks"] if not (isinstance(h, dict) and is_ours(h.get("command")))]:
            kept.append({**entry, "hooks": others})
    hooks = {name: value for name, value in settings["hooks"].items() if name != EVENT or kept}
    if kept:
        hooks[EVENT] = kept
    return {name: hooks if name == "hooks" else value for name, value in settings.items() if name != "hooks" or hooks}


def _entries(settings: Mapping[str, Any]) -> list[Any]:
    hooks = settings.get("hooks")
    entries = hooks.get(EVENT) if isinstance(hooks, dict) else None
    return entries if isinstance(entries, list) else []


def _hooks(entry: object) -> list[dict[str, Any]]:
    hooks = entry.get("hooks") if isinstance(entry, dict) else None
    return [hook for hook in hooks if isinstance(hook, dict)] if isinstance(hooks, list) else []
