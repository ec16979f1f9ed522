"""What stands for a screen where there is none."""

from __future__ import annotations

import json
import os
from pathlib import Path

from legion_tui.act.headless.reading import told_lately
from legion_tui.act.oneshot import Records
from legion_tui.agents.claude_code.stream import heard
from legion_tui.cli.context import Context
from legion_tui.cli.headless_screen import headless_screen
from legion_tui.cli.parts import open_parts
from legion_tui.state.oneshot import TaskPhase
from legion_tui.state.verdict import VerdictKind
from tests.support.oneshot import a_task


def said(text: str) -> bytes:
    return json.dumps({"type": "assistant", "message": {"content": [{"type": "text", "text": text}]}}).encode() + b"\n"


def test_the_newest_lines_of_a_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert told_lately(log, heard) == ()
    call = {"type": "tool_use", "name": "Bash", "input": {"command": "make"}}
    ended = {"type": "result", "subtype": "success", "is_error": True, "result": "no credit"}
    lines = [
        said("First.\nSecond. \x1b[2J"),
        json.dumps({"type": "assistant", "message": {"content": [call]}}).encode() + b"\n",
        b"noise\n",
        json.dumps(ended).encode() + b"\n",
        said("half")[:20],
    ]
    log.write_bytes(b"".join(lines))
    assert told_lately(log, heard) == ("First.", "Second.", "", "> Bash make", "! no credit")


def test_of_a_long_log_the_end(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"".join(said(f"{number}: {'x' * 1000}") for number in range(2000)))
    told = [line for line in told_lately(log, heard) if line]
    assert told[-1].startswith("1999: ")
    assert all(line.endswith("x") for line in told)
    assert len(told) < 500


async def test_a_task_is_told_with_its_round_and_verdict(home: Path) -> None:
    task = a_task(phase=TaskPhase.AUDITING, round=2, auditor_id="a1", verdict=VerdictKind.RETRY, feedback="The docs.")
    records = Records(home / ".local" / "state" / "legion-tui" / "oneshot")
    records.save(task)
    records.log(task, "worker").write_bytes(said("I look."))
    records.log(task, "auditor-2").write_bytes(said("I audit."))
    context = Context(environ=dict(os.environ), cwd=home)
    async with open_parts(context) as parts:
        worker = await headless_screen(parts, task.session_id)
        auditor = await headless_screen(parts, "a1")
        assert await headless_screen(parts, "another") is None
        # It is a part of a path.
        assert await headless_screen(parts, "../20260102-030405-abcd") is None
    top = ("task 1 of 20260102-030405-abcd, round 2/5: auditing", "Mend the door.", "verdict: retry: The docs.", "")
    assert worker is not None
    assert worker.lines == (*top, "I look.", "")
    assert auditor is not None
    assert auditor.lines == (*top, "I audit.", "")


async def test_a_worker_under_a_holder_is_told_by_its_log(home: Path) -> None:
    runs = home / ".local" / "state" / "legion-tui" / "machine" / "runs"
    runs.mkdir(parents=True)
    (runs / "s1.ndjson").write_bytes(said("I look."))
    async with open_parts(Context(environ=dict(os.environ), cwd=home)) as parts:
        told = await headless_screen(parts, "s1")
    assert told is not None
    assert told.lines == ("I look.", "")
