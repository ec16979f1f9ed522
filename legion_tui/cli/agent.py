"""The agent's adapter, over the user's own folder of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from legion_tui.agents.claude_code import ClaudeCode
from legion_tui.agents.claude_code.paths import config_folder
from legion_tui.cli.context import Context
from legion_tui.config import state_home

if TYPE_CHECKING:
    from legion_tui.agents.claude_code.headless import HeadlessClaudeCode


def make_agent(context: Context) -> ClaudeCode:
    """Return a reader of the agent's files, with offsets of its own."""
    home = Path(context.environ.get("HOME") or Path.home())
    return ClaudeCode.from_environment(context.environ, home, spool=spool_folder(context))


def make_headless(context: Context) -> HeadlessClaudeCode:
    """Return what runs the agent without a screen."""
    from legion_tui.agents.claude_code.headless import HeadlessClaudeCode  # most commands only read

    home = Path(context.environ.get("HOME") or Path.home())
    return HeadlessClaudeCode.from_environment(context.environ, home, spool=spool_folder(context))


def agent_folder(context: Context) -> Path:
    """Return the agent's own folder: `CLAUDE_CONFIG_DIR`, else `~/.claude`."""
    return config_folder(context.environ, Path(context.environ.get("HOME") or Path.home()))


def spool_folder(context: Context) -> Path:
    """Return where the answer hooks of this user's agents leave their requests: one place for all projects."""
    return state_home(context.environ) / "spool"
