"""The holder: owns the pipes of one worker without a screen, and outlives whoever started it.

`python -I -m legion_tui.act.headless.holder` reads its order from standard input, says `started PID` once the agent
runs, or on the other stream why it does not, and goes on by itself: it writes the log, leaves the agent's questions in
the spool, and keeps what came of it. SIGTERM ends the agent with it.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import anyio
import msgspec
from anyio.abc import TaskStatus

from legion_tui.act.headless.happenings import Happening, Started
from legion_tui.act.headless.order import Finished, Paces, RunOrder
from legion_tui.act.headless.run import Run
from legion_tui.act.ledger import Ledger
from legion_tui.act.records import Kind
from legion_tui.agents.claude_code.headless import HeadlessClaudeCode
from legion_tui.errors import LegionError
from legion_tui.files import private_folder, write_durably
from legion_tui.state.text import clean_line

VERSION = 1


class HolderOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be held. `result` is the file of what came of it, `ledger` the folder of the project's ledger."""

    argv: tuple[str, ...]
    cwd: str
    prompt: str
    session_id: str
    issue: str
    mode: str
    mark: str
    log: str
    result: str
    ledger: str
    spool: str
    agent_folder: str
    agent_environment: dict[str, str]
    idle_after_seconds: float
    heartbeat_seconds: float
    user: str = ""


def main() -> int:
    """Take the order and go on in a process and a session of its own."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=HolderOrder)
    os.umask(0o077)
    if os.fork():
        return 0
    os.setsid()
    try:
        anyio.run(_hold, order)
    except LegionError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


async def _hold(order: HolderOrder) -> None:
    spool = Path(order.spool)
    agent = HeadlessClaudeCode(Path(order.agent_folder), order.agent_environment, spool=spool)
    ledger = Ledger(Path(order.ledger), clock=_now, user=order.user, program="legion-tui holder")
    keeping = _Keeping(order)

    async def tell(happening: Happening) -> None:
        if isinstance(happening, Started):
            await keeping.keep(None)
            _let_go_of_the_starter()

    run = Run(
        RunOrder(
            argv=order.argv,
            cwd=order.cwd,
            prompt=order.prompt,
            session_id=order.session_id,
            log=Path(order.log),
            mark=order.mark,
        ),
        agent,
        guard=None,
        environ=os.environ,
        tell=tell,
        clock=_now,
        paces=Paces(idle_after_seconds=order.idle_after_seconds, heartbeat_seconds=order.heartbeat_seconds),
    )
    outcome: list[Finished | LegionError] = []
    async with anyio.create_task_group() as group:
        await group.start(_watch_signals, run)
        try:
            outcome.append(await run.run())
        except LegionError as error:
            outcome.append(error)
        group.cancel_scope.cancel()
    finished = outcome[0]
    if isinstance(finished, LegionError):
        raise finished
    await keeping.keep(finished)
    await ledger.note(
        Kind.RUN,
        order.issue,
        mode=order.mode,
        exit_code=finished.exit_code,
        outcome="failed" if finished.error else "finished",
        reason=clean_line(finished.error or finished.answer, limit=500),
    )


class _Keeping:
    """The file of what came of a run."""

    def __init__(self, order: HolderOrder) -> None:
        self._order = order
        self._began = _now()

    async def keep(self, finished: Finished | None) -> None:
        """Keep how it stands; LegionError where that is not possible."""
        order = self._order
        data = {
            "version": VERSION,
            "issue": order.issue,
            "mode": order.mode,
            "session_id": order.session_id,
            "holder": os.getpid(),
            "log": order.log,
            "began_at": self._began,
            "finished_at": _now() if finished is not None else None,
            "result": finished,
        }
        path = Path(order.result)

        def write() -> None:
            write_durably(private_folder(path.parent) / path.name, msgspec.json.format(msgspec.json.encode(data)))

        try:
            await anyio.to_thread.run_sync(write)
        except OSError as error:
            raise LegionError("the run's state could not be kept", f"{path}: {error.strerror or error}") from error


def _let_go_of_the_starter() -> None:
    os.write(1, b"started\n")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)


async def _watch_signals(run: Run, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
    told = 0
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGHUP, signal.SIGINT) as signals:
        task_status.started()
        async for number in signals:
            told += 1
            (run.interrupt if told == 1 else run.kill)(f"its holder was ended by {number.name}")


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    sys.exit(main())
