from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legion_tui.agents.claude_code.status_file import StatusFile, parse_status
from tests.support.claude_code import DATA

RECORDED = (DATA / "hand.ask" / "status.jsonl").read_bytes()


def test_a_recorded_file() -> None:
    assert parse_status(RECORDED) == StatusFile(
        pid=17826,
        session_id="903716c6-9e1d-49fb-89f7-bf952c47d7b4",
        cwd="/home/dev/shop",
        started_at=datetime(2026, 11, 21, 4, 16, 0, 717000, UTC),
        proc_start="101980",
        version="2.1.328",
        kind="interactive",
        name="shop-59",
        window="@1",
        pane="%1",
        status="waiting",
        waiting_for="input needed",
        status_at=datetime(2026, 11, 21, 4, 16, 1, 83000, UTC),
    )


def test_the_first_version_has_no_status() -> None:
    record = json.loads(RECORDED)
    for key in ("status", "updatedAt", "statusUpdatedAt", "waitingFor", "tmux"):
        del record[key]
    status = parse_status(json.dumps(record).encode())
    assert status is not None
    assert (status.status, status.waiting_for, status.status_at, status.pane) == ("", "", None, "")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"pid": "x"}',
        b'{"pid": 0, "sessionId": "a"}',
        b'{"pid": 5, "sessionId": ""}',
        b"\xff",
    ],
)
def test_what_is_no_such_record(data: bytes) -> None:
    assert parse_status(data) is None


@pytest.mark.parametrize("length", range(0, len(RECORDED), 7))
def test_a_torn_file(length: int) -> None:
    assert parse_status(RECORDED[:length]) is None


@pytest.mark.parametrize("milliseconds", ["1e308", "-1e308", "1e-300", "99999999999999999"])
def test_absurd_times_are_no_times(milliseconds: str) -> None:
    status = parse_status(b'{"pid":1,"sessionId":"a","startedAt":%s}' % milliseconds.encode())
    assert status is not None
    assert status.started_at is None or status.started_at.year < 1971


def test_foreign_text_is_cleaned() -> None:
    status = parse_status(b'{"pid":1,"sessionId":"a","name":"\\u001b[31mred\\u202e","cwd":"/a\\u0007b"}')
    assert status is not None
    assert (status.name, status.cwd) == ("red", "/ab")


@given(st.binary(max_size=300))
def test_never_raises(data: bytes) -> None:
    parse_status(data)


@given(st.integers(0, len(RECORDED) - 1), st.binary(min_size=1, max_size=8))
def test_never_raises_on_a_damaged_record(at: int, damage: bytes) -> None:
    parse_status(RECORDED[:at] + damage + RECORDED[at + len(damage) :])
