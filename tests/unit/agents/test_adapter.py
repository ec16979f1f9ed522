from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from legion_tui.agents.claude_code import ClaudeCode
from legion_tui.agents.claude_code.processes import Processes
from legion_tui.agents.claude_code.records import Records
from legion_tui.agents.claude_code.status_file import StatusFile
from legion_tui.agents.claude_code.transcript import TurnState
from legion_tui.agents.protocol import Known, Sighting
from legion_tui.processes import ProcessFacts, process_facts
from legion_tui.state.names import Mode
from legion_tui.state.panes import Pane
from legion_tui.state.workers import WorkerState
from tests.support.claude_code import lines, records

SESSION = "11111111-2222-3333-4444-555555555555"
OTHER = "99999999-2222-3333-4444-555555555555"
NO_PID = 4_000_000


class Home:
    """An agent's folder, written as the agent writes it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.agent = ClaudeCode(folder)
        (folder / "sessions").mkdir(parents=True)

    def status(self, pid: int, session_id: str = SESSION, **fields: Any) -> Path:
        facts = process_facts(pid)
        started = facts.started_at if facts else time.time() - 60
        record = {
            "pid": pid,
            "sessionId": session_id,
            "cwd": "/home/dev/shop",
            "startedAt": round((started + 0.3) * 1000),
            "procStart": str(round((started - psutil.boot_time()) * os.sysconf("SC_CLK_TCK"))),
            "status": "idle",
            "statusUpdatedAt": round((started + 1) * 1000),
            **fields,
        }
        path = self.folder / "sessions" / f"{pid}.json"
        path.write_text(json.dumps({key: value for key, value in record.items() if value is not None}))
        return path

    def transcript(self, name: str, session_id: str = SESSION, folder: str = "-home-dev-shop") -> Path:
        path = self.folder / "projects" / folder / f"{session_id}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(records(name)))
        return path

    def look(self, *panes: Pane, known: tuple[Known, ...] = ()) -> tuple[Sighting, ...]:
        return self.agent.look(panes, known)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "claude")


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """A process that waits, a child of this one."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        yield process
        process.kill()


def pane(pid: int, number: int = 1, **fields: Any) -> Pane:
    return Pane(
        pane_id=f"%{number}",
        window_id=f"@{number}",
        session_id="$1",
        session_name="s",
        window_name="w",
        pid=pid,
        **{"command": "claude", **fields},
    )


def known(session_id: str = SESSION, issue: str = "ENG-1", at: Pane | None = None) -> Known:
    return Known(session_id=session_id, issue=issue, mode=Mode.IMPLEMENT, pane=at)


def of(sighting: Sighting) -> Records:
    assert isinstance(sighting.records, Records)
    return sighting.records


def test_no_folder_is_no_agent(tmp_path: Path) -> None:
    assert ClaudeCode(tmp_path / "none").look([], []) == ()


def test_a_session_of_the_machine(home: Home) -> None:
    home.status(os.getpid())
    home.transcript("ask")
    (seen,) = home.look()
    assert (seen.session_id, seen.issue, seen.pane, seen.pid) == (SESSION, None, None, os.getpid())
    assert of(seen).lives
    told = of(seen).transcript
    assert told is not None
    assert told.turn is TurnState.ENDED
    assert of(seen).transcript_whole


def test_what_grows_is_read_on(home: Home) -> None:
    home.status(os.getpid())
    path = home.transcript("ask")
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(b'"tool_result"')])
    first = of(home.look()[0]).transcript
    assert first is not None
    assert len(first.pending) == 1
    with path.open("ab") as file:
        file.write(whole[whole.index(b'"tool_result"') :])
    second = of(home.look()[0]).transcript
    assert second is not None
    assert (second.pending, second.turn) == ((), TurnState.ENDED)
    assert of(home.look()[0]).transcript is second


def test_a_changed_status_is_seen_and_a_torn_one_keeps_the_last(home: Home) -> None:
    path = home.status(os.getpid())
    assert of(home.look()[0]).status_problem == ""
    home.status(os.getpid(), status="busy")
    status = of(home.look()[0]).status
    assert status is not None
    assert status.status == "busy"
    path.write_text('{"pid":')
    torn = of(home.look()[0])
    assert torn.status == status
    assert torn.status_problem == "the newest version is torn"
    home.status(os.getpid(), status="waiting")
    mended = of(home.look()[0])
    assert mended.status is not None
    assert (mended.status.status, mended.status_problem) == ("waiting", "")


