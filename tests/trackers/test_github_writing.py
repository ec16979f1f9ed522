"""What the GitHub tracker writes: singly, once, read back, and never over somebody else's change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from legion_tui.errors import ConflictError, LegionError, SourceError, TrackerError
from legion_tui.state import Issue
from legion_tui.trackers import WRITES, Edit, NewIssue
from legion_tui.trackers.github import GitHubTracker
from tests.support.github.server import GitHubServer
from tests.support.graphql_server import Fault
from tests.trackers.conftest import House

# The answer to a write that was carried out is lost.
LOST = (
    Fault(status=502, carried_out=True, on_write=True),
    Fault(body=b"<html>", carried_out=True, on_write=True),
    Fault(body=b'{"data": {}}', cut=True, carried_out=True, on_write=True),
)


async def test_labels_are_added_and_removed_singly(github: GitHubServer, house: House) -> None:
    issue = github.world.add_issue(labels=["bug", "worker-done"])
    tracker = await house.tracker(allowed=WRITES["labels"])
    github.before_write = lambda: issue.labels.append("somebody-elses") if len(issue.labels) < 3 else None
    after = await tracker.label("#1", add=["worker-active", "bug"], remove=["worker-done", "not-there"])
    assert after.labels == {"bug", "worker-active", "somebody-elses"}
    # One of ours is made where the repository has none; both changes go in one request.
    assert github.world.carried_out == ["createLabel", "addLabelsToLabelable", "removeLabelsFromLabelable"]
    assert sum(asked.is_write for asked in github.asked) == 2
    github.asked.clear()
    assert (await tracker.label("PAY-1", add=["bug"], remove=["worker-done"])).labels == after.labels
    assert not any(asked.is_write for asked in github.asked)


async def test_a_label_that_may_be_a_slip_is_not_made(github: GitHubServer, house: House) -> None:
    github.world.add_issue(labels=["Worker-Done"])
    tracker = await house.tracker()
    with pytest.raises(TrackerError, match="acme/payments has no label 'urgnet'; make it first: gh label create"):
        await tracker.label("PAY-1", add=["urgnet"])
    with pytest.raises(TrackerError, match="acme/payments has it as 'Worker-Done'"):
        await tracker.label("PAY-1", add=["worker-done"])
    with pytest.raises(TrackerError, match="is no label"):
        await tracker.label("PAY-1", add=["two\nlines"])
    assert github.world.carried_out == []


async def test_a_status_on_a_board(github: GitHubServer, house: House) -> None:
    world = github.world
    board = world.add_project(options=("Todo", "Doing", "In review", "Done"))
    issue = world.add_issue()
    world.put(board, issue, "Todo")
    tracker = await house.tracker(board=4, statuses={"Doing": "In Progress"})
    assert (await tracker.move("PAY-1", "in progress", expect="Todo")).status == "In Progress"
    assert board.items[0].status == "Doing"
    assert (await tracker.move("PAY-1", "Needs Review", expect="In Progress")).status == "Needs Review"
    with pytest.raises(TrackerError, match=r"statuses are: Todo, Doing, In review, Done; say which one it is"):
        await tracker.move("PAY-1", "Retro")
    done = await tracker.move("PAY-1", "Done", expect="Needs Review")
    assert (done.status, done.closed, issue.state_reason) == ("Done", True, "COMPLETED")
    back = await tracker.move("PAY-1", "Todo", expect="Done")
    assert (back.status, back.closed) == ("Todo", False)


async def test_an_issue_that_is_not_on_the_board_is_put_there(github: GitHubServer, house: House) -> None:
    board = github.world.add_project()
    github.world.add_project("octocat", 4)
    github.world.add_issue()
    tracker = await house.tracker(board=4)
    assert (await tracker.move("PAY-1", "Todo", expect="open")).status == "Todo"
    assert [item.status for item in board.items] == ["Todo"]


async def test_a_status_by_label(github: GitHubServer, house: House) -> None:
    world = github.world
    issue = world.add_issue(labels=["Todo", "bug"])
    world.repository().labels["wip"] = "wip"
    tracker = await house.tracker(statuses={"wip": "In Progress"})
    assert (await tracker.move("PAY-1", "In Progress", expect="Todo")).status == "In Progress"
    assert sorted(issue.labels) == ["bug", "wip"]
    assert (await tracker.move("PAY-1", "Needs Review", expect="In Progress")).status == "Needs Review"
    assert sorted(issue.labels) == ["Needs Review", "bug"]
    closed = await tracker.close("PAY-1", expect="Needs Review")
    assert (closed.closed, closed.status) == (True, "closed")
    assert (await tracker.move("PAY-1", "Todo")).status == "Todo"
    assert (issue.state, sorted(issue.labels)) == ("OPEN", ["Todo", "bug"])


async def test_what_somebody_changed_meanwhile_is_not_overwritten(github: GitHubServer, house: House) -> None:
    world = github.world
    board = world.add_project()
    item = world.put(board, world.add_issue(), "In Progress")
    tracker = await house.tracker(board=4)
    for write in (tracker.move("PAY-1", "Done", expect="Todo"), tracker.close("PAY-1", expect="Todo")):
        with pytest.raises(ConflictError, match="its status is In Progress by now, not Todo"):
            await write
    assert github.world.carried_out == []
    assert item.status == "In Progress"
    # Somebody did just that: no conflict, and nothing to write.
    assert (await tracker.move("PAY-1", "In Progress", expect="Todo")).status == "In Progress"
    assert github.world.carried_out == []


async def test_what_somebody_changes_right_after_is_shown(github: GitHubServer, house: House) -> None:
    world = github.world
    board = world.add_project()
    item = world.put(board, world.add_issue(), "Todo")
    tracker = await house.tracker(board=4)
    execute = github.execute

    def then(query: str, variables: dict[str, object] | None = None) -> dict[str, object]:
        told = execute(query, variables)
        if "setStatus" in query:
            item.status = "Todo"
        return told

    github.execute = then  # type: ignore[method-assign, assignment]
    with pytest.raises(ConflictError, match="PAY-1 changed meanwhile: its status is Todo now, not In Progress"):
        await tracker.move("PAY-1", "In Progress", expect="Todo")


async def test_people_are_assigned_singly(github: GitHubServer, house: House) -> None:
    issue = github.world.add_issue(assignees=["hubot"])
    tracker = await house.tracker()
    assert (await tracker.assign("PAY-1", add=["@me", "HUBOT"])).assignees == ("hubot", "octocat")
    assert (await tracker.assign("PAY-1", remove=["Hubot", "nobody"])).assignees == ("octocat",)
    with pytest.raises(TrackerError, match="there is no user 'gohst' on GitHub"):
        await tracker.assign("PAY-1", add=["gohst"])
    assert issue.assignees == ["octocat"]


async def test_a_comment_and_an_edit(github: GitHubServer, house: House) -> None:
    issue = github.world.add_issue()
    tracker = await house.tracker()
    await tracker.comment("PAY-1", "Done\x1b[2J.\n")
    assert [comment.body for comment in issue.comments] == ["Done."]
    edited = await tracker.edit("PAY-1", Edit(title="Other", body="Text"))
    assert (edited.title, edited.body) == ("Other", "Text")
    for edit, why in ((Edit(priority=1), "no priority"), (Edit(pull_request="x"), "Closes #1")):
        with pytest.raises(TrackerError, match=why):
            await tracker.edit("PAY-1", edit)


async def test_an_issue_is_added(github: GitHubServer, house: House) -> None:
    world = github.world
    world.repository().labels |= {"bug": "bug", "backlog": "Backlog"}
    tracker = await house.tracker()
    added = await tracker.add(NewIssue(title="  Retry\tit ", body="Why.\n", labels=("bug", "worker-done")))
    assert (added.id, added.title, added.status, added.body) == ("PAY-1", "Retry it", "open", "Why.")
    assert added.labels == {"bug", "worker-done"}
    assert (await tracker.add(NewIssue(title="x", status="Backlog"))).status == "Backlog"
    assert (await tracker.add(NewIssue(title="x", status="Icebox"))).status == "Icebox"
    assert (await tracker.add(NewIssue(title="x", status="Done"))).closed
    board = world.add_project()
    on_board = await (await house.tracker(board=4)).add(NewIssue(title="y", status="In Progress"))
    assert (on_board.id, on_board.status) == ("PAY-5", "In Progress")
    assert [item.status for item in board.items] == ["In Progress"]
    with pytest.raises(TrackerError, match=r"PAY-6 was added, but is not on Retro: .*the board's statuses are: Todo"):
        await (await house.tracker(board=4)).add(NewIssue(title="z", status="Retro"))
    for new, why in (
        (NewIssue(title="x", id="PAY-99"), "GitHub gives the numbers"),
        (NewIssue(title="x", priority=1), "have none"),
        (NewIssue(title=" "), "needs a title"),
        (NewIssue(title="x", status="Tood"), "did you mean Todo"),
    ):
        with pytest.raises(TrackerError, match=why):
            await tracker.add(new)
    assert len(world.issues) == 6


Do = Callable[[GitHubTracker], Awaitable[Issue]]
WRITTEN: dict[str, Do] = {
    "add": lambda tracker: tracker.add(NewIssue(title="New", body="Why.")),
    "label": lambda tracker: tracker.label("PAY-1", add=["bug"], remove=["old"]),
    "move": lambda tracker: tracker.move("PAY-1", "In Progress", expect="Todo"),
    "close": lambda tracker: tracker.close("PAY-1", expect="Todo"),
    "assign": lambda tracker: tracker.assign("PAY-1", add=["hubot"]),
    "comment": lambda tracker: tracker.comment("PAY-1", "Hello."),
    "edit": lambda tracker: tracker.edit("PAY-1", Edit(title="Other")),
}


def prepared(github: GitHubServer) -> None:
    world = github.world
    world.repository().labels |= {name.casefold(): name for name in ("bug", "In Progress", "Todo")}
    world.add_issue(labels=["old", "Todo"])


def state(github: GitHubServer) -> list[object]:
    return [
        (one.title, one.state, sorted(one.labels), one.assignees, [comment.body for comment in one.comments])
        for one in github.world.issues.values()
    ]


@pytest.mark.parametrize("what", WRITTEN)
@pytest.mark.parametrize("lost", LOST)
async def test_a_write_whose_answer_was_lost_is_found_done_and_not_done_twice(
    github: GitHubServer, house: House, what: str, lost: Fault
) -> None:
    prepared(github)
    await WRITTEN[what](await house.tracker())
    wanted, count = state(github), list(github.world.carried_out)
    github.world.repositories.clear()
    github.world.carried_out.clear()
    prepared(github)
    github.faults.append(lost)
    await WRITTEN[what](await house.tracker())
    assert state(github) == wanted
    assert github.world.carried_out == count
    assert not github.faults


@pytest.mark.parametrize("what", WRITTEN)
@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=502, on_write=True),
        Fault(status=500, on_write=True),
        Fault(status=403, on_write=True),
        Fault(status=401, on_write=True),
        Fault(status=429, headers={"retry-after": "30"}, on_write=True),
        Fault(body=b"<html>", on_write=True),
        Fault(body=b'{"data": {"x": null}, "errors": [{"message": "No rights", "type": "FORBIDDEN"}]}', on_write=True),
        Fault(cut=True, on_write=True),
        Fault(silent=True, on_write=True),
    ],
    ids=["502", "500", "403", "401", "429", "no JSON", "forbidden", "half a body", "silent"],
)
async def test_a_write_that_was_not_carried_out_is_told_and_changes_nothing(
    github: GitHubServer, house: House, what: str, fault: Fault
) -> None:
    prepared(github)
    before = state(github)
    tracker = await house.tracker(timeout_seconds=0.5 if fault.silent else 5.0)
    github.faults.append(fault)
    with pytest.raises((TrackerError, SourceError)) as caught:
        await WRITTEN[what](tracker)
    assert str(caught.value)
    assert state(github) == before
    assert github.world.carried_out == []
    assert sum(asked.is_write for asked in github.asked) == 1


@pytest.mark.parametrize("allowed", ["none", "labels"])
async def test_what_the_project_does_not_allow_is_not_even_asked(
    github: GitHubServer, house: House, allowed: str
) -> None:
    prepared(github)
    tracker = await house.tracker(allowed=WRITES[allowed])
    for what, write in WRITTEN.items():
        if what == "label" and allowed == "labels":
            continue
        with pytest.raises(TrackerError, match=r"\[tracker\] write does not allow it"):
            await write(tracker)
    assert github.asked == []


async def test_a_login_without_rights_is_told_so(github: GitHubServer, house: House) -> None:
    prepared(github)
    github.world.repository().permission = "READ"
    tracker = await house.tracker()
    with pytest.raises(LegionError, match=r"does not have the correct permissions.*gh auth status"):
        await tracker.label("PAY-1", add=["bug"])
