"""What a person should know while they write to a worker."""

from __future__ import annotations

from collections.abc import Sequence

from legion_tui.present.prose import Line, Role, text_line, wrap_text
from legion_tui.state import Worker
from legion_tui.state.journal import QueuedMessage
from legion_tui.state.workers import RUNNING

_MOST_SHOWN = 3


def message_about(worker: Worker, waiting: Sequence[QueuedMessage], warning: str, width: int) -> list[Line]:
    """Return when the message would arrive, what waits before it, and what is wrong."""
    if worker.state in RUNNING:
        lines = wrap_text(f"It is {worker.state}: it is told once it is idle, by a dashboard that runs then.", width)
    else:
        lines = wrap_text(f"It is {worker.state}: it is told at once.", width, Role.MUTED)
    for message in waiting[:_MOST_SHOWN]:
        lines.append(text_line(f"waits: {' '.join(message.text.split())}"[:width], Role.BUSY))
    if len(waiting) > _MOST_SHOWN:
        lines.append(text_line(f"and {len(waiting) - _MOST_SHOWN} more", Role.MUTED))
    return [*lines, *wrap_text(warning, width, Role.WARN)] if warning else lines