def test_other_files_in_the_folder_are_none_of_ours(home: Home) -> None:
    for name in ("1.key", "notes.json", "5.json"):
        (home.folder / "sessions" / name).write_text('{"pid":4,"sessionId":"x"}')
    assert home.look() == ()


def test_the_pane_of_the_file_is_believed_when_it_runs_the_process(home: Home, child: subprocess.Popen[bytes]) -> None:
    home.status(child.pid, tmux="s:@1.%1")
    assert home.look(pane(child.pid))[0].pane == pane(child.pid)
    # The ids of another server are the same ones: this pane runs something else.
    assert home.look(pane(NO_PID, command="vim"), pane(child.pid, 2))[0].pane == pane(child.pid, 2)
    assert home.look(pane(NO_PID))[0].pane is None


def test_without_a_place_in_the_file_the_process_tree_tells(home: Home, child: subprocess.Popen[bytes]) -> None:
    home.status(child.pid)
    assert home.look(pane(os.getpid(), 3))[0].pane == pane(os.getpid(), 3)


def test_an_agent_that_an_agent_runs_does_not_take_its_pane(home: Home, child: subprocess.Popen[bytes]) -> None:
    home.status(os.getpid(), tmux="s:@1.%1")
    home.status(child.pid, OTHER, tmux="s:@1.%1")
    at = pane(os.getpid())
    seen = {one.session_id: one for one in home.look(at, known=(known(at=at),))}
    assert seen[SESSION].pane == at
    assert seen[SESSION].issue == "ENG-1"
    assert (seen[OTHER].pane, seen[OTHER].issue) == (None, None)


def test_a_pane_of_ours_says_whose_it_is_after_clear(home: Home) -> None:
    home.status(os.getpid(), OTHER, tmux="s:@1.%1")
    at = pane(os.getpid())
    (seen,) = home.look(at, known=(known(at=at),))
    assert (seen.session_id, seen.issue, seen.mode) == (OTHER, "ENG-1", Mode.IMPLEMENT)


def test_a_session_is_known_without_its_pane(home: Home) -> None:
    home.status(os.getpid())
    (seen,) = home.look(known=(known(),))
    assert seen.issue == "ENG-1"


def test_a_known_worker_that_is_nowhere_is_seen_with_its_transcript(home: Home) -> None:
    home.transcript("kill9", folder="-elsewhere")
    (seen,) = home.look(known=(known(),))
    assert (seen.session_id, seen.pane, seen.pid) == (SESSION, None, None)
    assert home.agent.judge(seen, None, datetime.now(UTC)).state is WorkerState.GONE
    told = of(seen).transcript
    assert told is not None
    assert told.turn is TurnState.RUNNING


def test_a_known_pane_without_a_status_file(home: Home, child: subprocess.Popen[bytes]) -> None:
    at = pane(child.pid)
    (seen,) = home.look(at, known=(known(at=at),))
    assert (seen.pane, seen.pid, of(seen).status) == (at, child.pid, None)
    assert seen.process is not None
    gone = pane(NO_PID, dead=True, dead_status=0)
    (seen,) = home.look(gone, known=(known(at=gone),))
    assert seen.pid is None
    assert home.agent.judge(seen, None, datetime.now(UTC)).state is WorkerState.EXITED


def test_a_window_that_is_only_named_like_ours(home: Home, child: subprocess.Popen[bytes]) -> None:
    at = pane(child.pid)
    named = known(session_id="", at=at)
    (seen,) = home.look(at, known=(named,))
    assert (seen.session_id, seen.issue) == ("", "ENG-1")
    home.status(child.pid)
    (seen,) = home.look(at, known=(named,))
    assert (seen.session_id, seen.issue) == (SESSION, "ENG-1")


