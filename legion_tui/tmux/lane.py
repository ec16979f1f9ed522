"""Keeps one control-mode client open: while there is something to read, anew when it is lost, not for ever."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import anyio

from legion_tui.errors import TmuxError
from legion_tui.tmux.control_client import LOST, ControlClient, LostError, control_client
from legion_tui.tmux.escape import as_argv, as_source
from legion_tui.tmux.formats import OWN_SESSION
from legion_tui.tmux.protocol import Socket

_HELLO = as_source([("display-message", "-p", "#{version} #{socket_path}")])
_SESSIONS = as_source([("list-sessions", "-F", "#{session_name}")])
_VERSION = re.compile(r"(next-)?(\d{1,4})\.(\d{1,4})")
# Before it, `capture-pane -p` over control mode leaves 5.5 KB in the server each time (94bafa5aa in tmux).
CAPTURES_FROM = (3, 6)
# Before it, any client in control mode is a danger to every agent of the server. When the windows of one session end
# together (a `pkill`), the server crashes: 9 times of 15 on 3.3a, 5 of 15 on 3.7c, never without such a client
# (035447b08 in tmux). Before 3.7 it also crashes when two of them connect at once (e5a2a25fa).
CONTROL_FROM = (3, 8)
_LONGEST_PAUSE_SECONDS = 30.0
_numbers = itertools.count()


@dataclass(frozen=True, slots=True, kw_only=True)
class LanePaces:
    """Seconds. A client that stood for `stands_seconds` starts the pauses between tries from the first again."""

    answer_seconds: float = 1.5
    check_seconds: float = 15.0
    recycle_seconds: float = 900.0
    first_pause_seconds: float = 0.25
    stands_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class _Ground:
    """What a client stands on: the server's socket and the program, as they were when it was opened."""

    socket: Path
    identity: tuple[int, ...]
    program: str

    def holds(self) -> bool:
        """Whether a process of its own would reach the same server. Blocks for some 10 us."""
        return _identity(self.socket) == self.identity and os.access(self.program, os.X_OK)


