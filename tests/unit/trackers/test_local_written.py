"""An editor that saves what it had read before an agent wrote: nothing of it goes unnoticed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from legion_tui.trackers import Edit, NewIssue
from legion_tui.trackers.local import LocalTracker
from legion_tui.trackers.local.written import Written


@pytest.fixture
async def tracker(tmp_path: Path) -> LocalTracker:
    tracker = LocalTracker(tmp_path / "issues", root=tmp_path, key="ENG", author="agent")
    await tracker.add(NewIssue(title="One", labels=("worker-active",), body="As it was."))
    return tracker


def file_of(tmp_path: Path) -> Path:
    return tmp_path / "issues" / "ENG-1.md"


async def told(tracker: LocalTracker) -> list[str]:
    """The problems, without the time of day."""
    return [f"{p.what.partition(' before ')[0]}…{p.what[-40:]} | {p.remedy}" for p in (await tracker.read()).problems]


async def test_labels_that_were_saved_over_are_shown_until_they_are_put_back(
    tracker: LocalTracker, tmp_path: Path
) -> None:
    opened = file_of(tmp_path).read_text()
    await tracker.label("ENG-1", add=["worker-done"], remove=["worker-active"])
    assert (await tracker.read()).problems == ()
    file_of(tmp_path).write_text(opened.replace("As it was.", "As I want it."))
    (problem,) = (await tracker.read()).problems
    assert (problem.where, problem.readable) == ("issues/ENG-1.md", True)
    assert problem.what.startswith("labels is again what it was before ")
    assert problem.what.endswith(": worker-done was saved over")
    assert problem.remedy == (
        "legion-tui issue label ENG-1 +worker-done -worker-active; or, if it is meant, -worker-done +worker-active"
    )
    # The issue is read as the file has it, and another program sees the same.
    assert (await tracker.get("ENG-1")).labels == {"worker-active"}
    other = LocalTracker(tmp_path / "issues", root=tmp_path, key="ENG")
    assert (await other.read()).problems == (problem,)
    await other.label("ENG-1", add=["worker-done"], remove=["worker-active"])
    assert (await tracker.read()).problems == ()
    assert (await tracker.get("ENG-1")).body == "As I want it."


async def test_what_is_meant_is_said_to_be_meant(tracker: LocalTracker, tmp_path: Path) -> None:
    opened = file_of(tmp_path).read_text()
    await tracker.label("ENG-1", add=["worker-done"])
    file_of(tmp_path).write_text(opened)
    assert len((await tracker.read()).problems) == 1
    # What the remedy names changes nothing in the file.
    await tracker.label("ENG-1", remove=["worker-done"])
    assert (await tracker.read()).problems == ()
    assert file_of(tmp_path).read_text() == opened


async def test_a_status_and_a_comment_are_missed_as_well(tracker: LocalTracker, tmp_path: Path) -> None:
    await tracker.comment("ENG-1", "The first word.")
    opened = file_of(tmp_path).read_text()
    await tracker.move("ENG-1", "In Progress")
    await tracker.comment("ENG-1", "The second word.")
    await tracker.edit("ENG-1", Edit(priority=2))
    file_of(tmp_path).write_text(f"{opened}Mine.\n")
    status, priority, comment = (await tracker.read()).problems
    assert status.what.endswith(": In Progress was saved over")
    assert status.remedy == "legion-tui issue move ENG-1 'In Progress'; or, if it is meant, Todo"
    assert priority.what.endswith(": 2 was saved over")
    assert comment.what.startswith("a comment was saved over, ")
    assert comment.what.endswith(" agent: The second word.")
    await tracker.move("ENG-1", "In Progress")
    await tracker.edit("ENG-1", Edit(priority=2))
    assert [problem.what for problem in (await tracker.read()).problems] == [comment.what]


async def test_what_a_person_changes_to_something_new_is_no_loss(tracker: LocalTracker, tmp_path: Path) -> None:
    await tracker.label("ENG-1", add=["worker-done"])
    await tracker.move("ENG-1", "In Progress")
    text = file_of(tmp_path).read_text()
    file_of(tmp_path).write_text(text.replace("In Progress", "Needs Review").replace("worker-done", "by-hand"))
    assert (await tracker.read()).problems == ()


async def test_several_writes_later_an_old_text_is_still_known(tracker: LocalTracker, tmp_path: Path) -> None:
    opened = file_of(tmp_path).read_text()
    for status in ("In Progress", "Needs Review", "Retro"):
        await tracker.move("ENG-1", status)
    file_of(tmp_path).write_text(opened)
    (problem,) = (await tracker.read()).problems
    assert problem.what.endswith(": Retro was saved over")


async def test_after_a_day_it_is_forgotten(tmp_path: Path, tracker: LocalTracker) -> None:
    opened = file_of(tmp_path).read_text()
    await tracker.move("ENG-1", "In Progress")
    file_of(tmp_path).write_text(opened)
    stamps = {"ENG-1.md": 1}
    assert len(Written(tmp_path / "issues").problems(stamps, str)) == 1
    later = Written(tmp_path / "issues", clock=lambda: time.time() + 25 * 3600)
    assert later.problems(stamps, str) == ()


async def test_a_memory_that_cannot_be_kept_or_read_stops_nothing(tracker: LocalTracker, tmp_path: Path) -> None:
    (tmp_path / ".issues-written").write_text("a file in its place")
    await tracker.move("ENG-1", "In Progress")
    assert (await tracker.get("ENG-1")).status == "In Progress"
    (tmp_path / ".issues-written").unlink()
    await tracker.move("ENG-1", "Needs Review")
    (tmp_path / ".issues-written" / "ENG-1.md.json").write_text("{no json")
    assert (await tracker.read()).problems == ()
    await tracker.move("ENG-1", "Retro")
    assert (tmp_path / ".issues-written" / "ENG-1.md.json").stat().st_mode & 0o777 == 0o600
