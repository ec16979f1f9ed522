"""A project on GitHub by the commands: set up, looked at, written to, and while GitHub fails in every way."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from legion_tui.cli.context import Context
from legion_tui.cli.parts import open_parts
from legion_tui.network import GraphQLClient
from legion_tui.present.header import failure
from legion_tui.present.plain import board_lines
from legion_tui.state import Source
from tests.support.github.server import GitHubServer
from tests.support.graphql_server import Fault
from tests.support.tracked_project import Project


@pytest.fixture
def project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Project:
    return Project.make(tmp_path, capsys, dict(os.environ))


async def test_init_finds_the_repository_and_the_board_shows_its_issues(github: GitHubServer, project: Project) -> None:
    github.world.add_issue("Retry it", labels=["worker-done"])
    ran = await project.init(url=github.url)
    assert "next: legion-tui\n" in ran.out
    text = (project.root / "legion.toml").read_text()
    assert 'kind = "github"\nrepo = "acme/payments"\n' in text
    assert 'key = "PAYMENTS"' in text
    assert 'write = "none"' in text
    assert not (project.root / ".legion").exists()
    listed = await project.run("issue", "list")
    assert listed.out == "PAYMENTS-1  open          Retry it  [worker-done]\n"
    document = (await project.run("state")).json
    assert document["sources"]["tracker"]["ok"]
    issue = document["issues"]["PAYMENTS-1"]
    assert (issue["title"], issue["status"], issue["url"]) == (
        "Retry it",
        "Todo",
        "https://github.com/acme/payments/issues/1",
    )
    for name in ("#1", "1", "payments-1"):
        assert (await project.run("issue", "show", name)).out.startswith("PAYMENTS-1  Retry it")


async def test_init_says_what_it_needs(project: Project, tmp_path: Path) -> None:
    del project.environ["GITHUB_TOKEN"]
    local = await project.run("init")
    assert "acme/payments is on GitHub" in local.out
    (project.root / "legion.toml").unlink()
    wrong = await project.run("init", "--tracker", "github", "--repo", "no repository")
    assert (wrong.code, wrong.err) == (2, "--repo no repository: is no repository; --repo OWNER/NAME")
    given = await project.run(
        "init", "--tracker", "github", "--repo", "acme/web", "--board", "4", "--write", "labels", "--key", "WEB"
    )
    assert "next: gh auth login (or set GITHUB_TOKEN), then: legion-tui" in given.out
    text = (project.root / "legion.toml").read_text()
    assert 'repo = "acme/web"\nboard = 4\n' in text
    assert 'write = "labels"' in text
    assert 'key = "WEB"' in text
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    project.root = elsewhere
    none = await project.run("init", "--tracker", "github")
    assert none.code == 1
    assert "give --repo OWNER/NAME" in none.err
    assert not (elsewhere / "legion.toml").exists()


async def test_what_is_written_is_what_the_project_allows(github: GitHubServer, project: Project) -> None:
    github.world.add_issue("Retry it")
    await project.init("--write", "labels", url=github.url)
    labelled = await project.run("issue", "label", "#1", "+worker-done")
    assert (labelled.code, labelled.out) == (0, "PAYMENTS-1: worker-done\n")
    before = list(github.world.carried_out)
    for words in (
        ("move", "#1", "Done"),
        ("close", "#1"),
        ("comment", "#1", "Hello"),
        ("assign", "#1", "+@me"),
        ("add", "New"),
        ("edit", "#1", "--title", "x"),
    ):
        refused = await project.run("issue", *words)
        assert refused.code == 1
        assert 'set write = "all" below [tracker] in legion.toml' in refused.err
    assert github.world.carried_out == before
    file = project.root / "legion.toml"
    file.write_text(file.read_text().replace('write = "labels"', 'write = "all"'))
    project.append("")
    assert (await project.run("issue", "add", "New")).out == "PAYMENTS-2\n"
    assert (await project.run("issue", "move", "#2", "In Progress")).out == "PAYMENTS-2: In Progress\n"
    assert (await project.run("issue", "assign", "#2", "+@me")).out == "PAYMENTS-2: octocat\n"
    assert (await project.run("issue", "comment", "#2", "Hello")).code == 0
    assert (await project.run("issue", "close", "#2")).out == "PAYMENTS-2: closed\n"
    made = github.world.issues["I_acme/payments/2"]
    assert (made.title, made.state, made.assignees, [one.body for one in made.comments]) == (
        "New",
        "CLOSED",
        ["octocat"],
        ["Hello"],
    )


async def test_doctor_tells_of_the_tracker(github: GitHubServer, project: Project) -> None:
    github.world.add_issue()
    await project.init(url=github.url)
    checks = {check["name"]: check for check in (await project.run("doctor", "--json")).json}
    assert checks["tracker"]["found"] == "github acme/payments; nothing is written, our labels live in the ledger"
    assert checks["github"]["ok"]
    assert checks["source tracker"]["ok"]
    assert checks["github budget"]["found"] == "4987 of 5000 points left, new ones at 2026-03-14T16:00:00Z"
    github.always = Fault(status=401)
    failed = {check["name"]: check for check in (await project.run("doctor", "--json")).json}
    assert failed["source tracker"]["found"] == "github: login failed (401)"
    assert failed["source tracker"]["remedy"] == "set GITHUB_TOKEN or run: gh auth login"


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for ten seconds here."""
    monkeypatch.setattr("legion_tui.cli.tracker.GraphQLClient", partial(GraphQLClient, timeout_seconds=0.3))


