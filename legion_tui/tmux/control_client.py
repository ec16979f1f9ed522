"""One client of tmux in control mode: commands go in as lines, replies come back in their order."""

from __future__ import annotations

import subprocess
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
from anyio.abc import Process

from legion_tui.state.text import clean_line
from legion_tui.tmux.control_parser import ControlParser, Event, Reply
from legion_tui.tmux.leash import Leash

# So many commands are under way at once: the server, which is one thread, serves its people between two chunks.
CHUNK = 16
# The event that is ours, after which none follows.
LOST = "lost"
# What is never outside a reply, once there was one.
_OUT_OF_STEP = frozenset({"", "begin", "end", "error"})
# A client whose server is stopped is not told to leave.
_LEAVES_WITHIN_SECONDS = 0.5


class LostError(Exception):
    """The client is of no use any more. `late`: the server gave no answer in time."""

    def __init__(self, why: str, *, late: bool = False) -> None:
        """Take the reason, in a few words."""
        super().__init__(why)
        self.late = late


@dataclass(slots=True, eq=False)
class _Asked:
    """A command under way; whoever asked may have gone meanwhile, its reply comes all the same."""

    done: anyio.Event = field(default_factory=anyio.Event)
    reply: Reply | None = None


class ControlClient:
    """Speaks to one server until it is lost. Any number of callers may ask at a time, and be cancelled."""

    def __init__(self, process: Process, *, timeout_seconds: float, on_event: Callable[[str], None]) -> None:
        """Take the process; a command without an answer within `timeout_seconds` means that the server hangs."""
        self._process = process
        self._timeout_seconds = timeout_seconds
        self._on_event = on_event
        self._parser = ControlParser()
        self._under_way: deque[_Asked] = deque()
        self._one_chunk = anyio.Lock()
        self._words = ""
        # Why it is of no use any more.
        self.loss: LostError | None = None
        # How many commands were answered.
        self.answered = 0
        self.bytes_read = 0

    @property
    def under_way(self) -> int:
        """How many commands have no answer yet."""
        return len(self._under_way)

    async def ask(self, commands: Sequence[str]) -> list[Reply]:
        """Return the reply to each command, which is one line of text with its end; raises LostError."""
        replies: list[Reply] = []
        for start in range(0, len(commands), CHUNK):
            async with self._one_chunk:
                replies += await self._chunk(commands[start : start + CHUNK])
        return replies

    async def _chunk(self, commands: Sequence[str]) -> list[Reply]:
        if self._under_way:
            # What a cancelled caller has left: never more than one chunk is under way.
            await self._answer(self._under_way[-1])
        if self.loss is not None or self._process.stdin is None:
            raise self.loss or LostError("it has no input")
        asked = [_Asked() for _ in commands]
        self._under_way.extend(asked)
        # Never half a chunk: a cancelled caller would leave half a line. It fits into the pipe, which is empty.
        with anyio.move_on_after(self._timeout_seconds, shield=True) as sending:
            try:
                await self._process.stdin.send("".join(commands).encode())
            except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                raise self._lose(self._words or "it has left") from None
        if sending.cancelled_caught:
            raise self._lose("it takes no commands", late=True)
        return [await self._answer(one) for one in asked]

    async def _answer(self, one: _Asked) -> Reply:
        with anyio.move_on_after(self._timeout_seconds):
            await one.done.wait()
        if one.reply is not None:
            return one.reply
        raise self.loss or self._lose(f"no answer within {self._timeout_seconds:g} s", late=True)

    async def rest(self) -> None:
        """Wait until nothing is under way of what was asked so far."""
        async with self._one_chunk:
            pass

    async def read(self) -> None:
        """Take in what the server sends, until it ends; in a task of its own, so that nothing piles up there."""
        if self._process.stdout is not None:
            try:
                async for part in self._process.stdout:
                    self.bytes_read += len(part)
                    for one in self._parser.feed(part):
                        self._take(one)
            except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                pass
        self._lose(self._words or "it has left")

    def _take(self, one: Reply | Event) -> None:
        if isinstance(one, Event):
            if one.name in _OUT_OF_STEP and self.answered:
                # A reply was cut short by what it printed.
                self._lose("it is out of step")
            elif one.name in ("", "exit"):
                self._words = clean_line(one.text, limit=200) or self._words
            else:
                self._on_event(one.name)
        elif not one.asked:
            # The commands that it was started with; a hook's are nobody's business here.
            self._words = self._words if one.ok else clean_line(one.text, limit=200)
        elif not self._under_way:
            self._lose("it answers what was not asked")
        elif not one.whole:
            self._lose("its answer is too long")
        else:
            asked = self._under_way.popleft()
            asked.reply = one
            asked.done.set()
            self.answered += 1

    def drop(self, why: str) -> None:
        """Use it no more."""
        self._lose(why)

    def _lose(self, why: str, *, late: bool = False) -> LostError:
        if self.loss is None:
            self.loss = LostError(why, late=late)
            while self._under_way:
                self._under_way.popleft().done.set()
            self._on_event(LOST)
        return self.loss


@asynccontextmanager
async def control_client(
    argv: Callable[[Sequence[str]], Sequence[str]],
    env: Mapping[str, str],
    *,
    timeout_seconds: float,
    on_event: Callable[[str], None],
) -> AsyncIterator[ControlClient]:
    """Start one, and end it with the block; raises LostError where it cannot be started.

    `argv` is given what the pane of its session is to run, and returns the command line.
    """
    try:
        leash = await anyio.to_thread.run_sync(Leash)
    except OSError as error:
        raise LostError(f"{error.filename or 'temporary files'}: {error.strerror or error}") from None
    failure: LostError | None = None
    process: Process | None = None
    try:
        process = await _start(argv(leash.command), env)
        await anyio.to_thread.run_sync(leash.tie, process.pid)
        client = ControlClient(process, timeout_seconds=timeout_seconds, on_event=on_event)
        async with anyio.create_task_group() as group:
            group.start_soon(client.read)
            try:
                yield client
            except LostError as error:
                failure = error  # as it is, and not as one of a group
            finally:
                client.drop("it is closed")
                group.cancel_scope.cancel()
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(leash.let_go)
            if process is not None:
                await _end(process)
    if failure is not None:
        raise failure


async def _start(argv: Sequence[str], env: Mapping[str, str]) -> Process:
    started: list[Process] = []
    # Cancelled half-way, it would be nobody's to wait for.
    with anyio.CancelScope(shield=True):
        try:
            started.append(
                await anyio.open_process(
                    list(argv),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    env=dict(env),
                    start_new_session=True,  # keys typed at our terminal are not for it
                )
            )
        except OSError as error:
            raise LostError(f"{argv[0]}: {error.strerror or error}") from None
    return started[0]


async def _end(process: Process) -> None:
    """Wait for it to leave with its session; one whose server hangs is ended."""
    with anyio.move_on_after(_LEAVES_WITHIN_SECONDS):
        await process.wait()
    if process.returncode is None:
        process.kill()
    await process.aclose()
