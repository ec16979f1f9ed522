"""The stand-in agent in a pane of a private tmux server, and its files."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from legion_tui.state import Pane
from legion_tui.tmux import NewWindow, OneShotTmux
from tests.support.waiting import until, until_async

STANDIN = (sys.executable, "-m", "legion_tui.demo.standin")
PACKAGE = str(Path(__file__).parents[2])


def quick(plays: Mapping[str, Sequence[Mapping[str, Any]]] | None = None, **more: object) -> dict[str, object]:
    """A scenario in which the model takes no time to think."""
    return {"pace_seconds": 0, "plays": plays or {}, **more}


@dataclass
class StandIn:
    """One stand-in. `folder` holds its config folder, its working directory, its scenario and its gates."""

    tmux: OneShotTmux
    folder: Path
    session_id: str = field(default_factory=lambda: str(uuid4()))
    size: tuple[int, int] = (80, 24)
    scenario: Mapping[str, object] = field(default_factory=quick)
    environ: Mapping[str, str] = field(default_factory=dict)
    pane_id: str = ""

    @property
    def config(self) -> Path:
        return self.folder / "claude"

    @property
    def cwd(self) -> Path:
        return self.folder / "shop"

    async def start(self, prompt: str = "", *options: str) -> StandIn:
        """Open its window; options that name no session start a new one of `session_id`."""
        for folder in (self.config, self.cwd, self.folder / "gates"):
            folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "scenario.json").write_text(json.dumps(self.scenario))
        session = () if "--resume" in options else ("--session-id", self.session_id)
        env = {
            "CLAUDE_CONFIG_DIR": str(self.config),
            "LEGION_DEMO_GATES": str(self.folder / "gates"),
            "LEGION_DEMO_SCENARIO": str(self.folder / "scenario.json"),
            "PYTHONPATH": PACKAGE,
            **self.environ,
        }
        opened = await self.tmux.open_window(
            NewWindow(
                session="agents",
                name="agent",
                cwd=str(self.cwd),
                argv=(*STANDIN, *session, *options, *(("--", prompt) if prompt else ())),
                env=env,
                options={},
                width=self.size[0],
                height=self.size[1],
            )
        )
        self.pane_id = opened.pane_id
        return self

    def open_gate(self, name: str) -> None:
        """Let a scenario that waits at a gate go on."""
        (self.folder / "gates" / name).touch()

    async def screen(self) -> str:
        """The screen, lines without the blanks at their ends."""
        captures = await self.tmux.capture([self.pane_id])
        return "\n".join(line.rstrip(" ") for line in captures[self.pane_id].lines) if captures else ""

    async def shows(self, *texts: str) -> str:
        """Wait until all of these are on the screen, and return it."""

        async def look() -> str:
            screen = await self.screen()
            return screen if all(text in screen for text in texts) else ""

        try:
            return await until_async(look)
        except AssertionError:
            raise AssertionError(f"never showed {texts}:\n{await self.screen()}\n{self.status()}") from None

    async def key(self, *keys: str) -> None:
        """Press keys, one a call."""
        for key in keys:
            await self.tmux.send_key(self.pane_id, key)

    async def pane(self) -> Pane:
        """What tmux says about the pane."""
        return next(pane for pane in await self.tmux.panes() if pane.pane_id == self.pane_id)

    async def ended(self, status: int | None = None) -> None:
        """Wait until the program has ended; where tmux knows its exit status, it is this one unless None."""

        async def look() -> Pane | None:
            pane = await self.pane()
            return pane if pane.dead else None

        pane = await until_async(look)
        assert pane is not None
        # tmux loses the status of some panes for good: then it is None.
        assert status is None or pane.dead_status in (status, None)

    def status(self) -> dict[str, Any] | None:
        """The newest status file, None where there is none or it is just being written."""
        for path in (self.config / "sessions").glob("*.json"):
            try:
                record: dict[str, Any] = json.loads(path.read_text())
            except (ValueError, OSError):
                continue
            return record
        return None

    async def says(self, status: str, waiting_for: str | None = None) -> dict[str, Any]:
        """Wait until the status file says that, and return it."""

        def look() -> dict[str, Any] | None:
            record = self.status()
            if record and record.get("status") == status and record.get("waitingFor") == waiting_for:
                return record
            return None

        record = await until(look)
        assert record is not None
        return record

    def records(self, session_id: str = "") -> list[dict[str, Any]]:
        """The transcript so far."""
        paths = sorted((self.config / "projects").glob(f"*/{session_id or self.session_id}.jsonl"))
        lines = paths[0].read_text().splitlines(keepends=True) if paths else []
        return [json.loads(line) for line in lines if line.endswith("\n")]

    async def recorded(self, kind: str, *, count: int = 1) -> list[dict[str, Any]]:
        """Wait until so many blocks of that type (`text`, `tool_use`, `tool_result`) are there; return their lines."""

        def look() -> list[dict[str, Any]]:
            found = [record for record in self.records() if any(block["type"] == kind for block in blocks(record))]
            return found if len(found) >= count else []

        return await until(look)

    async def finished(self, *, turns: int = 1) -> list[dict[str, Any]]:
        """Wait until so many turns have ended on record; return the records."""

        def look() -> list[dict[str, Any]]:
            records = self.records()
            ended = [record for record in records if record.get("subtype") == "turn_duration"]
            return records if len(ended) >= turns else []

        return await until(look)


def blocks(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The blocks of a record's message; none for a plain prompt or another record."""
    content = (record.get("message") or {}).get("content")
    return content if isinstance(content, list) else []


def alive(pid: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
