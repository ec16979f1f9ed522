"""`legion-tui dispatch`: start, or resume, a worker."""

from __future__ import annotations

import argparse
import shlex

from legion_tui.act.guard import refuse_agents
from legion_tui.cli.context import Context, say, say_json, warn
from legion_tui.cli.parts import open_parts
from legion_tui.cli.progress import teller, tidy_end
from legion_tui.errors import RefusedError
from legion_tui.present.receipts import dispatch_document, dispatch_line
from legion_tui.state import DispatchReceipt, Outcome

EXIT_CODES = {Outcome.REFUSED: 3, Outcome.UNCONFIRMED: 4}


async def run(context: Context, options: argparse.Namespace) -> int:
    """Dispatch one issue."""
    return await dispatch_issue(
        context, options.issue, mode=options.mode, dry_run=options.dry_run, as_json=options.json
    )


async def dispatch_issue(
    context: Context, issue: str, *, mode: str | None = None, dry_run: bool = False, as_json: bool = False
) -> int:
    """Dispatch `issue`, print what came of it, and return the exit code."""
    try:
        if not dry_run:
            refuse_agents("dispatch")
        context.needed_place()
        with tidy_end():
            async with open_parts(context, tell=teller(as_json=as_json)) as parts:
                receipt = await parts.actions.run_dispatch(issue, mode=mode, dry_run=dry_run)
    except RefusedError as error:
        if not as_json:
            raise
        receipt = DispatchReceipt(
            issue=issue, mode=mode or "", session_id="", outcome=Outcome.REFUSED, reason=str(error)
        )
    if as_json:
        say_json(dispatch_document(receipt))
    elif receipt.outcome in EXIT_CODES:
        warn(dispatch_line(receipt))
    else:
        tell(receipt)
    return EXIT_CODES.get(receipt.outcome, 0)


def tell(receipt: DispatchReceipt) -> None:
    """Print a dispatch that went well, a dry run with its exact command."""
    if receipt.outcome is not Outcome.DRY_RUN:
        say(dispatch_line(receipt))
        return
    if receipt.reason:
        say(f"{receipt.issue}: {receipt.mode}: {receipt.reason}")
        return
    say(f"would start {receipt.mode} of {receipt.issue} in {receipt.cwd}")
    say(shlex.join(receipt.argv))
