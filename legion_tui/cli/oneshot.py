"""`legion-tui oneshot`: tasks without a screen, side by side, each judged by an auditor until it is done."""

from __future__ import annotations

import argparse
import getpass
import signal
from collections.abc import Sequence
from functools import partial

import anyio
from anyio.abc import TaskStatus

from legion_tui.act.guard import refuse_agents
from legion_tui.act.headless import Paces, guarding
from legion_tui.act.ledger import Ledger
from legion_tui.act.oneshot import (
    RUN_LOCK,
    OneshotParts,
    OneshotSettings,
    Orchestrator,
    Records,
    Recovery,
    locks_of,
    run_name,
)
from legion_tui.act.provisions import check_program
from legion_tui.cli.agent import make_headless
from legion_tui.cli.commands import COMMANDS
from legion_tui.cli.context import Context, read_text, say, say_json
from legion_tui.cli.oneshot_judge import TerminalJudge
from legion_tui.cli.oneshot_progress import Progress, make_progress
from legion_tui.cli.parts import now
from legion_tui.cli.projects import with_the_users
from legion_tui.config import ProjectConfig, state_home
from legion_tui.errors import UsageError
from legion_tui.present.oneshot import oneshot_document, outcome_lines, run_lines, summary_line
from legion_tui.state.oneshot import TaskOutcome, tally_of

FOLDER = "oneshot"
_SHOWN_RUNS = 20


async def run(context: Context, options: argparse.Namespace) -> int:
    """Run the tasks and return what came of them; without any, list what has been run."""
    texts = _texts(context, options.tasks)
    refuse_agents("oneshot")
    records = Records(state_home(context.environ) / FOLDER)
    ledger = Ledger(records.folder, clock=now, user=getpass.getuser(), program="legion-tui oneshot")
    recovery = Recovery(agent=make_headless(context), ledger=ledger, records=records, clock=now)
    past = await recovery.runs()
    if texts:
        return await _run(context, options, texts, ledger, records)
    if options.json:
        say_json([oneshot_document(tasks[0].run, str(records.folder / tasks[0].run), tasks) for tasks in past])
    else:
        lines = [line for tasks in past[-_SHOWN_RUNS:] for line in run_lines(tasks)]
        say("\n".join(lines) if lines else "nothing has been run; legion-tui oneshot TASK… runs something")
    return 0


def _texts(context: Context, given: Sequence[str]) -> Sequence[str]:
    texts = [read_text(text, context.cwd) if text == "-" else text for text in given]
    if not all(text.strip() for text in texts):
        raise UsageError("TASK", "there is a task without words")
    return texts


async def _run(
    context: Context, options: argparse.Namespace, texts: Sequence[str], ledger: Ledger, records: Records
) -> int:
    settings = _settings(context, options)
    await check_program(settings.command[0], context.environ)
    progress, name = make_progress(as_json=options.json, ascii_only=context.user.glyphs == "ascii"), run_name(now())
    told: list[signal.Signals] = []
    async with locks_of(records, name).hold(RUN_LOCK), guarding() as guard:
        orchestrator = Orchestrator(
            name,
            texts,
            OneshotParts(
                agent=make_headless(context),
                guard=guard,
                ledger=ledger,
                records=records,
                settings=settings,
                environ=context.environ,
                clock=now,
                tell=progress.tell,
                judge=TerminalJudge(progress).judge,
            ),
        )
        async with anyio.create_task_group() as group:
            await group.start(partial(_watch_signals, told, orchestrator, progress))
            group.start_soon(progress.run)
            await orchestrator.run()
            group.cancel_scope.cancel()
    tasks = orchestrator.tasks
    folder = str(records.folder / name)
    if options.json:
        say_json(oneshot_document(name, folder, tasks))
    else:
        _tell_all(progress, orchestrator, folder)
    if told and any(task.outcome is TaskOutcome.INTERRUPTED for task in tasks):
        return 128 + told[0]
    return tally_of(tasks).exit_code


def _settings(context: Context, options: argparse.Namespace) -> OneshotSettings:
    place = context.place
    config = (
        place.config if place is not None else with_the_users(ProjectConfig(), {}, (), context.environ, context.user)
    )
    return OneshotSettings(
        command=tuple(config.agent.command),
        cwd=str(context.cwd),
        model=config.agent.model,
        permission_mode=config.agent.permission_mode,
        audited=options.auditor,
        max_rounds=options.max_rounds,
        max_concurrent=options.max_concurrent,
        interrupts_idle=options.interrupt_idle,
        paces=Paces(idle_after_seconds=options.idle_threshold, heartbeat_seconds=options.heartbeat_interval),
        refused=tuple(command.name for command in COMMANDS if command.name != "issue"),
    )


def _tell_all(progress: Progress, orchestrator: Orchestrator, folder: str) -> None:
    for task in orchestrator.tasks:
        for line in outcome_lines(task):
            progress.say(line)
    progress.say(f"{summary_line(orchestrator.tasks)}; kept in {folder}")


async def _watch_signals(
    told: list[signal.Signals],
    orchestrator: Orchestrator,
    progress: Progress,
    *,
    task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
) -> None:
    """The first signal interrupts what runs, the second ends it at once."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # `nohup` ignores it, and that stays
        numbers.append(signal.SIGHUP)
    with anyio.open_signal_receiver(*numbers) as signals:
        task_status.started()
        async for number in signals:
            told.append(number)
            again = "" if len(told) > 1 else "; once more ends them at once"
            progress.say(f"{number.name}: ending what runs{again}")
            orchestrator.stop(f"a person stopped it ({told[0].name})", now=len(told) > 1)
