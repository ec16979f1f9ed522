"""What a terminal sends, taken apart as the agent takes it apart: by read, not by key."""

from __future__ import annotations

_START, _END = b"\x1b[200~", b"\x1b[201~"
# A lone escape is the Escape key once nothing followed it for this long.
ESCAPE_WAIT_SECONDS = 0.04

_NAMED = {
    b"\r": "enter",
    b"\n": "newline",
    b"\t": "tab",
    b"\x7f": "backspace",
    b"\x08": "backspace",
    b"\x1b[A": "up",
    b"\x1b[B": "down",
    b"\x1b[C": "right",
    b"\x1b[D": "left",
    b"\x1bOA": "up",
    b"\x1bOB": "down",
    b"\x1bOC": "right",
    b"\x1bOD": "left",
    b"\x1b[Z": "backtab",
    b"\x1b\r": "newline",
    b"\x1b[H": "home",
    b"\x1b[F": "end",
}


class Keys:
    """Splits input into events: a named key, `text:…` for the printable keys of one read, `paste:…` for a paste."""

    def __init__(self) -> None:
        """Start with nothing pending."""
        self._pending = b""
        self._paste: bytes | None = None

    @property
    def waiting(self) -> bool:
        """Whether an escape was read that may be the start of a longer key."""
        return self._paste is None and bool(self._pending)

    def feed(self, data: bytes) -> list[str]:
        """Return the events of one read."""
        data = self._pending + data
        self._pending = b""
        events: list[str] = []
        text = b""
        while data:
            if self._paste is not None:
                body, found, data = data.partition(_END)
                if not found:
                    # The end mark may be cut in two by the read.
                    keep = next((n for n in range(len(_END) - 1, 0, -1) if body.endswith(_END[:n])), 0)
                    self._paste += body[: len(body) - keep]
                    self._pending = body[len(body) - keep :]
                    break
                events.append("paste:" + _text(self._paste + body).replace("\r\n", "\n").replace("\r", "\n"))
                self._paste = None
                continue
            if data[0] >= 0x20 and data[0] != 0x7F:
                text += data[:1]
                data = data[1:]
                continue
            if text:
                events.append("text:" + _text(text))
                text = b""
            key, data = self._key(data)
            if key == "paste":
                self._paste = b""
            elif key:
                events.append(key)
        if text:
            events.append("text:" + _text(text))
        return events

    def expire(self) -> list[str]:
        """Return what a pending escape turns out to be now that nothing followed."""
        pending, self._pending = self._pending, b""
        return ["escape"] if pending else []

    def _key(self, data: bytes) -> tuple[str, bytes]:
        if data.startswith(_START):
            return "paste", data[len(_START) :]
        for length in (3, 2, 1):
            name = _NAMED.get(data[:length]) if len(data) >= length else None
            if name is not None:
                return name, data[length:]
        if data[0] != 0x1B:
            return f"ctrl+{chr(data[0] + 0x60)}" if data[0] < 0x1B else "", data[1:]
        if data in (b"\x1b", b"\x1b[", b"\x1bO") or _START.startswith(data):
            self._pending = data
            return "", b""
        if data[1:2] != b"[":
            return "escape", data[1:]
        end = 2
        while end < len(data) and not 0x40 <= data[end] <= 0x7E:
            end += 1
        return "", data[end + 1 :]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
