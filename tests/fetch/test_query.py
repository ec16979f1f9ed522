"""The question that is asked of GitHub, and what is made of the answers."""

from __future__ import annotations

import json

import pytest
from graphql import parse, validate

from legion_tui.fetch.pull_requests.failing import failing_query
from legion_tui.fetch.pull_requests.query import Aliases, Answered, build_query, parse_answer
from legion_tui.network import read_answer
from legion_tui.state import BranchRef, Checks, PullRequestRef, PullRequestState
from tests.support.github.schema import schema
from tests.support.github.server import GitHubServer


def ref(number: int, repo: str = "payments", owner: str = "acme") -> PullRequestRef:
    return PullRequestRef("github.com", owner, repo, number)


def answered(github: GitHubServer, *refs: PullRequestRef) -> bytes:
    query, _ = build_query(refs)
    return json.dumps(github.execute(query)).encode()


def parsed(body: bytes, aliases: Aliases) -> Answered:
    return parse_answer(read_answer(body), aliases)


def test_the_query_is_valid_against_githubs_schema() -> None:
    query, _ = build_query([ref(1), ref(2, "ledger"), ref(3)])
    assert validate(schema(), parse(query)) == []
    assert validate(schema(), parse(failing_query([ref(1), ref(2, "ledger")]))) == []


def test_one_alias_for_each_repository_and_each_pull_request() -> None:
    query, aliases = build_query([ref(7), ref(7), ref(2, "ledger"), ref(9), ref(7, "payments", "other")])
    assert aliases == {
        ("repo0", "pr0"): ref(7),
        ("repo0", "pr1"): ref(9),
        ("repo1", "pr0"): ref(2, "ledger"),
        ("repo2", "pr0"): ref(7, "payments", "other"),
    }
    assert query.count("repository(") == 3
    assert query.count("pullRequest(") == 4


def test_a_name_can_not_leave_its_string() -> None:
    query, _ = build_query([PullRequestRef("github.com", 'a") { id } x: repository(owner: "b', "r", 1)])
    assert validate(schema(), parse(query)) == []
    assert len(parse(query).definitions) == 2


def test_every_fact_of_a_pull_request_is_told() -> None:
    github = GitHubServer()
    github.add(
        "acme",
        "payments",
        7,
        title="Pay\x1b[31m twice",
        state="MERGED",
        isDraft=True,
        reviewDecision="CHANGES_REQUESTED",
        mergeable="CONFLICTING",
        headRefName="eng-7",
        additions=12,
        deletions=3,
        rollup="FAILURE",
        checks={"SUCCESS": 3, "SKIPPED": 1, "NEUTRAL": 1, "FAILURE": 2, "CANCELLED": 1, "IN_PROGRESS": 4},
        statuses={"SUCCESS": 1, "ERROR": 1, "EXPECTED": 1},
    )
    query, aliases = build_query([ref(7)])
    told = parsed(json.dumps(github.execute(query)).encode(), aliases)
    pull_request = told.found[ref(7)]
    assert pull_request.title == "Pay twice"
    assert pull_request.state is PullRequestState.MERGED
    assert pull_request.is_draft
    assert pull_request.review == "changes_requested"
    assert pull_request.mergeable == "conflicting"
    assert pull_request.branch == "eng-7"
    assert (pull_request.additions, pull_request.deletions) == (12, 3)
    assert pull_request.ci == "failing"
    assert pull_request.checks == Checks(passed=6, failed=4, pending=5)


@pytest.mark.parametrize(
    ("state", "where"),
    [
        ("TIMED_OUT", "failed"),
        ("ACTION_REQUIRED", "failed"),
        ("STARTUP_FAILURE", "failed"),
        ("WAITING", "pending"),
        ("COMPLETED", "pending"),
        ("STALE", "pending"),
        ("A_WORD_OF_TOMORROW", "pending"),
    ],
)
def test_only_what_says_so_is_a_failed_check(state: str, where: str) -> None:
    github = GitHubServer()
    github.add("acme", "payments", 7, rollup="PENDING", checks={"PENDING": 1})
    body = answered(github, ref(7)).replace(b'"state": "PENDING", "count"', f'"state": "{state}", "count"'.encode())
    _, aliases = build_query([ref(7)])
    checks = parsed(body, aliases).found[ref(7)].checks
    assert {"failed": checks.failed, "pending": checks.pending}[where] == 1
    assert checks.total == 1


