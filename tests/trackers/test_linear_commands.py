"""A project on Linear by the commands: set up, looked at, written to, and while Linear fails."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import keyring
import pytest

from legion_tui.cli.context import Context
from legion_tui.cli.parts import open_parts
from legion_tui.network import GraphQLClient
from legion_tui.present.plain import board_lines
from legion_tui.state import Source
from tests.support.graphql_server import Fault
from tests.support.linear.server import LinearServer
from tests.support.tracked_project import Project


@pytest.fixture
def project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Project:
    return Project.make(tmp_path, capsys, dict(os.environ))


@dataclass
class Safe:
    """A keyring of the test's own."""

    held: str | None

    def get_password(self, service: str, username: str) -> str | None:
        assert (service, username) == ("legion-tui", "linear")
        return self.held


async def test_init_writes_the_team_and_the_board_shows_its_issues(linear: LinearServer, project: Project) -> None:
    linear.world.add_issue(title="Retry it", state="In Review", labels=("worker-done",))
    ran = await project.init_linear("--write", "labels", url=linear.url)
    assert "next: legion-tui\n" in ran.out
    text = (project.root / "legion.toml").read_text()
    assert 'key = "ENG"\n\n[tracker]\nkind = "linear"\nteam = "ENG"\n' in text
    assert 'write = "labels"' in text
    assert not (project.root / ".legion").exists()
    listed = await project.run("issue", "list")
    assert listed.out == "ENG-1  Needs Review  Retry it  [worker-done]\n"
    document = (await project.run("state")).json
    assert document["sources"]["tracker"]["ok"]
    issue = document["issues"]["ENG-1"]
    assert (issue["title"], issue["status"], issue["url"]) == (
        "Retry it",
        "Needs Review",
        "https://linear.app/acme/issue/ENG-1",
    )


