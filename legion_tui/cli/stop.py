"""`legion-tui stop`: end a worker."""

from __future__ import annotations

import argparse

from legion_tui.act.guard import refuse_agents
from legion_tui.cli.asking import ask
from legion_tui.cli.context import Context, warn
from legion_tui.cli.parts import Parts, open_parts
from legion_tui.cli.telling import tell_worker
from legion_tui.errors import RefusedError
from legion_tui.state import Deed, Outcome, WorkerReceipt


async def run(context: Context, options: argparse.Namespace) -> int:
    """End a worker when a person says so, and tell what came of it."""
    try:
        refuse_agents("stop")
        async with open_parts(context) as parts:
            receipt = await _stopped(parts, options.issue, sure=options.yes)
    except RefusedError as error:
        if not options.json:
            raise
        receipt = WorkerReceipt(deed=Deed.STOP, issue=options.issue, outcome=Outcome.REFUSED, reason=str(error))
    return tell_worker(receipt, as_json=options.json)


async def _stopped(parts: Parts, target: str, *, sure: bool) -> WorkerReceipt:
    actions = parts.actions
    plan = await actions.run_stop_plan(target)
    if not sure:
        for line in plan.lines:
            warn(line)
        await _asked(f"{plan.title}?")
    receipt = await actions.run_stop(target, pid=plan.pid, killing=sure)
    if receipt.lives and not sure:
        warn(receipt.reason)
        await _asked("kill it? What it has not written is lost.")
        receipt = await actions.run_stop(target, pid=plan.pid, killing=True)
    return receipt


async def _asked(question: str) -> None:
    await ask(question, undone="not ended", without="legion-tui stop ISSUE --yes")
