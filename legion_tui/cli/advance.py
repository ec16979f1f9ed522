"""`legion-tui advance`: run the suggested action of an issue."""

from __future__ import annotations

import argparse

from legion_tui.act.guard import refuse_agents
from legion_tui.cli.context import Context, say, say_json, warn
from legion_tui.cli.dispatch import EXIT_CODES
from legion_tui.cli.dispatch import tell as tell_dispatch
from legion_tui.cli.parts import open_parts
from legion_tui.errors import RefusedError
from legion_tui.present.receipts import action_document, action_line
from legion_tui.state import ActionReceipt, Outcome


async def run(context: Context, options: argparse.Namespace) -> int:
    """Advance one issue."""
    try:
        if not options.dry_run:
            refuse_agents("advance")
        context.needed_place()
        async with open_parts(context) as parts:
            receipt = await parts.actions.run_action(
                options.issue, follow=not options.no_follow, dry_run=options.dry_run
            )
    except RefusedError as error:
        if not options.json:
            raise
        receipt = ActionReceipt(issue=options.issue, action="", outcome=Outcome.REFUSED, reason=str(error))
    if options.json:
        say_json(action_document(receipt))
    elif receipt.outcome in EXIT_CODES:
        warn(action_line(receipt))
    elif receipt.outcome is Outcome.DRY_RUN:
        say(f"{receipt.issue} {receipt.action} would:")
        for step in receipt.steps:
            say(f"  {step}")
        if receipt.dispatch is not None:
            tell_dispatch(receipt.dispatch)
    else:
        say(action_line(receipt))
    return EXIT_CODES.get(receipt.outcome, 0)
