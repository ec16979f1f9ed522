"""How much each worker worked of late, as a line of a few cells: fed with what is seen, asked by session."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from legion_tui.state import Snapshot, Worker
from legion_tui.state.workers import RUNNING

# Each cell stands for so long, the last one for now: four minutes in all.
STEP_SECONDS = 30
CELLS = 8


@dataclass(slots=True)
class _Step:
    number: int
    seen: int = 0
    running: int = 0


class Activity:
    """Keeps at most `CELLS` steps for each worker that is there, and nothing of one that is gone."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._steps: dict[str, deque[_Step]] = {}

    def feed(self, snapshot: Snapshot, now: datetime) -> None:
        """Take what is seen at a moment; the more often, the truer."""
        number = _step(now)
        workers = {worker.session_id: worker for worker in _live(snapshot)}
        for gone in self._steps.keys() - workers.keys():
            del self._steps[gone]
        for session_id, worker in workers.items():
            steps = self._steps.setdefault(session_id, deque(maxlen=CELLS))
            if not steps or steps[-1].number != number:
                steps.append(_Step(number))
            steps[-1].seen += 1
            steps[-1].running += worker.state in RUNNING

    def line(self, session_id: str, now: datetime, levels: Sequence[str]) -> str:
        """Return `CELLS` cells, the newest last: a blank where nothing was seen, else one of `levels`, low to high."""
        steps = {step.number: step for step in self._steps.get(session_id, ())}
        last = _step(now)
        return "".join(_cell(steps.get(number), levels) for number in range(last - CELLS + 1, last + 1))


def _step(now: datetime) -> int:
    return int(now.timestamp()) // STEP_SECONDS


def _cell(step: _Step | None, levels: Sequence[str]) -> str:
    if step is None:
        return " "
    return levels[round(step.running / step.seen * (len(levels) - 1))]


def _live(snapshot: Snapshot) -> Iterator[Worker]:
    return (worker for worker in snapshot.workers if worker.live)
