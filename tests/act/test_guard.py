from __future__ import annotations

import os
from pathlib import Path

import pytest

from legion_tui.act.guard import PERSONS_LABELS, Ancestor, live_ancestors, refuse_agents
from legion_tui.errors import RefusedError

SHELL = Ancestor(100, "bash", ("-bash",), 1000.0)


def refused(*ancestors: Ancestor, **environ: str) -> bool:
    try:
        refuse_agents("answer", environ=environ, ancestors=lambda: ancestors)
    except RefusedError:
        return True
    return False


def test_the_refusal_says_what_and_why() -> None:
    with pytest.raises(RefusedError, match="answer is for people: claude, process 7, is an agent") as refusal:
        refuse_agents("answer", environ={}, ancestors=lambda: [Ancestor(7, "claude", (), 1.0)])
    assert refusal.value.exit_code == 3


@pytest.mark.parametrize(
    "agent",
    [
        Ancestor(7, "claude", ("claude", "--resume", "x"), 1.0),
        Ancestor(7, "claude.exe", ("/opt/claude.exe",), 1.0),
        Ancestor(7, "node-MainThread", ("claude",), 1.0),
        Ancestor(7, "node", ("node", "/usr/local/bin/claude"), 1.0),
        Ancestor(7, "node", ("node", "/usr/lib/node_modules/@anthropic-ai/claude-code/cli.js"), 1.0),
    ],
)
def test_an_agent_above_is_refused(agent: Ancestor) -> None:
    assert refused(SHELL, agent, SHELL)


@pytest.mark.parametrize(
    "process",
    [
        SHELL,
        Ancestor(7, "node", ("node", "server.js", "claude"), 1.0),
        Ancestor(7, "vim", ("vim", "claude"), 1.0),
        Ancestor(7, "tmux: server", ("tmux", "new-session", "claude"), 1.0),
        Ancestor(7, "", (), 1.0),
    ],
)
def test_others_are_not(process: Ancestor) -> None:
    assert not refused(process)


def test_whoever_keeps_a_status_file_is_an_agent_whatever_its_name(tmp_path: Path) -> None:
    file = tmp_path / "sessions" / "7.json"
    file.parent.mkdir()
    file.write_text("{}")
    os.utime(file, (5000, 5000))
    own = {"CLAUDE_CONFIG_DIR": str(tmp_path)}
    assert refused(Ancestor(7, "python3", ("python3",), 4000.0), **own)
    assert not refused(Ancestor(7, "python3", ("python3",), 6000.0), **own), "the file is of an earlier process"
    assert not refused(Ancestor(8, "python3", ("python3",), 4000.0), **own)


def test_a_workers_environment_is_enough_but_neither_half_of_it() -> None:
    assert refused(SHELL, CLAUDECODE="1", LEGION_ISSUE="ENG-1")
    assert not refused(SHELL, CLAUDECODE="1")
    assert not refused(SHELL, LEGION_ISSUE="ENG-1")


def test_the_processes_above_this_one_are_found() -> None:
    found = live_ancestors()
    assert found[0].pid == os.getppid()
    assert all(ancestor.started_at > 0 for ancestor in found)


def test_the_labels_of_persons() -> None:
    assert {str(label) for label in PERSONS_LABELS} == {"human-approved", "user-feedback-given"}
