"""tmux asked by one short-lived process for each question."""

from __future__ import annotations

import math
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import anyio

from legion_tui.errors import TmuxError, TmuxMissingError
from legion_tui.processes import MISSING, TIMED_OUT, CommandRunner, CountedRunner, Ran
from legion_tui.state.diagnostics import Cost
from legion_tui.state.panes import Pane
from legion_tui.state.text import clean_line
from legion_tui.tmux.escape import as_argv, as_source
from legion_tui.tmux.formats import ClientReader, PaneReader
from legion_tui.tmux.keys import first_unpasteable, is_key
from legion_tui.tmux.protocol import ONE_SHOT, Capture, Client, NewWindow, Opened, Socket, Transport
from legion_tui.tmux.screens import capture_script, read_captures
from legion_tui.tmux.windows import in_new_session, in_session, read_opened

# What changes without any activity, such as a window's new name, is seen after so long at the latest.
_WHOLE_EVERY_SECONDS = 5.0
# One batch keeps the server, which is one thread, from its people for some 15 ms.
_CAPTURES_AT_ONCE = 64
# Not for the agents of a server that we start. The others would make our client part of another server.
_KEPT_FROM_SERVER = frozenset({"LINEAR_API_KEY", "GITHUB_TOKEN", "TMUX", "TMUX_PANE"})
_NO_SERVER = re.compile(
    r"no server running on |error connecting to .*\((?:No such file or directory|Connection refused)\)"
    r"|server exited|lost server"
    r"|no current (?:target|session|client)|no sessions"  # a server on its way out, or kept without any session
)
_GONE = re.compile(r"can't find (?:pane|window|session|client)|no such (?:pane|window|session|client)")
_PANE_ID = re.compile(r"%[0-9]+", re.ASCII)
_WINDOW_ID = re.compile(r"@[0-9]+", re.ASCII)
_OPTION = re.compile(r"@[A-Za-z0-9_-]+", re.ASCII)


