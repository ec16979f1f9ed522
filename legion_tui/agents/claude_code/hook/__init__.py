"""The answer hook: a small program that waits beside the agent's own dialog, and the spool between it and us.

A request is a folder of the spool: `request.json` is the hook's, `answer.json` ours, `wake` a named pipe that saves
it from looking often. Folders are 0700, files 0600; each file appears whole. Who takes `answer.json` away decides
what became of it: the hook by renaming it, we by removing it.
"""

from __future__ import annotations

from legion_tui.agents.claude_code.hook.decision import output_for
from legion_tui.agents.claude_code.hook.install import Installed, install, read_installed, uninstall
from legion_tui.agents.claude_code.hook.leaving import Left
from legion_tui.agents.claude_code.hook.matching import call_of, hook_for
from legion_tui.agents.claude_code.hook.settings import headless_settings, hook_command, worker_settings
from legion_tui.agents.claude_code.hook.spool import HookOffer, Spool, Waiting

__all__ = [
    "HookOffer",
    "Installed",
    "Left",
    "Spool",
    "Waiting",
    "call_of",
    "headless_settings",
    "hook_command",
    "hook_for",
    "install",
    "output_for",
    "read_installed",
    "uninstall",
    "worker_settings",
]
