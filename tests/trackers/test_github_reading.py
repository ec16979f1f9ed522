"""What the GitHub tracker reads of a repository and of a board."""

from __future__ import annotations

import pytest
from blockbuster import blockbuster_ctx
from graphql import parse, validate

from legion_tui.errors import SourceError, TrackerError
from legion_tui.state import PullRequestRef
from legion_tui.trackers.github.listing import MOST_ISSUES, WHOLE_AGAIN_SECONDS
from legion_tui.trackers.github.queries import DOCUMENTS
from tests.support.github.pull_requests import pull_request
from tests.support.github.schema import schema
from tests.support.github.server import GitHubServer
from tests.support.graphql_server import Fault
from tests.trackers.conftest import House


def test_everything_that_is_sent_is_valid_against_githubs_schema() -> None:
    for text in DOCUMENTS:
        assert [error.message for error in validate(schema(), parse(text))] == []


async def test_every_fact_of_an_issue(github: GitHubServer, house: House) -> None:
    world = github.world
    ledger = world.repository("acme", "ledger")
    epic = world.add_issue("Epic", state="CLOSED")
    elsewhere = world.add_issue("Elsewhere", repository=ledger, number=7)
    done = world.add_issue("Done before", state="CLOSED")
    issue = world.add_issue(
        "Retry\x1b[31m the\nsender",
        body="Why\x07.\r\n",
        labels=["worker-done", "In Progress", "bug"],
        assignees=["octocat", "hubot"],
        parent=epic,
        blocked_by=[elsewhere, done],
        pull_requests=[
            pull_request(3, url="https://github.com/acme/payments/pull/3", state="CLOSED"),
            pull_request(5, url="https://github.com/acme/payments/pull/5"),
            pull_request(9, url="https://github.com/acme/payments/pull/9", state="MERGED"),
        ],
    )
    reading = await (await house.tracker()).read()
    assert reading.problems == ()
    by_id = {one.id: one for one in reading.issues}
    told = by_id[f"PAY-{issue.number}"]
    assert (told.title, told.body, told.shown_id) == ("Retry the sender", "Why.", f"#{issue.number}")
    assert told.status == "In Progress"
    assert told.labels == {"worker-done", "In Progress", "bug"}
    assert told.assignees == ("octocat", "hubot")
    assert told.blockers == ("LEDGER-7",)  # the closed one blocks nothing any more
    assert told.parent == f"PAY-{epic.number}"
    assert told.pull_request == PullRequestRef("github.com", "acme", "payments", 5)
    assert told.url == f"https://github.com/acme/payments/issues/{issue.number}"
    assert told.created_at is not None
    assert not told.closed
    over = by_id[f"PAY-{epic.number}"]
    assert (over.closed, over.status, over.children) == (True, "closed", (told.id,))
    assert by_id.keys() == {told.id, over.id, f"PAY-{done.number}"}


async def test_a_server_without_dependencies_is_not_asked_for_them(github: GitHubServer, house: House) -> None:
    github.newer = False
    first = github.world.add_issue()
    github.world.add_issue(blocked_by=[first])
    tracker = await house.tracker()
    assert [issue.blockers for issue in (await tracker.read()).issues] == [(), ()]
    assert (await tracker.get("2")).blockers == ()


@pytest.mark.parametrize(
    ("labels", "closed", "statuses", "status"),
    [
        ((), False, {}, "open"),
        ((), True, {}, "closed"),
        ((), False, {"open": "Backlog"}, "Backlog"),
        ((), True, {"closed": "Done"}, "Done"),
        (("today",), False, {}, "Todo"),
        (("in review",), False, {}, "Needs Review"),
        (("wip",), False, {"WIP": "In Progress"}, "In Progress"),
        (("In Progress",), True, {}, "closed"),
        (("Done",), True, {}, "Done"),
        (("In Progress", "Testing"), False, {}, "Testing"),
    ],
)
async def test_where_a_repository_says_the_status(
    github: GitHubServer, house: House, *, labels: tuple[str, ...], closed: bool, statuses: dict[str, str], status: str
) -> None:
    github.world.add_issue(labels=list(labels), state="CLOSED" if closed else "OPEN")
    reading = await (await house.tracker(statuses=statuses)).read()
    assert reading.issues[0].status == status
    named = [str(problem) for problem in reading.problems]
    assert named == (
        ["#1: has several statuses: Testing, In Progress; the first counts; take the others off"]
        if len(labels) > 1
        else []
    )


