"""A client that runs our hook as the agent does: a process with a status file and a transcript, hooks as children."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from legion_tui.agents.claude_code.hook import hook_command

SESSION = "17626bf1-d560-5134-b1fd-a4052339e8ed"
# Starts each command with its payload, says so, collects it once it has ended (as the agent does), and waits to be
# killed.
_PROGRAM = """
import json, os, subprocess, sys, threading
for line in sys.stdin:
    command, payload, output = json.loads(line)
    with open(payload, "rb") as given, open(output, "wb") as out:
        env = {**os.environ, "CLAUDE_PID": str(os.getpid())}
        process = subprocess.Popen(["/bin/sh", "-c", command], stdin=given, stdout=out, env=env)
    print(process.pid, flush=True)
    threading.Thread(target=process.wait, daemon=True).start()
"""


@dataclass
class HookClient:
    """One client; `ask` starts a hook."""

    folder: Path
    tool: str = "AskUserQuestion"
    tool_input: Mapping[str, Any] = field(default_factory=lambda: {"questions": [{"question": "Which?"}]})
    outputs: list[Path] = field(default_factory=list)
    hooks: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.spool = self.folder / "state" / "spool"
        self.transcript = self.folder / "projects" / "shop" / f"{SESSION}.jsonl"
        self.transcript.parent.mkdir(parents=True)
        (self.folder / "sessions").mkdir()
        self.transcript.touch()
        self.process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.says("waiting")

    def says(self, status: str) -> None:
        """Write the status file."""
        record = {"pid": self.process.pid, "sessionId": SESSION, "status": status}
        beside = self.folder / "status.json"
        beside.write_text(json.dumps(record))
        beside.rename(self.folder / "sessions" / f"{self.process.pid}.json")

    def ask(self, *, origin: str = "session", command: str = "") -> int:
        """Start a hook and return its pid."""
        payload = self.folder / "payload.json"
        payload.write_text(
            json.dumps(
                {
                    "session_id": SESSION,
                    "transcript_path": str(self.transcript),
                    "hook_event_name": "PermissionRequest",
                    "tool_name": self.tool,
                    "tool_input": self.tool_input,
                }
            )
        )
        self.outputs.append(self.folder / f"output-{len(self.outputs)}")
        line = [command or hook_command(self.spool, origin=origin), str(payload), str(self.outputs[-1])]
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()
        self.hooks.append(int(self.process.stdout.readline()))
        return self.hooks[-1]

    def calls(self, *calls: str, message: str = "m1") -> None:
        """Record calls of one message, all with the same input."""
        for call in calls:
            block = {"type": "tool_use", "id": call, "name": self.tool, "input": self.tool_input}
            self.record({"type": "assistant", "message": {"id": message, "content": [block]}})

    def result(self, call: str) -> None:
        """Record a call's result."""
        block = {"type": "tool_result", "tool_use_id": call, "content": "done"}
        self.record({"type": "user", "message": {"content": [block]}})

    def record(self, record: Mapping[str, Any]) -> None:
        """Add a line to the transcript."""
        with self.transcript.open("a") as file:
            file.write(json.dumps(record) + "\n")

    def output(self, number: int = 0) -> str:
        """What a hook has printed."""
        return self.outputs[number].read_text()

    def requests(self) -> Sequence[Path]:
        """The folders in the spool."""
        return sorted(self.spool.iterdir()) if self.spool.exists() else []

    def close(self) -> None:
        """End everything that was started."""
        for pid in [*self.hooks, self.process.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 9)
        self.process.wait(timeout=10)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


def lives(pid: int) -> bool:
    """Whether a process runs; one that nobody has waited for yet does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def hook_client(folder: Path) -> Iterator[HookClient]:
    """Give a client, and end it."""
    client = HookClient(folder)
    try:
        yield client
    finally:
        client.close()
