"""`legion-tui interrupt`: stop what a busy worker does."""

from __future__ import annotations

import argparse

from legion_tui.act.guard import refuse_agents
from legion_tui.cli.context import Context
from legion_tui.cli.parts import open_parts
from legion_tui.cli.telling import tell_worker
from legion_tui.errors import RefusedError
from legion_tui.state import Deed, Outcome, WorkerReceipt


async def run(context: Context, options: argparse.Namespace) -> int:
    """Interrupt, and tell what came of it."""
    try:
        refuse_agents("interrupt")
        async with open_parts(context) as parts:
            receipt = await parts.actions.run_interrupt(options.issue)
    except RefusedError as error:
        if not options.json:
            raise
        receipt = WorkerReceipt(deed=Deed.INTERRUPT, issue=options.issue, outcome=Outcome.REFUSED, reason=str(error))
    return tell_worker(receipt, as_json=options.json)
