"""Several tasks side by side, never more than may be."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime

import anyio

from legion_tui.act.oneshot.parts import OneshotParts
from legion_tui.act.oneshot.task import TaskRunner
from legion_tui.state.oneshot import OneshotTask


def run_name(now: datetime) -> str:
    """Return the name of a run that begins now; names sort by that."""
    return f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


class Orchestrator:
    """One run of tasks."""

    def __init__(self, name: str, texts: Sequence[str], parts: OneshotParts) -> None:
        """Take the words of each task, and the parts."""
        self._limiter = anyio.CapacityLimiter(parts.settings.max_concurrent)
        now = parts.clock()
        self._runners = [
            TaskRunner(
                OneshotTask(
                    run=name,
                    number=number,
                    text=text,
                    cwd=parts.settings.cwd,
                    session_id=str(uuid.uuid4()),
                    audited=parts.settings.audited,
                    max_rounds=parts.settings.max_rounds if parts.settings.audited else 1,
                    created_at=now,
                    since=now,
                ),
                parts,
            )
            for number, text in enumerate(texts, 1)
        ]

    @property
    def tasks(self) -> tuple[OneshotTask, ...]:
        """The tasks as they stand now."""
        return tuple(runner.task for runner in self._runners)

    async def run(self) -> None:
        """Run them all to their ends, in their order as far as there is room; LegionError where none could be kept."""
        for runner in self._runners:
            await runner.enqueue()
        async with anyio.create_task_group() as group:
            for runner in self._runners:
                await self._limiter.acquire_on_behalf_of(runner)
                group.start_soon(self._run, runner)

    async def _run(self, runner: TaskRunner) -> None:
        try:
            await runner.run()
        finally:
            self._limiter.release_on_behalf_of(runner)

    def stop(self, why: str, *, now: bool = False) -> None:
        """Have all end that has not; see `TaskRunner.stop`. Returns at once."""
        for runner in self._runners:
            runner.stop(why, now=now)
