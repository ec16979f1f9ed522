"""`legion-tui resume`: bring workers back in their sessions and worktrees."""

from __future__ import annotations

import argparse

from legion_tui.act.guard import refuse_agents
from legion_tui.cli.context import Context, say, say_json, warn
from legion_tui.cli.parts import open_parts
from legion_tui.cli.progress import teller, tidy_end
from legion_tui.errors import UsageError
from legion_tui.present.receipts import resume_document, resume_line
from legion_tui.state import Outcome, ResumeReceipt

EXIT_CODES = {Outcome.REFUSED: 3, Outcome.UNCONFIRMED: 4}


async def run(context: Context, options: argparse.Namespace) -> int:
    """Bring back one worker after the other, and tell of each as it comes."""
    if bool(options.issues) is options.all:
        raise UsageError("resume", "takes issues, or --all for every worker that was cut off")
    if not options.dry_run:
        refuse_agents("resume")
    context.needed_place()
    receipts: list[ResumeReceipt] = []
    with tidy_end():
        async with open_parts(context, tell=teller(as_json=options.json)) as parts:
            async for receipt in parts.actions.run_resume(options.issues, dry_run=options.dry_run):
                receipts.append(receipt)
                if not options.json:
                    (warn if receipt.outcome in EXIT_CODES else say)(resume_line(receipt))
    if options.json:
        say_json([resume_document(receipt) for receipt in receipts])
    elif not receipts:
        say("no worker is lost")
    return max((EXIT_CODES.get(receipt.outcome, 0) for receipt in receipts), default=0)
