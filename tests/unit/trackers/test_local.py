"""The local tracker over real files."""

from __future__ import annotations

import multiprocessing
import os
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest

from legion_tui.errors import ConflictError, TrackerError
from legion_tui.trackers import WRITES, Edit, NewIssue
from legion_tui.trackers.local import LocalTracker
from legion_tui.trackers.local.store import _modified


def _tracker(root: Path) -> LocalTracker:
    return LocalTracker(root / ".legion" / "issues", root=root, key="ENG")


@pytest.fixture
def tracker(tmp_path: Path) -> LocalTracker:
    return _tracker(tmp_path)


async def test_no_folder_is_no_issue(tracker: LocalTracker) -> None:
    reading = await tracker.read()
    assert (reading.issues, reading.problems) == ((), ())


async def test_an_issue_from_its_first_line_to_its_last_label(tracker: LocalTracker, tmp_path: Path) -> None:
    added = await tracker.add(NewIssue(title="  Retry\tthe sender ", labels=("a", "a"), priority=2, body="Why.\n"))
    assert (added.id, added.title, added.status, added.body) == ("ENG-1", "Retry the sender", "Todo", "Why.")
    file = tmp_path / ".legion/issues/ENG-1.md"
    file.write_text(file.read_text().replace("---\n\nWhy.", "mine: 007\n---\n\nWhy.  "))
    moved = await tracker.move("eng-1", "in review")
    assert moved.status == "Needs Review"
    labelled = await tracker.label("ENG-1", add=["worker-done", "a"], remove=["nothing"])
    assert labelled.labels == {"a", "worker-done"}
    edited = await tracker.edit("ENG-1", Edit(title="Other", pull_request="https://github.com/o/r/pull/3"))
    assert edited.pull_request is not None
    assert edited.pull_request.number == 3
    text = file.read_text()
    assert "mine: 007\n" in text
    assert text.endswith("---\n\nWhy.  \n")


async def test_ids_count_on_and_a_taken_one_is_refused(tracker: LocalTracker, tmp_path: Path) -> None:
    folder = tmp_path / ".legion/issues"
    folder.mkdir(parents=True)
    (folder / "ENG-41.md").write_text("broken")
    assert (await tracker.add(NewIssue(title="x"))).id == "ENG-42"
    assert (await tracker.add(NewIssue(title="x", id="OPS-9"))).id == "OPS-9"
    for taken in ("ops-9", "ENG-41"):
        with pytest.raises(TrackerError, match="there is one already"):
            await tracker.add(NewIssue(title="x", id=taken))
    with pytest.raises(TrackerError, match="is no id"):
        await tracker.add(NewIssue(title="x", id="../evil"))


async def test_a_status_that_is_none_is_not_written(tracker: LocalTracker) -> None:
    await tracker.add(NewIssue(title="x"))
    with pytest.raises(TrackerError, match="did you mean Done"):
        await tracker.move("ENG-1", "Donee")
    with pytest.raises(TrackerError, match="one of: Triage"):
        await tracker.add(NewIssue(title="y", status="?"))
    assert [issue.status for issue in (await tracker.read()).issues] == ["Todo"]


async def test_a_status_that_somebody_changed_is_not_overwritten(tracker: LocalTracker) -> None:
    await tracker.add(NewIssue(title="x"))
    assert (await tracker.move("ENG-1", "In Progress", expect="today")).status == "In Progress"
    for write in (tracker.move("ENG-1", "Done", expect="Todo"), tracker.close("eng-1", expect="Todo")):
        with pytest.raises(ConflictError, match="its status is In Progress by now, not Todo"):
            await write
    assert (await tracker.get("ENG-1")).status == "In Progress"
    # Somebody did the same: that is no conflict.
    assert (await tracker.move("ENG-1", "In Progress", expect="Todo")).status == "In Progress"
    assert (await tracker.close("ENG-1", expect="In Progress")).status == "Done"


async def test_comments_stand_below_everything_else_each_with_its_time_and_author(tmp_path: Path) -> None:
    tracker = LocalTracker(
        tmp_path / "issues", root=tmp_path, key="ENG", author="ann", clock=lambda: datetime(2026, 3, 14, 16, tzinfo=UTC)
    )
    await tracker.add(NewIssue(title="x", body="Why.\n\n## Comments of ours\n\nnone"))
    await tracker.comment("ENG-1", "First\x1b[31m one.\n")
    file = tmp_path / "issues/ENG-1.md"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    after = await tracker.comment("ENG-1", "Second,\nof two lines.")
    assert after.body == (
        "Why.\n\n## Comments of ours\n\nnone\n\n## Comments\n\n### 2026-03-14T16:00:00Z ann\n\nFirst one.\n\n"
        "### 2026-03-14T16:00:00Z ann\n\nSecond,\nof two lines."
    )
    assert b"\n" not in file.read_bytes().replace(b"\r\n", b"")
    with pytest.raises(TrackerError, match="some words"):
        await tracker.comment("ENG-1", " \n")


async def test_people_are_assigned_singly(tmp_path: Path) -> None:
    tracker = LocalTracker(tmp_path / "issues", root=tmp_path, key="ENG", author="ann")
    await tracker.add(NewIssue(title="x"))
    assert (await tracker.assign("ENG-1", add=["@me", "bob"])).assignees == ("ann", "bob")
    assert (await tracker.assign("ENG-1", add=["eve"], remove=["@me", "nobody"])).assignees == ("bob", "eve")


