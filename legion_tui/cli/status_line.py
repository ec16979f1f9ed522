"""`legion-tui status-line`: one short line for tmux's status bar."""

from __future__ import annotations

import argparse

from legion_tui.cli.context import Context, say
from legion_tui.cli.parts import open_parts
from legion_tui.cli.snoozed import lulled_now
from legion_tui.present.status import status_line


async def run(context: Context, options: argparse.Namespace) -> int:
    """Print how many need you, work, and failed."""
    del options
    async with open_parts(context) as parts:
        say(status_line(await lulled_now(parts, await parts.collector.collect())))
    return 0
