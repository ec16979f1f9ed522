"""What issues have to do with one another, told by every command that tells of issues."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.own_project import enter_project, run_words

CYCLE = (
    "blocked by ENG-2, which is blocked by ENG-1: a cycle, so none of the 2 begins; "
    "end it in one place: take ENG-2 out of what blocks ENG-1, for one"
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    folder = enter_project(tmp_path, monkeypatch, "Webhooks")
    for words in (("Retry the sender", "--status", "In Progress"), ("A queue", "--status", "Done")):
        assert run_words(capsys, "issue", "add", *words)[0] == 0
    return folder


def put(project: Path, issue_id: str, line: str) -> None:
    file = project / f".legion/issues/{issue_id}.md"
    file.write_text(file.read_text().replace("status:", f"{line}\nstatus:"))


def test_a_cycle_is_told_by_state_doctor_list_and_the_board(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(project, "ENG-1", "blockers: [ENG-2]")
    put(project, "ENG-2", "blockers: [ENG-1]")
    code, out, err = run_words(capsys, "state")
    source = json.loads(out)["sources"]["tracker"]
    assert (code, source["ok"], source["error"]) == (0, True, f"ENG-1: {CYCLE}")
    assert f"ENG-1: {CYCLE}" in err
    _, out, _ = run_words(capsys, "doctor", "--json")
    (check,) = [check for check in json.loads(out) if check["name"] == "issue"]
    assert (check["ok"], check["needed"]) == (False, False)
    assert f"{check['found']}; {check['remedy']}" == f"ENG-1: {CYCLE}"
    code, out, err = run_words(capsys, "issue", "list")
    assert (code, len(out.splitlines())) == (0, 3)
    assert f"ENG-1: {CYCLE}" in err
    _, out, _ = run_words(capsys, "--plain")
    assert "PROBLEMS 1" in out
    assert "ENG-1  blocked by ENG-2, which is blocked by ENG-1" in out


def test_parent_children_and_blockers_are_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(project, "ENG-1", "blockers: [ENG-2, ENG-3, OPS-9]")
    for child in ("ENG-2", "ENG-3"):
        put(project, child, "parent: ENG-1")
    _, out, _ = run_words(capsys, "issue", "show", "ENG-1")
    assert "children: ENG-2, ENG-3" in out.splitlines()
    assert "part of: ENG-1" in run_words(capsys, "issue", "show", "ENG-2")[1].splitlines()
    shown = json.loads(run_words(capsys, "issue", "show", "eng-1", "--json")[1])
    assert (shown["parent"], shown["children"]) == (None, ["ENG-2", "ENG-3"])
    issues = json.loads(run_words(capsys, "state")[1])["issues"]
    assert (issues["ENG-1"]["children"], issues["ENG-3"]["parent"]) == (["ENG-2", "ENG-3"], "ENG-1")
    assert issues["ENG-1"]["blockers"] == ["ENG-2", "OPS-9"]
    _, out, _ = run_words(capsys, "explain", "ENG-1")
    blockers = "ENG-2 Retry the sender (In Progress), ENG-3 A queue (Done), OPS-9 (not read)"
    assert f"blocked by: {blockers}" in out.splitlines()
    assert "children: 1 of 2 done: ENG-2 Retry the sender (In Progress), ENG-3 A queue (Done)" in out.splitlines()
    assert "part of: ENG-1 Webhooks (Todo)" in run_words(capsys, "explain", "ENG-2")[1].splitlines()
    _, out, _ = run_words(capsys, "--plain")
    assert "after ENG-2" in out
