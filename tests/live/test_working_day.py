"""A working day at the board: the demo in a real terminal, by keys alone, the screen checked at each step."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from legion_tui.tmux import OneShotTmux
from tests.support.demo_terminal import DemoTerminal, demo_terminal
from tests.support.tmux_server import TmuxCommand
from tests.support.waiting import until

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]

CONFIG = """
theme = "legion-terminal"
[filters]
"at work" = "is:working"
[keymap]
dispatch = "K"
[notifications]
command = ["{program}", "{{title}}", "{{text}}"]
"""


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """Where the person's own command writes what it is told."""
    return tmp_path / "told"


@pytest.fixture
async def terminal(
    private_tmux: OneShotTmux, tmux_env: dict[str, str], tmp_path: Path, told: Path
) -> AsyncIterator[DemoTerminal]:
    program = tmp_path / "tell"
    program.write_text(f'#!/bin/sh\nprintf "%s: %s\\n" "$1" "$2" >>{told}\n')
    program.chmod(0o755)
    config = tmp_path / "config" / "legion-tui" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(CONFIG.format(program=program))
    async with demo_terminal(private_tmux, Path(tmux_env["TMUX_TMPDIR"]), config=tmp_path / "config") as terminal:
        yield terminal


async def go_to(terminal: DemoTerminal, number: str) -> None:
    """Go to an issue by its number."""
    await terminal.press("#", *number)
    await terminal.shows(f"❯ ENG-{number}")
    await terminal.press("Enter")
    await terminal.shows(gone="go there")
    assert (await terminal.selected()).startswith(f"▐ENG-{number}")


async def test_a_working_day(terminal: DemoTerminal, told: Path, tmux_command: TmuxCommand) -> None:
    await terminal.shows("NEEDS YOU", "SESSIONS", "asks", "tmux ok")

    # Dispatched by a key of one's own, after a look; gone to by number.
    await go_to(terminal, "52")
    await terminal.shows("K dispatch")
    await terminal.press("K")
    await terminal.shows("--session-id", "Do it")
    await terminal.press("y")
    await terminal.shows("ENG-52 started")

    # All kinds of questions, from the inbox alone.
    await terminal.press("i")
    await terminal.shows("INBOX", "of agents' time lost in all", "ENG-27", "ENG-40", "ENG-34", "ENG-49")
    for issue, key, marked, answer in (
        ("ENG-49", "1", "1 ✓ Yes, I trust this folder", "ENG-49 answered: Yes, I trust"),
        ("ENG-40", "1", "1 ✓ Yes", "ENG-40 answered: Yes"),
        ("ENG-27", "2", "2 ✓ The customer", "ENG-27 answered: The customer"),
        ("ENG-34", "1", "1 ✓ Yes, manually approve", "ENG-34 answered: Yes, manually approve"),
    ):
        await terminal.select(issue)
        await terminal.press(key)
        await terminal.shows(marked, "enter send")
        await terminal.press("Enter")
        await terminal.shows(answer, gone="enter send")
    await terminal.press("Escape")
    await terminal.shows("NEEDS YOU", "n new", gone="INBOX")

    # Out of sight, and awake again.
    await go_to(terminal, "44")
    await terminal.press("z")
    await terminal.shows("snooze ENG-44", "until something changes")
    await terminal.press("5")
    await terminal.shows("SNOOZED 1")
    (kept,) = terminal.folder.glob("legion-demo-*/**/snoozed.json")
    assert list(json.loads(kept.read_bytes())["snoozed"]) == ["ENG-44"]
    await go_to(terminal, "44")
    await terminal.press("z")
    await terminal.shows("ENG-44: awake", gone="SNOOZED")

    # A filter that was saved, and one with a word that is none.
    await terminal.press("F", "1")
    await terminal.shows("/ is:working", gone="NEEDS YOU")
    await terminal.press("/", "C-u", *"ci:bad")
    await terminal.shows("ci: has no bad: known: passing", "NEEDS YOU")
    await terminal.press("Escape")
    # A key right behind it would be another one: that with alt.
    await terminal.shows("NEEDS YOU", gone="ci:bad")

    # To a worker and back; narrow and wide.
    await go_to(terminal, "52")
    await terminal.press("t")
    await terminal.shows("You are the implement worker of ENG-52")
    await terminal.press("C-b", "d")
    await terminal.shows("NEEDS YOU", "ENG-52")
    tmux_command("resize-window", "-t", terminal.pane, "-x", "60", "-y", "20")
    await terminal.shows("? help", gone="slots")
    assert (await terminal.selected()).startswith("▐ENG-52")
    tmux_command("resize-window", "-t", terminal.pane, "-x", "200", "-y", "50")
    await terminal.shows("slots", "ENG-52")

    # What was dispatched asks by now: the person's own command was told, with its words.
    said = "ENG-52 asks: One refund of a batch fails. What then?"
    await until(lambda: told.exists() and said in told.read_text(), within_seconds=40)
    await terminal.press("q")
    await until(lambda: not terminal.leftovers(), within_seconds=30)
