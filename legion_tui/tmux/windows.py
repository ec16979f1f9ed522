"""The commands that open a worker's window."""

from __future__ import annotations

import re

from legion_tui.errors import TmuxError
from legion_tui.tmux.escape import as_source, literal
from legion_tui.tmux.protocol import NewWindow, Opened

_OPENED = re.compile(r"(%\d+) (@\d+)", re.ASCII)
_OPTION = re.compile(r"@[A-Za-z0-9_-]+", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def in_session(window: NewWindow) -> str:
    """Return one line that opens the window as the last of its session and sets its options."""
    last = f"={_session(window)}:{{end}}"
    return _line(window, ("new-window", "-d", "-a", "-t", last), target=last)


def in_new_session(window: NewWindow) -> str:
    """Return one line that opens the session with this window."""
    name = _session(window)
    size = ("-x", str(window.width), "-y", str(window.height))
    # Where the user's configuration ends sessions without a client, the agents of this one would go with it.
    keep = ("set-option", "-t", f"={name}:", "destroy-unattached", "off")
    return _line(window, ("new-session", "-d", "-s", literal(name), *size), target=f"={name}:", then=(keep,))


def read_opened(answer: str) -> Opened | None:
    """Return the ids that `-P` printed, or None."""
    found = _OPENED.search(answer)
    return Opened(found[1], found[2]) if found else None


def _line(window: NewWindow, command: tuple[str, ...], *, target: str, then: tuple[tuple[str, ...], ...] = ()) -> str:
    """Return all commands on one line: they run without a break, and none after one that failed."""
    for name in window.options:
        if _OPTION.fullmatch(name) is None:
            raise TmuxError("not a user option of tmux", repr(name))
    for name in window.env:
        if _VARIABLE.fullmatch(name) is None:
            raise TmuxError("not a name of an environment variable", repr(name))
    if "\n" in window.name or not window.argv:
        raise TmuxError("the window could not be opened", "it needs a name of one line and a command")
    variables = [part for name, value in window.env.items() for part in ("-e", f"{name}={value}")]
    place = ("-P", "-F", "#{pane_id} #{window_id}", "-n", literal(window.name), "-c", literal(window.cwd))
    options = {"remain-on-exit": "on" if window.remain_on_exit else "off", **window.options}
    return as_source(
        [
            (*command, *place, *variables, "--", *_program(window.argv)),
            *then,
            *(("set-option", "-p", "-t", target, name, value) for name, value in options.items()),
        ]
    )


def _program(argv: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command: tmux runs several arguments as they are, a single one through a shell."""
    return argv if len(argv) > 1 else ("sh", "-c", 'exec "$0"', *argv)


def _session(window: NewWindow) -> str:
    """Return the name that tmux gives the session: it has no `:` and no `.` in one."""
    name = window.session.replace(":", "_").replace(".", "_")
    if not name or not name.isprintable():
        raise TmuxError("not a name for a tmux session", repr(window.session))
    return name
