"""The words of `send`, `interrupt` and `stop`, and what they say where nothing can be done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from legion_tui.act import guard
from legion_tui.cli import clean, interrupt, main, resume, send, stop
from tests.support.own_project import enter_project, run_words


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # Whoever runs these tests may be an agent.
    for command in (send, interrupt, stop, resume, clean):
        monkeypatch.setattr(command, "refuse_agents", lambda what: None)
    return enter_project(tmp_path, monkeypatch, "Retry")


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("send", "ENG-1"), "no text"),
        (("send", "ENG-1", "   "), "it is empty"),
        (("send", "ENG-1", "a\x1b[201~"), "control character at position 2"),
        (("send", "ENG-1", "x", "--timeout", "0"), "is not above 0"),
        (("send", "ENG-1", "x", "--cancel"), "takes no text"),
    ],
)
def test_words_that_are_off(words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run_words(capsys, *words)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.usefixtures("project")
def test_an_issue_without_a_worker_is_told_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run_words(capsys, "send", "ENG-1", "go on")
    assert (code, out) == (3, "")
    assert "ENG-1 has no worker" in err
    code, out, _ = run_words(capsys, "send", "eng-1", "go on", "--json")
    receipt = json.loads(out)
    assert code == 3
    assert (receipt["did"], receipt["outcome"], receipt["message_id"]) == ("send", "refused", None)


@pytest.mark.usefixtures("project")
def test_an_unknown_issue_could_not_be_done(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run_words(capsys, "send", "ENG-9", "go on")
    assert code == 1
    assert "ENG-9" in err


@pytest.mark.usefixtures("project")
def test_an_agent_sends_nothing(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for command in (send, interrupt, stop, resume, clean):
        monkeypatch.setattr(command, "refuse_agents", guard.refuse_agents)
    monkeypatch.setenv("CLAUDECODE", "1")
    monkeypatch.setenv("LEGION_ISSUE", "ENG-1")
    code, _, err = run_words(capsys, "clean")
    assert code == 3
    assert "clean is for people" in err
    for name, *words in (("send", "go on"), ("send", "--cancel"), ("interrupt",), ("stop", "--yes"), ("resume",)):
        code, _, err = run_words(capsys, name, "ENG-1", *words)
        assert code == 3
        assert f"{name} is for people" in err


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("words", [("interrupt",), ("stop", "--yes"), ("stop",)])
def test_an_issue_without_a_worker_is_neither_interrupted_nor_ended(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run_words(capsys, *words, "ENG-1")
    assert (code, out) == (3, "")
    assert "ENG-1 has no worker" in err
    code, out, _ = run_words(capsys, *words, "ENG-1", "--json")
    receipt = json.loads(out)
    assert code == 3
    assert (receipt["did"], receipt["outcome"]) == (words[0], "refused")


@pytest.mark.usefixtures("project")
def test_where_nothing_waits_nothing_is_taken_back(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_words(capsys, "send", "ENG-1", "--cancel") == (0, "ENG-1: 0 messages taken back\n", "")


@pytest.mark.usefixtures("project")
def test_resume_takes_issues_or_all(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ((), ("ENG-1", "--all")):
        code, out, err = run_words(capsys, "resume", *words)
        assert (code, out) == (2, "")
        assert "--all" in err
    assert run_words(capsys, "resume", "--all") == (0, "no worker is lost\n", "")
    assert run_words(capsys, "resume", "--all", "--json") == (0, "[]\n", "")
    code, _, err = run_words(capsys, "resume", "ENG-1")
    assert code == 3
    assert "ENG-1 not resumed: nothing was dispatched on it from here" in err
    code, out, _ = run_words(capsys, "resume", "ENG-1", "--dry-run", "--json")
    (receipt,) = json.loads(out)
    assert (code, receipt["outcome"], receipt["session_id"]) == (3, "refused", None)
    assert run_words(capsys, "resume", "ENG-9")[0] == 1


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("words", [(), ("--merged",), ("--dry-run",)])
def test_where_nothing_is_left_nothing_is_cleaned(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["issue", "move", "ENG-1", "Done"]) == 0
    assert run_words(capsys, "clean", *words) == (0, "nothing is left of finished issues\n", "")
    assert run_words(capsys, "clean", *words, "--json") == (0, "[]\n", "")


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("number", ["0", "-1", "two", "²"])
def test_a_limit_below_one_is_refused(capsys: pytest.CaptureFixture[str], number: str) -> None:
    with pytest.raises(SystemExit) as left:
        main(["run", f"--max-concurrent={number}"])
    assert left.value.code == 2
    assert "from 1 up" in capsys.readouterr().err
