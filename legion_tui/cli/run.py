"""`legion-tui run`: the autopilot without a screen."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Callable
from functools import partial

import anyio
from anyio.abc import TaskStatus

from legion_tui.act.autopilot import Autopilot, Tally
from legion_tui.act.guard import refuse_agents
from legion_tui.act.heartbeat import Beat
from legion_tui.cli.autopilot import hours_over, make_autopilot, refuse_where_off, rules_of
from legion_tui.cli.context import Context, say
from legion_tui.cli.parts import Parts, open_parts
from legion_tui.cli.watching import watch_project
from legion_tui.config import AutopilotSection
from legion_tui.errors import UsageError
from legion_tui.present.receipts import dispatch_line, event_document, event_line
from legion_tui.state import DispatchReceipt
from legion_tui.state.autopilot import PROGRAM, Event, EventKind, Rules, actions_of


async def run(context: Context, options: argparse.Namespace) -> int:
    """Run what the user's configuration allows, until told to end; 1 where an action failed, or it ended by itself."""
    section = context.user.autopilot
    rules = _rules(section, options)
    context.needed_place()
    if not options.dry_run:
        refuse_agents("run")
        refuse_where_off(section)
    async with open_parts(context, program=PROGRAM) as parts:
        teller = _teller(as_json=options.json)
        pilot = make_autopilot(parts, rules, teller)
        if options.dry_run:
            return await _show(pilot, parts, teller)
        async with parts.locks.hold_autopilot("legion-tui run"):
            # What was cut off is settled even where nothing is left to do.
            await parts.actions.settle()
            tally = await (_once(pilot, parts) if options.once else _go_on(pilot, parts, section, teller))
    if not options.json:
        say(f"{tally.done} done, {tally.failed} failed, {tally.refused} refused")
    return 1 if tally.failed and (options.once or tally.stopped) else 0


def _rules(section: AutopilotSection, options: argparse.Namespace) -> Rules:
    wanted = None
    if options.only:
        try:
            wanted = actions_of(options.only.split(","))
        except ValueError as error:
            raise UsageError("--only", f"{error} is no action that the autopilot may run") from None
        if unlisted := sorted(wanted - actions_of(section.actions)):
            raise UsageError("--only", f"autopilot.actions does not list {', '.join(unlisted)}")
    return rules_of(section, only=wanted, max_workers=options.max_concurrent)


async def _show(pilot: Autopilot, parts: Parts, tell: Callable[[Event], None]) -> int:
    """Say what would be done now, and what waits; do nothing."""
    due = await pilot.plan(await parts.collector.collect())
    at = parts.clock()
    for task in due.tasks:
        tell(Event(kind=EventKind.RUNS, at=at, text=f"would run, row {task.row}", issue=task.issue, action=task.action))
    for one in due.held:
        tell(Event(kind=EventKind.HELD, at=at, text=f"{one.action} waits: {one.why}", issue=one.issue))
    if due.stop:
        tell(Event(kind=EventKind.ENDED, at=at, text=due.stop))
    return 0


async def _once(pilot: Autopilot, parts: Parts) -> Tally:
    snapshot = await parts.collector.collect()
    await parts.actions.starter.step(snapshot)
    return await pilot.once(snapshot)


async def _go_on(pilot: Autopilot, parts: Parts, section: AutopilotSection, tell: Callable[[Event], None]) -> Tally:
    told: list[str] = []
    is_over = hours_over(section)

    def until() -> str:
        return told[0] if told else is_over()

    def tell_beat(beat: Beat) -> None:
        tell(Event(kind=EventKind.LIFE, at=parts.clock(), text=beat.text, issue=beat.issue))

    def tell_start(receipt: DispatchReceipt) -> None:
        tell(Event(kind=EventKind.STARTED, at=parts.clock(), text=dispatch_line(receipt), issue=receipt.issue))

    async with anyio.create_task_group() as group:
        group.start_soon(partial(watch_project, parts, tell_beat=tell_beat, tell_start=tell_start))
        await group.start(_watch_signals, told, parts.collector.refresh, group.cancel_scope)
        group.start_soon(parts.tmux.run)
        group.start_soon(parts.collector.run)
        await pilot.run(parts.collector.snapshots(), until=until)
        group.cancel_scope.cancel()
    return pilot.tally


async def _watch_signals(
    told: list[str],
    wake: Callable[[], None],
    scope: anyio.CancelScope,
    *,
    task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
) -> None:
    """The first signal lets what is begun come to its end, the second does not. Workers live on either way."""
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        task_status.started()
        async for number in signals:
            if told:
                scope.cancel()
                return
            told.append(f"{signal.Signals(number).name}: it lets go; the workers live on")
            wake()


def _teller(*, as_json: bool) -> Callable[[Event], None]:
    def tell(event: Event) -> None:
        say(json.dumps(event_document(event), ensure_ascii=False) if as_json else event_line(event))
        sys.stdout.flush()

    return tell