async def test_init_says_what_it_needs(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    del project.environ["LINEAR_API_KEY"]
    for arguments, error in (
        (("--tracker", "linear"), "--team: is needed; what the identifiers of its issues begin with: --team ENG"),
        (("--tracker", "linear", "--team", "no team"), "--team no team: is no team's key; --team ENG"),
        (("--tracker", "linear", "--team", "ENG", "--repo", "a/b"), "--repo: is for --tracker github"),
        (("--team", "ENG"), "--team: is for --tracker linear"),
    ):
        ran = await project.run("init", *arguments)
        assert (ran.code, ran.err) == (2, error)
    monkeypatch.setattr(keyring, "get_password", Safe(None).get_password)
    ran = await project.run("init", "--tracker", "linear", "--team", "eng")
    assert "next: set LINEAR_API_KEY or run: keyring set legion-tui linear, then: legion-tui\n" in ran.out
    checks = {check["name"]: check for check in (await project.run("doctor", "--json")).json}
    assert checks["linear"] == {
        "name": "linear",
        "ok": False,
        "found": "no LINEAR_API_KEY, and no key in the keyring",
        "remedy": "set LINEAR_API_KEY or run: keyring set legion-tui linear",
        "needed": True,
    }
    assert checks["tracker"]["found"] == "linear ENG; nothing is written, our labels live in the ledger"


async def test_the_key_may_be_in_the_keyring(
    linear: LinearServer, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    del project.environ["LINEAR_API_KEY"]
    linear.world.add_issue()
    safe = Safe("lin_oauth_1\n")
    monkeypatch.setattr(keyring, "get_password", safe.get_password)
    await project.init_linear(url=linear.url)
    assert (await project.run("issue", "list")).out.startswith("ENG-1")
    assert {asked.headers["authorization"] for asked in linear.asked} == {"Bearer lin_oauth_1"}
    checks = {check["name"]: check for check in (await project.run("doctor", "--json")).json}
    assert checks["linear"]["found"] == "a key in the system keyring"
    safe.held = "two words"
    ran = await project.run("issue", "list")
    assert "the keyring gives something that is no token" in ran.err
    assert "two words" not in ran.err

    def locked(service: str, username: str) -> str:
        raise OSError("the collection is locked")

    monkeypatch.setattr(keyring, "get_password", locked)
    ran = await project.run("issue", "list")
    assert (ran.code, "the keyring cannot be read: the collection is locked" in ran.err) == (1, True)


async def test_without_a_keyring_nothing_is_in_it(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    del project.environ["LINEAR_API_KEY"]
    from keyring.backends import fail

    keyrings = fail.Keyring()  # type: ignore[no-untyped-call]
    monkeypatch.setattr(keyring, "get_password", keyrings.get_password)
    ran = await project.run("init", "--tracker", "linear", "--team", "eng")
    assert "next: set LINEAR_API_KEY" in ran.out


async def test_a_project_elsewhere_never_loads_the_keyring(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "keyring")
    await project.run("init")
    await project.run("state")
    assert "keyring" not in sys.modules


async def test_every_write_by_the_commands(linear: LinearServer, project: Project) -> None:
    world = linear.world
    world.add_label("bug")
    await project.init_linear("--write", "all", url=linear.url)
    assert (await project.run("issue", "add", "New", "--label", "bug", "--priority", "2")).out == "ENG-1\n"
    for arguments in (
        ("move", "ENG-1", "In Progress"),
        ("label", "#1", "+worker-active", "-bug"),
        ("assign", "1", "+@me"),
        ("comment", "ENG-1", "Hello"),
        ("edit", "ENG-1", "--title", "Newer", "--pull-request", "https://github.com/acme/payments/pull/3"),
    ):
        ran = await project.run("issue", *arguments)
        assert ran.code == 0, ran.err
    (issue,) = world.issues
    assert (issue.title, issue.state.name, issue.priority, issue.assignee) == ("Newer", "In Progress", 2, world.viewer)
    assert [label.name for label in issue.labels] == ["worker-active"]
    assert [comment.body for comment in issue.comments] == ["Hello"]
    assert [link.url for link in issue.attachments] == ["https://github.com/acme/payments/pull/3"]
    assert (await project.run("issue", "close", "ENG-1")).code == 0
    assert issue.state.name == "Done"


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for ten seconds here."""
    monkeypatch.setattr("legion_tui.cli.tracker.GraphQLClient", partial(GraphQLClient, timeout_seconds=0.3))


FAULTS: Mapping[str, tuple[Fault, str]] = {
    "401": (Fault(status=401), "linear: login failed (401)"),
    "403": (Fault(status=403, body=b'{"errors": [{"message": "Forbidden"}]}'), "linear: not allowed (403): Forbidden"),
    "429": (Fault(status=429, headers={"retry-after": "17"}), "linear: rate limit, retry after 17 s"),
    "limited": (
        Fault(status=400, body=b'{"errors": [{"message": "Slow.", "extensions": {"code": "RATELIMITED"}}]}'),
        "linear: rate limit, retry after 60 s",
    ),
    "502": (Fault(status=502), "linear: the server failed (502)"),
    "half a body": (Fault(body=b'{"data": {}}', cut=True), "linear: RemoteProtocolError"),
    "bad JSON": (Fault(body=b"<html>"), "linear: the answer is not JSON"),
    "another shape": (Fault(body=b'{"data": {"viewer": 3}}'), "linear: the answer is of another shape"),
    "errors alone": (Fault(status=400, body=b'{"errors": [{"message": "Entity not found"}]}'), "linear: Entity not"),
    "timeout": (Fault(silent=True), "linear: no answer within 0.3 s"),
    "too slow": (Fault(trickle_seconds=0.05), "linear: no answer within 0.3 s"),
}


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_is_told_and_the_last_good_values_stay(linear: LinearServer, project: Project, name: str) -> None:
    fault, told = FAULTS[name]
    linear.world.add_issue(title="Retry it")
    await project.init_linear(url=linear.url)
    async with open_parts(Context(environ=dict(project.environ), cwd=project.root)) as parts:
        good = await parts.collector.collect()
        linear.always = fault
        failed = await parts.collector.collect()
        assert [row.issue for row in failed.issues] == [row.issue for row in good.issues]
        assert told in (failed.sources[Source.TRACKER].error or "")
        assert any("Retry it" in line for line in board_lines(failed, 100, datetime.now(UTC)))
    ran = await project.run("state")
    assert ran.code == 1
    assert told in ran.err
    tracker = ran.json["sources"]["tracker"]
    assert (tracker["ok"], told in tracker["error"], ran.json["issues"]) == (False, True, {})
    assert ran.json["sources"]["tmux"]["ok"]
    listed = await project.run("issue", "list")
    assert (listed.code, told in listed.err) == (1, True)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('kind = "linear"', "tracker.team is missing; what the identifiers of its issues begin with"),
        ('kind = "linear"\nteam = "no team"', "tracker.team = 'no team'"),
        ('kind = "linear"\nteam = "ENG"\nfilter = "board:4"', "'board:4' is no part of a filter"),
    ],
)
async def test_a_file_that_cannot_be_meant_is_told(project: Project, text: str, error: str) -> None:
    head = '[project]\nid = "7b4f0862-b775-4cb0-9a67-85400c6f44a8"\nkey = "ENG"\n[tracker]\n'
    (project.root / "legion.toml").write_text(head)
    project.append(f"{text}\n")
    ran = await project.run("issue", "list")
    assert ran.code == 1
    assert error in ran.err


async def test_a_key_goes_nowhere_but_where_the_user_allows(project: Project) -> None:
    await project.init_linear(url="https://linear.example.com/graphql")
    ran = await project.run("issue", "list")
    assert "no token is sent to https://linear.example.com/graphql; allow that host in your own config" in ran.err
