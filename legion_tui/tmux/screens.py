"""Captures of several panes in one answer, told apart by markers that no screen can forge."""

from __future__ import annotations

import re
from collections.abc import Sequence

from legion_tui.state.text import clean
from legion_tui.tmux.escape import as_source
from legion_tui.tmux.protocol import Capture

_SGR = re.compile(r"(\x1b\[[0-9;:]*m)")
# Line drawing in the VT100's alternate character set, which `capture-pane -e` leaves between SO and SI.
_SHIFTED = re.compile("\x0e([^\x0f]*)\x0f?")
_LINES = str.maketrans("`afgjklmnopqrstuvwxyz{|}~", "◆▒°±┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·")


def capture_script(pane_ids: Sequence[str], token: str, *, colour: bool) -> list[str]:
    """Return the commands, one a line; `display-message` expands `%`, so a marker names a pane without it."""
    flags = ("-p", "-N", "-e") if colour else ("-p", "-N")
    lines = [
        line
        for pane_id in pane_ids
        for line in (
            as_source([("display-message", "-p", f"@@P{pane_id[1:]} {token}")]),
            as_source([("capture-pane", *flags, "-t", pane_id)]),
        )
    ]
    return [*lines, as_source([("display-message", "-p", f"@@E {token}")])]


def read_captures(answer: str, token: str, *, colour: bool) -> tuple[dict[str, Capture], bool]:
    """Return the screens of the panes that were there, and whether the answer is complete."""
    marker = re.compile(rf"@@(?:P(\d+)|E) {re.escape(token)}")
    captures: dict[str, Capture] = {}
    complete = False
    pane_id, lines = "", list[str]()
    for line in answer.split("\n"):
        found = marker.fullmatch(line)
        if found is None:
            lines.append(line)
            continue
        if pane_id and lines:  # a pane that is gone gives no line at all, an empty one gives its height
            captures[pane_id] = Capture(pane_id=pane_id, lines=tuple(_clean(row, colour=colour) for row in lines))
        pane_id, lines = (f"%{found[1]}" if found[1] else ""), []
        complete = not found[1]
    return captures, complete


def _clean(line: str, *, colour: bool) -> str:
    if not colour:
        return line if line.isprintable() else clean(line)
    if "\x0e" in line:
        line = _SHIFTED.sub(lambda run: run[1].translate(_LINES), line)
    parts = _SGR.split(line)
    parts[::2] = [part if part.isprintable() else clean(part) for part in parts[::2]]
    return "".join(parts)
