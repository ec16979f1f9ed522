"""What tmux is asked for with `-F`, and how its answer is read.

Every field that a program or a person can choose stands between marks that nobody can guess, so nothing in a
title, a folder's name or a window's name can look like the end of a field, nor a line end like that of a record.
`#{q:}` would quote them, but before tmux 3.4 it leaves each value it quoted in the server's memory: 180 bytes a
pane and listing (measured on 3.2a and 3.3a; mended by 3c6547556 in tmux).
"""

from __future__ import annotations

import re
import secrets

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
# The same, as a `Pane` has them.
_FOREIGN_FIELDS = (
    "session_name",
    "window_name",
    "command",
    "title",
    "cwd",
    "issue",
    "mode",
    "legion_session_id",
    "agent",
)
# What our own control-mode clients live in: nobody's work, and shown to nobody.
OWN_SESSION = re.compile(r"_legion-\d+(?:-\d+)?", re.ASCII)
_CLIENT = ("client_name", "client_tty", "session_name")
_CLIENT_PLAIN = ("pane_id", "client_control_mode", "client_activity")
_MOST_DIGITS = 20
_PANE_ID = re.compile(r"%\d{1,10}", re.ASCII)


class _Marked:
    """A template of records, and what takes its answer apart: one plain part, and the foreign fields."""

    def __init__(self, plain: tuple[str, ...], foreign: tuple[str, ...]) -> None:
        mark = secrets.token_hex(6)
        self._record, self._field = f"{mark}>", f"{mark}|"
        self._count = len(foreign)
        self._plain = self._record + "|".join(f"#{{{name}}}" for name in plain) + self._field
        self._foreign = "".join(f"#{{{name}}}{self._field}" for name in foreign)

    @property
    def template(self) -> str:
        return self._plain + self._foreign

    def template_where(self, condition: str) -> str:
        """The foreign fields only where a condition of tmux's is true: they cost more than all others together."""
        return f"{self._plain}#{{?{condition},{self._foreign},}}"

    def records(self, listing: str) -> list[str]:
        return listing.split(self._record)[1:]

    def fields(self, record: str) -> tuple[list[str], list[str]]:
        """Return the plain and the foreign fields, none where those were left out, or raise ValueError."""
        plain, *foreign = record.split(self._field)
        if len(foreign) == 1 and not foreign[0].strip("\n") and plain.count("|") == len(_PLAIN) - 1:
            return plain.split("|"), []
        if len(foreign) != self._count + 1 or foreign.pop().strip("\n"):
            raise ValueError(f"not {self._count} fields, which were asked for")
        return plain.split("|"), foreign


def _number(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError("no number of tmux's")
    return int(text) if text else 0


def _pane(plain: list[str], foreign: list[str]) -> Pane:
    pane_id, window_id, session_id = plain[:3]
    pid, dead, status, signal, *numbers = (_number(field) for field in plain[3:])
    in_mode, alternate, width, height, x, y, history, activity, active, attached = numbers
    session, window, command, title, cwd, issue, mode, legion_session, agent = foreign
    if _PANE_ID.fullmatch(pane_id) is None:
        raise ValueError("no id of a pane")
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
    """Asks for listings and reads them; a pane whose record is as it was in the last one is the same object as then."""

    def __init__(self) -> None:
        """Remember nothing yet.

        Of the last listing, `unreadable` counts the records that gave no pane; `lacking` says whether fields were left
        out of a pane that nothing is known of.
        """
        self._marked = _Marked(_PLAIN, _FOREIGN)
        self._before: dict[str, Pane] = {}
        self._known: dict[tuple[str, str, int], Pane] = {}
        self.unreadable = 0
        self.lacking = False

    @property
    def template(self) -> str:
        """What to ask for with `-F`; another one for every reader."""
        return self._marked.template

    def template_since(self, second: int) -> str:
        """What to ask for where panes that showed no activity since `second` (of the epoch) are known already.

        Of those, the fields that a program or a person chooses are left out, and are taken from the listing before.
        """
        return self._marked.template_where(f"#{{>=:#{{window_activity}},{second}}}")

    def read(self, listing: str) -> tuple[Pane, ...]:
        """Return every pane once, whatever the text is; a record that cannot be read costs itself only.

        Panes of our own control-mode clients are left out.
        """
        now: dict[str, Pane] = {}
        panes: dict[str, Pane] = {}
        self.unreadable = 0
        self.lacking = False
        for record in self._marked.records(listing):
            pane = self._before.get(record)
            if pane is None:
                try:
                    pane = self._read(record)
                except ValueError:
                    self.unreadable += 1
                    continue
                if pane is None:
                    self.lacking = True
                    continue
            now[record] = pane
            if OWN_SESSION.fullmatch(pane.session_name):
                continue
            # A window that is linked into several sessions is listed once for each.
            panes.setdefault(pane.pane_id, pane)
        self._before = now
        self._known = {(pane.pane_id, pane.session_id, pane.pid): pane for pane in now.values()}
        return tuple(panes.values())

    def _read(self, record: str) -> Pane | None:
        """Return the pane of a record, the same object where it did not change; None where too little is known."""
        plain, foreign = self._marked.fields(record)
        if foreign:
            pane = _pane(plain, foreign)
            before = self._known.get((pane.pane_id, pane.session_id, pane.pid))
            return before if pane == before else pane
        # Ids are given out anew by another server: the process has to be the same one too.
        before = self._known.get((plain[0], plain[2], _number(plain[3])))
        if before is None:
            return None
        pane = _pane(plain, [getattr(before, name) for name in _FOREIGN_FIELDS])
        return before if pane == before else pane


class ClientReader:
    """Asks for the attached clients and reads them."""

    def __init__(self) -> None:
        """Choose the marks."""
        self._marked = _Marked(_CLIENT_PLAIN, _CLIENT)

    @property
    def template(self) -> str:
        """What to ask for with `-F`."""
        return self._marked.template

    def read(self, listing: str) -> tuple[Client, ...]:
        """Return the clients with a terminal, whatever the text is."""
        clients = []
        for record in self._marked.records(listing):
            try:
                (pane_id, control, activity), (name, tty, session) = self._marked.fields(record)
                if not _number(control):
                    clients.append(Client(clean(name), clean(tty), clean(session), pane_id, _number(activity)))
            except ValueError:
                continue
        return tuple(clients)
