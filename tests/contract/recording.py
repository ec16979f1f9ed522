"""What a scenario on the real client saw, kept raw under .contract; `tests.contract.distil` makes the corpus of it."""

from __future__ import annotations

import json
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

import anyio
import anyio.abc

from legion_tui.agents.claude_code import TESTED_VERSION, ClaudeCode
from legion_tui.agents.protocol import Sighting, Step
from legion_tui.state import Answer, Channel, Question, Worker
from tests.contract import client
from tests.contract.cells import Cell, Driven, Renderer
from tests.contract.stage import Stage, Tools

# Whose home it is in the corpus.
HOME = "/home/dev"
RAW = client.FOLDER / "recording" / TESTED_VERSION
# Scenarios whose dialogs are recorded at every size; the others at the middle one.
_AT_EVERY_SIZE = ("test_questions", "test_startup", "test_sub_agents")
_PATIENCE = 4
_SAMPLE_SECONDS = 0.03
_STILL_SECONDS = 0.5
_MOST_LOOKS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at a pane: when, for what, and its coloured lines."""

    at: float
    why: str
    lines: Sequence[str]


@dataclass(slots=True, kw_only=True)
class Recording:
    """All that one scenario saw; files by their paths in the agent's folder."""

    name: str
    home: str
    session_id: str = ""
    looks: list[Look] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    transcripts: dict[str, str] = field(default_factory=dict)


def recorded_cells(module: str, *, by_keys: bool) -> Sequence[Cell]:
    """Return the cells of a scenario that are recorded: both renderers, dialogs at every size, a hook's once."""
    if not by_keys:
        return [Cell(agent=Driven.REAL, width=80, height=24, renderer=Renderer.FULLSCREEN, channel=Channel.HOOK)]
    found = [Cell(agent=Driven.REAL, width=80, height=24, renderer=renderer) for renderer in Renderer]
    if module.rpartition(".")[2] in _AT_EVERY_SIZE:
        found += [
            Cell(agent=Driven.REAL, width=width, height=height, renderer=Renderer.FULLSCREEN)
            for width, height in ((60, 20), (200, 50))
        ]
    return found


def recording_name(module: str, test: str, cell: Cell) -> str:
    """Return the name of the folder that a cell's recording gets."""
    scenario = f"{module.rpartition('.')[2].removeprefix('test_')}.{test.removeprefix('test_')}"
    return f"{scenario}-{cell.width}x{cell.height}-{cell.renderer}"


@contextmanager
def recorded(tools: Tools) -> Iterator[Tools]:
    """Give tools whose home is as long as the one of the corpus: renaming it moves nothing on a screen."""
    home = _short_home()
    try:
        assert tools.program is not None
        program = home / ".local" / "bin" / "claude"
        program.parent.mkdir(parents=True)
        program.symlink_to(tools.program)
        yield replace(tools, home=home, program=program)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _short_home() -> Path:
    while True:
        home = Path("/tmp", secrets.token_hex(2))
        assert len(str(home)) == len(HOME)
        try:
            home.mkdir(mode=0o700)
        except FileExistsError:
            continue
        return home


class _Agent(ClaudeCode):
    """The product's reader; the screens that it judges and decides on are noted."""

    judged: Callable[[Sequence[str]], None]
    decided: Callable[[Sequence[str]], None]

    def judge(self, sighting: Sighting, screen: Sequence[str] | None, now: datetime) -> Worker:
        if screen is not None:
            self.judged(screen)
        return super().judge(sighting, screen, now)

    def step(self, question: Question, answers: Sequence[Answer], screen: Sequence[str], pressed: int) -> Step:
        self.decided(screen)
        return super().step(question, answers, screen, pressed)


class RecordingStage(Stage):
    """A stage on which every screen that is waited for or decided on is kept."""

    def __init__(self, cell: Cell, tools: Tools, stack: AsyncExitStack) -> None:
        self._looks: list[Look] = []
        self._judged: list[Look] = []
        self._statuses: list[str] = []
        super().__init__(cell, tools, stack)

    def _reader(self) -> ClaudeCode:
        agent = _Agent(self.config, {"CLAUDE_CONFIG_DIR": str(self.config)}, spool=self.spool)
        agent.judged = self._note_judged
        agent.decided = lambda lines: self._note("decided", lines)
        return agent

    def _note(self, why: str, lines: Sequence[str]) -> None:
        self._looks.append(Look(at=time.time(), why=why, lines=tuple(lines)))

    def _note_judged(self, lines: Sequence[str]) -> None:
        self._judged.append(Look(at=time.time(), why="waited", lines=tuple(lines)))

    async def _look(self) -> None:
        """Keep the screen as it is once it is drawn: one that moves is taken as it is after a moment."""
        before: Sequence[str] | None = None
        for _ in range(_MOST_LOOKS):
            capture = (await self.tmux.capture([self.pane_id], colour=True)).get(self.pane_id)
            if capture is None:
                return
            if capture.lines == before:
                break
            before = capture.lines
            await anyio.sleep(_STILL_SECONDS)
        if before is not None:
            self._note("waited", before)

    async def watch(self, *, task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Keep every version of the status files."""
        task_status.started()
        while True:
            for file in self.config.glob("sessions/*.json"):
                try:
                    text = file.read_text(encoding="utf-8")
                    json.loads(text)
                except (OSError, ValueError):
                    continue  # it is being written, or gone
                if text not in self._statuses:
                    self._statuses.append(text)
            await anyio.sleep(_SAMPLE_SECONDS)

    async def until_worker(
        self, wanted: Callable[[Worker], bool], what: str, *, within_seconds: float = 15.0
    ) -> Worker:
        """Return the worker as soon as it is as `wanted`; the screen that it was judged by is kept, and one of now."""
        self._judged.clear()
        worker = await super().until_worker(wanted, what, within_seconds=within_seconds * _PATIENCE)
        self._looks += self._judged[-1:]
        await self._look()
        return worker

    async def shows(self, text: str, *, within_seconds: float = 15.0) -> None:
        """Wait until the pane shows that text, and keep the screen."""
        await super().shows(text, within_seconds=within_seconds * _PATIENCE)
        await self._look()

    def save(self, name: str) -> None:
        """Keep all of it, with the transcripts as they are now."""
        recording = Recording(name=name, home=str(self.home), session_id=self.session_id)
        recording.looks, recording.statuses = self._looks, self._statuses
        for path in sorted(self.config.glob("projects/**/*.jsonl")):
            recording.transcripts[str(path.relative_to(self.config))] = path.read_text(encoding="utf-8")
        RAW.mkdir(parents=True, exist_ok=True)
        (RAW / f"{name}.json").write_text(json.dumps(asdict(recording)), encoding="utf-8")
