"""`legion-tui send`: tell a worker something."""

from __future__ import annotations

import argparse

import anyio

from legion_tui.act.guard import refuse_agents
from legion_tui.cli.context import Context, read_text, say, say_json, warn
from legion_tui.cli.parts import Parts, open_parts
from legion_tui.cli.telling import tell_worker
from legion_tui.errors import RefusedError, UsageError
from legion_tui.present.receipts import worker_line
from legion_tui.state import Deed, MessageRequest, Outcome, WorkerReceipt


async def run(context: Context, options: argparse.Namespace) -> int:
    """Send, and tell what came of it."""
    if options.cancel:
        return await _cancel(context, options)
    request = _requested(context, options)
    try:
        refuse_agents("send")
        async with open_parts(context) as parts:
            receipt = await parts.actions.run_send(request)
            if receipt.outcome is Outcome.QUEUED:
                receipt = await _waited(parts, receipt, quiet=options.json)
    except RefusedError as error:
        if not options.json:
            raise
        receipt = WorkerReceipt(deed=Deed.SEND, issue=request.target, outcome=Outcome.REFUSED, reason=str(error))
    return tell_worker(receipt, as_json=options.json)


async def _waited(parts: Parts, receipt: WorkerReceipt, *, quiet: bool) -> WorkerReceipt:
    """Deliver the message from here, unless a dashboard does; whoever leaves while it waits takes it back."""
    if not quiet:
        warn(f"{worker_line(receipt)}; ctrl+c takes it back")
    porter = parts.actions.porter
    try:
        delivered = await porter.carry_until(receipt.message_id)
    except BaseException:
        with anyio.CancelScope(shield=True):
            queue = await parts.ledger.queue()
            await porter.cancel([message for message in queue if message.id == receipt.message_id])
        raise
    return delivered or receipt


async def _cancel(context: Context, options: argparse.Namespace) -> int:
    if options.text is not None or options.queue:
        raise UsageError("--cancel", "takes no text and no --queue")
    refuse_agents("send")
    async with open_parts(context) as parts:
        count = await parts.actions.run_cancel(options.issue)
    if options.json:
        say_json({"issue": options.issue, "cancelled": count})
    else:
        say(f"{options.issue}: {count} message{'s'[: count != 1]} taken back")
    return 0


def _requested(context: Context, options: argparse.Namespace) -> MessageRequest:
    if options.text is None:
        raise UsageError("no text", "say what the worker is to be told, or - for standard input")
    if options.timeout <= 0:
        raise UsageError("--timeout", "is not above 0")
    text = read_text("-", context.cwd) if options.text == "-" else options.text
    return MessageRequest(target=options.issue, text=text, queue=options.queue, timeout_seconds=options.timeout)
