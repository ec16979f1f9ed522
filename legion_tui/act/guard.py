"""Agents must not approve themselves: a fence in front of what only a person may do. It is no wall."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from legion_tui.errors import RefusedError
from legion_tui.state import Label

# Each stands for a person's word.
PERSONS_LABELS = frozenset({Label.HUMAN_APPROVED, Label.USER_FEEDBACK_GIVEN})
_NAMES = frozenset({"claude", "claude.exe"})
_RUNTIMES = frozenset({"node", "bun", "deno"})
_PACKAGE = "claude-code"


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A process above this one; `started_at` in seconds since the epoch."""

    pid: int
    name: str
    argv: tuple[str, ...]
    started_at: float


def live_ancestors() -> tuple[Ancestor, ...]:
    """Return the processes above this one, nearest first, as far as they can be read."""
    found = []
    try:
        parents: list[psutil.Process] = psutil.Process().parents()
    except psutil.Error:
        return ()
    for process in parents:
        try:
            with process.oneshot():
                started = process.create_time()
                found.append(Ancestor(process.pid, process.name(), tuple(_argv(process)), started))
        except psutil.Error:
            continue
    return tuple(found)


def refuse_agents(
    what: str,
    *,
    environ: Mapping[str, str] | None = None,
    ancestors: Callable[[], Sequence[Ancestor]] = live_ancestors,
) -> None:
    """Raise RefusedError when an agent is above this process; blocks for a few milliseconds.

    An agent is known by its name or, whatever it is called, by the status file that it keeps while it runs.
    """
    environ = os.environ if environ is None else environ
    sessions = Path(environ.get("CLAUDE_CONFIG_DIR") or Path.home() / ".claude") / "sessions"
    for ancestor in ancestors():
        if _is_agent(ancestor, sessions):
            raise _refusal(what, f"{ancestor.name}, process {ancestor.pid}, is an agent above this command")
    # A process that left its tree keeps its environment: the agent's mark and our own together mean a worker's.
    if environ.get("CLAUDECODE") and environ.get("LEGION_ISSUE"):
        raise _refusal(what, f"this is the environment of {environ['LEGION_ISSUE']}'s worker")


def _refusal(what: str, why: str) -> RefusedError:
    return RefusedError(f"{what} is for people", why, "run it in a terminal of your own")


def _is_agent(ancestor: Ancestor, sessions: Path) -> bool:
    if ancestor.name in _NAMES:
        return True
    words = [Path(word).name for word in ancestor.argv[:2]]
    if words[:1] and words[0] in _NAMES:
        return True
    script = ancestor.argv[1] if len(ancestor.argv) > 1 else ""
    if ancestor.name in _RUNTIMES and ((words[1:] and words[1] in _NAMES) or _PACKAGE in Path(script).parts):
        return True
    try:
        written_at = (sessions / f"{ancestor.pid}.json").stat().st_mtime
    except OSError:
        return False
    # A killed agent leaves its file: one older than the process was another's. Clocks of files may be coarse.
    return written_at >= ancestor.started_at - 1


def _argv(process: psutil.Process) -> Sequence[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return ()
