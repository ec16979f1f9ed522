"""How a notification leaves the program: as a terminal's sequence, as an argv; nothing in it is more than words."""

from __future__ import annotations

import os
from pathlib import Path
from typing import cast

import pytest

from legion_tui.cli.notifying import DesktopNotifier, filled, osc9, osc777
from legion_tui.config import NotificationsSection
from legion_tui.errors import LegionError
from legion_tui.tmux import Client, SteadyTmux


class Clients:
    """Stands in for the tmux server: these terminals are attached to it."""

    def __init__(self, *clients: Client) -> None:
        self._clients = clients

    async def clients(self) -> tuple[Client, ...]:
        return self._clients


def notifier(section: NotificationsSection, *clients: Client) -> DesktopNotifier:
    return DesktopNotifier(cast(SteadyTmux, Clients(*clients)), section)


def test_the_sequences_hold_words_only() -> None:
    assert osc9("ENG-21 asks", "Which?") == b"\x1b]9;ENG-21 asks: Which?\x07"
    assert osc9("2 ask", "") == b"\x1b]9;2 ask\x07"
    evil = "a\x07\x1b]52;c;ZWNobw==\x07b\x9c\nc"
    assert osc9("t", evil) == b"\x1b]9;t: ab c\x07"
    assert osc777("a;b", "c;d") == b"\x1b]777;notify;a,b;c;d\x07"
    assert osc777("t", evil).count(b"\x1b") == 1


@pytest.mark.parametrize(
    ("command", "argv"),
    [
        (["ntfy"], ["ntfy", "T", "-rf {title}"]),
        (["ntfy", "--title={title}", "{text}"], ["ntfy", "--title=T", " -rf {title}"]),
        (["log", "{title}: {text}"], ["log", "T: -rf {title}"]),
        (["log", "-x", "{title}"], ["log", "-x", "T"]),
    ],
)
def test_the_users_argv_is_filled_and_what_an_agent_said_is_never_an_option(
    command: list[str], argv: list[str]
) -> None:
    made = filled(command, "T", "-rf {title}")
    assert made == [word if word != "-rf {title}" else " -rf {title}" for word in argv]


async def test_every_attached_terminal_gets_it(tmp_path: Path) -> None:
    terminals = [os.openpty() for _ in range(2)]
    try:
        clients = [Client(f"c{n}", os.ttyname(slave), "s", f"%{n}") for n, (_, slave) in enumerate(terminals)]
        found = notifier(NotificationsSection(desktop="osc9"), *clients)
        assert await found.shown_panes() == {"%0", "%1"}
        await found.send("ENG-21 asks", "Which?")
        for master, _ in terminals:
            assert os.read(master, 100) == b"\x1b]9;ENG-21 asks: Which?\x07"
    finally:
        for descriptor in (one for pair in terminals for one in pair):
            os.close(descriptor)


async def test_a_terminal_that_is_gone_is_one_clear_line(tmp_path: Path) -> None:
    gone = Client("c", str(tmp_path / "gone"), "s", "%1")
    with pytest.raises(LegionError) as told:
        await notifier(NotificationsSection(desktop="osc777"), gone).send("t", "x")
    assert "no terminal took it" in str(told.value)
    assert "[notifications] in config.toml" in str(told.value)


async def test_the_users_own_command_gets_it(tmp_path: Path) -> None:
    script, out = tmp_path / "tell", tmp_path / "out"
    script.write_text(f'#!/bin/sh\nprintf "%s|" "$@" >{out}\n')
    script.chmod(0o755)
    await notifier(NotificationsSection(command=[str(script), "-t"])).send("T", "$(id); `id`")
    assert out.read_text() == "-t|T|$(id); `id`|"


async def test_one_way_that_fails_keeps_no_other_from_it(tmp_path: Path) -> None:
    script, out = tmp_path / "tell", tmp_path / "out"
    script.write_text(f"#!/bin/sh\ntouch {out}\n")
    script.chmod(0o755)
    gone = Client("c", str(tmp_path / "gone"), "s", "%1")
    with pytest.raises(LegionError, match="no terminal took it"):
        await notifier(NotificationsSection(desktop="osc9", command=[str(script)]), gone).send("T", "x")
    assert out.exists()
    with pytest.raises(LegionError, match="no-such-program"):
        await notifier(NotificationsSection(command=["no-such-program"])).send("T", "x")


async def test_nothing_leaves_where_nothing_is_switched_on() -> None:
    await notifier(NotificationsSection()).send("T", "x")


async def test_the_desktop_is_told_by_its_own_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, out = tmp_path / "notify-send", tmp_path / "out"
    program.write_text(f'#!/bin/sh\nprintf "%s|" "$@" >{out}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    await notifier(NotificationsSection(desktop="notify-send")).send("ENG-21 asks", "-x <b>& more")
    assert out.read_text() == "--app-name=legion-tui|--|ENG-21 asks|-x &lt;b&gt;&amp; more|"
