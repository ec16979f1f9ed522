"""What tmux is asked for with `-F`, and how its answer is read.

Fields end in `|`. Every field that a program or a person can choose is asked for with `q:`, which puts a
backslash before `|`, so nothing in a title, a folder's name or a window's name can look like the end of a
field; and a record begins where a line does with three ids and bare `|`, so a line end in a folder's name
forges no pane.
"""

from __future__ import annotations

import re

from legion_tui.state.panes import Pane
from legion_tui.state.text import clean, clean_line
from legion_tui.tmux.protocol import Client

_PLAIN = (
    "pane_id",
    "window_id",
    "session_id",
    "pane_pid",
    "pane_dead",
    "pane_dead_status",
    "pane_dead_signal",
    "pane_in_mode",
    "alternate_on",
    "pane_width",
    "pane_height",
    "cursor_x",
    "cursor_y",
    "history_size",
    "window_activity",
    "window_active",
    "session_attached",
)
_FOREIGN = (
    "session_name",
    "window_name",
    "pane_current_command",
    "pane_title",
    "pane_current_path",
    "@legion_issue",
    "@legion_mode",
    "@legion_session_id",
    "@legion_agent",
)
_CLIENT = ("client_name", "client_tty", "session_name")
_FIELD = r"[^|\\]*(?:\\.[^|\\]*)*"
_FIELDS = re.compile(rf"({_FIELD})\|", re.DOTALL)
_RECORD = re.compile(r"^(?=%\d+\|@\d+\|\$\d+\|)", re.MULTILINE | re.ASCII)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def _template(plain: tuple[str, ...], foreign: tuple[str, ...]) -> str:
    return "".join(f"#{{{name}}}|" for name in plain) + "".join(f"#{{q:{name}}}|" for name in foreign)


PANES = _template(_PLAIN, _FOREIGN)
CLIENTS = _template(("pane_id", "window_id", "session_id", "client_control_mode", "client_activity"), _CLIENT)


def _number(text: str) -> int:
    return int(text) if text else 0


def _foreign(text: str, count: int) -> list[str]:
    """Return exactly `count` fields, or raise ValueError."""
    fields = [_ESCAPED.sub(r"\1", field) for field in _FIELDS.findall(text)]
    if len(fields) != count or not text.rstrip("\n").endswith("|"):
        raise ValueError(f"{len(fields)} fields, {count} were asked for")
    return fields


def _pane(record: str) -> Pane:
    plain = record.split("|", len(_PLAIN))
    pane_id, window_id, session_id = plain[:3]
    pid, dead, status, signal, *numbers = (_number(field) for field in plain[3:-1])
    in_mode, alternate, width, height, x, y, history, activity, active, attached = numbers
    session, window, command, title, cwd, issue, mode, legion_session, agent = _foreign(plain[-1], len(_FOREIGN))
    return Pane(
        pane_id=pane_id,
        window_id=window_id,
        session_id=session_id,
        session_name=clean(session),
        window_name=clean_line(window),
        pid=pid,
        dead=bool(dead),
        # A signal is told as a shell tells it, so that an end by one is never taken for a clean one.
        dead_status=(128 + signal if signal else status if plain[5] else None) if dead else None,
        command=clean_line(command),
        title=clean_line(title),
        cwd=clean(cwd),
        in_mode=bool(in_mode),
        alternate_on=bool(alternate),
        width=width,
        height=height,
        cursor_x=x,
        cursor_y=y,
        history_size=history,
        activity=activity,
        window_active=bool(active),
        session_attached=attached,
        issue=clean_line(issue),
        mode=clean_line(mode),
        legion_session_id=clean_line(legion_session),
        agent=clean_line(agent),
    )


class PaneReader:
    """Reads listings; a pane whose record is as it was in the last one is the same object as then."""

    def __init__(self) -> None:
        """Remember nothing yet. `unreadable` counts the records of the last listing that gave no pane."""
        self._before: dict[str, Pane] = {}
        self.unreadable = 0

    def read(self, listing: str) -> tuple[Pane, ...]:
        """Return every pane once, whatever the text is; a record that cannot be read costs itself only."""
        now: dict[str, Pane] = {}
        panes: dict[str, Pane] = {}
        self.unreadable = 0
        for record in _RECORD.split(listing):
            if not record:
                continue
            pane = self._before.get(record)
            if pane is None:
                try:
                    pane = _pane(record)
                except ValueError:
                    self.unreadable += 1
                    continue
            now[record] = pane
            # A window that is linked into several sessions is listed once for each.
            panes.setdefault(pane.pane_id, pane)
        self._before = now
        return tuple(panes.values())


def read_clients(listing: str) -> tuple[Client, ...]:
    """Return the clients with a terminal, whatever the text is."""
    clients = []
    for record in _RECORD.split(listing):
        pane_id, *plain = record.split("|", 5)
        try:
            control, activity = _number(plain[2]), _number(plain[3])
            name, tty, session = _foreign(plain[4], len(_CLIENT))
        except (ValueError, IndexError):
            continue
        if not control:
            clients.append(Client(clean(name), clean(tty), clean(session), pane_id, activity))
    return tuple(clients)
