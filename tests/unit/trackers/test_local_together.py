"""The local tracker where much is there, and where many write at a time: real files, real processes."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from pathlib import Path

import anyio
import pytest

from legion_tui.trackers import NewIssue
from legion_tui.trackers.local import LocalTracker

_SPAWN = multiprocessing.get_context("spawn")
# Long ago, so that nobody wonders whether it is still being written.
_LONG_AGO = 1_500_000_000
_opened: list[tuple[str, int]] = []
_watching: list[str] = []
_hooked: list[bool] = []


def _hear(event: str, details: tuple[object, ...]) -> None:
    if event == "open" and _watching and str(details[0]).startswith(_watching[0]):
        _opened.append((str(details[0]), threading.get_ident()))


@contextmanager
def opens_below(folder: Path) -> Iterator[list[tuple[str, int]]]:
    """Collect which files below `folder` Python opens, and in which thread."""
    if not _hooked:  # one that is there stays for good
        sys.addaudithook(_hear)
        _hooked.append(True)
    _opened.clear()
    _watching.append(str(folder))
    try:
        yield _opened
    finally:
        _watching.clear()


def _tracker(root: Path) -> LocalTracker:
    return LocalTracker(root / "issues", root=root, key="ENG", author=f"agent-{os.getpid()}")


async def test_of_thousands_of_files_only_those_that_changed_are_opened_again(tmp_path: Path) -> None:
    folder = tmp_path / "issues"
    folder.mkdir()
    for number in range(5000):
        file = folder / f"ENG-{number}.md"
        parent = f"parent: ENG-{number // 10}\n" if number else ""
        file.write_text(f"---\ntitle: Issue {number}\nstatus: Todo\n{parent}---\n")
        os.utime(file, (_LONG_AGO, _LONG_AGO))
    tracker = _tracker(tmp_path)
    with opens_below(folder) as opened:
        first = await tracker.read()
        assert len(opened) == 5000
        assert threading.get_ident() not in {thread for _, thread in opened}
        opened.clear()
        again = await tracker.read()
        assert opened == []
        changed = folder / "ENG-7.md"
        changed.write_text("---\ntitle: Another\nstatus: Todo\nparent: ENG-0\n---\n")
        os.utime(changed, (_LONG_AGO, _LONG_AGO))
        opened.clear()
        third = await tracker.read()
        assert [Path(name).name for name, _ in opened] == ["ENG-7.md"]
    assert all(one is other for one, other in zip(first.issues, again.issues, strict=True))
    assert [one.title for one, other in zip(third.issues, again.issues, strict=True) if one is not other] == ["Another"]


async def test_a_file_that_was_read_while_it_was_written_is_doubted_for_a_while(tmp_path: Path) -> None:
    tracker = _tracker(tmp_path)
    await tracker.add(NewIssue(title="before"))
    first = (await tracker.read()).issues[0]
    file = tmp_path / "issues/ENG-1.md"
    at = file.stat()
    # As large as before, and in the same tick of the clock.
    with file.open("r+") as handle:
        handle.write(file.read_text().replace("before", "behind"))
    os.utime(file, ns=(at.st_atime_ns, at.st_mtime_ns))
    second = (await tracker.read()).issues[0]
    assert (first.title, second.title) == ("before", "behind")
    assert (await tracker.read()).issues[0] is second


def _write(root: str, name: str) -> None:
    async def write() -> None:
        tracker = _tracker(Path(root))
        for number in range(8):
            await tracker.label("ENG-1", add=[f"{name}-{number}"])
            await tracker.comment("ENG-1", f"word {name}-{number}")
            await tracker.move("ENG-1", "In Progress" if number % 2 else "Todo")

    anyio.run(write)


def _save_whenever_it_changed(root: str, how: str, ended: Event) -> None:
    """An editor that knows of no lock: what it saved last must always be there, whoever wrote since."""
    file, beside = Path(root) / "issues/ENG-1.md", Path(root) / "beside"
    number, saved = 0, ""
    while True:
        last = ended.is_set()
        until = time.monotonic() + 5
        # For a moment an agent's can be there, until it sees that what was saved is newer.
        while f"\nmine: {number}\n" not in (text := file.read_text()):
            if time.monotonic() > until:
                raise SystemExit(f"{number} was saved, and is not there:\n{text}")
        if last:
            break
        if text == saved:
            continue
        saved = text.replace(f"\nmine: {number}\n", f"\nmine: {number + 1}\n")
        number += 1
        if how == "in place":
            file.write_text(saved)
        else:
            beside.write_text(saved)
            beside.replace(file)
    if not number:
        raise SystemExit("it never saved anything")


async def _ended(processes: Sequence[multiprocessing.process.BaseProcess]) -> list[int | None]:
    for process in processes:
        await anyio.to_thread.run_sync(process.join)
    return [process.exitcode for process in processes]


async def test_labels_comments_and_moves_of_many_processes_are_all_there(tmp_path: Path) -> None:
    tracker = _tracker(tmp_path)
    await tracker.add(NewIssue(title="x", body="kept"))
    agents = [_SPAWN.Process(target=_write, args=(str(tmp_path), f"a{n}")) for n in range(3)]
    for agent in agents:
        agent.start()
    assert await _ended(agents) == [0, 0, 0]
    issue = await tracker.get("ENG-1")
    words = [f"a{n}-{number}" for n in range(3) for number in range(8)]
    assert issue.labels == set(words)
    assert sorted(line for line in issue.body.splitlines() if line.startswith("word ")) == [f"word {w}" for w in words]
    assert issue.body.startswith("kept")
    assert issue.status == "In Progress"


@pytest.mark.parametrize("how", ["beside it", "in place"])
async def test_what_an_editor_saves_while_agents_write_is_never_lost(tmp_path: Path, how: str) -> None:
    tracker = _tracker(tmp_path)
    await tracker.add(NewIssue(title="x", body="kept"))
    file = tmp_path / "issues/ENG-1.md"
    file.write_text(file.read_text().replace("status:", "mine: 0\nstatus:"))
    ended = _SPAWN.Event()
    editor = _SPAWN.Process(target=_save_whenever_it_changed, args=(str(tmp_path), how, ended))
    agents = [_SPAWN.Process(target=_write, args=(str(tmp_path), f"a{n}")) for n in range(2)]
    for process in (editor, *agents):
        process.start()
    assert await _ended(agents) == [0, 0]
    ended.set()
    assert await _ended([editor]) == [0]
    assert (await tracker.get("ENG-1")).title == "x"
