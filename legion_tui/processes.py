"""Commands and processes of this machine: one runner for every external command, facts through psutil."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import anyio
import psutil
from anyio.abc import ByteReceiveStream, ByteSendStream, Process

# What a shell would say: the program is missing, it cannot be run, it took too long.
MISSING = 127
NOT_RUNNABLE = 126
TIMED_OUT = 124
# Two readings of one process's start differ by rounding only.
_SAME_START_SECONDS = 0.01
# For a command to take back what it has begun.
_GRACE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command gave; `returncode` is 127 for a missing program, 126 for one that cannot run, 124 for too late."""

    stdout: str
    stderr: str
    returncode: int

    @property
    def ok(self) -> bool:
        """Whether it ended with 0."""
        return self.returncode == 0


class CommandRunner(Protocol):
    """Runs one command; never raises for what the command does."""

    async def __call__(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        timeout_seconds: float = 10.0,
    ) -> Ran:
        """Run `argv` and return what it printed, decoded as UTF-8 with replacement."""
        ...


# Is given the pid of a process that has begun.
Started = Callable[[int], Awaitable[None]]


class WholeRunner(Protocol):
    """Runs one command that starts others; never raises for what the command does."""

    async def __call__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        timeout_seconds: float = 10.0,
        started: Started | None = None,
    ) -> Ran:
        """Run `argv`, and end it with all that it started where its time is up or the caller is cancelled."""
        ...


async def run_command(
    argv: Sequence[str],
    *,
    stdin: bytes | None = None,
    env: Mapping[str, str] | None = None,
    cwd: str | None = None,
    timeout_seconds: float = 10.0,
) -> Ran:
    """Run a real process; killed when its time is up or the caller is cancelled."""
    return await _run(argv, stdin, env, cwd, timeout_seconds, whole=False)


class CountedRunner:
    """Runs commands by another runner; counts them, and the characters that they printed."""

    def __init__(self, runner: CommandRunner = run_command) -> None:
        """Take what runs them."""
        self._runner = runner
        self.count = 0
        self.printed = 0

    async def __call__(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        timeout_seconds: float = 10.0,
    ) -> Ran:
        """Run it."""
        self.count += 1
        ran = await self._runner(argv, stdin=stdin, env=env, cwd=cwd, timeout_seconds=timeout_seconds)
        self.printed += len(ran.stdout) + len(ran.stderr)
        return ran


async def run_whole_command(
    argv: Sequence[str],
    *,
    stdin: bytes | None = None,
    env: Mapping[str, str] | None = None,
    cwd: str | None = None,
    timeout_seconds: float = 10.0,
    started: Started | None = None,
) -> Ran:
    """Run a real process, apart from the terminal, that starts others and has to clean up after itself.

    When its time is up or the caller is cancelled, it and all that it started get SIGTERM, and SIGKILL 5 s later.
    What `started` raises ends it in the same way.
    """
    done: list[Ran | Exception] = []

    async def run() -> None:
        try:
            done.append(await _run(argv, stdin, env, cwd, timeout_seconds, whole=True, started=started))
        except Exception as error:  # noqa: BLE001  it goes on below, out of the group
            done.append(error)

    # In a task of its own: ctrl+c cancels the program's first task at any place, also within the start of a process,
    # which is then left without anybody who would end what it has started.
    async with anyio.create_task_group() as group:
        group.start_soon(run)
    if isinstance(done[0], Exception):
        raise done[0]
    return done[0]


