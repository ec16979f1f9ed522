"""A swarm to measure on: a private tmux server with panes that run `cat`, and the files that agents would write."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from legion_tui.state import Issue, Mode, Project, compute_session_id, short_id

PROJECT_ID = "7b4f0862-b775-4cb0-9a67-85400c6f44a8"
PROJECT = Project(PROJECT_ID, short_id(PROJECT_ID), "ENG")
TRANSCRIPT_BYTES = 64 * 1024


@dataclass(frozen=True)
class Swarm:
    """What was set up, and how to speak to it."""

    socket: str
    env: dict[str, str]
    pane_ids: tuple[str, ...]
    agent_folder: Path
    transcripts: tuple[Path, ...]
    issues: tuple[Issue, ...]

    def tmux(self, *arguments: str) -> list[str]:
        """The command line of a client of this server."""
        return ["tmux", "-u", "-L", self.socket, *arguments]

    def go_on(self, share: float) -> None:
        """Have so many agents, of all, go through one more short turn."""
        for path in self.transcripts[: max(1, round(len(self.transcripts) * share))]:
            with path.open("a") as file:
                file.write(_line(path.stem, "user", f"and now {secrets.token_hex(8)}"))
                file.write(_line(path.stem, "assistant", "done"))
                file.write(_end_of_turn(path.stem))


@contextmanager
def swarm(size: int) -> Iterator[Swarm]:
    """`size` workers, each in a window of 200x50 of its own; all of it gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="lt-bench-", dir="/tmp"))
    socket = f"bench-{secrets.token_hex(4)}"
    env = {name: value for name, value in os.environ.items() if not name.startswith("TMUX")}
    env["TMUX_TMPDIR"] = str(folder)
    try:
        _start(socket, env, size)
        listed = subprocess.run(
            ["tmux", "-L", socket, "list-panes", "-a", "-F", "#{pane_id} #{pane_pid} #{window_id}"],
            env=env,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        panes = [line.split() for line in listed.stdout.splitlines()]
        sessions = [compute_session_id(PROJECT_ID, f"ENG-{number}", Mode.IMPLEMENT) for number in range(1, size + 1)]
        transcripts = tuple(
            write_agent(folder, pane, int(pid), window, session)
            for (pane, pid, window), session in zip(panes, sessions, strict=True)
        )
        issues = tuple(
            Issue(
                id=f"ENG-{number}", title=f"Issue {number}", status="In Progress", labels=frozenset({"worker-active"})
            )
            for number in range(1, size + 1)
        )
        yield Swarm(socket, env, tuple(pane for pane, _, _ in panes), folder / "agent", transcripts, issues)
    finally:
        subprocess.run(["tmux", "-L", socket, "kill-server"], env=env, capture_output=True, timeout=60, check=False)
        shutil.rmtree(folder)


def _start(socket: str, env: dict[str, str], size: int) -> None:
    lines = ["set -g default-size 200x50", "new-session -d -s work -x 200 -y 50 cat"]
    lines += ["new-window -d -t =work: cat"] * (size - 1)
    for number in range(size):
        session = compute_session_id(PROJECT_ID, f"ENG-{number + 1}", Mode.IMPLEMENT)
        for name, value in (("issue", f"ENG-{number + 1}"), ("mode", "implement"), ("session_id", session)):
            lines.append(f"set -p -t %{number} @legion_{name} {value}")
    subprocess.run(
        ["tmux", "-u", "-f", "/dev/null", "-L", socket, "start-server", ";", "source-file", "-"],
        env=env,
        input="\n".join(lines).encode(),
        capture_output=True,
        timeout=300,
        check=True,
    )


def write_agent(folder: Path, pane: str, pid: int, window: str, session: str) -> Path:
    """Write the status file and the transcript of an agent that has ended its turn."""
    sessions, project = folder / "agent" / "sessions", folder / "agent" / "projects" / "-src"
    sessions.mkdir(parents=True, exist_ok=True)
    project.mkdir(parents=True, exist_ok=True)
    now = time.time() * 1000
    status = {
        "pid": pid,
        "sessionId": session,
        "cwd": "/src",
        "startedAt": now,
        "version": "2.1.328",
        "kind": "interactive",
        "tmux": f"work:{window}.{pane}",
        "status": "idle",
        "updatedAt": now,
        "statusUpdatedAt": now,
    }
    (sessions / f"{pid}.json").write_text(json.dumps(status))
    transcript = project / f"{session}.jsonl"
    lines = [_line(session, "user", "Read and do the brief.")]
    while sum(map(len, lines)) < TRANSCRIPT_BYTES:
        lines.append(_line(session, "assistant", "Some words about some code. " * 30))
    transcript.write_text("".join([*lines, _end_of_turn(session)]))
    return transcript


def _line(session: str, role: str, text: str) -> str:
    message: dict[str, object] = {"role": role, "content": [{"type": "text", "text": text}]}
    if role == "assistant":
        usage = {"input_tokens": 10, "output_tokens": 20, "cache_read_input_tokens": 1000}
        message |= {"id": "msg_1", "model": "claude-opus-5-5", "stop_reason": "end_turn", "usage": usage}
    return _record(session, type=role, message=message)


def _end_of_turn(session: str) -> str:
    return _record(session, type="system", subtype="turn_duration", durationMs=1000)


def _record(session: str, **fields: object) -> str:
    known = {"uuid": str(uuid4()), "sessionId": session, "timestamp": datetime.now(UTC).isoformat(), "cwd": "/src"}
    return json.dumps(known | fields) + "\n"