async def test_what_the_project_does_not_allow_is_not_written(tmp_path: Path) -> None:
    tracker = LocalTracker(tmp_path / "issues", root=tmp_path, key="ENG")
    await tracker.add(NewIssue(title="x"))
    tracker.allowed = WRITES["labels"]
    assert (await tracker.label("ENG-1", add=["a"])).labels == {"a"}
    before = (tmp_path / "issues/ENG-1.md").read_bytes()
    for write in (
        tracker.add(NewIssue(title="y")),
        tracker.move("ENG-1", "Done"),
        tracker.close("ENG-1"),
        tracker.comment("ENG-1", "x"),
        tracker.assign("ENG-1", add=["ann"]),
        tracker.edit("ENG-1", Edit(title="z")),
    ):
        with pytest.raises(TrackerError, match='set write = "all" below'):
            await write
    tracker.allowed = WRITES["none"]
    with pytest.raises(TrackerError, match='set write = "labels" or "all" below'):
        await tracker.label("ENG-1", add=["b"])
    assert (tmp_path / "issues/ENG-1.md").read_bytes() == before
    assert len((await tracker.read()).issues) == 1


async def test_broken_files_are_named_and_hide_no_other(tracker: LocalTracker, tmp_path: Path) -> None:
    for _ in range(3):
        await tracker.add(NewIssue(title="fine"))
    folder = tmp_path / ".legion/issues"
    (folder / "bad-yaml.md").write_text("---\ntitle: [x\n---\n")
    (folder / "bytes.md").write_bytes(b"---\ntitle: \xff\n---\n")
    (folder / "twin.md").write_text("---\nid: eng-2\ntitle: again\n---\n")
    (folder / "dangling.md").symlink_to(folder / "nowhere")
    (folder / "folder.md").mkdir()
    reading = await tracker.read()
    assert [issue.id for issue in reading.issues] == ["ENG-1", "ENG-2", "ENG-3"]
    told = {problem.where: problem.what for problem in reading.problems}
    assert set(told) == {f".legion/issues/{name}.md" for name in ("bad-yaml", "bytes", "twin", "dangling", "folder")}
    assert "line" in told[".legion/issues/bad-yaml.md"]
    assert "ENG-2.md" in told[".legion/issues/twin.md"]
    with pytest.raises(TrackerError, match="bad-yaml"):
        await tracker.get("bad-yaml")
    with pytest.raises(TrackerError, match="ENG-1"):
        await tracker.get("ENG-99")


async def test_children_are_those_that_name_their_parent(tracker: LocalTracker, tmp_path: Path) -> None:
    for title in ("top", "first", "second", "alone"):
        await tracker.add(NewIssue(title=title))
    folder = tmp_path / ".legion/issues"
    for name, parent in (("ENG-3", "ENG-1"), ("ENG-2", "eng-1 # by hand"), ("ENG-4", "ENG-99")):
        file = folder / f"{name}.md"
        file.write_text(file.read_text().replace("status:", f"parent: {parent}\nstatus:"))
    issues = {issue.id: issue for issue in (await tracker.read()).issues}
    assert issues["ENG-1"].children == ("ENG-2", "ENG-3")
    assert [issues[name].parent for name in ("ENG-2", "ENG-3", "ENG-4")] == ["eng-1", "ENG-1", "ENG-99"]
    assert (await tracker.get("eng-1")).children == ("ENG-2", "ENG-3")
    # Writing leaves the line as it is, and a parent keeps its children.
    await tracker.move("ENG-2", "Done")
    assert "\nparent: eng-1 # by hand\n" in (folder / "ENG-2.md").read_text()
    assert (await tracker.label("ENG-1", add=["a"])).children == ("ENG-2", "ENG-3")
    assert "children" not in (folder / "ENG-1.md").read_text()
    (folder / "ENG-3.md").unlink()
    before = await tracker.get("ENG-1")
    assert before.children == ("ENG-2",)
    assert await tracker.get("ENG-1") is before


async def test_an_edit_by_hand_is_seen(tracker: LocalTracker, tmp_path: Path) -> None:
    await tracker.add(NewIssue(title="before"))
    first = await tracker.read()
    assert (await tracker.read()).issues[0] is first.issues[0]
    file = tmp_path / ".legion/issues/ENG-1.md"
    file.write_text(file.read_text().replace("before", "after it"))
    assert (await tracker.read()).issues[0].title == "after it"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_folder_that_cannot_be_written(tracker: LocalTracker, tmp_path: Path) -> None:
    await tracker.add(NewIssue(title="x"))
    folder = tmp_path / ".legion/issues"
    folder.chmod(0o500)
    try:
        with pytest.raises(TrackerError, match="not written"):
            await tracker.move("ENG-1", "Done")
    finally:
        folder.chmod(0o700)
    assert (await tracker.get("ENG-1")).status == "Todo"


def _add_labels(root: str, name: str) -> None:
    async def add() -> None:
        for number in range(10):
            await _tracker(Path(root)).label("ENG-1", add=[f"{name}-{number}"])

    anyio.run(add)


async def test_six_writers_at_once_lose_nothing(tracker: LocalTracker, tmp_path: Path) -> None:
    await tracker.add(NewIssue(title="x", body="kept"))
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_add_labels, args=(str(tmp_path), f"w{n}")) for n in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        await anyio.to_thread.run_sync(writer.join)
    assert [writer.exitcode for writer in writers] == [0] * 6
    issue = await tracker.get("ENG-1")
    assert issue.labels == {f"w{n}-{number}" for n in range(6) for number in range(10)}
    assert issue.body == "kept"


def test_a_time_that_no_calendar_has_hides_no_issue() -> None:
    assert _modified((1, 1, 10**21, 0)) is None
    assert _modified((1, 1, 1_500_000_000, 0)) == datetime.fromtimestamp(1.5, UTC)
