"""A stand-in in a real tmux, and what everything that is done to a live worker is done with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio

from legion_tui.act.ledger import Ledger
from legion_tui.act.locks import Locks
from legion_tui.act.message import Hands
from legion_tui.agents.claude_code import ClaudeCode
from legion_tui.state import Worker, WorkerState
from legion_tui.tmux import OneShotTmux
from tests.support.standin import StandIn
from tests.support.waiting import until_async


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Post:
    """One stand-in, and what is known of it from outside."""

    standin: StandIn
    agent: ClaudeCode = field(init=False)
    ledger: Ledger = field(init=False)
    locks: Locks = field(init=False)

    def __post_init__(self) -> None:
        self.agent = ClaudeCode(self.standin.config)
        self.ledger = Ledger(self.standin.folder / "ledger", clock=now)
        self.locks = Locks(self.standin.folder / "locks", wait_seconds=0.2)

    def hands(self) -> Hands:
        """Return the hands of one more dashboard."""
        agent = ClaudeCode(self.standin.config)
        return Hands(
            tmux=self.standin.tmux,
            agent=agent,
            listener=agent,
            find=self.find,
            lock=lambda worker: self.locks.hold(worker.session_id),
            journal=self.ledger,
            clock=now,
        )

    async def find(self, _target: str) -> Worker | None:
        """The agent as it is now."""
        panes = await self.standin.tmux.panes()
        for sighting in await anyio.to_thread.run_sync(self.agent.look, panes, ()):
            pane = sighting.pane
            screens = await self.standin.tmux.capture([pane.pane_id], colour=True) if pane is not None else {}
            lines = screens[pane.pane_id].lines if pane is not None and pane.pane_id in screens else None
            return self.agent.judge(sighting, lines, now())
        return None

    async def until(self, *states: WorkerState) -> Worker:
        """Wait until it is in one of these states."""

        async def look() -> Worker | None:
            worker = await self.find("")
            return worker if worker is not None and worker.state in states else None

        worker = await until_async(look)
        assert worker is not None
        return worker

    async def history(self) -> list[tuple[str, Any]]:
        """What the ledger holds: kind and outcome."""
        return [(entry.kind, entry.data.get("outcome")) for entry in await self.ledger.history()]

    def told(self) -> list[str]:
        """What the stand-in has on record as prompts."""
        said = [record["message"]["content"] for record in self.standin.records() if record["type"] == "user"]
        return [content for content in said if isinstance(content, str)]


@asynccontextmanager
async def posted(tmux: OneShotTmux, folder: Path, prompt: str, *options: str, **more: Any) -> AsyncIterator[Post]:
    """Start a stand-in."""
    standin = StandIn(tmux, folder, **more)
    await standin.start(prompt, *options)
    yield Post(standin)
