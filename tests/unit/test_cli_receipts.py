"""What a command that refuses says: one clear line, or with `--json` the receipt, and exit code 3 with both."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from legion_tui.agents.claude_code import TESTED_VERSION
from tests.support.own_project import enter_project, run_words

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs tmux's sockets")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one issue that has to be moved before anything is started on it."""
    return enter_project(tmp_path, monkeypatch, "Retry", "--status", "In Progress", "--label", "worker-done")


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the first `claude` of the path is to be written."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder / "claude"


@pytest.mark.usefixtures("project")
def test_a_refused_dispatch_is_a_receipt_too(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run_words(capsys, "dispatch", "ENG-1", "--dry-run", "--json")
    receipt = json.loads(out)
    assert code == 3
    assert (receipt["issue"], receipt["outcome"]) == ("ENG-1", "refused")
    assert "--mode" in receipt["reason"]


@pytest.mark.usefixtures("project")
def test_the_line_of_a_refusal_reads_as_one(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run_words(capsys, "dispatch", "ENG-1", "--dry-run")
    assert (code, out) == (3, "")
    assert err.count("\n") == 1
    assert ".;" not in err


@pytest.mark.usefixtures("project")
def test_an_edit_of_nothing_opens_no_editor_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run_words(capsys, "issue", "edit", "ENG-1")
    assert code == 2
    assert "--body-file" in err


def test_the_first_list_says_how_to_add_an_issue(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / ".legion" / "issues" / "ENG-1.md").unlink()
    code, out, err = run_words(capsys, "issue", "list")
    assert (code, out) == (0, "")
    assert "legion-tui issue add" in err


@pytest.mark.usefixtures("project")
def test_what_is_well_needs_no_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run_words(capsys, "doctor", "--json")
    assert [check["name"] for check in json.loads(out) if check["ok"] and check["remedy"]] == []


@pytest.mark.parametrize(
    ("prints", "ok", "found"),
    [
        (f"echo '{TESTED_VERSION} (Claude Code)'", True, f"{TESTED_VERSION}, covered by the contract tests"),
        (
            "echo '2.2.0 (Claude Code)'",
            False,
            f"2.2.0 is not covered by the contract tests, which run on {TESTED_VERSION}",
        ),
        ("exit 1", False, "does not tell its version, so it may not be covered by the contract tests, which run on"),
    ],
)
@pytest.mark.usefixtures("project")
def test_the_agents_version_is_told_and_whether_it_is_covered(
    prints: str, ok: bool, found: str, agent: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    agent.write_text(f"#!/bin/sh\n{prints}\n")
    agent.chmod(0o755)
    _, out, _ = run_words(capsys, "doctor", "--json")
    (check,) = (check for check in json.loads(out) if check["name"] == "agent")
    assert (check["ok"], check["needed"]) == (ok, ok)
    assert check["found"].startswith(f"claude {found}")
    assert bool(check["remedy"]) is not ok
    _, out, _ = run_words(capsys, "doctor")
    assert f"{'ok     ' if ok else 'note   '} agent: claude {found}" in out


@pytest.mark.usefixtures("project")
def test_plain_keeps_to_the_signs_that_were_asked_for(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "config" / "legion-tui").mkdir(parents=True, exist_ok=True)
    (tmp_path / "config" / "legion-tui" / "config.toml").write_text('glyphs = "ascii"\n')
    code, out, _ = run_words(capsys, "--plain")
    assert code == 0
    assert "ENG-1" in out
    assert out.isascii()
