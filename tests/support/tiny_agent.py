"""A tiny agent: a program for a pane, and the adapter that reads its files.

Run as a program it keeps `sessions/PID.json` (its status) and `SESSION.jsonl` (its turns) in `$TINY_HOME`. It works
on the prompt at once, then on each line that is typed, and leaves cleanly on SIGTERM. `--crash`, `--silent` and
`--dialog` make it end at once, keep no status file, or ask before it starts.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from legion_tui.agents.protocol import Known, Launch, Offer, Refuse, Sighting, Step
from legion_tui.processes import process_facts
from legion_tui.state import (
    Answer,
    GivenAnswer,
    Pane,
    Question,
    QuestionItem,
    QuestionKind,
    Turn,
    Worker,
    WorkerState,
)

PROGRAM = (sys.executable, "-m", "tests.support.tiny_agent")
_STATES = {"idle": WorkerState.IDLE, "busy": WorkerState.BUSY, "waiting": WorkerState.QUESTION}


class TinyAgent:
    """Implements `Agent` over the files of the program below."""

    kind = "tiny"

    def __init__(self, home: Path) -> None:
        self.home = home
        (home / "sessions").mkdir(parents=True, exist_ok=True)
        self._repository = str(Path.cwd())

    def argv(self, launch: Launch) -> tuple[str, ...]:
        how = "--resume" if launch.resume else "--session-id"
        settings = ("--settings", str(launch.settings)) if launch.settings is not None else ()
        return (*launch.command, how, launch.session_id, *settings, "--", launch.prompt)

    def environment(self) -> Mapping[str, str]:
        return {"TINY_HOME": str(self.home), "PYTHONPATH": self._repository}

    def worker_settings(self, refused: Sequence[str]) -> bytes:
        return json.dumps({"refused": list(refused)}).encode()

    def look(self, panes: Sequence[Pane], known: Sequence[Known]) -> tuple[Sighting, ...]:
        by_session = {one.session_id: one for one in known}
        by_pid = {pane.pid: pane for pane in panes}
        found = {}
        for file in sorted((self.home / "sessions").glob("*.json")):
            try:
                status = json.loads(file.read_text())
            except (OSError, ValueError):
                continue
            process = process_facts(status["pid"])
            if process is None:
                continue
            one = by_session.get(status["session"])
            found[status["session"]] = Sighting(
                session_id=status["session"],
                issue=one.issue if one else None,
                mode=one.mode if one else None,
                pane=by_pid.get(process.pid),
                pid=process.pid,
                process=process,
                records=status,
            )
        for session_id, one in by_session.items():
            if session_id not in found:
                found[session_id] = Sighting(session_id=session_id, issue=one.issue, mode=one.mode, pane=one.pane)
        return tuple(found.values())

    @property
    def folders(self) -> tuple[Path, ...]:
        return (self.home / "sessions",)

    @property
    def bytes_read(self) -> int:
        return 0

    def wants_screen(self, sighting: Sighting, now: datetime) -> bool:
        return sighting.records is None and sighting.pane is not None and not sighting.pane.dead

    def judge(self, sighting: Sighting, screen: Sequence[str] | None, now: datetime) -> Worker:
        status = sighting.records if isinstance(sighting.records, dict) else None
        pane = sighting.pane
        if status is not None:
            state = _STATES[status["status"]]
        elif pane is None:
            state = WorkerState.GONE
        elif pane.dead:
            state = WorkerState.EXITED
        elif any("Do you trust" in line for line in screen or ()):
            state = WorkerState.STARTUP_DIALOG
        else:
            state = WorkerState.STARTING
        question = Question(id="q", kind=QuestionKind.QUESTION, items=(QuestionItem(text="Which?"),))
        return Worker(
            session_id=sighting.session_id,
            state=state,
            issue=sighting.issue,
            mode=sighting.mode,
            pane=pane.pane_id if pane else None,
            window=pane.window_id if pane else None,
            pid=sighting.pid,
            question=question if state is WorkerState.QUESTION else None,
            turn=None if status is None else Turn.RUNNING if state is WorkerState.BUSY else Turn.ENDED,
            turn_at=datetime.fromtimestamp(status["turn_at"], UTC) if status else None,
        )

    def step(self, question: Question, answers: Sequence[Answer], screen: Sequence[str], pressed: int) -> Step:
        return Refuse("it takes no answers")

    def offer(self, question: Question, answers: Sequence[Answer]) -> Offer | None:
        return None

    def given(self, question: Question) -> tuple[GivenAnswer, ...] | None:
        return None

    def has_transcript(self, session_id: str) -> bool:
        return (self.home / f"{session_id}.jsonl").exists()

    def owner(self, session_id: str) -> int | None:
        return next((s.pid for s in self.look((), ()) if s.session_id == session_id and s.pid), None)

    def turns(self, session_id: str) -> list[str]:
        """What a session was told, in order."""
        file = self.home / f"{session_id}.jsonl"
        return [json.loads(line)["prompt"] for line in file.read_text().splitlines()] if file.exists() else []

    def set_status(self, session_id: str, status: str) -> None:
        """Make a running program say that it is `idle`, `busy` or `waiting`, as if it were."""
        for file in (self.home / "sessions").glob("*.json"):
            said = json.loads(file.read_text())
            if said["session"] == session_id:
                _swap(file, {**said, "status": status})


def at_rest(screen: Sequence[str]) -> bool:
    """Whether the box of the program below is empty."""
    lines = [line for line in screen if line.strip()]
    return bool(lines) and lines[-1].strip() == ">"


def _swap(file: Path, value: object) -> None:
    beside = file.with_suffix(".tmp")
    beside.write_text(json.dumps(value))
    beside.replace(file)


def main(arguments: list[str]) -> int:
    """Be the agent."""
    if "--crash" in arguments:
        sys.stdout.write("\n\ncannot start: no account\n")
        return 7
    home, dashes = Path(os.environ["TINY_HOME"]), arguments.index("--")
    options, prompt = arguments[:dashes], arguments[dashes + 1]
    session = options[-1]
    status_file = home / "sessions" / f"{os.getpid()}.json"

    def say(status: str) -> None:
        now = datetime.now(UTC).timestamp()
        if "--silent" not in options:
            _swap(status_file, {"pid": os.getpid(), "session": session, "status": status, "turn_at": now})

    def leave(_signal: int, _frame: object) -> None:
        status_file.unlink(missing_ok=True)
        os._exit(143)

    def work(text: str) -> None:
        say("busy")
        with (home / f"{session}.jsonl").open("a") as transcript:
            transcript.write(json.dumps({"prompt": text}) + "\n")
        say("idle")
        sys.stdout.write("> ")
        sys.stdout.flush()

    signal.signal(signal.SIGTERM, leave)
    if "--dialog" in options:
        sys.stdout.write("Do you trust this folder?\n")
        sys.stdout.flush()
        sys.stdin.readline()
    work(prompt)
    for line in sys.stdin:
        work(line.rstrip("\n"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