async def test_three_hundred_issues_are_three_pages_and_then_only_what_changed(
    github: GitHubServer, house: House
) -> None:
    world = github.world
    for _ in range(300):
        world.add_issue(labels=["bug"])
    tracker = await house.tracker()
    reading = await tracker.read()
    assert len(reading.issues) == len({issue.id for issue in reading.issues}) == 300
    assert len(github.asked) == 1 + 3 + 1  # who it is, the open ones, the closed ones
    assert github.spent == 1 + 3 * 5 + 3  # points, as GitHub documents what pages cost
    github.asked.clear()
    spent = github.spent
    world.issues["I_acme/payments/7"].title = "Another"
    world.issues["I_acme/payments/7"].updated_at = world.tick()
    closed = world.issues["I_acme/payments/8"]
    closed.state, closed.updated_at = "CLOSED", world.tick()
    world.add_issue("New")
    house.clock[0] += 30
    titles = {issue.id: (issue.title, issue.closed) for issue in (await tracker.read()).issues}
    assert len(github.asked) == 1
    assert github.spent - spent == 1
    assert len(titles) == 301
    assert titles["PAY-7"] == ("Another", False)
    assert titles["PAY-8"][1]
    assert titles["PAY-301"] == ("New", False)
    # A dependency does not change the issue's time; after a while everything is read again.
    world.issues["I_acme/payments/9"].blocked_by.append(world.issues["I_acme/payments/10"])
    del world.repository().issues[12]
    house.clock[0] += WHOLE_AGAIN_SECONDS
    after = {issue.id: issue for issue in (await tracker.read()).issues}
    assert after["PAY-9"].blockers == ("PAY-10",)
    assert "PAY-12" not in after


async def test_more_issues_than_a_board_can_show_are_named(
    github: GitHubServer, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_ISSUES == 1000
    monkeypatch.setattr("legion_tui.trackers.github.listing.MOST_ISSUES", 200)
    for _ in range(230):
        github.world.add_issue()
    reading = await (await house.tracker()).read()
    assert len(reading.issues) == 200
    assert [str(problem) for problem in reading.problems] == [
        'acme/payments: 30 more issues were left out; narrow it: filter = "assignee:@me" below [tracker]'
    ]


async def test_a_list_that_is_longer_than_its_page_is_named(github: GitHubServer, house: House) -> None:
    issue = github.world.add_issue(labels=[f"l{number}" for number in range(103)])
    for _ in range(101):
        github.world.add_issue(parent=issue)
    reading = await (await house.tracker()).read()
    assert [str(problem) for problem in reading.problems] == [
        "#1: 3 of 103 labels were not read",
        "#1: 1 of 101 sub-issues were not read",
    ]


async def test_one_that_cannot_be_told_is_named_and_hides_no_other(github: GitHubServer, house: House) -> None:
    for _ in range(3):
        github.world.add_issue()
    github.world.broken.add(2)
    reading = await (await house.tracker()).read()
    assert {issue.id for issue in reading.issues} == {"PAY-1", "PAY-3"}
    assert len(reading.problems) == 1
    assert "an issue was left out: Something went wrong" in str(reading.problems[0])


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", {1, 2, 3, 4, 5}),
        ("assignee:@me", {1, 5}),
        ("assignee:@me is:open", {1}),
        ("assignee:hubot label:bug", {2}),
        ("no:assignee", {3, 4}),
        ("-label:bug is:issue", {1, 3, 5}),
        ('author:hubot label:"needs triage"', {3}),
    ],
)
async def test_a_filter_says_which_issues_are_the_projects(
    github: GitHubServer, house: House, text: str, ids: set[int]
) -> None:
    world = github.world
    world.add_issue(assignees=["octocat"])
    world.add_issue(assignees=["hubot"], labels=["Bug"])
    world.add_issue(author="hubot", labels=["needs triage"])
    world.add_issue(labels=["bug"])
    world.add_issue(assignees=["octocat", "hubot"], state="CLOSED")
    tracker = await house.tracker(filter_text=text)
    for _ in range(2):
        assert {issue.id for issue in (await tracker.read()).issues} == {f"PAY-{number}" for number in ids}
    board = world.add_project()
    for issue in world.issues.values():
        world.put(board, issue)
    reading = await (await house.tracker(board=4, filter_text=text)).read()
    assert {issue.id for issue in reading.issues} == {f"PAY-{number}" for number in ids}