FAULTS: Mapping[str, tuple[Fault, str]] = {
    "401": (Fault(status=401), "github: login failed (401)"),
    "403": (Fault(status=403, body=b'{"message": "SAML"}'), "github: not allowed (403): SAML"),
    "429": (Fault(status=429, headers={"retry-after": "17"}), "github: rate limit, retry after 17 s"),
    "secondary": (
        Fault(status=403, body=b'{"message": "You have exceeded a secondary rate limit."}'),
        "github: rate limit, retry after 60 s",
    ),
    "502": (Fault(status=502), "github: the server failed (502)"),
    "half a body": (Fault(body=b'{"data": {}}', cut=True), "github: RemoteProtocolError"),
    "bad JSON": (Fault(body=b"<html>"), "github: the answer is not JSON"),
    "another shape": (Fault(body=b'{"data": {"viewer": 3}}'), "github: the answer is of another shape"),
    "errors alone": (
        Fault(body=b'{"data": null, "errors": [{"message": "Something went wrong"}]}'),
        "github: Something went wrong",
    ),
    "timeout": (Fault(silent=True), "github: no answer within 0.3 s"),
    "too slow": (Fault(trickle_seconds=0.05), "github: no answer within 0.3 s"),
}


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("name", FAULTS)
async def test_state_says_what_failed_and_ends_with_1(github: GitHubServer, project: Project, name: str) -> None:
    fault, told = FAULTS[name]
    github.world.add_issue()
    await project.init(url=github.url)
    github.always = fault
    ran = await project.run("state")
    assert ran.code == 1
    assert told in ran.err
    tracker = ran.json["sources"]["tracker"]
    assert not tracker["ok"]
    assert told in tracker["error"]
    assert ran.json["issues"] == {}
    assert ran.json["sources"]["tmux"]["ok"]
    listed = await project.run("issue", "list")
    assert (listed.code, told in listed.err) == (1, True)


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("name", FAULTS)
async def test_the_last_good_values_stay_on_the_board_with_their_age(
    github: GitHubServer, project: Project, name: str
) -> None:
    fault, told = FAULTS[name]
    github.world.add_issue("Retry it")
    await project.init(url=github.url)
    async with open_parts(Context(environ=dict(project.environ), cwd=project.root)) as parts:
        before = await parts.collector.collect()
        read_at = before.sources[Source.TRACKER].read_at
        # The first question after a start is another one than those that follow; any may fail.
        github.always = fault if name != "another shape" else Fault(body=b'{"data": {"repository": 3}}')
        failed = await parts.collector.collect()
        health = failed.sources[Source.TRACKER]
        assert (health.ok, health.read_at) == (False, read_at)
        assert told in (health.error or "")
        assert [issue.id for issue in failed.issues] == ["PAYMENTS-1"]
        assert failed.issues[0].decision == before.issues[0].decision
        lines = board_lines(failed, 100, datetime.now(UTC) + timedelta(seconds=90))
        assert told.partition(" (")[0][:20] in lines[0]
        assert "1m" in lines[0]
        assert any("#1" in line and "Retry it" in line for line in lines)
        github.always = None
        if "rate limit" not in told:
            assert (await parts.collector.collect()).sources[Source.TRACKER].ok