@pytest.mark.parametrize(
    ("rollup", "ci"),
    [("SUCCESS", "passing"), ("FAILURE", "failing"), ("ERROR", "failing"), ("PENDING", "pending"), (None, None)],
)
def test_the_roll_up_is_the_verdict_of_ci(rollup: str | None, ci: str | None) -> None:
    github = GitHubServer()
    github.add("acme", "payments", 7, rollup=rollup)
    _, aliases = build_query([ref(7)])
    assert parsed(answered(github, ref(7)), aliases).found[ref(7)].ci == ci


def test_a_partial_error_stays_with_the_one_that_it_is_about() -> None:
    github = GitHubServer(broken={8})
    for number in (7, 8):
        github.add("acme", "payments", number)
    refs = [ref(7), ref(8), ref(9), ref(1, "gone")]
    _, aliases = build_query(refs)
    told = parsed(answered(github, *refs), aliases)
    assert set(told.found) == {ref(7)}
    assert told.notes == {
        ref(8): "Something went wrong while executing your query.",
        ref(9): "Could not resolve to a PullRequest with the number of 9.",
        ref(1, "gone"): "Could not resolve to a Repository with the name 'acme/gone'.",
    }


def test_null_without_a_word_is_explained_too() -> None:
    refs = [ref(7), ref(1, "gone")]
    _, aliases = build_query(refs)
    told = parsed(b'{"data": {"repo0": {"pr0": null}, "repo1": null}}', aliases)
    assert told.notes == {
        ref(7): "there is no such pull request",
        ref(1, "gone"): "the repository is not there, or not for this login",
    }


@pytest.mark.parametrize(
    ("record", "note"),
    [
        ("[]", "there is no such pull request"),
        ("{}", "the answer is of another shape: Object missing required field `state`"),
        ('{"state": "SOMETHING"}', "the answer is of another shape: Invalid enum value 'SOMETHING' - at `$.state`"),
        ('{"state": null}', "the answer is of another shape: Expected `str`, got `null` - at `$.state`"),
        ('{"state": "OPEN", "commits": 3}', "the answer is of another shape: Expected `object | null`, got `int`"),
    ],
)
def test_a_record_that_makes_no_sense_is_a_note(record: str, note: str) -> None:
    _, aliases = build_query([ref(7), ref(8)])
    good = '"pr1": {"state": "OPEN"}'
    told = parsed(f'{{"data": {{"repo0": {{"pr0": {record}, {good}}}}}}}'.encode(), aliases)
    assert set(told.found) == {ref(8)}
    assert told.notes[ref(7)].startswith(note)


@pytest.mark.parametrize(
    "commits",
    [
        "null",
        '{"nodes": []}',
        '{"nodes": [null]}',
        '{"nodes": [{"commit": {"statusCheckRollup": null}}]}',
    ],
)
def test_a_head_without_checks_has_none(commits: str) -> None:
    _, aliases = build_query([ref(7)])
    body = f'{{"data": {{"repo0": {{"pr0": {{"state": "OPEN", "commits": {commits}}}}}}}}}'
    told = parsed(body.encode(), aliases).found[ref(7)]
    assert told.ci is None
    assert told.checks == Checks()


def test_checks_that_the_token_may_not_see_are_unknown_and_not_none() -> None:
    _, aliases = build_query([ref(7)])
    path = ["repo0", "pr0", "commits", "nodes", 0, "commit", "statusCheckRollup"]
    body = {
        "data": {"repo0": {"pr0": {"state": "OPEN", "commits": {"nodes": [{"commit": {"statusCheckRollup": None}}]}}}},
        "errors": [{"type": "FORBIDDEN", "path": path, "message": "Resource not accessible by personal access token"}],
    }
    told = parsed(json.dumps(body).encode(), aliases)
    assert told.found[ref(7)].ci == "unknown"
    assert told.notes[ref(7)].endswith("statusCheckRollup: Resource not accessible by personal access token")


HEAD, OLD = "a" * 40, "b" * 40


