"""`legion-tui advance`: run the suggested action of an issue."""

from __future__ import annotations

import argparse

from legion_tui.act.guard import refuse_agents
from legion_tui.cli.actions import Actions
from legion_tui.cli.asking import ask, somebody_is_there
from legion_tui.cli.context import Context, say, say_json, warn
from legion_tui.cli.dispatch import EXIT_CODES
from legion_tui.cli.dispatch import tell as tell_dispatch
from legion_tui.cli.parts import open_parts
from legion_tui.cli.progress import teller, tidy_end
from legion_tui.errors import RefusedError
from legion_tui.present.receipts import action_document, action_line
from legion_tui.state import Action, ActionReceipt, Outcome


async def run(context: Context, options: argparse.Namespace) -> int:
    """Advance one issue."""
    try:
        if not options.dry_run:
            refuse_agents("advance")
        context.needed_place()
        with tidy_end():
            async with open_parts(context, tell=teller(as_json=options.json)) as parts:
                receipt = await _advanced(parts.actions, options)
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


async def _advanced(actions: Actions, options: argparse.Namespace) -> ActionReceipt:
    """Run the action; a merge only after a yes, given along or at the terminal to just what would be merged."""
    receipt = await actions.run_action(
        options.issue, follow=not options.no_follow, dry_run=options.dry_run, sure=options.yes
    )
    unsure = receipt.action == Action.MERGE_PR and receipt.outcome is Outcome.REFUSED and not options.yes
    if not unsure or options.json or not somebody_is_there():
        return receipt
    preview = await actions.run_action(options.issue, expected=receipt.action, dry_run=True)
    if preview.outcome is not Outcome.DRY_RUN:
        return preview
    await ask("; ".join(preview.steps) + "?", undone="not merged", without="legion-tui advance ISSUE --yes")
    return await actions.run_action(options.issue, expected=receipt.action, shown=preview.steps)