def test_a_killed_agent_leaves_its_file(home: Home) -> None:
    home.status(NO_PID, tmux="s:@1.%1")
    now = datetime.now(UTC)
    # Of a session that nobody knows, in no pane of ours, nothing is shown.
    assert home.look() == ()
    (seen,) = home.look(known=(known(),))
    assert home.agent.judge(seen, None, now).state is WorkerState.CRASHED
    frozen = pane(NO_PID, dead=True)
    (seen,) = home.look(frozen)
    assert seen.pane == frozen
    assert home.agent.judge(seen, None, now).state is WorkerState.CRASHED


def test_the_remains_do_not_take_a_pane_that_another_agent_has_by_now(
    home: Home, child: subprocess.Popen[bytes]
) -> None:
    home.status(NO_PID, tmux="s:@1.%1")
    home.status(child.pid, OTHER, tmux="s:@1.%1")
    (seen,) = home.look(pane(child.pid))
    assert seen.session_id == OTHER
    # Nor one that was opened later, by a server that counts from one again.
    (home.folder / "sessions" / f"{child.pid}.json").unlink()
    assert home.look(pane(child.pid, command="bash")) == ()


def test_a_session_that_was_taken_up_again_outlives_its_remains(home: Home) -> None:
    home.status(NO_PID, tmux="s:@1.%1")
    home.status(os.getpid())
    (seen,) = home.look(known=(known(),))
    assert seen.pid == os.getpid()


def test_a_session_held_twice_is_seen_twice(home: Home, child: subprocess.Popen[bytes]) -> None:
    home.status(os.getpid())
    home.status(child.pid)
    seen = {one.pid: of(one).others for one in home.look()}
    assert seen == {os.getpid(): (child.pid,), child.pid: (os.getpid(),)}


def test_a_recycled_pid_is_another_process(home: Home) -> None:
    facts = process_facts(os.getpid())
    assert facts is not None
    ticks = round((facts.started_at - psutil.boot_time()) * os.sysconf("SC_CLK_TCK"))
    home.status(os.getpid(), procStart=str(ticks - 90_000), startedAt=round((facts.started_at - 900) * 1000))
    (seen,) = home.look(known=(known(),))
    assert not of(seen).lives


@pytest.mark.parametrize(
    ("proc_start", "started_after", "platform", "wrote"),
    [
        ("5000", 0.3, "linux", True),
        ("5100", 0.3, "linux", True),
        ("9000", 0.3, "linux", False),
        ("5000", -900.0, "linux", False),
        ("", 0.3, "linux", True),
        ("Sat Nov 21 04:16:00 2026", 0.3, "darwin", True),
        ("Sat Nov 21 04:16:00 2026", 30.0, "darwin", True),
        ("Sat Nov 21 04:16:00 2026", -30.0, "darwin", False),
    ],
)
def test_who_wrote_a_file(
    monkeypatch: pytest.MonkeyPatch, proc_start: str, started_after: float, platform: str, wrote: bool
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(psutil, "boot_time", lambda: 1_000_000.0)
    monkeypatch.setattr(os, "sysconf", lambda name: 100)
    facts = ProcessFacts(7, 1_000_050.0, False, "claude", 1)
    started = datetime.fromtimestamp(facts.started_at + started_after, UTC)
    status = StatusFile(pid=7, session_id="s", proc_start=proc_start, started_at=started)
    assert Processes().wrote(facts, status) is wrote
    assert not Processes().wrote(None, status)


def test_a_stopped_process(home: Home, child: subprocess.Popen[bytes]) -> None:
    home.status(child.pid)
    child.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, child.pid, os.WSTOPPED | os.WNOWAIT)
    at = pane(child.pid, command="bash")
    (seen,) = home.look(at)
    assert home.agent.judge(seen, None, datetime.now(UTC)).state is WorkerState.SUSPENDED
    child.send_signal(signal.SIGCONT)


def test_process_facts_are_remembered_for_a_moment(child: subprocess.Popen[bytes]) -> None:
    asked: list[int] = []

    def facts(pid: int) -> ProcessFacts | None:
        asked.append(pid)
        return process_facts(pid)

    seconds = [0.0]
    processes = Processes(facts, lambda: seconds[0])
    assert processes.facts(child.pid) == processes.facts(child.pid)
    assert asked == [child.pid]
    processes.facts(child.pid, closely=True)
    seconds[0] = 60.0
    processes.facts(child.pid)
    assert len(asked) == 3
    child.kill()
    child.wait()
    assert processes.facts(child.pid) is None