class Lane:
    """At most one client, for any number of callers. `keep` runs until cancelled."""

    def __init__(
        self,
        command: Sequence[str],
        socket: Socket,
        env: Mapping[str, str],
        *,
        paces: LanePaces,
        control_from: tuple[int, int],
        server_version: Callable[[], Awaitable[str]],
        one_opens: anyio.Lock,
    ) -> None:
        """Take the command line of any client of this server, as far as its options go.

        `server_version` is asked, by other means, before a client is opened; `one_opens` is shared by all lanes.
        """
        self._command = tuple(command)
        self._control_from = control_from
        self._server_version = server_version
        self._one_opens = one_opens
        self._socket = socket
        self._env = env
        self._paces = paces
        self._client: ControlClient | None = None
        self._ground: _Ground | None = None
        self._wanted = False
        # Something of the other fields here has changed.
        self._stirred = anyio.Event()
        self._sessions_changed = False
        self.tried = anyio.Event()
        # How many clients were opened, and what those that are gone have read.
        self.opened = 0
        self._read_before = 0
        # Why there is no client although one is wanted, and whether that is a failure.
        self.why = ""
        self.failing = False
        self._captures = False

    @property
    def client(self) -> ControlClient | None:
        """The client, ready to be asked; None while there is none."""
        return self._client if self._client is not None and self._client.loss is None else None

    @property
    def captures(self) -> bool:
        """Whether the client can be asked for screens too."""
        return self._client is not None and self._captures

    @property
    def bytes_read(self) -> int:
        """How much was read over all clients."""
        return self._read_before + (self._client.bytes_read if self._client is not None else 0)

    @property
    def load(self) -> int:
        """How many commands are under way."""
        return self._client.under_way if self._client is not None else 0

    def want(self) -> None:
        """Open a client as soon as the pause after the last loss is over: there is something to read."""
        self._wanted = True
        self._stirred.set()

    def leave(self) -> None:
        """Close the client, for there is nothing to read: a server that is kept by ours alone is to end."""
        self._wanted = False
        self._tell("", failing=False)
        self._stirred.set()

    async def stands(self) -> bool:
        """Whether the client still reaches the server that a process of its own would reach; else it is dropped."""
        client, ground = self._client, self._ground
        if client is None or ground is None:
            return False
        if await anyio.to_thread.run_sync(ground.holds):
            return True
        client.drop("another server is behind the socket, or tmux itself is gone")
        return False

    async def keep(self) -> None:
        """Open a client whenever one is wanted; a loss is followed by a pause, twice as long each time."""
        losses = 0
        while True:
            while not self._wanted:
                await self._stir()
            began = time.monotonic()
            try:
                if not await self._may_open():
                    continue
                await self._open()
                losses = 0
                continue
            except LostError as lost:
                self._tell(str(lost), failing=True)
            finally:
                # The next listing tells whether there is anything to read.
                self._wanted = False
                self.tried.set()
            losses = 0 if time.monotonic() - began >= self._paces.stands_seconds else min(losses, 20)
            await anyio.sleep(min(self._paces.first_pause_seconds * 2**losses, _LONGEST_PAUSE_SECONDS))
            losses += 1

    async def _may_open(self) -> bool:
        """Whether this server bears a client; where it does not, return when it is worth asking again."""
        try:
            version = await self._server_version()
        except TmuxError as error:
            raise LostError(error.message or error.title) from None
        if is_from(version, self._control_from):
            return True
        first = ".".join(map(str, self._control_from))
        self._tell(f"tmux {version} may crash with a client in control mode, {first} does not", failing=False)
        self.tried.set()
        with anyio.move_on_after(self._paces.recycle_seconds):
            while self._wanted:
                await self._stir()
        return False

    async def _open(self) -> None:
        """Open one and stay with it; returns when it was closed on purpose, raises LostError when it was lost."""
        self._sessions_changed = False
        async with AsyncExitStack() as stack:
            async with self._one_opens:
                client = await stack.enter_async_context(
                    control_client(
                        self._argv, self._env, timeout_seconds=self._paces.answer_seconds, on_event=self._note
                    )
                )
                (hello,) = await client.ask([_HELLO])
            version, _, path = hello.text.removesuffix("\n").partition(" ")
            self._ground = await anyio.to_thread.run_sync(self._find_ground, path)
            self._captures = is_from(version, CAPTURES_FROM)
            self._client = client
            self.opened += 1
            self._tell("", failing=False)
            self.tried.set()
            try:
                await self._stay(client)
            finally:
                self._client = None
                self._read_before += client.bytes_read
            await client.rest()

    def _tell(self, why: str, *, failing: bool) -> None:
        self.why, self.failing = why, failing

    async def _stay(self, client: ControlClient) -> None:
        """Return when it is to be closed: there is nothing to read, or it is old."""
        opened = time.monotonic()
        while time.monotonic() - opened < self._paces.recycle_seconds:
            answered = client.answered
            with anyio.move_on_after(self._paces.check_seconds):
                await self._stir()
            if not self._wanted:
                return
            if client.loss is not None:
                raise client.loss
            if self._sessions_changed or client.answered == answered:
                self._sessions_changed = False
                (sessions,) = await client.ask([_SESSIONS])
                if all(OWN_SESSION.fullmatch(name) for name in sessions.text.splitlines()):
                    return

    async def _stir(self) -> None:
        await self._stirred.wait()
        self._stirred = anyio.Event()

    def _note(self, event: str) -> None:
        self._sessions_changed |= event == "sessions-changed"
        if event == LOST and self._client is not None:
            # Known at once, though it takes a moment to end it.
            self._tell(str(self._client.loss), failing=True)
        if event in (LOST, "sessions-changed"):
            self._stirred.set()

    def _argv(self, in_pane: Sequence[str]) -> list[str]:
        number = next(_numbers)
        # A name that no other client of this process has, nor one that is just being closed.
        name = f"_legion-{os.getpid()}" + (f"-{number}" if number else "")
        # Not read-only: from 3.7 on a key that another client sends to any pane may count as sent by ours.
        session = ("new-session", "-s", name, "-n", "legion-tui", "-f", "no-output,ignore-size", *in_pane)
        # Whatever the user's configuration says: it ends with its pane, not before, and takes our client with it.
        options = (("remain-on-exit", "off"), ("destroy-unattached", "off"), ("detach-on-destroy", "on"))
        set_options = [("set-option", "-t", f"={name}:", option, value) for option, value in options]
        return [*self._command, "-N", "-C", *as_argv([session, *set_options])]

    def _find_ground(self, path: str) -> _Ground:
        socket = Path(path if path.startswith("/") else self._socket.name)
        program = shutil.which(self._command[0], path=self._env.get("PATH"))
        identity = _identity(socket)
        if not identity or program is None:
            raise LostError("its socket is not where it says")
        return _Ground(socket, identity, program)


def is_from(version: str, first: tuple[int, int]) -> bool:
    """Whether this version of tmux has what came with the `first` one; of an unknown one nobody can say."""
    found = _VERSION.match(version)
    if found is None:
        return False
    number = (int(found[2]), int(found[3]))
    # Nor of one that is still being made.
    return number > first if found[1] else number >= first


def _identity(socket: Path) -> tuple[int, ...]:
    """Return what tells a socket from another of the same path; nothing where there is none."""
    try:
        facts = os.stat(socket)  # noqa: PTH116  asked before every reading
    except OSError:
        return ()
    # The number of a removed file is soon given to another one.
    return facts.st_dev, facts.st_ino, getattr(facts, "st_birthtime_ns", facts.st_mtime_ns)
