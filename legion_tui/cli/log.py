"""`legion-tui log`: what was done, from the ledger."""

from __future__ import annotations

import argparse

from legion_tui.cli.context import Context, say, warn
from legion_tui.cli.parts import open_parts


async def run(context: Context, options: argparse.Namespace) -> int:
    """Print the ledger, or what it tells of one issue, oldest first."""
    context.needed_place()
    async with open_parts(context) as parts:
        lines = await parts.log(options.issue)
    for line in lines:
        say(f"{line.at}  {line.text}")
    if not lines:
        warn("the ledger tells nothing" + (f" of {options.issue}" if options.issue else " yet"))
    return 0
