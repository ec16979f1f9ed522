"""What the Linear tracker reads of a team."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from blockbuster import blockbuster_ctx
from graphql import parse, validate

from legion_tui.errors import SourceError, TrackerError
from legion_tui.state import IssueStatus, PullRequestRef
from legion_tui.trackers.linear.listing import FACTS_PAGE, MOST_ISSUES, STAMPS_PAGE, WHOLE_AGAIN_SECONDS
from legion_tui.trackers.linear.queries import DOCUMENTS
from tests.support.graphql_server import Fault
from tests.support.linear.schema import MOST_POINTS, schema
from tests.support.linear.server import LinearServer
from tests.support.network import LINEAR_KEY
from tests.trackers.conftest import Team


def test_everything_that_is_sent_is_valid_against_linears_schema() -> None:
    for text in DOCUMENTS:
        assert [error.message for error in validate(schema(), parse(text))] == []


async def test_every_fact_of_an_issue(linear: LinearServer, team: Team) -> None:
    world = linear.world
    bob = world.add_user("bob", "Bob Example", "bob@example.com")
    world.add_team("OPS")
    epic = world.add_issue(title="Epic", state="Canceled")
    elsewhere = world.add_issue("OPS", "Elsewhere")
    done = world.add_issue(title="Done before", state="Done")
    issue = world.add_issue(
        title="Retry\x1b[31m the\nsender",
        description="Why\x07.\r\n",
        state="In Review",
        labels=("worker-done", "bug"),
        assignee=bob,
        creator=bob,
        parent=epic,
        priority=2,
        blocked_by=[elsewhere, done],
        related=[epic],
    )
    world.link(issue, "https://github.com/acme/payments/pull/3", status="closed")
    world.link(issue, "https://github.com/acme/payments/pull/5", status="inReview")
    world.link(issue, "https://github.com/acme/payments/pull/9", status="merged")
    world.link(issue, "https://www.figma.com/file/1")
    reading = await (await team.tracker()).read()
    assert reading.problems == ()
    by_id = {one.id: one for one in reading.issues}
    assert by_id.keys() == {"ENG-1", "ENG-2", "ENG-3"}
    told = by_id["ENG-3"]
    assert (told.title, told.body) == ("Retry the sender", "Why.")
    assert told.status == "Needs Review"
    assert told.labels == {"worker-done", "bug"}
    assert (told.assignees, told.author, told.priority) == (("bob",), "bob", 2)
    assert told.blockers == ("OPS-1",)  # the closed one blocks nothing any more
    assert told.parent == "ENG-1"
    assert told.pull_request == PullRequestRef("github.com", "acme", "payments", 5)
    assert told.url == "https://linear.app/acme/issue/ENG-3"
    assert not told.closed
    over = by_id["ENG-1"]
    assert (over.closed, over.status, over.children, over.priority) == (True, "Canceled", ("ENG-3",), None)
    assert {asked.headers["authorization"] for asked in linear.asked} == {LINEAR_KEY}


async def test_a_blocker_that_is_done_blocks_nothing_at_once(linear: LinearServer, team: Team) -> None:
    blocker = linear.world.add_issue()
    linear.world.add_issue(blocked_by=[blocker])
    tracker = await team.tracker()
    assert {one.id: one.blockers for one in (await tracker.read()).issues} == {"ENG-1": (), "ENG-2": ("ENG-1",)}
    # Nothing of the blocked one has changed, so it is not read again.
    blocker.state = linear.world.teams["ENG"].state("Done")
    assert {one.id: one.blockers for one in (await tracker.read()).issues} == {"ENG-1": (), "ENG-2": ()}


@pytest.mark.parametrize(
    ("state", "statuses", "status"),
    [
        (("Todo", "unstarted"), {}, "Todo"),
        (("in review", "started"), {}, "Needs Review"),
        (("Shipped", "completed"), {}, "Done"),
        (("Shipped", "completed"), {"shipped": "Retro"}, "Retro"),
        (("Doing", "started"), {"Doing": "in progress"}, "In Progress"),
        (("Ideas", "backlog"), {}, "Ideas"),
        (("Won't do", "canceled"), {}, "Won't do"),
    ],
)
async def test_which_state_is_which_status(
    linear: LinearServer, team: Team, state: tuple[str, str], statuses: dict[str, str], status: str
) -> None:
    linear.world.add_team("OPS", workflow=(("Todo", "unstarted"), state))
    linear.world.add_issue("OPS", state=state[0])
    (issue,) = (await (await team.tracker("ops", statuses=statuses)).read()).issues
    assert issue.status == status
    assert issue.closed is (state[1] in ("completed", "canceled"))


async def test_three_hundred_issues_are_read_once_and_then_only_what_changed(linear: LinearServer, team: Team) -> None:
    world = linear.world
    issues = [world.add_issue(title=f"Issue {number}") for number in range(300)]
    for _ in range(60):
        world.add_issue(state="Done")
    tracker = await team.tracker()
    assert len((await tracker.read()).issues) == 300 + 50
    # Whose key it is, two pages of stamps, and the facts of 350.
    assert len(linear.asked) == 1 + 2 + 350 // FACTS_PAGE
    assert max(linear.points) < MOST_POINTS * 0.6
    state = world.teams["ENG"].state("In Progress")
    changes: list[tuple[Callable[[], object], int]] = [
        # A label leaves the issue's own time as it was.
        (lambda: issues[7].labels.append(world.label_named("worker-done")), 1),
        (lambda: setattr(issues[7], "state", state), 1),
        (lambda: setattr(issues[7], "updated_at", world.now()), 1),
        (lambda: None, 0),
    ]
    for change, read in changes:
        linear.asked.clear()
        linear.points.clear()
        change()
        reading = await tracker.read()
        assert [asked.variables["size"] for asked in linear.asked if "size" in asked.variables] == [1] * read
        assert sum(linear.points) < 2500
        told = next(one for one in reading.issues if one.id == "ENG-8")
        assert (told.labels, told.status) == (frozenset({"worker-done"}), IssueStatus.normalize(issues[7].state.name))
    # What leaves no stamp is seen when all of it is read again.
    world.link(issues[0], "https://github.com/acme/payments/pull/5")
    assert next(one for one in (await tracker.read()).issues if one.id == "ENG-1").pull_request is None
    team.clock[0] += WHOLE_AGAIN_SECONDS
    assert next(one for one in (await tracker.read()).issues if one.id == "ENG-1").pull_request is not None


async def test_more_issues_than_a_board_can_show_are_named(linear: LinearServer, team: Team) -> None:
    for _ in range(MOST_ISSUES + STAMPS_PAGE + 1):
        linear.world.add_issue()
    reading = await (await team.tracker()).read()
    assert len(reading.issues) == MOST_ISSUES
    (problem,) = reading.problems
    assert str(problem).startswith("ENG: more than 1000 open issues: the rest was left out; narrow it: filter =")


async def test_a_list_that_is_longer_than_its_page_is_named(linear: LinearServer, team: Team) -> None:
    others = [linear.world.add_issue(state="Canceled") for _ in range(11)]
    linear.world.add_issue(blocked_by=others)
    problems = (await (await team.tracker()).read()).problems
    assert [str(problem) for problem in problems] == ["ENG-12: more than 10 relations: the rest was not read"]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", {"ENG-1", "ENG-2", "ENG-3", "ENG-4"}),
        ("assignee:@me", {"ENG-1"}),
        ("assignee:bob@example.com", {"ENG-2"}),
        ("no:assignee", {"ENG-3", "ENG-4"}),
        ("author:bob", {"ENG-2"}),
        ("label:BUG", {"ENG-1", "ENG-2"}),
        ("label:bug -label:urgent", {"ENG-1"}),
        ('project:"next release"', {"ENG-3"}),
        ("is:open", {"ENG-1", "ENG-2", "ENG-3"}),
    ],
)
async def test_a_filter_says_which_issues_are_the_projects(
    linear: LinearServer, team: Team, text: str, ids: set[str]
) -> None:
    world = linear.world
    bob = world.add_user("bob", "Bob Example", "bob@example.com")
    world.add_issue(assignee=world.viewer, labels=("bug",))
    world.add_issue(assignee=bob, creator=bob, labels=("bug", "urgent"))
    world.add_issue(project="Next Release")
    world.add_issue(state="Done")
    reading = await (await team.tracker(filter_text=text)).read()
    assert {one.id for one in reading.issues} == ids


async def test_an_issue_that_left_the_filter_or_is_archived_leaves_the_board(linear: LinearServer, team: Team) -> None:
    mine = linear.world.add_issue(assignee=linear.world.viewer)
    other = linear.world.add_issue(assignee=linear.world.viewer)
    tracker = await team.tracker(filter_text="assignee:@me")
    assert len((await tracker.read()).issues) == 2
    mine.assignee, other.archived = None, True
    assert (await tracker.read()).issues == ()


async def test_a_team_that_is_not_there_is_told_with_those_that_are(linear: LinearServer, team: Team) -> None:
    linear.world.add_team("OPS")
    with pytest.raises(TrackerError, match="no team WEB: this key sees: ENG, OPS; set"):
        await (await team.tracker("WEB")).read()


def told(status: int, message: str, code: str) -> Fault:
    errors = [{"message": message, "extensions": {"code": code}}]
    return Fault(status=status, body=json.dumps({"errors": errors}).encode())


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (told(401, "Authentication required", "AUTHENTICATION_ERROR"), "login failed (401); set LINEAR_API_KEY or run"),
        (told(400, "Rate limit exceeded", "RATELIMITED"), "rate limit, retry after 60 s"),
        (told(400, "Query too complex", "INPUT_ERROR"), "Query too complex"),
        (Fault(status=429, headers={"retry-after": "30"}), "rate limit, retry after 30 s"),
        (told(403, "Forbidden", "FORBIDDEN"), "not allowed (403): Forbidden; look at what the key may do"),
        (Fault(status=502), "the server failed (502)"),
        (Fault(body=b"<html>"), "the answer is not JSON"),
        (Fault(body=b'{"data": {"viewer": 1}}'), "the answer is of another shape"),
        (Fault(body=b"{}" * 50, cut=True), "RemoteProtocolError"),
    ],
)
async def test_each_fault_is_told_in_one_line(linear: LinearServer, team: Team, fault: Fault, words: str) -> None:
    linear.world.add_issue()
    tracker = await team.tracker()
    linear.always = fault
    with pytest.raises(SourceError) as raised:
        await tracker.read()
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


async def test_a_limit_lasts_until_the_budget_that_comes_back_last(linear: LinearServer, team: Team) -> None:
    headers = {"x-ratelimit-requests-reset": "1000", "x-ratelimit-complexity-reset": "90000000000000"}
    team.clock[0] = 90_000_000_000.0 - 45
    linear.always = Fault(status=400, headers=headers, body=told(400, "slow down", "RATELIMITED").body)
    with pytest.raises(SourceError, match="rate limit, retry after 45 s"):
        await (await team.tracker()).read()


async def test_of_the_hours_budget_a_part_is_kept_back_for_what_a_person_does(linear: LinearServer, team: Team) -> None:
    linear.world.add_issue()
    linear.headers = {
        "x-ratelimit-complexity-remaining": "2000",
        "x-ratelimit-complexity-limit": "250000",
        "x-ratelimit-complexity-reset": str(1_800_000_000_000),
    }
    team.clock[0] = 1_800_000_000.0 - 600
    tracker = await team.tracker()
    with pytest.raises(SourceError, match="2000 of 250000 points of the hour's budget are left, retry after 600 s"):
        await tracker.read()
    asked = len(linear.asked)
    team.clock[0] += 601
    linear.headers["x-ratelimit-complexity-remaining"] = "250000"
    assert len((await tracker.read()).issues) == 1
    assert len(linear.asked) > asked


async def test_nothing_blocks_the_event_loop(linear: LinearServer, team: Team) -> None:
    linear.world.add_issue()
    tracker = await team.tracker()
    await tracker.read()
    with blockbuster_ctx("legion_tui"):
        linear.world.add_issue()
        assert len((await tracker.read()).issues) == 2
