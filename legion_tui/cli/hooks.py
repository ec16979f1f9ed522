"""`legion-tui hooks`: our answer hook in the user's agent settings, for sessions that we did not start."""

from __future__ import annotations

import argparse

import anyio

from legion_tui.act.guard import refuse_agents
from legion_tui.agents.claude_code import hook
from legion_tui.cli.agent import agent_folder, spool_folder
from legion_tui.cli.context import Context, say


async def run(context: Context, options: argparse.Namespace) -> int:
    """Install, uninstall, or tell how it stands."""
    refuse_agents("hooks")
    folder, command = agent_folder(context), hook_command(context)
    if options.action == "status":
        told = await anyio.to_thread.run_sync(hook.read_installed, folder, command)
        waiting = await anyio.to_thread.run_sync(hook.Spool(spool_folder(context)).waiting)
        say(words(told))
        say(f"{len(waiting)} waiting" + "".join(f"\n  {one.request.tool_name} in {one.session_id}" for one in waiting))
        return 0
    if options.action == "install":
        changed = await anyio.to_thread.run_sync(hook.install, folder, command)
        done = "installed; running sessions use it at once" if changed else "installed already"
    else:
        changed = await anyio.to_thread.run_sync(hook.uninstall, folder)
        done = "removed; hooks that wait leave with their questions" if changed else "there was none"
    say(f"{folder / 'settings.json'}: {done}")
    return 0


def hook_command(context: Context) -> str:
    """Return the hook's shell line for the user's own settings."""
    return hook.hook_command(spool_folder(context), origin="user")


def words(told: hook.Installed) -> str:
    """Return in one line how the user's settings stand."""
    if not told.commands:
        return f"{told.file}: not installed"
    if told.disabled:
        return f"{told.file}: installed, but disableAllHooks is set there"
    return f"{told.file}: installed" + ("" if told.current else ", by another version or place of legion-tui")


def installed(context: Context) -> hook.Installed:
    """Return how the user's settings stand; AgentError where they cannot be read. Blocks."""
    return hook.read_installed(agent_folder(context), hook_command(context))
