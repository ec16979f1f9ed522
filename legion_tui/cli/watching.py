"""What a program that stays does for the project beside its own work: the heartbeat, and the queue."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import anyio

from legion_tui.cli.parts import Parts
from legion_tui.state import DispatchReceipt

if TYPE_CHECKING:
    from legion_tui.act.heartbeat import Beat


async def watch_project(
    parts: Parts,
    *,
    tell_start: Callable[[DispatchReceipt], None],
    tell_beat: Callable[[Beat], None] | None = None,
) -> None:
    """Watch the project's workers and start those that wait, until cancelled; without a project do nothing."""
    if parts.project is None or parts.tracker is None or parts.place is None:
        return
    async with anyio.create_task_group() as group:
        group.start_soon(parts.actions.heartbeat.run, tell_beat)
        group.start_soon(parts.actions.starter.run, tell_start)
