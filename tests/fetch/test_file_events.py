"""A change of a file is told at once; what cannot be watched is told as such."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
import watchfiles

from legion_tui.fetch import file_events
from legion_tui.fetch.file_events import FileEvents
from tests.support.waiting import until


@asynccontextmanager
async def running(events: FileEvents) -> AsyncIterator[None]:
    async with anyio.create_task_group() as group:
        group.start_soon(events.run)
        yield
        group.cancel_scope.cancel()


def nobody(name: str) -> None:
    """Do nothing with what is told."""


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for folders that come and go often."""
    monkeypatch.setattr(file_events, "_LOOK_EVERY_MS", 50)
    monkeypatch.setattr(file_events, "_REST_SECONDS", 0.05)
    monkeypatch.setattr(file_events, "_FIRST_SECONDS", 0.0)


async def test_a_change_is_told_by_its_name(tmp_path: Path) -> None:
    told: list[str] = []
    deep = tmp_path / "agents" / "projects" / "one"
    deep.mkdir(parents=True)
    (tmp_path / "issues").mkdir()
    events = FileEvents({"agents": [tmp_path / "agents"], "tracker": [tmp_path / "issues"]}, told.append)
    async with running(events):
        await until(lambda: events.watched == 2)
        (deep / "a.jsonl").write_text("{}\n")
        await until(lambda: "agents" in told)
        assert "tracker" not in told
        (tmp_path / "issues" / "ENG-1.md").write_text("# One\n")
        await until(lambda: "tracker" in told)
    assert events.told == len(told)


async def test_a_folder_may_come_later_and_be_made_anew(tmp_path: Path) -> None:
    told: list[str] = []
    folder = tmp_path / "sessions"
    events = FileEvents({"agents": [folder]}, told.append)
    async with running(events):
        folder.mkdir()
        await until(lambda: events.watched)
        (folder / "1.json").write_text("{}")
        await until(lambda: told)
        folder.rename(tmp_path / "old")
        folder.mkdir()
        told.clear()

        def heard() -> bool:
            (folder / "2.json").write_text("{}")
            return bool(told)

        await until(heard)


async def test_a_link_leads_to_what_is_watched(tmp_path: Path) -> None:
    told: list[str] = []
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    events = FileEvents({"agents": [tmp_path / "link"]}, told.append)
    async with running(events):
        await until(lambda: events.watched)
        (tmp_path / "real" / "1.json").write_text("{}")
        await until(lambda: told)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), RuntimeError("error in the library")])
async def test_a_system_that_refuses_is_told_of_and_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    events = FileEvents({"agents": [tmp_path]}, nobody)
    with monkeypatch.context() as patched:
        patched.setattr(watchfiles, "watch", refuse)
        async with anyio.create_task_group() as group:
            group.start_soon(events.run)
            await until(lambda: events.why)
            assert events.why in ("No space left on device", "error in the library")
            assert events.watched == 0
            patched.undo()
            await until(lambda: events.watched and not events.why)
            group.cancel_scope.cancel()


async def test_nothing_to_watch_is_no_thread() -> None:
    with anyio.fail_after(10):
        await FileEvents({"agents": []}, nobody).run()


async def test_leaving_takes_no_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Longer than any test: only being asked to stop ends the thread.
    monkeypatch.setattr(file_events, "_LOOK_EVERY_MS", 600_000)
    events = FileEvents({"agents": [tmp_path]}, nobody)
    with anyio.fail_after(30):
        async with running(events):
            await until(lambda: events.watched)