def test_a_transcript_that_moves_is_found_again(home: Home) -> None:
    home.status(os.getpid())
    path = home.transcript("ask")
    assert of(home.look()[0]).transcript is not None
    moved = home.folder / "projects" / "-home-dev-shop-worktree" / path.name
    moved.parent.mkdir()
    path.rename(moved)
    home.look()
    told = of(home.look()[0])
    assert (told.transcript_problem, told.transcript is not None) == ("", True)


def test_one_unreadable_transcript_costs_only_its_own(home: Home, child: subprocess.Popen[bytes]) -> None:
    home.status(os.getpid())
    home.status(child.pid, OTHER)
    home.transcript("ask", OTHER)
    (home.folder / "projects" / "-home-dev-shop" / f"{SESSION}.jsonl").mkdir()
    seen = {one.session_id: of(one) for one in home.look()}
    assert seen[SESSION].transcript_problem == "not a regular file"
    assert seen[OTHER].transcript is not None


def test_owners_and_transcripts(home: Home) -> None:
    assert home.agent.owner(SESSION) is None
    assert not home.agent.has_transcript(SESSION)
    home.status(os.getpid())
    home.transcript("ask", folder="-far-away")
    assert home.agent.owner(SESSION) == os.getpid()
    assert home.agent.has_transcript(SESSION)
    assert not home.agent.has_transcript("../../etc/passwd")
    home.status(NO_PID, OTHER)
    assert home.agent.owner(OTHER) is None


def test_the_answer_on_record_is_read_afresh(home: Home) -> None:
    home.status(os.getpid(), status="waiting", waitingFor="input needed")
    path = home.transcript("ask")
    whole = path.read_bytes()
    before = whole.splitlines(keepends=True)
    answered = next(number for number, line in enumerate(before) if b'"tool_result"' in line)
    path.write_bytes(b"".join(before[:answered]))
    worker = home.agent.judge(home.look()[0], None, datetime.now(UTC))
    assert worker.question is not None
    assert home.agent.given(worker.question) is None
    path.write_bytes(whole)
    given = home.agent.given(worker.question)
    assert given is not None
    assert given[0].labels == ("Postgres",)


def test_a_sub_agent_asks_and_its_own_record_has_the_answer(home: Home) -> None:
    home.status(os.getpid(), status="waiting", waitingFor="permission prompt")
    path = home.transcript("ask")
    folder = path.with_suffix("") / "subagents"
    folder.mkdir(parents=True)
    (folder / "agent-a1.meta.json").write_text("{}")
    call = {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {"command": "touch from-worker"}}
    record = {"type": "assistant", "isSidechain": True, "message": {"id": "m", "content": [call]}}
    file = folder / "agent-a1.jsonl"
    file.write_text(f"{json.dumps(record)}\n{{torn")
    screen = lines("agent.80x24-fullscreen.sub-agent-permission")
    sighting = replace(home.look()[0], pane=pane(os.getpid()))
    worker = home.agent.judge(sighting, screen, datetime.now(UTC) + timedelta(minutes=1))
    question = worker.question
    assert question is not None
    assert (question.tool_use_id, question.text, question.unanswerable) == ("toolu_1", "touch from-worker", "")
    assert home.agent.given(question) is None
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "is_error": True, "content": "…The user said:\nNot here"}
    decision = {"decision": "reject", "source": "user_reject"}
    answer = {"type": "user", "isSidechain": True, "message": {"content": [result]}, "permissionDecision": decision}
    file.write_text(f"{json.dumps(record)}\n{json.dumps(answer)}\n")
    given = home.agent.given(question)
    assert given is not None
    assert (given[0].labels, given[0].text) == (("No",), "Not here")


def test_sub_agents_cost_nothing_while_nothing_is_to_be_allowed(home: Home) -> None:
    home.status(os.getpid(), status="busy")
    path = home.transcript("ask")
    (path.with_suffix("") / "subagents").mkdir(parents=True)
    (path.with_suffix("") / "subagents" / "agent-a1.jsonl").write_text("{}\n")
    assert of(home.look()[0]).sub_agents == ()
