"""The terminal is handed to another program and taken back, on a real one."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from tests.support.tmux_server import TmuxCommand
from tests.support.waiting import until

pytestmark = pytest.mark.live


def board(tmux_command: TmuxCommand, *argv: str) -> Callable[[], str]:
    """Run the board in a window of its own; what is returned reads its screen."""
    program = [sys.executable, "-m", "tests.support.board_program", *argv]
    tmux_command("new-session", "-d", "-x", "100", "-y", "30", "--", *program)
    return lambda: tmux_command("capture-pane", "-p")


async def shows(screen: Callable[[], str], *words: str) -> None:
    await until(lambda: all(word in screen() for word in words), within_seconds=30)


async def test_the_board_comes_back_with_its_selection(tmux_command: TmuxCommand) -> None:
    screen = board(tmux_command, "sh", "-c", "echo other-program; read answer")
    await shows(screen, "▐ENG-34")
    tmux_command("send-keys", "j")
    await shows(screen, "▐ENG-21")
    tmux_command("send-keys", "t")
    await shows(screen, "other-program")
    assert "ENG-21" not in screen(), "the other program has the whole terminal"
    tmux_command("send-keys", "Enter")
    await shows(screen, "▐ENG-21", "NEEDS YOU 4")
    tmux_command("send-keys", "k")
    await shows(screen, "▐ENG-34")


async def test_a_program_that_is_missing_or_fails_is_told_and_the_board_is_there(tmux_command: TmuxCommand) -> None:
    screen = board(tmux_command, "no-such-program-anywhere")
    await shows(screen, "▐ENG-34")
    tmux_command("send-keys", "t")
    await shows(screen, "no-such-program-anywhere could not be started", "▐ENG-34")
    tmux_command("send-keys", "j")
    await shows(screen, "▐ENG-21")


async def test_one_that_fails_tells_its_number(tmux_command: TmuxCommand) -> None:
    screen = board(tmux_command, "sh", "-c", "exit 7")
    await shows(screen, "▐ENG-34")
    tmux_command("send-keys", "t")
    await shows(screen, "sh ended with 7", "▐ENG-34")
