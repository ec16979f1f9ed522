"""The file of what is snoozed: kept, shared by two dashboards, never thrown away because it cannot be read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest
from filelock import FileLock

from legion_tui.act.snoozes import SnoozeFile
from legion_tui.errors import LegionError
from legion_tui.state.snooze import Snooze

AT = datetime(2026, 3, 14, 16, 40, tzinfo=UTC)
ONE = Snooze(mark="question|toolu_1|Todo", until=AT)
OTHER = Snooze(mark="plan|toolu_2")


async def test_what_is_kept_is_there_after_a_restart(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "project"
    assert await SnoozeFile(folder).load() == {}
    assert not folder.exists()
    assert await SnoozeFile(folder).change({"ENG-21": ONE, "ENG-34": OTHER}) == {"ENG-21": ONE, "ENG-34": OTHER}
    assert await SnoozeFile(folder).load() == {"ENG-21": ONE, "ENG-34": OTHER}
    assert (folder / "snoozed.json").stat().st_mode & 0o777 == 0o600
    assert await SnoozeFile(folder).change({"ENG-21": None, "ENG-99": None}) == {"ENG-34": OTHER}
    assert await SnoozeFile(folder).load() == {"ENG-34": OTHER}


async def test_two_dashboards_do_not_undo_each_other(tmp_path: Path) -> None:
    await SnoozeFile(tmp_path).change({"ENG-1": ONE})
    async with anyio.create_task_group() as group:
        for number in range(2, 12):
            group.start_soon(SnoozeFile(tmp_path).change, {f"ENG-{number}": OTHER})
    assert set(await SnoozeFile(tmp_path).load()) == {f"ENG-{number}" for number in range(1, 12)}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"version": 2, "snoozed": {}}',
        b'{"version": 1, "snoozed": {"ENG-1": {"mark": 3, "until": null}}}',
        b'{"version": 1, "snoozed": {"ENG-1": {"mark": "x", "until": "2026-03-14T16:40:00"}}}',
        b'{"version": 1, "snoozed": {"ENG-1": {"mark": "x", "until": "soon"}}}',
        b'{"version": 1, "snoozed": ["ENG-1"]}',
    ],
)
async def test_a_file_that_is_not_understood_is_told_of_and_put_aside_never_lost(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "snoozed.json"
    path.write_bytes(data)
    with pytest.raises(LegionError) as told:
        await SnoozeFile(tmp_path).load()
    assert str(path) in str(told.value)
    assert "all rows are shown" in str(told.value)
    assert path.read_bytes() == data
    (tmp_path / "snoozed.json.unreadable-1").write_bytes(b"an older one")
    assert await SnoozeFile(tmp_path).change({"ENG-21": ONE}) == {"ENG-21": ONE}
    assert (tmp_path / "snoozed.json.unreadable-1").read_bytes() == b"an older one"
    assert (tmp_path / "snoozed.json.unreadable-2").read_bytes() == data
    assert json.loads(path.read_bytes())["version"] == 1


async def test_what_cannot_be_written_or_locked_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(LegionError, match="could not be kept"):
        await SnoozeFile(tmp_path / "file" / "below").change({"ENG-21": ONE})
    with FileLock(tmp_path / "snoozed.json.lock"), pytest.raises(LegionError, match="locked by another dashboard"):
        await SnoozeFile(tmp_path).change({"ENG-21": ONE})
