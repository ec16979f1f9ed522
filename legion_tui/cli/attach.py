"""`legion-tui attach`: go to a worker's window."""

from __future__ import annotations

import argparse
import os

from legion_tui.cli.context import Context
from legion_tui.cli.parts import open_parts
from legion_tui.errors import RefusedError
from legion_tui.state import Outcome


async def run(context: Context, options: argparse.Namespace) -> int:
    """Switch the client that shows this pane, or become `tmux attach`."""
    async with open_parts(context) as parts:
        receipt = await parts.actions.run_attach(options.issue)
    if receipt.outcome is Outcome.REFUSED:
        raise RefusedError(options.issue, receipt.reason)
    if receipt.argv:
        os.execvpe(receipt.argv[0], list(receipt.argv), dict(context.environ))  # noqa: S606  no shell, by design
    return 0
