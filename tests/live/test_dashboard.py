"""The dashboard as a person has it: `legion-tui demo` in a real terminal, keys pressed, the screen read."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from legion_tui.processes import run_command
from legion_tui.tmux import OneShotTmux
from tests.support.demo_terminal import DemoTerminal, demo_terminal
from tests.support.waiting import until, until_async

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]


@pytest.fixture
async def terminal(
    private_tmux: OneShotTmux, tmux_env: dict[str, str], request: pytest.FixtureRequest
) -> AsyncIterator[DemoTerminal]:
    # Short: a socket's path has to fit into 100 bytes.
    folder = Path(tmux_env["TMUX_TMPDIR"])
    async with demo_terminal(private_tmux, folder, size=getattr(request, "param", (120, 40))) as terminal:
        yield terminal


async def test_a_question_is_answered_a_worker_dispatched_and_shown_and_nothing_is_left(terminal: DemoTerminal) -> None:
    board = await terminal.shows("NEEDS YOU", "READY", "WORKING", "WAITING", "BACKLOG", "QUIET", "SESSIONS", "ENG-27")
    assert "tmux ok" in board
    await terminal.select("ENG-27")
    # The row is there before its question was read, and the question is on the row before the dialog is.
    await terminal.shows("Who gets it?")
    await terminal.press("2")
    await terminal.shows("2 ✓ The customer", "enter send")
    await terminal.press("Enter")
    await terminal.shows("ENG-27 answered: The customer", "confirmed in")
    await terminal.select("ENG-52")
    await terminal.press("d")
    await terminal.shows("--session-id")
    await terminal.press("y")
    await terminal.shows("ENG-52 started")
    await terminal.select("ENG-52")

    async def at_work() -> bool:
        return "implement" in await terminal.selected()

    await until_async(at_work)
    await terminal.press("t")
    await terminal.shows("You are the implement worker of ENG-52")
    await terminal.press("C-b", "d")
    await terminal.shows("NEEDS YOU", "ENG-52")
    await terminal.press("q")
    await until(lambda: not terminal.leftovers(), within_seconds=30)


@pytest.mark.parametrize("terminal", [(60, 20), (80, 24), (200, 50)], indirect=True)
async def test_every_size_shows_what_needs_you_with_its_key(terminal: DemoTerminal) -> None:
    await terminal.shows("NEEDS YOU", "asks", "? help")
    row = re.compile(r"▐(ENG-[0-9]+) .* [0-9]+[smh] +(a|⏎)( [a-zA-Z ]+)?.*")
    screen = ""
    with anyio.move_on_after(20):
        while row.fullmatch((screen.splitlines() or [""] * 3)[2]) is None:
            # While the swarm comes up, a row may be put above the selected one; the selection stays with its row.
            await terminal.press("g")
            await anyio.sleep(0.2)
            screen = await terminal.screen()
        return
    raise AssertionError(f"the first row does not say what to press:\n{screen}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_nothing_is_left_whatever_ends_it(terminal: DemoTerminal, number: signal.Signals) -> None:
    await terminal.shows("NEEDS YOU", "ENG-21")
    assert terminal.leftovers()
    # A child that has not become another program yet looks like the demo itself.
    (process,) = await until(lambda: found if len(found := list(terminal.processes())) == 1 else [])
    process.send_signal(number)
    await until(lambda: not terminal.leftovers(), within_seconds=30)


async def test_the_board_goes_on_while_its_tmux_server_dies_and_comes_back(terminal: DemoTerminal) -> None:
    await terminal.shows("NEEDS YOU", "ENG-21")
    (socket,) = terminal.folder.glob("legion-demo-*/tmux.sock")
    await run_command(["tmux", "-S", str(socket), "kill-server"])
    screen = await terminal.shows("ENG-21", "0/14")
    assert "NEEDS YOU" in screen
    await terminal.press("j")
    await terminal.select("ENG-31")
    await terminal.press("d")
    await terminal.shows("--resume")
    await terminal.press("y")
    await terminal.shows("ENG-31 resumed")


async def test_a_tmux_that_hangs_is_told_within_seconds_and_keys_are_answered_all_along(terminal: DemoTerminal) -> None:
    await terminal.shows("NEEDS YOU", "ENG-21", "tmux ok")
    (socket,) = terminal.folder.glob("legion-demo-*/tmux.sock")
    server = int((await run_command(["tmux", "-S", str(socket), "display-message", "-p", "#{pid}"])).stdout)
    os.kill(server, signal.SIGSTOP)
    try:
        # One cycle, and the time that it waits for tmux; the rest is this test's own.
        await terminal.shows("does not answer", within_seconds=8.0)
        assert "ENG-21" in await terminal.screen()
        await answers_keys(terminal)
    finally:
        os.kill(server, signal.SIGCONT)
    await terminal.shows("tmux ok", gone="does not answer")
    await answers_keys(terminal)


async def test_a_tmux_that_is_taken_away_is_told_and_taken_up_again(terminal: DemoTerminal) -> None:
    await terminal.shows("NEEDS YOU", "ENG-21", "tmux ok")
    tmux = terminal.folder / "bin" / "tmux"
    away = tmux.rename(tmux.with_name("away"))
    await terminal.shows("not installed", "ENG-21", within_seconds=8.0)
    await answers_keys(terminal)
    away.rename(tmux)
    await terminal.shows("tmux ok", gone="not installed")


async def answers_keys(terminal: DemoTerminal) -> None:
    """Make sure that keys do what they do: the help comes and goes, the selection moves."""
    await terminal.press("?")
    await terminal.shows("Act on the row")
    await terminal.press("Escape")
    await terminal.shows("NEEDS YOU", gone="Act on the row")
    await terminal.press("g")
    before = await terminal.selected()
    await terminal.press("j")

    async def moved() -> bool:
        return await terminal.selected() != before

    await until_async(moved)


async def test_one_message_is_sent_to_two_idle_workers_and_waits_for_a_busy_one(terminal: DemoTerminal) -> None:
    await terminal.shows("NEEDS YOU", "WORKING", "ENG-18", "ENG-47", "ENG-29")
    for issue in ("ENG-18", "ENG-47", "ENG-29"):
        await terminal.select(issue)
        await terminal.press("v")
    await terminal.shows("message 3 marked")
    await terminal.press("m")
    await terminal.shows("message to 3 workers", "2 now, 1 once idle", "ENG-29  once idle: it is busy")
    # More than words goes to nobody.
    await terminal.press("@", "Enter")
    await terminal.shows("Not sent to any")
    await terminal.press("BSpace", "t", "e", "s", "t", "s", "Enter")
    await terminal.shows("2 told, 1 once idle", "ENG-18 was told", "ENG-47 was told", "ENG-29: queued")
    await terminal.press("Enter")
    await terminal.shows("a message waits until it is idle: tests", gone="2 told")
    await terminal.select("ENG-29")
    await terminal.press("M")
    await terminal.shows("ENG-29: 1 message taken back")
