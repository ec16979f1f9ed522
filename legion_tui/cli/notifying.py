"""Notifications that leave the board: to the terminals of tmux's clients, the desktop, a command of the user's."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from html import escape

import anyio

from legion_tui.config import NotificationsSection
from legion_tui.errors import LegionError
from legion_tui.processes import run_command
from legion_tui.state.text import clean_line
from legion_tui.tmux import SteadyTmux

_SECONDS = 10.0
_OWN_TERMINAL = "/dev/tty"
_PLACES = re.compile(r"\{(title|text)\}")
_INTERPRETER = re.compile(r"(?:ba|da|z|k|c|tc|fi)?sh|(?:python|perl|ruby|node|osascript)[0-9.]*")
# `-c`, `-lc`, `-e`: the next word is what it runs.
_SCRIPT_OPTION = re.compile(r"-[A-Za-z]*[ce]|--eval|--command")


class DesktopNotifier:
    """Implements the screen's `Notifier` over the tmux server of the workers."""

    def __init__(self, tmux: SteadyTmux, wishes: NotificationsSection) -> None:
        """Take the gateway, and what the user wants."""
        self._tmux = tmux
        self._wishes = wishes

    async def shown_panes(self) -> frozenset[str]:
        """Return the panes that attached terminals show."""
        return frozenset(client.pane_id for client in await self._tmux.clients())

    async def send(self, title: str, text: str) -> None:
        """Send one message by every way that is switched on; LegionError where one fails, once all were tried."""
        failed: list[str] = []
        for way in (self._to_desktop, self._to_command):
            try:
                await way(title, text)
            except LegionError as error:
                failed.append(str(error))
        if failed:
            raise LegionError("a notification was not shown", "; ".join(failed), "see [notifications] in config.toml")

    async def _to_desktop(self, title: str, text: str) -> None:
        match self._wishes.desktop:
            case "osc9":
                await self._to_terminals(osc9(title, text))
            case "osc777":
                await self._to_terminals(osc777(title, text))
            case "notify-send":
                # Its text may hold markup; ours does not.
                argv = ["notify-send", "--app-name=legion-tui", "--", title, escape(text, quote=False)]
                await self._run(argv)
            case _:
                return

    async def _to_terminals(self, sequence: bytes) -> None:
        ttys = sorted({client.tty for client in await self._tmux.clients() if client.tty}) or [_OWN_TERMINAL]
        failed = [why for tty in ttys if (why := await anyio.to_thread.run_sync(_write, tty, sequence))]
        if len(failed) == len(ttys):
            raise LegionError("no terminal took it", "; ".join(failed))

    async def _to_command(self, title: str, text: str) -> None:
        if self._wishes.command:
            await self._run(filled(self._wishes.command, title, text))

    async def _run(self, argv: Sequence[str]) -> None:
        done = await run_command(argv, timeout_seconds=_SECONDS)
        if not done.ok:
            said = clean_line(done.stderr, limit=200)
            raise LegionError(clean_line(argv[0], limit=100), said or f"ended with {done.returncode}")


def osc9(title: str, text: str) -> bytes:
    """Return the sequence that iTerm2, Windows Terminal, ghostty and others show as a notification."""
    return f"\x1b]9;{clean_line(f'{title}: {text}' if text else title, limit=250)}\x07".encode()


def osc777(title: str, text: str) -> bytes:
    """Return the sequence that urxvt, foot, wezterm and others show; a `;` ends its title."""
    head, body = clean_line(title, limit=80).replace(";", ","), clean_line(text, limit=250)
    return f"\x1b]777;notify;{head};{body}\x07".encode()


def filled(command: Sequence[str], title: str, text: str) -> list[str]:
    """Return the user's argv with `{title}` and `{text}` replaced; where it has neither, both are its last words.

    What an agent said never becomes an option: a word that would begin with a dash begins with a blank.
    """
    given = list(command)
    if not any("{title}" in word or "{text}" in word for word in given):
        given += ["{title}", "{text}"]
    said = {"title": title, "text": text}
    argv = []
    for word in given:
        made = _PLACES.sub(lambda match: said[match[1]], word)
        argv.append(f" {made}" if made.startswith("-") and not word.startswith("-") else made)
    return argv


def becomes_a_script(command: Sequence[str]) -> str:
    """Return the word in which what an agent said would be run, an empty string where there is none."""
    for at, word in enumerate(command[1:], start=1):
        interpreted = any(_INTERPRETER.fullmatch(before.rpartition("/")[2]) for before in command[:at])
        if interpreted and _SCRIPT_OPTION.fullmatch(command[at - 1]) and _PLACES.search(word):
            return word
    return ""


def _write(tty: str, sequence: bytes) -> str:
    """Write to a terminal that is somebody else's; return why that did not work. Blocks for no longer than a moment."""
    try:
        descriptor = os.open(tty, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            os.write(descriptor, sequence)
        finally:
            os.close(descriptor)
    except OSError as error:
        return f"{tty}: {error.strerror or error}"
    return ""
