"""Every key of the board, made from the declarations of its commands, and the marks that its rows may carry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from legion_tui.present.cells import version_mark
from legion_tui.present.glyphs import UNICODE, Glyphs
from legion_tui.present.prose import BLANK, Line, Role, text_line, width_of, wrap_text
from legion_tui.ui.command import Command, Section
from legion_tui.ui.commands import COMMANDS, shown_key
from legion_tui.ui.widgets.reader import Reader

_SECTIONS = tuple(Section)
_MANY = 3
# Fewer cells than this for what a command does, and it stands under its name.
_HELP_CELLS = 34


class HelpEntry(NamedTuple):
    """One command as the help tells it; `key` is what is to be pressed now, after any remapping."""

    group: str
    key: str
    name: str
    help: str


class HelpScreen(Reader):
    """Shows commands by group, in the order in which the groups come; by default all, with the keys they came with."""

    def __init__(self, entries: Iterable[HelpEntry] | None = None) -> None:
        found = tuple((*help_entries({}), *mark_entries()) if entries is None else entries)
        super().__init__("keys", lambda width: help_lines(found, width - 1))


def help_entries(
    keymap: Mapping[str, str], enter: str = "enter", commands: Sequence[Command] = COMMANDS
) -> list[HelpEntry]:
    """Return every command with the keys that it has now; `keymap` is the person's own, by command id."""
    entries: list[HelpEntry] = []
    for command in sorted(commands, key=lambda command: _SECTIONS.index(command.section)):
        keys = keymap.get(command.id, ",".join(command.keys)).split(",")
        shown = [shown_key(key.strip(), enter) for key in keys if key.strip()]
        # Nine digits in a row are one thing to learn.
        key = f"{shown[0]}-{shown[-1]}" if len(shown) > _MANY else " ".join(shown)
        entries.append(HelpEntry(command.section, key, command.name, command.help))
    return entries


def mark_entries(glyphs: Glyphs = UNICODE) -> list[HelpEntry]:
    """Return the marks that a row may carry beside its state, in the place of a key."""
    mark = version_mark(glyphs)
    told = "the agent's version is not covered by the contract tests: it may be read wrongly"
    return [HelpEntry("Marks on a row", mark.glyph, mark.word, told)]


def help_lines(entries: Sequence[HelpEntry], width: int) -> list[Line]:
    """Return the entries as lines: key, name, and what it does beside or, where it is narrow, under it."""
    keys = max((width_of(((entry.key, Role.KEY),)) for entry in entries), default=0) + 2
    names = max((width_of(((entry.name, Role.TEXT),)) for entry in entries), default=0) + 2
    beside = width >= keys + names + _HELP_CELLS
    lines: list[Line] = []
    for group in dict.fromkeys(entry.group for entry in entries):
        lines += [*([BLANK] if lines else []), text_line(group, Role.HEADING)]
        for entry in entries:
            if entry.group == group:
                lines += _entry_lines(entry, width, keys, names if beside else 0)
    return lines


def _entry_lines(entry: HelpEntry, width: int, keys: int, names: int) -> list[Line]:
    space = " " * (keys - width_of(((entry.key, Role.KEY),)))
    head: Line = (("  ", Role.TEXT), (entry.key, Role.KEY), (space, Role.TEXT))
    under: Line = ((" " * (2 + keys + names), Role.TEXT),)
    if names and entry.help:
        named = (*head, (entry.name, Role.TEXT), (" " * (names - width_of(((entry.name, Role.TEXT),))), Role.TEXT))
        return wrap_text(entry.help, width, Role.MUTED, first=named, rest=under)
    lines = wrap_text(entry.name, width, first=head, rest=under)
    return lines + (wrap_text(entry.help, width, Role.MUTED, first=under, rest=under) if entry.help else [])
