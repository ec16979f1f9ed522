"""The ledger on real files, written by several programs, some of them killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from legion_tui.act.ledger import Ledger
from legion_tui.act.records import Kind, Phase
from legion_tui.errors import LegionError
from legion_tui.state import Mode

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)

WRITER = """
import sys, anyio
from datetime import UTC, datetime
from pathlib import Path
from legion_tui.act.ledger import Ledger

async def main():
    ledger = Ledger(Path(sys.argv[1]), clock=lambda: datetime.now(UTC))
    for number in range(int(sys.argv[2])):
        entry = await ledger.intend("dispatch", "ENG-1", number=number, filler="x" * 3000)
        print(entry, flush=True)

anyio.run(main)
"""


def ledger_in(folder: Path) -> Ledger:
    return Ledger(folder, clock=lambda: NOW, user="ann", program="test")


def writer(folder: Path, count: int) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", WRITER, str(folder), str(count)]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)


async def test_it_keeps_what_a_worker_was_told_about_which_commit(tmp_path: Path) -> None:
    ledger = ledger_in(tmp_path / "state")
    about = {"mode": "implement", "session_id": "s-1", "action": "resume_implementer_for_changes"}
    told = await ledger.intend(Kind.PROMPT, "ENG-1", **about, head="a" * 40)
    await ledger.conclude(told, Kind.PROMPT, "ENG-1", "resumed")
    refused = await ledger.intend(Kind.PROMPT, "ENG-1", **about, head="b" * 40)
    await ledger.conclude(refused, Kind.PROMPT, "ENG-1", "refused")
    await ledger.intend(Kind.DISPATCH, "ENG-2", mode="implement", session_id="s-2")
    expected = {"ENG-1": frozenset({("resume_implementer_for_changes", "a" * 40)})}
    assert (await ledger.journal()).told == expected
    assert (await ledger_in(tmp_path / "state").journal()).told == expected


async def test_it_counts_how_often_a_program_starts_a_worker(tmp_path: Path) -> None:
    ledger = ledger_in(tmp_path / "state")
    other = Ledger(tmp_path / "state", clock=lambda: NOW, user="ann", program="dashboard")
    first = await ledger.intend(Kind.DISPATCH, "ENG-1", mode="implement", session_id="s-1")
    await ledger.conclude(first, Kind.DISPATCH, "ENG-1", "failed")
    await ledger.intend(Kind.PROMPT, "ENG-1", mode="implement", session_id="s-1")
    await ledger.intend(Kind.DISPATCH, "ENG-1", mode="review", session_id="s-2")
    await ledger.intend(Kind.STOP, "ENG-1", mode="implement", session_id="s-1")
    await other.intend(Kind.DISPATCH, "ENG-2", mode="implement", session_id="s-3")
    never_started: list[tuple[str, dict[str, Any]]] = [("refused", {}), ("unconfirmed", {"undone": True})]
    for outcome, facts in never_started:
        never = await ledger.intend(Kind.DISPATCH, "ENG-1", mode="implement", session_id="s-1")
        await ledger.conclude(never, Kind.DISPATCH, "ENG-1", outcome, **facts)
    # Nor is it a round that somebody asked for and that waited for its slot.
    await other.note(Kind.REQUEST, "ENG-1", mode="test", session_id="s-9")
    await ledger.intend(Kind.DISPATCH, "ENG-1", mode="test", session_id="s-9")
    counted = {("ENG-1", Mode.IMPLEMENT): 2, ("ENG-1", Mode.REVIEW): 1}
    assert await ledger.starts("test") == counted
    assert await ledger_in(tmp_path / "state").starts("test") == counted
    assert await ledger.starts("dashboard") == {("ENG-2", Mode.IMPLEMENT): 1}
    assert await ledger.starts("autopilot") == {}


async def test_an_intent_and_its_outcome_are_told(tmp_path: Path) -> None:
    ledger = ledger_in(tmp_path / "state" / "project")
    entry = await ledger.intend(Kind.DISPATCH, "ENG-1", mode="implement", session_id="s-1")
    await ledger.conclude(entry, Kind.DISPATCH, "ENG-1", "started", "a start-up dialog waits", pane="%1")
    await ledger.intend(Kind.ANSWER, "ENG-2", labels=["Yes", "No"])
    intent, outcome = [one for one in await ledger.history("eng-1") if one.kind != Kind.LIFE]
    assert (intent.phase, outcome.phase, outcome.id) == (Phase.INTENT, Phase.OUTCOME, entry)
    assert intent.at == NOW
    assert (intent.by["user"], intent.by["program"], intent.by["pid"]) == ("ann", "test", os.getpid())
    assert intent.text == "ENG-1 dispatch begun (mode implement, session_id s-1)"
    assert outcome.text == "ENG-1 dispatch started (pane %1): a start-up dialog waits"
    assert (await ledger.history())[-1].text == "ENG-2 answer begun (labels Yes No)"
    (dispatch,) = await ledger.dispatched("ENG-1")
    assert (dispatch.mode, dispatch.session_id) == (Mode.IMPLEMENT, "s-1")
    assert (dispatch.outcome, dispatch.at) == ("started", NOW)
    assert await ledger.dispatched("ENG-1", Mode.PLAN) == ()
    assert (await ledger.journal()).dispatched == {"s-1": ("ENG-1", Mode.IMPLEMENT)}


async def test_files_are_for_this_user_only(tmp_path: Path) -> None:
    ledger = ledger_in(tmp_path / "project")
    await ledger.note(Kind.LABELS, "ENG-1", added=["a"])
    assert (tmp_path / "project").stat().st_mode & 0o777 == 0o700
    assert ledger.path.stat().st_mode & 0o777 == 0o600


async def test_no_ledger_is_no_history(tmp_path: Path) -> None:
    ledger = ledger_in(tmp_path)
    assert await ledger.history() == ()
    assert await ledger.unresolved() == ()
    assert await ledger.unreadable() == 0
    assert (await ledger.journal()).dispatched == {}


async def test_a_torn_line_is_counted_and_takes_no_other_with_it(tmp_path: Path) -> None:
    ledger = ledger_in(tmp_path)
    await ledger.note(Kind.LABELS, "ENG-1", added=["one"])
    whole = ledger.path.read_bytes()
    ledger.path.write_bytes(whole + whole[:40])
    assert len(await ledger.history()) == 1
    assert await ledger.unreadable() == 1
    await ledger.note(Kind.LABELS, "ENG-1", added=["two"])
    for reader in (ledger, ledger_in(tmp_path)):
        assert await reader.labels_of("ENG-1") == {"one", "two"}
        assert await reader.unreadable() == 1
    assert len(ledger.path.read_bytes().splitlines()) == 3


@pytest.mark.parametrize(
    "line",
    [
        b"not json",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"v":2,"id":"x","phase":"note","kind":"labels","at":"2026-01-01T00:00:00Z","issue":"E","by":{},"data":{}}',
        b'{"v":1,"id":"x","phase":"note","kind":"labels","at":"2026-01-01T00:00:00","issue":"E","by":{},"data":{}}',
        b'{"v":1,"id":"x","phase":"else","kind":"labels","at":"2026-01-01T00:00:00Z","issue":"E","by":{},"data":{}}',
        b'{"v":1,"id":"x","phase":"note","kind":"labels","at":"2026-01-01T00:00:00Z","issue":1,"by":{},"data":{}}',
        b'{"v":1,"id":"x","phase":"note","kind":"labels","at":"2026-01-01T00:00:00Z","issue":"E","by":{},"data":[]}',
    ],
)
async def test_a_line_that_is_no_record_is_counted(tmp_path: Path, line: bytes) -> None:
    ledger = ledger_in(tmp_path)
    await ledger.note(Kind.LABELS, "ENG-1", added=["kept"])
    with ledger.path.open("ab") as file:
        file.write(line + b"\n")
    await ledger.note(Kind.LABELS, "ENG-1", added=["too"])
    assert await ledger.unreadable() == 1
    assert await ledger.labels_of("ENG-1") == {"kept", "too"}


async def test_odd_values_in_a_record_harm_nobody(tmp_path: Path) -> None:
    record = {"v": 1, "id": "x", "phase": "intent", "kind": "dispatch", "at": "2026-01-01T00:00:00Z", "issue": "E"}
    lines = [
        {**record, "by": {"pid": "many"}, "data": {"mode": ["plan"], "session_id": 3}},
        {**record, "id": "y", "by": {}, "data": {"mode": "plan", "session_id": None}},
        {**record, "kind": "labels", "phase": "note", "by": {}, "data": {"added": "word", "removed": [1]}},
    ]
    ledger = ledger_in(tmp_path)
    ledger.path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert len(await ledger.history()) == 3
    assert (await ledger.journal()).dispatched == {}
    assert await ledger.labels_of("E") == frozenset()
    assert [entry.id for entry in await ledger.unresolved()] == ["x", "y"]


async def test_controls_in_a_reason_stay_in_the_file(tmp_path: Path) -> None:
    ledger = ledger_in(tmp_path)
    await ledger.note(Kind.ANSWER, "ENG-1", reason="a\x1b]0;evil\x07b\nc\u202e")
    (entry,) = await ledger.history()
    assert entry.text == "ENG-1 answer: ab c"


async def test_labels_are_added_and_removed(tmp_path: Path) -> None:
    ledger = ledger_in(tmp_path)
    await ledger.note(Kind.LABELS, "ENG-1", added=["a", "b"], removed=[])
    await ledger.note(Kind.LABELS, "ENG-1", added=["c"], removed=["a"])
    await ledger.note(Kind.LABELS, "ENG-2", added=["d"], removed=["d"])
    assert await ledger.labels_of("ENG-1") == {"b", "c"}
    assert (await ledger.journal()).labels == {"ENG-1": frozenset({"b", "c"}), "ENG-2": frozenset({"d"})}


async def test_a_dispatch_that_failed_is_none(tmp_path: Path) -> None:
    ledger = ledger_in(tmp_path)
    first = await ledger.intend(Kind.DISPATCH, "ENG-1", mode="plan", session_id="s-1")
    assert (await ledger.journal()).issues == {"ENG-1"}
    await ledger.conclude(first, Kind.DISPATCH, "ENG-1", "failed", "no tmux")
    assert (await ledger.journal()).issues == frozenset()


async def test_reading_again_costs_nothing_while_nothing_was_written(tmp_path: Path) -> None:
    ledger, other = ledger_in(tmp_path), ledger_in(tmp_path)
    await other.note(Kind.LABELS, "ENG-1", added=["a"])
    before = await ledger.journal()
    assert await ledger.journal() is before
    await other.note(Kind.LABELS, "ENG-1", added=["b"])
    assert (await ledger.journal()).labels == {"ENG-1": frozenset({"a", "b"})}


async def test_another_file_in_its_place_is_read_from_its_beginning(tmp_path: Path) -> None:
    ledger = ledger_in(tmp_path)
    await ledger.note(Kind.LABELS, "ENG-1", added=["a"])
    assert await ledger.labels_of("ENG-1") == {"a"}
    await ledger_in(tmp_path / "other").note(Kind.LABELS, "ENG-1", added=["b"])
    (tmp_path / "other" / "ledger.ndjson").replace(ledger.path)
    assert await ledger.labels_of("ENG-1") == {"b"}
    ledger.path.unlink()
    assert await ledger.history() == ()


async def test_a_ledger_that_cannot_be_written_is_an_error_before_the_effect(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LegionError, match="could not be written"):
        await ledger_in(tmp_path / "file").intend(Kind.DISPATCH, "ENG-1")


async def test_only_intents_of_programs_that_are_gone_are_unresolved(tmp_path: Path) -> None:
    ledger = ledger_in(tmp_path)
    await ledger.intend(Kind.DISPATCH, "ENG-1")
    assert await ledger.unresolved() == ()
    process = writer(tmp_path, 1)
    out, _ = process.communicate(timeout=20)
    (left,) = await ledger.unresolved()
    assert left.id == out.strip()
    await ledger.conclude(left.id, left.kind, left.issue, "unconfirmed")
    assert await ledger.unresolved() == ()


async def test_writers_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    writers = [writer(tmp_path, 40) for _ in range(4)]
    confirmed = {line for process in writers for line in process.communicate(timeout=50)[0].split()}
    assert len(confirmed) == 160
    ledger = ledger_in(tmp_path)
    assert {entry.id for entry in await ledger.history()} == confirmed
    assert await ledger.unreadable() == 0


async def test_killed_in_a_loop_it_loses_nothing_that_was_confirmed(tmp_path: Path) -> None:
    confirmed: set[str] = set()
    for lines in range(1, 21):
        process = writer(tmp_path, 100_000)
        assert process.stdout is not None
        for _ in range(lines):
            confirmed.add(process.stdout.readline().strip())
        process.send_signal(signal.SIGKILL)
        rest, _ = process.communicate(timeout=20)
        confirmed |= {line for line in rest.split("\n")[:-1] if line}
    assert len(confirmed) >= sum(range(1, 21))
    ledger = ledger_in(tmp_path)
    assert confirmed <= {entry.id for entry in await ledger.history()}
    # One line at the most is cut off by each kill.
    assert await ledger.unreadable() <= 20
    await ledger.note(Kind.LABELS, "ENG-1", added=["after"])
    assert await ledger_in(tmp_path).labels_of("ENG-1") == {"after"}


async def test_times_are_kept_in_utc(tmp_path: Path) -> None:
    local = datetime(2026, 11, 21, 6, 0, tzinfo=timezone(timedelta(hours=1)))
    ledger = Ledger(tmp_path, clock=lambda: local + timedelta(milliseconds=7))
    await ledger.note(Kind.LABELS, "ENG-1")
    assert b'"at":"2026-11-21T05:00:00.007Z"' in ledger.path.read_bytes()
