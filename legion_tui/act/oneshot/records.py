"""Where a run keeps its tasks: a folder for each run, one for each task in it. Everything here blocks."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from legion_tui.files import private_folder, write_durably
from legion_tui.state.oneshot import OneshotTask

VERSION = 1
_STATE = "state.json"
# Names sort by when the runs began.
_RUN = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}", re.ASCII)
_TASK = re.compile(r"task-\d+", re.ASCII)


class _File(msgspec.Struct):
    version: int
    task: OneshotTask


_decoder = msgspec.json.Decoder(_File)


class Records:
    """The folder of all runs."""

    def __init__(self, folder: Path) -> None:
        """Keep them in `folder`, which is made when it is first needed."""
        self.folder = folder

    def of_task(self, task: OneshotTask) -> Path:
        """Return the folder of one task."""
        return self.folder / task.run / f"task-{task.number}"

    def log(self, task: OneshotTask, name: str) -> Path:
        """Return where the output of a task's worker or auditor is kept."""
        return self.of_task(task) / f"{name}.ndjson"

    def save(self, task: OneshotTask) -> None:
        """Keep how a task stands now: on the disk when this returns. OSError."""
        path = private_folder(self.of_task(task)) / _STATE
        # Read by people as well.
        data = {"version": VERSION, "task": msgspec.to_builtins(task)}
        write_durably(path, json.dumps(data, indent=2).encode() + b"\n")

    def write(self, task: OneshotTask, name: str, data: bytes) -> Path:
        """Write a file for the agents of a task, and return where. OSError."""
        path = private_folder(self.of_task(task)) / name
        write_durably(path, data)
        return path

    def runs(self) -> Sequence[str]:
        """Return the names of all runs, oldest first. OSError."""
        try:
            return sorted(path.name for path in self.folder.iterdir() if _RUN.fullmatch(path.name))
        except FileNotFoundError:
            return ()

    def tasks(self, run: str) -> Sequence[OneshotTask]:
        """Return the tasks of a run in their order; one whose file cannot be read is left out. OSError."""
        found = []
        for path in (self.folder / run).iterdir():
            task = _parse(path / _STATE) if _TASK.fullmatch(path.name) else None
            if task is not None and (task.run, f"task-{task.number}") == (run, path.name):
                found.append(task)
        return sorted(found, key=lambda task: task.number)


def _parse(path: Path) -> OneshotTask | None:
    try:
        file = _decoder.decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return file.task if file.version == VERSION else None
