"""The agent's adapter, over the user's own folder of it."""

from __future__ import annotations

from pathlib import Path

from legion_tui.agents.claude_code import ClaudeCode
from legion_tui.cli.context import Context


def make_agent(context: Context) -> ClaudeCode:
    """Return a reader of the agent's files, with offsets of its own."""
    return ClaudeCode.from_environment(context.environ, Path(context.environ.get("HOME") or Path.home()))
