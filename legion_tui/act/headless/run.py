"""One run of an agent without a screen, from its start to its end."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from datetime import datetime

import anyio
from anyio.abc import ByteReceiveStream, Process, TaskGroup

from legion_tui.act.headless.ending import Ending
from legion_tui.act.headless.guard import Guard
from legion_tui.act.headless.happenings import (
    Active,
    Beat,
    Happening,
    Idle,
    LogEnded,
    Started,
    Tell,
)
from legion_tui.act.headless.marks import end_marked, marked_environment
from legion_tui.act.headless.order import Finished, Paces, RunOrder, kept_from_agents
from legion_tui.act.headless.output import Lines, Log
from legion_tui.act.headless.questions import Questions
from legion_tui.agents.headless import Asked, Background, Began, Headless, TurnEnded, Unsupported, Withdrawn
from legion_tui.errors import LegionError
from legion_tui.processes import process_facts
from legion_tui.state.text import clean_line

_CHUNK_BYTES = 64 * 1024
# A line that is longer is read beside the event loop.
_LONG_LINE_BYTES = 256 * 1024
_MOST_STDERR_BYTES = 8 * 1024
# What is still in its pipes when the process has ended; another process may hold them open for ever.
_DRAIN_SECONDS = 2.0
_LOOK_AGAIN_SECONDS = 0.1
# A heartbeat is late by so much where this program was stopped (^Z), or the machine asleep.
_STOOD_STILL_SECONDS = 5.0


class Run:
    """One run; `run` once. What is told of it comes in order, and is awaited."""

    def __init__(
        self,
        order: RunOrder,
        agent: Headless,
        *,
        guard: Guard | None,
        environ: Mapping[str, str],
        tell: Tell,
        clock: Callable[[], datetime],
        paces: Paces | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the parts. Without a guard it outlives this program."""
        self._order = order
        self._agent = agent
        self._guard = guard
        self._environ = environ
        self._tell_one = tell
        self._telling = anyio.Lock()
        self._clock = clock
        self._paces = paces or Paces()
        self._seconds = seconds
        self._questions = Questions(agent, order.session_id, tell=self._tell, send=self._send, clock=clock)
        self._log = Log(order.log)
        self._lines = Lines()
        self._errors = bytearray()
        self._process: Process | None = None
        self._ending: Ending | None = None
        self._active_at = 0.0
        self._idle = False
        self._turn: TurnEnded | None = None
        self._recovered: str | None = None
        self._background = Background(0, 0)
        self._leaving = False
        self._interrupted = ""
        self._told_to_end = anyio.Event()
        self._told_to_die = anyio.Event()

    def interrupt(self, why: str) -> None:
        """Have it end: SIGINT, SIGTERM and SIGKILL, each where the one before was not enough. Returns at once."""
        self._interrupted = self._interrupted or why
        self._told_to_end.set()

    def kill(self, why: str) -> None:
        """Have it end now. Returns at once."""
        self._interrupted = self._interrupted or why
        self._told_to_die.set()

    async def run(self) -> Finished:
        """Start it, and return what came of it once nothing of it is left; LegionError where it cannot be started.

        What `tell` raises is raised once nothing is left.
        """
        began = self._clock()
        if self._guard is not None:
            await self._guard.add(self._order.mark)
        failure: list[Exception] = []
        try:
            process = self._process = await self._open()
            self._active_at = self._seconds()
            try:
                await self._accompany(process)
            except Exception as error:  # noqa: BLE001  it goes on below, once nothing is left
                failure.append(_first(error))
        finally:
            with anyio.CancelScope(shield=True):
                await self._clear_away()
        if failure:
            raise failure[0]
        return await self._finished(process.returncode, began)

    async def _open(self) -> Process:
        order = self._order
        environ = kept_from_agents(self._environ)
        try:
            # One that is cancelled while it starts could not be ended.
            with anyio.CancelScope(shield=True):
                process = await anyio.open_process(
                    list(order.argv),
                    stdin=subprocess.PIPE,
                    cwd=order.cwd,
                    env=marked_environment({**environ, **self._agent.environment()}, order.mark),
                    start_new_session=True,
                )
        except OSError as error:
            raise LegionError("the run was not started", f"{order.argv[0]}: {error.strerror or error}") from None
        return process

    async def _accompany(self, process: Process) -> None:
        within_seconds = self._paces.ends_within_seconds
        ending = self._ending = Ending(process, self._order.mark, within_seconds=within_seconds, tell=self._tell)
        async with anyio.create_task_group() as group:
            group.start_soon(self._end_when_told, ending)
            group.start_soon(self._die_when_told, ending)
            group.start_soon(self._beat, group)
            group.start_soon(self._send, self._agent.told(self._order.prompt))
            await self._tell(Started(await anyio.to_thread.run_sync(process_facts, process.pid)))
            async with anyio.create_task_group() as pipes:
                pipes.start_soon(self._hear_all, process.stdout, group)
                pipes.start_soon(self._keep_errors, process.stderr)
                await process.wait()
                ending.over()
                pipes.cancel_scope.deadline = anyio.current_time() + _DRAIN_SECONDS
            group.cancel_scope.cancel()

    async def _clear_away(self) -> None:
        """End all that is left of it, whatever has happened to us."""
        if self._process is not None:
            await anyio.to_thread.run_sync(
                lambda: end_marked(self._order.mark, within_seconds=self._paces.ends_within_seconds)
            )
            await self._process.aclose()
        await anyio.to_thread.run_sync(self._log.close)
        if self._guard is not None:
            await self._guard.remove(self._order.mark)

    async def _finished(self, exit_code: int | None, began: datetime) -> Finished:
        turn, answer = self._turn, self._recovered
        if turn is None and answer is None:
            answer = await self._on_record(began)
        error = ""
        if turn is None and answer is None:
            words = clean_line(self._errors.decode("utf-8", "replace"), limit=1000)
            error = f"{_end_words(exit_code)}: {words}" if words else _end_words(exit_code)
        return Finished(
            answer=turn.answer if turn is not None else answer or "",
            error=turn.error if turn is not None else error,
            exit_code=exit_code,
            interrupted=self._interrupted or (turn.error if turn is not None and turn.interrupted else ""),
            recovered=turn is None and answer is not None,
            cost_usd=turn.cost_usd if turn is not None else None,
            log_problem=self._log.problem,
        )

    # -- what comes of it

    async def _hear_all(self, stream: ByteReceiveStream | None, group: TaskGroup) -> None:
        while stream is not None:
            try:
                chunk = await stream.receive(_CHUNK_BYTES)
            except anyio.EndOfStream:
                return
            await self._show_activity()
            await self._keep(chunk)
            for line in self._lines.feed(chunk):
                if len(line) > _LONG_LINE_BYTES:
                    heard = await anyio.to_thread.run_sync(self._agent.heard, line)
                else:
                    heard = self._agent.heard(line)
                for one in heard:
                    await self._take(one, group)

    async def _keep(self, chunk: bytes) -> None:
        ended_before = bool(self._log.problem)
        await anyio.to_thread.run_sync(self._log.write, chunk)
        if self._log.problem and not ended_before:
            await self._tell(LogEnded(self._log.problem))

    async def _take(self, one: Happening, group: TaskGroup) -> None:
        match one:
            case Asked():
                self._questions.ask(one, group)
            case Withdrawn(request_id):
                self._questions.withdraw(request_id)
            case Unsupported():
                await self._send(self._agent.unsupported(one))
            case Background():
                self._background = one
            case Began():
                # After an agent in the background has ended, it goes on by itself.
                self._turn = None
            case TurnEnded():
                self._turn = one
                self._leave_soon(group)
        await self._tell(one)

    async def _keep_errors(self, stream: ByteReceiveStream | None) -> None:
        while stream is not None:
            try:
                self._errors += await stream.receive(_CHUNK_BYTES)
            except anyio.EndOfStream:
                return
            del self._errors[:-_MOST_STDERR_BYTES]

    async def _tell(self, happening: Happening) -> None:
        async with self._telling:
            await self._tell_one(happening)

    async def _show_activity(self) -> None:
        self._active_at = self._seconds()
        # What one says that is told to end is no sign of work.
        if self._idle and not self._interrupted:
            self._idle = False
            await self._tell(Active())

    async def _beat(self, group: TaskGroup) -> None:
        began, last = self._clock(), self._seconds()
        while True:
            await anyio.sleep(self._paces.heartbeat_seconds)
            we_stood_still = self._seconds() - last > self._paces.heartbeat_seconds + _STOOD_STILL_SECONDS
            last = self._seconds()
            if self._questions.waits or we_stood_still:
                # It is a person that it waits for; or what it said while we were stopped is still in its pipe.
                self._active_at = self._seconds()
            quiet = self._seconds() - self._active_at
            if quiet >= self._paces.idle_after_seconds:
                if self._turn is None and self._recovered is None:
                    # Its pipe may hang while its record has the answer.
                    self._recovered = await self._on_record(began)
                    if self._recovered is not None:
                        self._leave_soon(group)
                if not self._idle:
                    self._idle = True
                    await self._tell(Idle(quiet))
            await self._tell(Beat(quiet, self._questions.waits))

    async def _on_record(self, began: datetime) -> str | None:
        try:
            return await anyio.to_thread.run_sync(self._agent.finished_answer, self._order.session_id, began)
        except OSError:
            return None

    # -- what is done to it

    async def _send(self, line: bytes) -> None:
        if self._process is not None and self._process.stdin is not None:
            # One that has ended, or is told to, shows that by itself.
            with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                await self._process.stdin.send(line)

    def _leave_soon(self, group: TaskGroup) -> None:
        # The end of an agent of its own in the background begins another turn.
        if not self._leaving and not self._background.agents:
            self._leaving = True
            group.start_soon(self._leave)

    async def _leave(self) -> None:
        """Let it go after its answer; with programs of its own in the background it would stay for ever."""
        while self._background.others and self._recovered is None:
            if self._turn is None:
                self._leaving = False
                return
            if self._seconds() - self._active_at >= self._paces.idle_after_seconds:
                break
            await anyio.sleep(_LOOK_AGAIN_SECONDS)
        if self._process is not None and self._process.stdin is not None:
            await self._process.stdin.aclose()
        while self._ending is not None and not await self._ending.ends_within(self._paces.leaves_within_seconds):
            # Another turn may have been on its way.
            if self._turn is not None or self._recovered is not None:
                await self._ending.escalate("it does not leave after its answer", signal.SIGTERM)

    async def _end_when_told(self, ending: Ending) -> None:
        await self._told_to_end.wait()
        await ending.escalate(self._interrupted, signal.SIGINT, signal.SIGTERM)

    async def _die_when_told(self, ending: Ending) -> None:
        await self._told_to_die.wait()
        await ending.escalate(self._interrupted)


def _end_words(exit_code: int | None) -> str:
    if exit_code is None or exit_code >= 0:
        return f"it ended with status {exit_code} and without an answer"
    return f"it was ended by {signal.Signals(-exit_code).name}"


def _first(error: Exception) -> Exception:
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error
