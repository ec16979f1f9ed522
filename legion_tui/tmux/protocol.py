"""The one way to tmux."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from legion_tui.state.diagnostics import Cost
from legion_tui.state.panes import Pane


@dataclass(frozen=True, slots=True)
class Socket:
    """Which server: a name as for `tmux -L`, or a path as for `tmux -S` (anything with a slash)."""

    name: str = "default"

    @property
    def argv(self) -> tuple[str, str]:
        """The option that selects this server."""
        return ("-S" if "/" in self.name else "-L", self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A pane's visible screen, one string a line, trailing blanks kept.

    Cleaned of every control; a coloured one keeps its SGR sequences, which carry over line ends.
    """

    pane_id: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWindow:
    """A window to open. `argv` is run without a shell and arrives byte for byte.

    `options` (`@name` to value) become pane options, set before any other client can see the window.
    """

    session: str
    name: str
    cwd: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    options: Mapping[str, str]
    # Keep the pane and its last screen when the program ends.
    remain_on_exit: bool = True
    width: int = 200
    height: int = 50


@dataclass(frozen=True, slots=True)
class Opened:
    """The ids of a window that was opened."""

    pane_id: str
    window_id: str


@dataclass(frozen=True, slots=True)
class Client:
    """A terminal attached to the server, the pane that it shows, its last key in seconds since the epoch."""

    name: str
    tty: str
    session: str
    pane_id: str
    activity: int = 0


CONTROL = "control mode"
ONE_SHOT = "one-shot"


@dataclass(frozen=True, slots=True)
class Transport:
    """How readings are made: `control mode` or `one-shot`.

    `why`: what keeps the former from being used; `failing`: it was tried, and is tried again.
    """

    name: str
    why: str = ""
    failing: bool = False


class Tmux(Protocol):
    """Everything the product asks of tmux, by ids. Raises TmuxError, TmuxMissingError without tmux."""

    @property
    def socket(self) -> Socket:
        """The server that is spoken to."""
        ...

    @property
    def transport(self) -> Transport:
        """How readings are made at this moment."""
        ...

    @property
    def cost(self) -> Cost:
        """What was asked up to now has cost."""
        ...

    async def version(self) -> str:
        """Return tmux's own version, such as `3.3a`."""
        ...

    async def server_pid(self) -> int | None:
        """Return the server's process id (the second part of `$TMUX` inside it); None when none runs."""
        ...

    async def panes(self, *, closely: bool = True) -> tuple[Pane, ...]:
        """Return every pane of the server in one call; no server is no pane.

        Not `closely`, names, titles, commands, folders and options of panes without any activity may be some seconds
        old; everything else never is.
        """
        ...

    async def capture(self, pane_ids: Sequence[str], *, colour: bool = False) -> dict[str, Capture]:
        """Return the screens of those panes that exist, in one call."""
        ...

    async def send_key(self, pane_id: str, key: str) -> None:
        """Send one named or printable key (`Down`, `Enter`, `2`); anything else is refused, not typed."""
        ...

    async def paste(self, pane_id: str, text: str) -> None:
        """Paste `text` as one bracketed paste, byte for byte, by way of stdin and never a command line.

        Text with a control other than tab and line ends could leave the brackets: TmuxError, nothing pasted.
        """
        ...

    async def open_window(self, window: NewWindow) -> Opened:
        """Open a window behind the others, and its session and server where there is none yet."""
        ...

    async def clients(self) -> tuple[Client, ...]:
        """Return the attached clients; no server is no client."""
        ...

    async def switch_client(self, client: str, pane_id: str) -> None:
        """Make that client show that pane, its session and window selected."""
        ...

    async def popup(self, client: str, argv: Sequence[str]) -> None:
        """Run a program in a popup over that client's terminal, and return when it has ended or was closed."""
        ...

    async def set_server_option(self, name: str, value: str) -> None:
        """Set a user option (`@name`) of the server; without a server, nothing: nobody could see it."""
        ...

    async def kill_window(self, window_id: str) -> None:
        """End a window; one that is gone already is no error."""
        ...

    async def kill_server(self) -> None:
        """End the server; none running is no error."""
        ...