class OneShotTmux:
    """The `Tmux` protocol over single processes; keeps no state but the last listing, to save its parsing."""

    def __init__(
        self,
        runner: CommandRunner,
        socket: Socket,
        *,
        env: Mapping[str, str],
        timeout_seconds: float = 2.0,
        config_file: Path | None = None,
        program: str = "tmux",
        epoch: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Speak to the server behind `socket`; `env` is for the client and for a server that it starts.

        `config_file` stands in for the user's own configuration in a server that is started here. The clocks: the
        server's, in seconds since the epoch, and one that only goes forward.
        """
        self._runner = CountedRunner(runner)
        self._socket = socket
        self._env = {name: value for name, value in env.items() if name not in _KEPT_FROM_SERVER}
        self._timeout_seconds = timeout_seconds
        # `-u`: without it, tmux gives `_` for every other character where the locale is not UTF-8.
        self._client = (program, "-u", *(("-f", str(config_file)) if config_file else ()), *socket.argv)
        self._reader = PaneReader()
        self._epoch = epoch
        self._monotonic = monotonic
        # When the last listing began, and (monotonic) the last one that asked everything of everybody.
        self._second = 0
        self._whole_at = -math.inf
        self._clients = ClientReader()

    @property
    def socket(self) -> Socket:
        """The server that is spoken to."""
        return self._socket

    @property
    def transport(self) -> Transport:
        """How readings are made."""
        return Transport(ONE_SHOT)

    @property
    def cost(self) -> Cost:
        """What readings and writes have cost up to now."""
        return Cost(self._runner.printed, self._runner.count)

    @property
    def unreadable(self) -> int:
        """How many records of the last listing could not be read."""
        return self._reader.unreadable

    async def version(self) -> str:
        """Return tmux's own version, such as `3.3a`."""
        done = await self._run(("-V",))
        if not done.ok:
            raise _error("tmux does not tell its version", done)
        return clean_line(done.stdout).removeprefix("tmux ")

    async def server_pid(self) -> int | None:
        """Return the server's process id; None when none runs."""
        done = await self._read(("display-message", "-p", "#{pid}"))
        if _NO_SERVER.search(done.stderr):
            return None
        try:
            return int(done.stdout)
        except ValueError:
            raise _error("tmux does not tell its process", done) from None

    async def panes(self, *, closely: bool = True) -> tuple[Pane, ...]:
        """Return every pane of the server in one call; no server is no pane.

        Not `closely`, what a program or a person may choose is asked only of panes that showed activity since the
        last listing, and of all every five seconds: that halves the time for which the server is kept from others.
        """
        began, second = self._monotonic(), int(self._epoch())
        whole = closely or began - self._whole_at >= _WHOLE_EVERY_SECONDS
        template = self._reader.template if whole else self._reader.template_since(self._second)
        panes = await self._list(template)
        if self._reader.lacking:
            whole, panes = True, await self._list(self._reader.template)
        self._second = second
        self._whole_at = began if whole else self._whole_at
        return panes

    async def _list(self, template: str) -> tuple[Pane, ...]:
        done = await self._read(("list-panes", "-a", "-F", template))
        if not done.ok and not _NO_SERVER.search(done.stderr):
            raise _error("tmux panes could not be listed", done)
        return self._reader.read(done.stdout if done.ok else "")

    async def capture(self, pane_ids: Sequence[str], *, colour: bool = False) -> dict[str, Capture]:
        """Return the screens of those panes that exist, in one call for up to 64."""
        captures: dict[str, Capture] = {}
        wanted = [_checked(pane_id, _PANE_ID) for pane_id in dict.fromkeys(pane_ids)]
        for start in range(0, len(wanted), _CAPTURES_AT_ONCE):
            token = secrets.token_hex(8)
            done = await self._capture(capture_script(wanted[start : start + _CAPTURES_AT_ONCE], token, colour=colour))
            if _NO_SERVER.search(done.stderr):
                return {}
            # A pane that is gone makes the exit status 1 and stops nothing: the markers tell, not the status.
            found, complete = read_captures(done.stdout, token, colour=colour)
            if not complete:
                raise _error("screens could not be captured", done)
            captures |= found
        return captures

    async def send_key(self, pane_id: str, key: str) -> None:
        """Send one named or printable key (`Down`, `Enter`, `2`); anything else is refused, not typed."""
        if not is_key(key):
            raise TmuxError("not a key", clean_line(repr(key), limit=80))
        command = ("send-keys", "-t", _checked(pane_id, _PANE_ID), "--", key)
        await self._do("the key was not sent", as_source([command]))

    async def paste(self, pane_id: str, text: str) -> None:
        """Paste `text` as one bracketed paste, byte for byte; an empty text is nothing."""
        at = first_unpasteable(text)
        if at is not None:
            raise TmuxError("not pasted", f"the text holds a control character at position {at + 1}")
        if not text:
            return
        try:
            data = text.encode()
        except UnicodeEncodeError as error:
            raise TmuxError("not pasted", "the text is no valid Unicode") from error
        buffer = f"legion-{secrets.token_hex(8)}"
        load = ("load-buffer", "-b", buffer, "-")
        paste = ("paste-buffer", "-d", "-p", "-r", "-b", buffer, "-t", _checked(pane_id, _PANE_ID))
        done = await self._run(as_argv([load, paste]), stdin=data)
        if not done.ok:
            if not _NO_SERVER.search(done.stderr):
                await self._run(as_argv([("delete-buffer", "-b", buffer)]))
            raise _error("the text was not pasted", done)

    async def open_window(self, window: NewWindow) -> Opened:
        """Open a window behind the others, and its session and server where there is none yet."""
        done = await self._try_to_open(window)
        for after_seconds in (0.05, 0.2, 0.5):
            # Another client has made the session meanwhile; or the server was just leaving with its last one.
            if not ("duplicate session" in done.stderr or _NO_SERVER.search(done.stderr)):
                break
            await anyio.sleep(after_seconds)
            done = await self._try_to_open(window)
        opened = read_opened(done.stdout)
        if opened is not None and done.ok:
            return opened
        if opened is not None:
            await self.kill_window(opened.window_id)
        raise _error("the window could not be opened", done)

    async def _try_to_open(self, window: NewWindow) -> Ran:
        done = await self._source(in_session(window))
        if _NO_SERVER.search(done.stderr) or _GONE.search(done.stderr):
            return await self._source(in_new_session(window), starts_server=True)
        return done

    async def clients(self) -> tuple[Client, ...]:
        """Return the attached clients; no server is no client."""
        done = await self._read(("list-clients", "-F", self._clients.template))
        if not done.ok and not _NO_SERVER.search(done.stderr):
            raise _error("tmux clients could not be listed", done)
        return self._clients.read(done.stdout) if done.ok else ()

    async def switch_client(self, client: str, pane_id: str) -> None:
        """Make that client show that pane, its session and window selected."""
        command = ("switch-client", "-c", client, "-t", _checked(pane_id, _PANE_ID))
        await self._do("the terminal could not be switched", as_source([command]))

    async def popup(self, client: str, argv: Sequence[str]) -> None:
        """Run a program in a popup over that client's terminal, and return when it has ended or was closed."""
        size = ("-w", "96%", "-h", "92%")
        command = as_argv([("display-popup", "-c", client, "-E", *size, *argv)])
        # A person sits in front of it: there is no time limit.
        done = await self._run(command, timeout_seconds=math.inf)
        if not done.ok and done.stderr:
            raise _error("the popup could not be shown", done)

    async def set_server_option(self, name: str, value: str) -> None:
        """Set a user option (`@name`) of the server; without a server: nothing."""
        command = ("set-option", "-s", _checked(name, _OPTION), value)
        done = await self._source(as_source([command]))
        if not done.ok and not _NO_SERVER.search(done.stderr):
            raise _error("the option could not be set", done)

    async def kill_window(self, window_id: str) -> None:
        """End a window; one that is gone already is no error."""
        done = await self._source(as_source([("kill-window", "-t", _checked(window_id, _WINDOW_ID))]))
        if not (done.ok or _NO_SERVER.search(done.stderr) or _GONE.search(done.stderr)):
            raise _error("the window could not be ended", done)

    async def kill_server(self) -> None:
        """End the server; none running is no error."""
        done = await self._run(("kill-server",))
        if not done.ok and not _NO_SERVER.search(done.stderr):
            raise _error("the server could not be ended", done)

    async def _read(self, command: tuple[str, ...]) -> Ran:
        """Ask for something that changes nothing; not by arguments, which everybody on the machine can see."""
        return await self._source(as_source([command]))

    async def _capture(self, script: Sequence[str]) -> Ran:
        """Ask for screens, by commands that are a line each."""
        return await self._source("".join(script))

    async def _do(self, failed: str, script: str) -> None:
        done = await self._source(script)
        if not done.ok:
            raise _error(failed, done)

    async def _source(self, script: str, *, starts_server: bool = False) -> Ran:
        start = ("start-server", ";") if starts_server else ()
        return await self._run((*start, "source-file", "-"), stdin=script.encode())

    async def _run(
        self, arguments: Sequence[str], *, stdin: bytes | None = None, timeout_seconds: float | None = None
    ) -> Ran:
        seconds = self._timeout_seconds if timeout_seconds is None else timeout_seconds
        done = await self._runner([*self._client, *arguments], stdin=stdin, env=self._env, timeout_seconds=seconds)
        if done.returncode == MISSING:
            raise TmuxMissingError(
                "tmux is not installed",
                f"no {self._client[0]} on the PATH",
                "install it (`apt install tmux`, `brew install tmux`)",
            )
        if done.returncode == TIMED_OUT:
            raise self._late(self._timeout_seconds)
        return done

    def _late(self, seconds: float) -> TmuxError:
        return TmuxError(
            "tmux does not answer",
            f"no reply from server {self._socket.name} within {seconds:g} s",
            "look for a stopped tmux server",
        )


def _checked(target: str, pattern: re.Pattern[str]) -> str:
    """Return an id as it is: a name in its place would be matched by its prefix."""
    if pattern.fullmatch(target) is None:
        raise TmuxError("not a tmux id", clean_line(repr(target), limit=80))
    return target


def _error(title: str, done: Ran) -> TmuxError:
    said = clean_line(done.stderr, limit=500) or f"tmux ended with {done.returncode} and said nothing"
    return TmuxError(title, said)
