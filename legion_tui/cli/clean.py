"""`legion-tui clean`: remove worktrees and windows of finished issues."""

from __future__ import annotations

import argparse

from legion_tui.act.guard import refuse_agents
from legion_tui.cli.context import Context, say, say_json, warn
from legion_tui.cli.parts import open_parts
from legion_tui.present.receipts import cleaned_document, cleaned_line
from legion_tui.state import CleanReceipt, Outcome

EXIT_CODES = {Outcome.REFUSED: 3, Outcome.UNCONFIRMED: 4}


async def run(context: Context, options: argparse.Namespace) -> int:
    """Clean, and tell of each issue what was removed, or why nothing was."""
    if not options.dry_run:
        refuse_agents("clean")
    context.needed_place()
    receipts: list[CleanReceipt] = []
    async with open_parts(context) as parts:
        async for receipt in parts.actions.run_clean(merged=options.merged, dry_run=options.dry_run):
            receipts.append(receipt)
            if not options.json:
                (warn if receipt.outcome in EXIT_CODES else say)(cleaned_line(receipt))
    if options.json:
        say_json([cleaned_document(receipt) for receipt in receipts])
    elif not receipts:
        say("nothing is left of finished issues")
    return max((EXIT_CODES.get(receipt.outcome, 0) for receipt in receipts), default=0)
