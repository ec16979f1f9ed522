"""Old records leave the ledger, and nothing that stands by them changes."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from legion_tui.act.ledger import Ledger
from legion_tui.act.ledger_sum import Sum
from legion_tui.act.records import Entry, Kind, Phase, decode, encode
from legion_tui.act.retention import needed
from legion_tui.state import Mode

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
OLD = NOW - timedelta(days=90)
WRITER = """
import sys, anyio
from datetime import UTC, datetime
from pathlib import Path
from legion_tui.act.ledger import Ledger

async def main():
    ledger = Ledger(Path(sys.argv[1]), clock=lambda: datetime.now(UTC))
    for number in range(int(sys.argv[2])):
        print(await ledger.note("answer", "ENG-1", number=number, filler="x" * 3000), flush=True)

anyio.run(main)
"""


def writer(folder: Path) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", WRITER, str(folder), "40"]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)


SESSIONS = ("s-1", "s-2")
# What stands by itself; everything else is an intent, and its outcome.
NOTES = (Kind.LABELS, Kind.QUEUE, Kind.LIFE, Kind.REQUEST, Kind.RESUME)
LABELS = ("worker-done", "worker-active", "human-approved")


@st.composite
def histories(draw: st.DrawFn) -> list[Entry]:
    """Any records, oldest first, as programs of any version may have written them."""
    found: list[Entry] = []
    at = OLD - timedelta(days=draw(st.integers(0, 10)))
    for number in range(draw(st.integers(0, 25))):
        kind = draw(st.sampled_from(list(Kind)))
        phase = Phase.NOTE if kind in NOTES else draw(st.sampled_from([Phase.INTENT, Phase.OUTCOME]))
        at += timedelta(days=draw(st.integers(0, 2)), seconds=1)
        session_id = draw(st.sampled_from(SESSIONS))
        data: dict[str, Any] = {"session_id": session_id, "mode": draw(st.sampled_from(list(Mode))).value}
        intents = [entry for entry in found if entry.phase is Phase.INTENT]
        entry_id = f"e{number}"
        if phase is Phase.OUTCOME:
            if not intents:
                continue
            intent = draw(st.sampled_from(intents))
            entry_id, kind = intent.id, Kind(intent.kind)
            outcome = draw(st.sampled_from(["started", "done", "failed", "refused", "unconfirmed"]))
            data = {"outcome": outcome, "reason": ""}
        elif kind is Kind.LABELS:
            data = {name: draw(st.lists(st.sampled_from(LABELS), max_size=2)) for name in ("added", "removed")}
        elif kind is Kind.LIFE:
            data["to"] = draw(st.sampled_from(["running", "idle", "failed"]))
        elif kind is Kind.QUEUE:
            queued = [entry.id for entry in found if entry.kind == Kind.QUEUE]
            ends = draw(st.booleans())
            data = {"message": draw(st.sampled_from(queued))} if queued and ends else {**data, "text": "go on"}
        elif kind is Kind.MESSAGE:
            queued = [entry.id for entry in found if entry.kind == Kind.QUEUE]
            data["message"] = draw(st.sampled_from(queued)) if queued else ""
        elif kind is Kind.REQUEST and draw(st.booleans()):
            data["outcome"] = "cancelled"
        elif draw(st.booleans()):
            data |= {"action": "resume_implementer_for_changes", "head": "abc"}
        issue = draw(st.sampled_from(["ENG-1", "ENG-2"]))
        found.append(Entry(id=entry_id, phase=phase, kind=kind, at=at, issue=issue, data=data))
    return found


def sum_of(entries: list[Entry]) -> Sum:
    known = Sum()
    for entry in entries:
        known.add(entry)
    return known


@settings(max_examples=400)
@given(histories())
def test_what_stands_is_the_same_without_what_is_not_needed(entries: list[Entry]) -> None:
    lines = [encode(entry).rstrip() for entry in entries]
    stays = needed(lines, older_than=OLD)
    kept = [entry for entry, stay in zip(entries, stays, strict=True) if stay]
    before, after = sum_of(entries), sum_of(kept)
    assert after.journal == before.journal
    assert after.open == before.open
    assert all(entry in kept for entry in entries if entry.at >= OLD)
    # Once trimmed, there is nothing more to trim.
    again = needed([encode(entry).rstrip() for entry in kept], older_than=OLD)
    assert all(again)


async def test_old_records_go_to_the_archive(tmp_path: Path) -> None:
    at = [NOW - timedelta(days=200)]
    ledger = Ledger(tmp_path / "state", clock=lambda: at[0], user="ann", program="test")
    reader = Ledger(tmp_path / "state", clock=lambda: NOW)
    await ledger.note(Kind.LABELS, "ENG-1", added=["worker-done"], removed=[])
    answered = await ledger.intend(Kind.ANSWER, "ENG-1")
    await ledger.conclude(answered, Kind.ANSWER, "ENG-1", "confirmed")
    with ledger.path.open("ab") as file:
        file.write(b'{"v": 99, "of": "a later version"}\n')
    at[0] = NOW
    await ledger.note(Kind.LABELS, "ENG-2", added=["worker-done"], removed=[])
    assert len(await reader.history()) == 4
    assert await ledger.trim(older_than=OLD) == 2
    assert await ledger.trim(older_than=OLD) == 0
    # Another program that had read the old file reads the new one.
    assert [(entry.kind, entry.issue) for entry in await reader.history()] == [("labels", "ENG-1"), ("labels", "ENG-2")]
    assert await reader.labels_of("ENG-1") == {"worker-done"}
    assert await reader.unreadable() == 1
    archive = tmp_path / "state" / "ledger-archive.ndjson"
    assert [entry and entry.kind for entry in map(decode, archive.read_bytes().splitlines())] == ["answer", "answer"]
    assert archive.stat().st_mode & 0o777 == 0o600
    assert ledger.path.stat().st_mode & 0o777 == 0o600


async def test_no_ledger_is_nothing_to_trim(tmp_path: Path) -> None:
    assert await Ledger(tmp_path / "state", clock=lambda: NOW).trim(older_than=OLD) == 0
    assert not (tmp_path / "state").exists()


async def test_what_is_written_while_it_is_trimmed_is_not_lost(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "state", clock=lambda: NOW)
    writers = [writer(tmp_path / "state") for _ in range(3)]
    trimmed = 0
    while any(one.poll() is None for one in writers):
        # Everything is old: each time all of it goes.
        trimmed += await ledger.trim(older_than=NOW + timedelta(days=36500))
    confirmed = [line for one in writers for line in one.communicate()[0].split()]
    assert trimmed
    assert len(confirmed) == 120
    files = [tmp_path / "state" / "ledger-archive.ndjson", ledger.path]
    lines = [line for file in files for line in file.read_bytes().splitlines()]
    assert sorted(entry.id for entry in map(decode, lines) if entry is not None) == sorted(confirmed)