async def test_an_issue_that_left_the_filter_leaves_the_board(github: GitHubServer, house: House) -> None:
    mine = github.world.add_issue(assignees=["octocat"])
    tracker = await house.tracker(filter_text="assignee:@me")
    assert len((await tracker.read()).issues) == 1
    mine.assignees, mine.updated_at = ["hubot"], github.world.tick()
    assert (await tracker.read()).issues == ()
    mine.assignees, mine.updated_at = ["octocat"], github.world.tick()
    assert len((await tracker.read()).issues) == 1


@pytest.mark.parametrize("owner", ["acme", "octocat"])
async def test_a_board_of_an_organisation_or_of_a_user(github: GitHubServer, house: House, owner: str) -> None:
    world = github.world
    home = world.repository(owner, "payments")
    other = world.repository(owner, "payments-web")
    board = world.add_project(owner, options=("Todo", "Doing", "In review", "Shipped"))
    world.put(board, world.add_issue(repository=home), "Doing")
    world.put(board, world.add_issue(repository=home), None)
    world.put(board, world.add_issue(repository=other, number=12), "In review")
    world.put(board, world.add_issue(repository=home, state="CLOSED"), "Shipped")
    world.put(board, world.add_issue(repository=home), "Todo", archived=True)
    world.put(board, "An idea")
    world.put(board, None)
    world.add_issue(repository=home)  # not on the board
    statuses = {"Doing": "In Progress", "shipped": "Done"}
    tracker = await house.tracker(f"{owner}/payments", board=4, statuses=statuses)
    reading = await tracker.read()
    assert {issue.id: (issue.status, issue.shown_id) for issue in reading.issues} == {
        "PAY-1": ("In Progress", "#1"),
        "PAY-2": ("open", "#2"),
        "PAYMENTS-12": ("Needs Review", "payments-web#12"),
        "PAY-3": ("Done", "#3"),
    }
    assert [str(problem) for problem in reading.problems] == [
        f"board 4 of {owner}: 1 drafts have no number; convert them to issues to work on them",
        f"board 4 of {owner}: 1 cards are not for this login",
    ]
    assert (await tracker.get("payments-12")).status == "Needs Review"
    assert (await tracker.get("#1")).status == "In Progress"
    # Another process, which has not read the board yet, knows the other repository's key too.
    again = await house.tracker(f"{owner}/payments", board=4, statuses=statuses)
    assert (await again.get("PAYMENTS-12")).title == "Issue 12"


async def test_a_board_of_many_pages(github: GitHubServer, house: House) -> None:
    board = github.world.add_project()
    for _ in range(230):
        github.world.put(board, github.world.add_issue(), "Todo")
    reading = await (await house.tracker(board=4)).read()
    assert len(reading.issues) == 230
    assert {issue.status for issue in reading.issues} == {"Todo"}
    assert len(github.asked) == 1 + 3


