from __future__ import annotations

from pathlib import Path

import pytest

from legion_tui.agents.claude_code import ClaudeCode
from legion_tui.agents.claude_code.paths import find_transcript, is_session_id, transcript_beside
from legion_tui.agents.protocol import Launch

HOME = Path("/home/ann")


def test_a_new_session_with_its_prompt_behind_two_dashes() -> None:
    launch = Launch(command=("claude",), session_id="s1", resume=False, prompt="--help me; $(rm)")
    assert ClaudeCode(HOME).argv(launch) == ("claude", "--session-id", "s1", "--", "--help me; $(rm)")


def test_every_option() -> None:
    launch = Launch(
        command=("npx", "claude"),
        session_id="s1",
        resume=True,
        prompt="go on",
        name="eng-7",
        model="opus",
        permission_mode="plan",
        settings=Path("/x/settings.json"),
    )
    assert ClaudeCode(HOME).argv(launch) == (
        *("npx", "claude", "--resume", "s1", "--name", "eng-7", "--model", "opus"),
        *("--permission-mode", "plan", "--settings", "/x/settings.json", "--", "go on"),
    )


def test_without_a_prompt_there_are_no_dashes() -> None:
    launch = Launch(command=("claude",), session_id="s1", resume=True, prompt="")
    assert ClaudeCode(HOME).argv(launch) == ("claude", "--resume", "s1")


def test_the_folder_of_the_user_is_honoured() -> None:
    assert ClaudeCode.from_environment({}, HOME).environment() == {}
    assert ClaudeCode.from_environment({"CLAUDE_CONFIG_DIR": "/x"}, HOME).environment() == {"CLAUDE_CONFIG_DIR": "/x"}
    same = ClaudeCode.from_environment({"CLAUDE_CONFIG_DIR": "/home/ann/.claude"}, HOME)
    assert same.environment() == {}


@pytest.mark.parametrize("text", ["", "../x", "a/b", ".hidden", "a b", "x" * 200])
def test_what_names_no_transcript(text: str) -> None:
    assert not is_session_id(text)


def test_where_transcripts_are(tmp_path: Path) -> None:
    beside = transcript_beside(tmp_path, "/home/ann/my shop.v2", "s1")
    assert beside == tmp_path / "-home-ann-my-shop-v2" / "s1.jsonl"
    assert find_transcript(tmp_path / "none", "s1") is None
    for number, folder in enumerate(("a", "b")):
        path = tmp_path / folder / "s1.jsonl"
        path.parent.mkdir()
        path.write_text("x")
        import os

        os.utime(path, (number, number))
    assert find_transcript(tmp_path, "s1") == tmp_path / "b" / "s1.jsonl"
    assert find_transcript(tmp_path, "s2") is None
