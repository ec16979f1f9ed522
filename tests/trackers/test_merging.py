"""Merging by a person's word: what would be merged is shown, that very commit is merged, once, and read back."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from graphql import parse, validate

from legion_tui.cli.context import Context
from legion_tui.cli.parts import open_parts
from legion_tui.cli.screen_commands import ScreenCommands
from legion_tui.state import Outcome
from legion_tui.trackers.github.merging import DOCUMENTS
from legion_tui.ui.ports import Expected
from tests.support.github.pull_requests import pull_request
from tests.support.github.schema import schema
from tests.support.github.server import GitHubServer
from tests.support.graphql_server import Fault
from tests.support.tracked_project import Project

HEAD, NEWER = "a" * 40, "b" * 40
WORDS = "merge #7 “Pull request 7” into main by squash: branch-7 at aaaaaaaaa"


@pytest.fixture
async def project(tmp_path: Path, capsys: pytest.CaptureFixture[str], github: GitHubServer) -> Project:
    """A project whose one issue has an approved pull request."""
    made = Project.make(tmp_path, capsys, dict(os.environ))
    made.environ["LEGION_ISSUE"] = ""
    reviews = [("bob", "APPROVED", HEAD)]
    github.add("acme", "payments", 7, headRefOid=HEAD, reviews=reviews, rollup="SUCCESS", checks={"SUCCESS": 1})
    github.world.add_issue("Retry it", number=1, pull_requests=[pull(github)])
    await made.init("--write", "all", "--key", "PAY", url=github.url)
    return made


def pull(github: GitHubServer) -> dict[str, object]:
    return github.world.repository().pull_requests[7]


@pytest.fixture(autouse=True)
def _of_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    # Whoever runs these tests may be an agent.
    monkeypatch.setattr("legion_tui.cli.advance.refuse_agents", lambda what: None)


def test_what_is_sent_is_valid_against_githubs_schema() -> None:
    for text in DOCUMENTS:
        assert [error.message for error in validate(schema(), parse(text))] == []


async def test_it_is_shown_asked_for_and_merged(github: GitHubServer, project: Project) -> None:
    shown = await project.run("advance", "PAY-1", "--dry-run")
    assert shown.out == f"PAY-1 merge_pr would:\n  {WORDS}\n"
    unasked = await project.run("advance", "PAY-1")
    assert unasked.code == 3
    assert "a merge is confirmed each time; see --dry-run, then say --yes" in unasked.err
    assert github.world.carried_out == []
    merged = await project.run("advance", "PAY-1", "--yes", "--json")
    assert (merged.code, merged.json["outcome"], merged.json["reason"]) == (0, "done", "#7 is merged")
    assert (pull(github)["state"], pull(github)["merged_by"]) == ("MERGED", "SQUASH")
    assert github.world.carried_out == ["mergePullRequest"]
    log = (await project.run("log", "PAY-1")).out
    assert "merge begun" in log
    assert "merge done" in log
    # What comes next is to move the issue.
    assert (await project.run("state")).json["issues"]["PAY-1"]["suggested_action"] == "transition_to_done"


@pytest.mark.parametrize(("said", "merges"), [("y\n", True), ("\n", False)])
async def test_at_a_terminal_it_asks(
    github: GitHubServer, project: Project, monkeypatch: pytest.MonkeyPatch, said: str, merges: bool
) -> None:
    monkeypatch.setattr("legion_tui.cli.asking.somebody_is_there", lambda: True)
    monkeypatch.setattr("legion_tui.cli.advance.somebody_is_there", lambda: True)
    monkeypatch.setattr(sys.stdin, "readline", lambda: said)
    ran = await project.run("advance", "PAY-1")
    assert f"legion-tui: {WORDS}? [y/N]" in ran.err
    assert (ran.code == 0, pull(github)["state"] == "MERGED") == (merges, merges)


async def test_a_commit_that_came_after_the_preview_is_not_merged(github: GitHubServer, project: Project) -> None:
    async with open_parts(Context(environ=dict(project.environ), cwd=project.root)) as parts:
        commands = ScreenCommands(parts)
        asked = Expected(issue="PAY-1", action="merge_pr")
        shown = replace(asked, shown=(await commands.preview(asked)).lines)
        assert shown.shown == (WORDS,)
        # It is approved again before the person says yes: the action is the same, the commit is not.
        home = github.world.repository()
        newer = [("bob", "APPROVED", NEWER)]
        home.pull_requests[7] = {**pull(github), **pull_request(7, headRefOid=NEWER, reviews=newer)}
        receipt = await commands.advance(shown)
        assert (receipt.outcome, receipt.action) == (Outcome.REFUSED, "merge_pr")
        assert "PAY-1 changed meanwhile: now it is: merge #7" in receipt.reason
        assert "bbbbbbbbb" in receipt.reason
        unseen = await commands.advance(asked)
        assert (unseen.outcome, "confirmed each time" in unseen.reason) == (Outcome.REFUSED, True)
        assert github.world.carried_out == []
        again = replace(asked, shown=(await commands.preview(asked)).lines)
        assert (await commands.advance(again)).outcome is Outcome.DONE
    assert pull(github)["state"] == "MERGED"


async def test_another_commit_is_not_merged(github: GitHubServer, project: Project) -> None:
    def push() -> None:
        pull(github)["headRefOid"] = NEWER

    github.before_write = push
    ran = await project.run("advance", "PAY-1", "--yes")
    assert ran.code == 1
    assert "cannot merge #7: Head branch was modified" in ran.err
    assert pull(github)["state"] == "OPEN"


@pytest.mark.parametrize("carried_out", [True, False])
async def test_a_lost_answer_is_read_back_and_nothing_is_merged_twice(
    github: GitHubServer, project: Project, carried_out: bool
) -> None:
    github.faults.append(Fault(status=502, on_write=True, carried_out=carried_out))
    ran = await project.run("advance", "PAY-1", "--yes")
    assert ran.code == (0 if carried_out else 1)
    assert ("and it is not there; try again" in ran.err) is not carried_out
    assert sum(asked.is_write for asked in github.asked) == 1
    assert (pull(github)["state"] == "MERGED") is carried_out


async def test_who_may_not_is_told_so(github: GitHubServer, project: Project) -> None:
    github.world.repository().permission = "READ"
    ran = await project.run("advance", "PAY-1", "--yes")
    assert (ran.code, "does not have the correct permissions" in ran.err) == (1, True)
    assert "merge failed" in (await project.run("log", "PAY-1")).out


async def test_a_project_that_only_reads_merges_nothing(github: GitHubServer, project: Project) -> None:
    file = project.root / "legion.toml"
    file.write_text(file.read_text().replace('write = "all"', 'write = "labels"'))
    project.append("")
    for arguments in (["--dry-run"], ["--yes"]):
        ran = await project.run("advance", "PAY-1", *arguments)
        assert ran.code == 3
        assert 'merge it on its page, or set write = "all" below [tracker] in legion.toml' in ran.err
    assert github.world.carried_out == []