async def test_a_board_without_a_status_field_says_so(github: GitHubServer, house: House) -> None:
    board = github.world.add_project(field_name="Stage")
    github.world.put(board, github.world.add_issue(labels=["In Progress"]), "Todo")
    reading = await (await house.tracker(board=4)).read()
    assert reading.issues[0].status == "In Progress"
    assert "has no single-select field 'Status'" in str(reading.problems[0])


async def test_what_is_not_there_is_told_for_what_it_is(github: GitHubServer, house: House) -> None:
    world = github.world
    with pytest.raises(TrackerError, match=r"acme/payments: Could not resolve to a Repository.*look at tracker\.repo"):
        await (await house.tracker()).read()
    home = world.repository()
    world.add_issue()
    tracker = await house.tracker()
    with pytest.raises(TrackerError, match="PAY-7: no such issue: Could not resolve to an Issue"):
        await tracker.get("PAY-7")
    for unknown in ("ENG-1", "x", "PAY-x", "#"):
        with pytest.raises(TrackerError, match="an issue here is called PAY-12, #12 or 12"):
            await tracker.get(unknown)
    for name in ("PAY-1", "pay-1", "#1", "1"):
        assert (await tracker.get(name)).id == "PAY-1"
    with pytest.raises(TrackerError, match="board 9 of acme: Could not resolve to a ProjectV2"):
        await (await house.tracker(board=9)).read()
    world.add_project(number=9)
    world.sees_projects = False
    with pytest.raises(TrackerError, match="the token may not see boards; run: gh auth refresh -s project"):
        await (await house.tracker(board=9)).read()
    home.has_issues = False
    with pytest.raises(TrackerError, match="its issues are switched off"):
        await (await house.tracker()).read()


async def test_a_renamed_repository_keeps_its_issues_ids_and_is_named(github: GitHubServer, house: House) -> None:
    github.world.add_issue()
    github.world.renamed["acme", "pay"] = ("acme", "payments")
    tracker = await house.tracker("acme/pay")
    reading = await tracker.read()
    assert [issue.id for issue in reading.issues] == ["PAY-1"]
    assert [issue.shown_id for issue in reading.issues] == ["#1"]
    assert [str(problem) for problem in reading.problems] == [
        'tracker.repo: acme/pay is called acme/payments now; set repo = "acme/payments"'
    ]
    assert (await tracker.label("PAY-1", add=["worker-done"])).labels == {"worker-done"}


async def test_pages_that_are_too_much_are_halved(github: GitHubServer, house: House) -> None:
    for _ in range(120):
        github.world.add_issue()
    tracker = await house.tracker()
    github.faults.extend([None, Fault(status=502), Fault(status=504)])
    assert len((await tracker.read()).issues) == 120
    assert [asked.variables["size"] for asked in github.asked[1:]] == [100, 50, 25, 25, 25, 25, 25, 25]


async def test_a_page_that_fails_fails_the_reading(github: GitHubServer, house: House) -> None:
    for _ in range(120):
        github.world.add_issue()
    tracker = await house.tracker()
    github.faults.extend([None, None, *[Fault(status=503)] * 3])
    with pytest.raises(SourceError, match="the server failed"):
        await tracker.read()
    assert len((await tracker.read()).issues) == 120


def test_a_part_of_a_filter_that_is_none_is_named() -> None:
    from legion_tui.trackers.filters import parse_filter

    with pytest.raises(TrackerError, match=r"'asignee:@me' is no part of a filter; did you mean assignee:@me\?"):
        parse_filter("asignee:@me")
    with pytest.raises(TrackerError, match="quotes belong in pairs"):
        parse_filter('label:"x')


async def test_nothing_blocks_the_event_loop(github: GitHubServer, house: House) -> None:
    board = github.world.add_project()
    github.world.put(board, github.world.add_issue(), "Todo")
    with blockbuster_ctx(["legion_tui"]):
        tracker = await house.tracker(board=4)
        assert len((await tracker.read()).issues) == 1
        assert (await tracker.move("PAY-1", "Done", expect="Todo")).closed