async def test_a_limit_of_the_tracker_is_kept_to_by_pull_requests_too(github: GitHubServer, project: Project) -> None:
    github.world.add_pull_request("acme", "payments", 3)
    linked = github.world.repository().pull_requests[3]
    github.world.add_issue(pull_requests=[linked])
    await project.init(url=github.url)
    async with open_parts(Context(environ=dict(project.environ), cwd=project.root)) as parts:
        good = await parts.collector.collect()
        assert good.issues[0].pull_request is not None
        github.asked.clear()
        github.faults.append(Fault(status=429, headers={"retry-after": "60"}))
        limited = await parts.collector.collect()
        assert "rate limit" in (limited.sources[Source.TRACKER].error or "")
        assert "rate limit" in (limited.sources[Source.PULL_REQUESTS].error or "")
        assert limited.issues[0].pull_request == good.issues[0].pull_request
        # The board counts down to when GitHub may be asked again.
        health = limited.sources[Source.TRACKER]
        assert health.retry_at is not None
        for left, told in ((59.5, "github: rate limit, retry in 59s"), (0, "github: rate limit, it is asked again")):
            now = health.retry_at - timedelta(seconds=left)
            assert failure(health, now) == told
            assert any(told in line for line in board_lines(limited, 200, now))
        await parts.collector.collect()
    assert len(github.asked) == 1


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('kind = "github"', 'tracker.repo is missing; repo = "owner/name"'),
        ('kind = "github"\nrepo = "payments"', "tracker.repo = 'payments'; repo = \"owner/name\""),
        ('kind = "github"\nrepo = "a/b"\nboard = 0', "tracker.board = 0; the number in the board's address"),
        (
            'kind = "github"\nrepo = "a/b"\n[tracker.statuses]\nDoing = "Doing"',
            "tracker.statuses.Doing = 'Doing'; did you mean Done?",
        ),
        ('kind = "github"\nrepo = "a/b"\nfilter = "assignee:"', "'assignee:' is no part of a filter"),
    ],
)
async def test_a_file_that_cannot_be_meant_is_told(project: Project, text: str, error: str) -> None:
    head = '[project]\nid = "7b4f0862-b775-4cb0-9a67-85400c6f44a8"\nkey = "ENG"\n[tracker]\n'
    (project.root / "legion.toml").write_text(head)
    project.append(f"{text}\n")
    ran = await project.run("issue", "list")
    assert ran.code == 1
    assert error in ran.err


async def test_of_an_untrusted_file_only_the_repository_is_believed(github: GitHubServer, project: Project) -> None:
    await project.init("--board", "4", "--write", "all", url=github.url)
    file = project.root / "legion.toml"
    file.write_text(file.read_text() + "\n# changed\n")
    place = Context(environ=dict(project.environ), cwd=project.root).needed_place()
    assert (place.config.tracker.kind, place.config.tracker.repo) == ("github", "acme/payments")
    assert (place.config.tracker.board, place.config.tracker.write, place.config.github.api_url) == (None, None, None)
    assert {"tracker.board", "tracker.write", "github.api_url"} <= set(place.inert)
