"""What the Linear tracker writes: singly, once, read back, and never over somebody else's change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from legion_tui.errors import ConflictError, LegionError, TrackerError
from legion_tui.state import Issue
from legion_tui.trackers import WRITES, Edit, NewIssue
from legion_tui.trackers.linear import LinearTracker
from tests.support.graphql_server import Fault
from tests.support.linear.server import LinearServer
from tests.trackers.conftest import Team

LOST = (
    Fault(status=502, carried_out=True, on_write=True),
    Fault(body=b"<html>", carried_out=True, on_write=True),
    Fault(body=b'{"data": {}}', cut=True, carried_out=True, on_write=True),
)


async def test_labels_are_added_and_removed_singly(linear: LinearServer, team: Team) -> None:
    world = linear.world
    issue = world.add_issue(labels=("bug", "worker-done"))
    other = world.add_label("somebody-elses")
    tracker = await team.tracker(allowed=WRITES["labels"])
    linear.before_write = lambda: issue.labels.append(other) if other not in issue.labels else None
    after = await tracker.label("#1", add=["worker-active", "bug"], remove=["worker-done", "not-there"])
    assert after.labels == {"bug", "worker-active", "somebody-elses"}
    assert [label.team.key for label in world.labels if label.team and label.name == "worker-active"] == ["ENG"]
    linear.asked.clear()
    assert (await tracker.label("ENG-1", add=["bug"], remove=["worker-done"])).labels == after.labels
    assert not any(asked.is_write for asked in linear.asked)


async def test_a_label_that_may_be_a_slip_is_not_made(linear: LinearServer, team: Team) -> None:
    world = linear.world
    world.add_team("OPS")
    world.add_label("theirs", team="OPS")
    world.add_label("Area", is_group=True)
    world.add_issue(labels=("Worker-Done",))
    tracker = await team.tracker()
    for name in ("urgnet", "theirs", "Area"):
        with pytest.raises(TrackerError, match=f"team ENG has no label '{name}'; make it first"):
            await tracker.label("ENG-1", add=[name])
    with pytest.raises(TrackerError, match="team ENG has it as 'Worker-Done'"):
        await tracker.label("ENG-1", add=["worker-done"])
    with pytest.raises(TrackerError, match="is no label"):
        await tracker.label("ENG-1", add=["two\nlines"])
    assert not any(asked.is_write for asked in linear.asked)


async def test_a_teams_own_label_goes_before_the_workspaces(linear: LinearServer, team: Team) -> None:
    linear.world.add_label("bug")
    own = linear.world.add_label("bug", team="ENG")
    issue = linear.world.add_issue()
    await (await team.tracker()).label("ENG-1", add=["bug"])
    assert issue.labels == [own]


async def test_a_status_by_name_by_config_and_by_type(linear: LinearServer, team: Team) -> None:
    flow = (("Inbox", "unstarted"), ("Doing", "started"), ("In Review", "started"), ("Shipped", "completed"))
    linear.world.add_team("OPS", workflow=flow)
    issue = linear.world.add_issue("OPS", state="Inbox")
    tracker = await team.tracker("OPS", statuses={"Inbox": "Todo", "Doing": "In Progress"})
    assert (await tracker.move("OPS-1", "in progress", expect="Todo")).status == "In Progress"
    assert issue.state.name == "Doing"
    assert (await tracker.move("OPS-1", "Needs Review", expect="In Progress")).status == "Needs Review"
    with pytest.raises(TrackerError, match=r"are: Inbox, Doing, In Review, Shipped; say which one it is"):
        await tracker.move("OPS-1", "Retro")
    done = await tracker.close("OPS-1", expect="Needs Review")
    assert (done.status, done.closed, issue.state.name) == ("Done", True, "Shipped")
    linear.asked.clear()
    assert (await tracker.move("OPS-1", "Done", expect="Needs Review")).status == "Done"
    assert not any(asked.is_write for asked in linear.asked)
    assert (await tracker.move("OPS-1", "Todo", expect="Done")).status == "Todo"
    with pytest.raises(TrackerError, match="'Tood' is no status; did you mean Todo"):
        await tracker.move("OPS-1", "Tood")


async def test_what_somebody_changed_meanwhile_is_not_overwritten(linear: LinearServer, team: Team) -> None:
    issue = linear.world.add_issue(state="In Review")
    tracker = await team.tracker()
    with pytest.raises(ConflictError, match="its status is Needs Review by now, not In Progress"):
        await tracker.move("ENG-1", "Retro", expect="In Progress")
    assert issue.state.name == "In Review"


async def test_what_somebody_changes_right_after_is_shown(linear: LinearServer, team: Team) -> None:
    issue = linear.world.add_issue()
    tracker = await team.tracker()
    state = linear.world.teams["ENG"].state("Backlog")
    linear.faults.append(Fault(on_write=True, body=b'{"data": {"issueUpdate": {"success": true}}}'))
    linear.before_write = lambda: setattr(issue, "state", state)
    with pytest.raises(ConflictError, match="its status is Backlog now, not In Progress"):
        await tracker.move("ENG-1", "In Progress", expect="Todo")


async def test_an_issue_has_one_person(linear: LinearServer, team: Team) -> None:
    world = linear.world
    bob = world.add_user("bob", "Bob Example", "bob@example.com")
    world.add_user("sam1", "Sam")
    world.add_user("sam2", "Sam")
    issue = world.add_issue()
    tracker = await team.tracker()
    assert (await tracker.assign("ENG-1", add=["Bob Example"])).assignees == ("bob",)
    with pytest.raises(ConflictError, match="it is assigned to bob; nothing was overwritten: add -bob"):
        await tracker.assign("ENG-1", add=["@me"])
    assert issue.assignee is bob
    assert (await tracker.assign("ENG-1", add=["@me"], remove=["bob"])).assignees == ("ann",)
    assert (await tracker.assign("ENG-1", remove=["bob"])).assignees == ("ann",)
    assert (await tracker.assign("ENG-1", remove=["@me"])).assignees == ()
    for names, words in ((["bob", "@me"], "has one person"), (["nobody"], "nobody called"), (["Sam"], "be 2 people")):
        with pytest.raises(TrackerError, match=words):
            await tracker.assign("ENG-1", add=names)


async def test_a_comment_and_an_edit(linear: LinearServer, team: Team) -> None:
    issue = linear.world.add_issue()
    tracker = await team.tracker()
    await tracker.comment("ENG-1", "It waits\x1b[2J for you.\n")
    assert [comment.body for comment in issue.comments] == ["It waits for you."]
    link = "https://github.com/acme/payments/pull/12"
    edited = await tracker.edit("ENG-1", Edit(title="Anew", body="So.\n", priority=1, pull_request=link))
    assert (edited.title, edited.body, edited.priority) == ("Anew", "So.", 1)
    assert edited.pull_request is not None
    assert edited.pull_request.url == link
    for edit, words in (
        (Edit(priority=5), "1 .urgent. to 4"),
        (Edit(title=" "), "needs a title"),
        (Edit(pull_request="https://example.com/1"), "is no pull request's URL"),
        (Edit(pull_request=""), "take a link away in Linear"),
    ):
        with pytest.raises(TrackerError, match=words):
            await tracker.edit("ENG-1", edit)
    with pytest.raises(TrackerError, match="some words"):
        await tracker.comment("ENG-1", " \n")


async def test_an_issue_is_added(linear: LinearServer, team: Team) -> None:
    linear.world.add_label("bug")
    tracker = await team.tracker()
    new = NewIssue(title="Retry\nit", status="backlog", labels=("bug", "worker-done"), priority=3, body="Why.\n")
    made = await tracker.add(new)
    assert (made.id, made.title, made.status, made.priority, made.body) == ("ENG-1", "Retry it", "Backlog", 3, "Why.")
    assert made.labels == {"bug", "worker-done"}
    for refused, words in (
        (NewIssue(title="x", id="ENG-9"), "Linear gives the numbers"),
        (NewIssue(title=" "), "needs a title"),
        (NewIssue(title="x", labels=("urgnet",)), "has no label"),
        (NewIssue(title="x", priority=9), "is no priority"),
    ):
        with pytest.raises(TrackerError, match=words):
            await tracker.add(refused)
    assert len(linear.world.issues) == 1


WRITES_OF_ALL_KINDS: dict[str, Callable[[LinearTracker], Awaitable[Issue]]] = {
    "add": lambda tracker: tracker.add(NewIssue(title="New")),
    "move": lambda tracker: tracker.move("ENG-1", "In Progress", expect="Todo"),
    "label": lambda tracker: tracker.label("ENG-1", add=["bug"]),
    "assign": lambda tracker: tracker.assign("ENG-1", add=["@me"]),
    "comment": lambda tracker: tracker.comment("ENG-1", "Look."),
    "edit": lambda tracker: tracker.edit("ENG-1", Edit(title="Anew", priority=1)),
    "link": lambda tracker: tracker.edit("ENG-1", Edit(pull_request="https://github.com/acme/payments/pull/12")),
    "close": lambda tracker: tracker.close("ENG-1", expect="Todo"),
}


def state_of(linear: LinearServer) -> list[object]:
    return [
        (
            one.title,
            one.state.name,
            [label.name for label in one.labels],
            one.assignee,
            len(one.comments),
            len(one.attachments),
        )
        for one in linear.world.issues
    ]


@pytest.mark.parametrize("name", WRITES_OF_ALL_KINDS)
@pytest.mark.parametrize("fault", LOST, ids=["502", "not json", "cut"])
async def test_a_write_whose_answer_was_lost_is_found_done_and_not_done_twice(
    linear: LinearServer, team: Team, fault: Fault, name: str
) -> None:
    linear.world.add_label("bug")
    linear.world.add_issue()
    tracker = await team.tracker()
    before = state_of(linear)
    linear.faults.append(fault)
    await WRITES_OF_ALL_KINDS[name](tracker)
    after = state_of(linear)
    assert after != before
    assert sum(asked.is_write for asked in linear.asked) == 1
    assert len(linear.world.issues) == (2 if name == "add" else 1)
    assert len(linear.world.issues[0].comments) == (1 if name == "comment" else 0)


@pytest.mark.parametrize("name", WRITES_OF_ALL_KINDS)
async def test_a_write_that_was_not_carried_out_is_told_and_changes_nothing(
    linear: LinearServer, team: Team, name: str
) -> None:
    linear.world.add_label("bug")
    linear.world.add_issue()
    tracker = await team.tracker()
    before = state_of(linear)
    for fault, words in (
        (Fault(status=502, on_write=True), "and it is not there; try again"),
        (Fault(status=400, on_write=True, body=b'{"errors": [{"message": "No."}]}'), "No."),
        (Fault(on_write=True, body=b'{"data": {"x": {"success": true}}}'), "does not show it|changed meanwhile"),
    ):
        linear.faults.append(fault)
        with pytest.raises(LegionError, match=words):
            await WRITES_OF_ALL_KINDS[name](tracker)
        assert state_of(linear) == before


@pytest.mark.parametrize("name", WRITES_OF_ALL_KINDS)
async def test_what_the_project_does_not_allow_is_not_even_asked(linear: LinearServer, team: Team, name: str) -> None:
    linear.world.add_issue()
    tracker = await team.tracker(allowed=WRITES["none"])
    with pytest.raises(TrackerError, match=r"\[tracker\] write does not allow it; set write = .*all"):
        await WRITES_OF_ALL_KINDS[name](tracker)
    assert linear.asked == []


@pytest.mark.parametrize("given", ["ENG-1", "eng-1", "#1", "1"])
async def test_an_issue_is_found_by_what_it_is_called(linear: LinearServer, team: Team, given: str) -> None:
    linear.world.add_issue(archived=True)
    assert (await (await team.tracker()).get(given)).id == "ENG-1"


@pytest.mark.parametrize("given", ["ENG-2", "OPS-1", "one", ""])
async def test_an_issue_that_is_not_there(linear: LinearServer, team: Team, given: str) -> None:
    linear.world.add_issue()
    with pytest.raises(TrackerError, match="no such issue; an issue here is called ENG-12, #12 or 12"):
        await (await team.tracker()).get(given)
