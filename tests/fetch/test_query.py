"""The question that is asked of GitHub, and what is made of the answers."""

from __future__ import annotations

import json

import pytest
from graphql import parse, validate

from legion_tui.fetch.pull_requests.query import Aliases, Answered, build_query, parse_answer
from legion_tui.network import read_answer
from legion_tui.state import Checks, PullRequestRef, PullRequestState
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
    "record",
    [
        "[]",
        "{}",
        '{"state": "SOMETHING"}',
        '{"state": null}',
    ],
)
def test_a_record_that_makes_no_sense_is_a_note(record: str) -> None:
    _, aliases = build_query([ref(7)])
    told = parsed(f'{{"data": {{"repo0": {{"pr0": {record}}}}}}}'.encode(), aliases)
    assert not told.found
    assert told.notes == {ref(7): "there is no such pull request"}


@pytest.mark.parametrize(
    "commits",
    [
        "null",
        '{"nodes": []}',
        '{"nodes": [null]}',
        '{"nodes": [{"commit": {"statusCheckRollup": null}}]}',
        '{"nodes": [{"commit": {"statusCheckRollup": {"state": 3, "contexts": {"checkRunCountsByState": [3, {}]}}}}]}',
    ],
)
def test_odd_checks_are_no_checks(commits: str) -> None:
    _, aliases = build_query([ref(7)])
    body = f'{{"data": {{"repo0": {{"pr0": {{"state": "OPEN", "commits": {commits}}}}}}}}}'
    told = parsed(body.encode(), aliases).found[ref(7)]
    assert told.ci is None
    assert told.checks == Checks()
