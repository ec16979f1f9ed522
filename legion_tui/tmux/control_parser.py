"""What a control-mode client of tmux prints, as replies and events. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

# A listing of a thousand panes takes half a megabyte.
_MOST_BYTES = 16 * 1024 * 1024
_MOST_LINE_BYTES = 1024 * 1024
# Time, number, flags; the flag 1: the command came in over this client, and not from a hook or its command line.
_BEGIN = re.compile(rb"%begin (\d{1,20} \d{1,20} (\d{1,9}))")
_ASKED = 1


@dataclass(frozen=True, slots=True)
class Reply:
    """What one command gave, as a process of its own would have printed it.

    `asked`: it came in over this client. `whole`: nothing of it was left out for its length.
    """

    ok: bool
    text: str
    asked: bool = True
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Event:
    """Something that tmux tells of by itself; without a name, a line that belongs to nothing."""

    name: str
    text: str


class ControlParser:
    """Takes bytes as they come, split anywhere; keeps at most one unfinished line and one unfinished reply.

    A reply ends only with the very time, number and flags that it began with, so what a command prints cannot
    end it by looking like an end. Nothing that comes in raises.
    """

    def __init__(self, *, most_bytes: int = _MOST_BYTES, most_line_bytes: int = _MOST_LINE_BYTES) -> None:
        """Expect the beginning of a stream; a line or a reply that is longer than this loses its text."""
        self._most = most_bytes
        self._most_line = most_line_bytes
        self._line = bytearray()
        self._line_cut = False
        self._guard: bytes | None = None
        self._lines: list[bytes] = []
        self._size = 0
        self._whole = True
        self._asked = False

    def feed(self, data: bytes) -> list[Reply | Event]:
        """Return what these bytes complete, in order."""
        found: list[Reply | Event] = []
        *ended, rest = data.split(b"\n")
        for part in ended:
            self._add(part)
            one = self._end_line()
            if one is not None:
                found.append(one)
        self._add(rest)
        return found

    def _add(self, part: bytes) -> None:
        if len(self._line) + len(part) > self._most_line:
            self._line_cut = True
            self._line.clear()
        if not self._line_cut:
            self._line += part

    def _end_line(self) -> Reply | Event | None:
        line, cut = bytes(self._line), self._line_cut
        self._line.clear()
        self._line_cut = False
        if self._guard is None:
            return None if cut else self._outside(line)
        if line in (b"%end " + self._guard, b"%error " + self._guard):
            return self._end_reply(ok=line.startswith(b"%end "))
        self._size += len(line) + 1
        if cut or self._size > self._most:
            self._whole = False
            self._lines.clear()
        elif self._whole:
            self._lines.append(line)
        return None

    def _outside(self, line: bytes) -> Event | None:
        begin = _BEGIN.fullmatch(line)
        if begin is not None:
            self._guard, self._asked = begin[1], bool(int(begin[2]) & _ASKED)
            self._lines, self._size, self._whole = [], 0, True
            return None
        text = line.decode("utf-8", "replace")
        if not text.startswith("%"):
            return Event("", text) if text else None
        name, _, rest = text[1:].partition(" ")
        return Event(name, rest)

    def _end_reply(self, *, ok: bool) -> Reply:
        # Decoded as a whole: a character is never torn by how the bytes came in.
        text = b"".join(line + b"\n" for line in self._lines).decode("utf-8", "replace")
        reply = Reply(ok, text, asked=self._asked, whole=self._whole)
        self._guard, self._lines = None, []
        return reply
