"""A program that speaks as the client without a screen does, for what the real one cannot be made to do at will.

`HEADLESS_SCRIPT` holds `{"worker": [[ACT, …] for each round], "auditor": […]}`; the last round goes on for ever. It
keeps a transcript in the client's folder, so its session can be taken up again. An act is a table of one entry:

say, call         words, and a tool call that nobody is asked about
ask               a permission; then says what was decided
gate              goes on when that file is there
stubborn          true: no signal but SIGKILL ends it from here on
hang              true: does nothing more
child             starts a program in a session of its own and writes its pid to that file
background        a program in the background, for which it stays after its answer
flood, long       so many bytes in short lines, or in one
stderr, exit, die words; ends with that status; kills itself
record            its transcript gets this answer, and its pipe does not
end, fail         the answer; an error in its place
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PROGRAM = (sys.executable, "-m", "tests.support.headless_agent")
_COST = 0.5


def main(argv: list[str]) -> int:
    """Play one run."""
    resumes = "--resume" in argv
    session = argv[argv.index("--resume" if resumes else "--session-id") + 1]
    transcript = Path(os.environ["CLAUDE_CONFIG_DIR"], "projects", "shop", f"{session}.jsonl")
    if transcript.exists() is not resumes:
        sys.stderr.write(f"Error: session {session} is{'' if resumes else ' not'} new\n")
        return 1
    transcript.parent.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    prompt = json.loads(sys.stdin.readline())["message"]["content"]
    _record(transcript, "user", content=prompt)
    _tell(type="system", subtype="init", session_id=session, model="fake", cwd=str(Path.cwd()))
    _Player(session, transcript).play(_acts(prompt, transcript))
    for _ in sys.stdin:
        pass
    return 0


def _acts(prompt: str, transcript: Path) -> list[dict[str, Any]]:
    script = json.loads(os.environ["HEADLESS_SCRIPT"])
    audited = re.search(r"report-(\d+)\.md", prompt)
    told = audited is not None and prompt.startswith("You are the auditor")
    rounds = script["auditor" if told else "worker"]
    number = int(audited[1]) if audited is not None and told else transcript.read_text().count('"user"')
    acts: list[dict[str, Any]] = rounds[min(number, len(rounds)) - 1]
    return acts


class _Player:
    def __init__(self, session: str, transcript: Path) -> None:
        self._session = session
        self._transcript = transcript

    def play(self, acts: list[dict[str, Any]]) -> None:
        for act in acts:
            ((name, value),) = act.items()
            getattr(self, f"_{name}")(value)

    def _say(self, text: str) -> None:
        _tell(type="assistant", message={"content": [{"type": "text", "text": text}]}, parent_tool_use_id=None)

    def _call(self, command: str) -> None:
        block = {"type": "tool_use", "id": "t0", "name": "Bash", "input": {"command": command}}
        _tell(type="assistant", message={"content": [block]}, parent_tool_use_id=None)

    def _ask(self, command: str) -> None:
        use = f"toolu_{os.getpid()}"
        request = {"subtype": "can_use_tool", "tool_name": "Bash", "input": {"command": command}, "tool_use_id": use}
        _tell(type="control_request", request_id="r1", request=request)
        answer = json.loads(sys.stdin.readline())
        self._say(f"{answer['response']['request_id']}: {answer['response']['response']['behavior']}")

    def _gate(self, path: str) -> None:
        while not Path(path).exists():
            time.sleep(0.02)

    def _stubborn(self, _: bool) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)

    def _hang(self, _: bool) -> None:
        while True:
            time.sleep(60)

    def _child(self, path: str) -> None:
        child = subprocess.Popen(["sleep", "600"], start_new_session=True)
        Path(path).write_text(str(child.pid))

    def _background(self, _: bool) -> None:
        _tell(type="system", subtype="background_tasks_changed", tasks=[{"task_type": "local_bash"}])
        self.play([{"end": "It is started."}, {"hang": True}])

    def _flood(self, size: int) -> None:
        line = json.dumps({"type": "user", "message": {"content": "x" * 1000}})
        for _ in range(size // len(line)):
            sys.stdout.write(line + "\n")

    def _long(self, size: int) -> None:
        _tell(type="user", message={"content": "x" * size})

    def _stderr(self, words: str) -> None:
        sys.stderr.write(words)
        sys.stderr.flush()

    def _exit(self, status: int) -> None:
        os._exit(status)

    def _die(self, _: bool) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def _record(self, answer: str) -> None:
        _record(
            self._transcript,
            "assistant",
            id="m1",
            model="fake",
            stop_reason="end_turn",
            content=[{"type": "text", "text": answer}],
        )

    def _end(self, answer: str) -> None:
        self._say(answer)
        self._record(answer)
        self._result(subtype="success", is_error=False, result=answer, stop_reason="end_turn")

    def _fail(self, words: str) -> None:
        self._result(subtype="success", is_error=True, result=words, terminal_reason="api_error")

    def _result(self, **fields: object) -> None:
        _tell(**fields, session_id=self._session, total_cost_usd=_COST, num_turns=1, type="result")


def _tell(**record: object) -> None:
    sys.stdout.write(json.dumps(record) + "\n")
    sys.stdout.flush()


def _record(transcript: Path, kind: str, **message: object) -> None:
    at = datetime.now(UTC).isoformat()
    with transcript.open("a") as file:
        file.write(json.dumps({"type": kind, "timestamp": at, "message": message}) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