async def _run(
    argv: Sequence[str],
    stdin: bytes | None,
    env: Mapping[str, str] | None,
    cwd: str | None,
    timeout_seconds: float,
    *,
    whole: bool,
    started: Started | None = None,
) -> Ran:
    out, err = bytearray(), bytearray()
    try:
        with anyio.fail_after(timeout_seconds):
            # One that is cancelled while it starts cannot be ended with all that it has started by then.
            with anyio.CancelScope(shield=whole):
                process = await anyio.open_process(
                    list(argv),
                    stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                    env=None if env is None else dict(env),
                    cwd=cwd,
                    start_new_session=whole,
                )
            async with process:
                try:
                    if started is not None:
                        await started(process.pid)
                    async with anyio.create_task_group() as pipes:
                        pipes.start_soon(_drain, process.stdout, out)
                        pipes.start_soon(_drain, process.stderr, err)
                        if process.stdin is not None and stdin is not None:
                            pipes.start_soon(_feed, process.stdin, stdin)
                    if whole:
                        await process.wait()
                except BaseException:
                    if whole:
                        await _end_session(process)
                    raise
    except TimeoutError:  # an OSError too
        return Ran("", f"{argv[0]}: no answer within {timeout_seconds:g} s", TIMED_OUT)
    except FileNotFoundError as error:
        return Ran("", f"{error.filename or argv[0]}: not found", MISSING)
    except OSError as error:
        return Ran("", f"{argv[0]}: {error.strerror or error}", NOT_RUNNABLE)
    return Ran(out.decode("utf-8", "replace"), err.decode("utf-8", "replace"), process.returncode or 0)


async def _end_session(process: Process) -> None:
    """End a process that leads a session of its own, and all in it."""
    with anyio.CancelScope(shield=True):
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGTERM)
        with anyio.move_on_after(_GRACE_SECONDS):
            await process.wait()
        with contextlib.suppress(OSError):  # those that outlived it
            os.killpg(process.pid, signal.SIGKILL)


async def _drain(stream: ByteReceiveStream | None, into: bytearray) -> None:
    if stream is not None:
        async for part in stream:
            into += part


async def _feed(stream: ByteSendStream, data: bytes) -> None:
    # A command may well end before it has read everything, or anything.
    with contextlib.suppress(anyio.BrokenResourceError):
        await stream.send(data)
    await stream.aclose()


@dataclass(frozen=True, slots=True)
class ProcessFacts:
    """A live process: when it started (seconds since the epoch), whether it is stopped (^Z), its name and command."""

    pid: int
    started_at: float
    stopped: bool
    name: str
    parent: int


def process_facts(pid: int) -> ProcessFacts | None:
    """Return the facts of a living process, None when there is none (a zombie is none). Blocks for some 50 us."""
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            status = process.status()
            if status in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD):
                return None
            return ProcessFacts(
                pid=pid,
                started_at=process.create_time(),
                stopped=status in (psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP),
                name=process.name(),
                parent=process.ppid(),
            )
    except (psutil.Error, ValueError, OSError):
        return None


def still_lives(facts: ProcessFacts) -> bool:
    """Whether this very process is there, and not a later one with the same pid. Blocks."""
    now = process_facts(facts.pid)
    return now is not None and abs(now.started_at - facts.started_at) <= _SAME_START_SECONDS


def terminate(facts: ProcessFacts) -> bool:
    """Ask a process to end (SIGTERM); False, and nothing is sent, where it is gone or not ours. Blocks."""
    return _signal(facts, signal.SIGTERM)


def go_on(facts: ProcessFacts) -> bool:
    """Let a stopped process run (SIGCONT): a signal that it is to handle reaches it only then. Blocks."""
    return _signal(facts, signal.SIGCONT)


def kill(facts: ProcessFacts) -> bool:
    """End a process that cannot refuse (SIGKILL); False, and nothing is sent, where it is gone or not ours. Blocks."""
    return _signal(facts, signal.SIGKILL)


def _signal(facts: ProcessFacts, number: signal.Signals) -> bool:
    # Looked at each time: a signal goes by a number only.
    if not still_lives(facts):
        return False
    try:
        os.kill(facts.pid, number)
    except OSError:
        return False
    return True


def ancestors(pid: int | None = None) -> tuple[int, ...]:
    """Return the pids above `pid` (this process by default), nearest first."""
    try:
        return tuple(parent.pid for parent in psutil.Process(pid or os.getpid()).parents())
    except psutil.Error:
        return ()
