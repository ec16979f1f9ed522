"""`legion-tui demo`: a whole swarm, without account or network; nothing of it is left."""

from __future__ import annotations

import argparse
import sys

import anyio

from legion_tui.cli.context import Context, say
from legion_tui.cli.dashboard import show
from legion_tui.cli.parts import open_parts
from legion_tui.cli.projects import trust
from legion_tui.config import PROJECT_FILE
from legion_tui.demo.swarm import Swarm
from legion_tui.errors import LegionError


async def run(context: Context, options: argparse.Namespace) -> int:
    """Make the swarm, show its board, and take everything away when the board is left."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise LegionError("no terminal", "the demo's board needs one")
    async with Swarm(agents=options.agents, keep=options.keep, environ=context.environ) as demo:
        inside = Context(
            environ=demo.environ,
            cwd=demo.project,
            project_given=str(demo.project),
            socket_given=demo.socket,
            verbose=context.verbose,
        )
        # We wrote the file a moment ago.
        file = demo.project / PROJECT_FILE
        await anyio.to_thread.run_sync(lambda: trust(file, file.read_bytes(), demo.environ))
        async with open_parts(inside) as parts:
            # The demo keeps away from the user's own work, but colours, glyphs and keys are as they like them.
            code = await show(parts, context.user, where=context.user_file)
    if options.keep:
        say(f"the demo's folder stays: {demo.root}")
    return code