@pytest.mark.parametrize(
    ("decision", "reviews", "review", "stale"),
    [
        (None, [], None, False),
        (None, [("ann", "APPROVED", HEAD)], "approved", False),
        (None, [("ann", "APPROVED", OLD)], "approved", True),
        (None, [("ann", "APPROVED", OLD), ("bob", "APPROVED", HEAD)], "approved", False),
        # One who asks for changes outweighs any who approve.
        (None, [("ann", "APPROVED", HEAD), ("bob", "CHANGES_REQUESTED", OLD)], "changes_requested", True),
        (None, [("ann", "DISMISSED", HEAD)], None, False),
        # A commit that was pushed over is not the head.
        (None, [("ann", "CHANGES_REQUESTED", None)], "changes_requested", True),
        # A rule's decision is GitHub's own; what it is about is the reviewers'.
        ("REVIEW_REQUIRED", [("ann", "APPROVED", HEAD)], "review_required", False),
        ("APPROVED", [("ann", "APPROVED", OLD)], "approved", True),
        ("CHANGES_REQUESTED", [("ann", "CHANGES_REQUESTED", HEAD)], "changes_requested", False),
        ("APPROVED", [], "approved", False),
    ],
)
def test_the_verdict_and_which_commit_it_is_about(
    decision: str | None, reviews: list[tuple[str, str, str | None]], review: str | None, stale: bool
) -> None:
    github = GitHubServer()
    github.add("acme", "payments", 7, reviewDecision=decision, reviews=reviews, headRefOid=HEAD)
    _, aliases = build_query([ref(7)])
    told = parsed(answered(github, ref(7)), aliases).found[ref(7)]
    assert (told.review, told.head_newer_than_review, told.head) == (review, stale, HEAD)


def test_who_is_asked_and_what_is_unresolved() -> None:
    github = GitHubServer()
    github.add("acme", "payments", 7, asked_for=["Octocat", "bob", "@core"], resolved=[True, False, False])
    github.add("acme", "payments", 8, asked_for=["bob"], isCrossRepository=True)
    _, aliases = build_query([ref(7), ref(8)])
    found = parsed(answered(github, ref(7), ref(8)), aliases).found
    assert (found[ref(7)].reviewers, found[ref(7)].unresolved_threads) == (("Octocat", "bob"), 2)
    assert [found[ref(number)].review_requested_from_me for number in (7, 8)] == [True, False]
    assert [found[ref(number)].from_fork for number in (7, 8)] == [False, True]


def test_a_repository_that_was_renamed_is_named() -> None:
    _, aliases = build_query([ref(7)])
    body = b'{"data": {"repo0": {"nameWithOwner": "acme/money", "pr0": {"state": "OPEN"}}}}'
    told = parsed(body, aliases)
    assert ref(7) in told.found
    assert told.notes == {ref(7): "its repository is called acme/money now"}


def branch(name: str) -> BranchRef:
    return BranchRef("github.com", "acme", "payments", name)


def fork(owner: str) -> dict[str, object]:
    return {"isCrossRepository": True, "headRepositoryOwner": {"__typename": "User", "login": owner}}


def test_a_branchs_pull_request_is_found() -> None:
    github = GitHubServer()
    for number, name, fields in (
        (1, "eng-1", {"state": "MERGED"}),
        (2, "eng-1", {}),
        (3, "eng-1", {"state": "CLOSED"}),
        # Somebody else's branch of the same name.
        (4, "eng-1", fork("mallory")),
        (5, "eng-2", fork("mallory")),
        (6, "eng-3", fork("octocat")),
        (7, "eng-4", {"state": "CLOSED"}),
        (8, "eng-4", {"state": "MERGED"}),
    ):
        github.add("acme", "payments", number, headRefName=name, **fields)
    wanted: list[PullRequestRef | BranchRef] = [ref(1)]
    wanted += [*(branch(f"eng-{number}") for number in range(1, 6)), branch('x") { id } y: z(a: "')]
    query, aliases = build_query(wanted)
    assert validate(schema(), parse(query)) == []
    told = parsed(json.dumps(github.execute(query)).encode(), aliases)
    assert told.branches == {branch("eng-1"): ref(2), branch("eng-3"): ref(6), branch("eng-4"): ref(8)}
    assert set(told.found) == {ref(1), ref(2), ref(6), ref(8)}
    assert told.notes == {}
