"""The command line in this process, in a project of its own, where nothing of whoever runs the tests is seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from legion_tui.cli import main

_OTHERS = ("LEGION_PROJECT", "LEGION_ISSUE", "CLAUDECODE", "TMUX", "TMUX_PANE", "EDITOR", "VISUAL", "GITHUB_TOKEN")


def enter_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *issue: str) -> Path:
    """Make a project `ENG` with one issue (its title, then options of `issue add`), go there, and return its folder."""
    folder = tmp_path / "shop"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in _OTHERS:
        monkeypatch.delenv(name, raising=False)
    for name in ("STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "agent"))
    assert main(["init", "--key", "ENG"]) == 0
    assert main(["issue", "add", *issue]) == 0
    return folder


def run_words(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Return the exit code, standard output and standard error of a command; there is no tmux server."""
    capsys.readouterr()
    code = main([*words, "--socket", str(Path.cwd().parent / "none.sock")])
    out, err = capsys.readouterr()
    return code, out, err
