"""Every command of the board, declared once: keys, footer, palette and help are made of this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from textual.binding import Binding

from legion_tui.ui.reasons import (
    Reason,
    a_row,
    a_target,
    a_target_or_group,
    always,
    asks,
    can_be_ended,
    can_be_interrupted,
    can_be_told,
    can_take_back,
    dispatchable,
    flies,
    has_choices,
    has_marks,
    has_pane,
    has_project,
    has_step,
    has_url,
    may_fly,
)


class Section(StrEnum):
    """Under which heading the help lists a command."""

    ACT = "Act on the row"
    LOOK = "Look closer"
    MOVE = "Move"
    PROGRAM = "The program"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One thing a person can do. `reason` says why not just now, an empty string when it can be done."""

    id: str
    name: str
    help: str
    keys: tuple[str, ...]
    section: Section
    reason: Reason = always
    # The word in the footer; without one the command is not shown there.
    label: str = ""
    # Whether the palette lists it: moving about is for keys only.
    in_palette: bool = True


def _act(id: str, keys: str, name: str, help: str, reason: Reason, *, label: str = "") -> Command:
    return Command(
        id=id, keys=tuple(keys.split()), name=name, help=help, reason=reason, label=label, section=Section.ACT
    )


def _look(id: str, keys: str, name: str, help: str, reason: Reason = always, *, label: str = "") -> Command:
    return Command(
        id=id, keys=tuple(keys.split()), name=name, help=help, reason=reason, label=label, section=Section.LOOK
    )


def _move(id: str, keys: str, name: str, help: str) -> Command:
    return Command(id=id, keys=tuple(keys.split()), name=name, help=help, section=Section.MOVE, in_palette=False)


def _program(id: str, keys: str, name: str, help: str, reason: Reason = always, *, label: str = "") -> Command:
    return Command(
        id=id, keys=tuple(keys.split()), name=name, help=help, reason=reason, label=label, section=Section.PROGRAM
    )


COMMANDS: tuple[Command, ...] = (
    _act("answer", "a", "Answer", "answer what its worker asks", asks, label="answer"),
    _act("choose", "1 2 3 4 5 6 7 8 9", "Choose", "open the question, that choice marked", has_choices),
    _act("advance", "enter", "Do the next step", "run the suggested action, after you saw what it does", has_step),
    _act(
        "dispatch",
        "d",
        "Dispatch",
        "start or resume its worker, or those of all marked",
        dispatchable,
        label="dispatch",
    ),
    _act("attach", "t", "Attach", "go to the worker's window", has_pane, label="attach"),
    _act("message", "m", "Message", "tell its worker something, or all that are marked", can_be_told),
    _act("take_back", "M", "Take back", "take back the messages that wait for its worker", can_take_back),
    _act("mark", "v", "Mark", "mark the row for what is done to several, or unmark it", a_target),
    _act("unmark", "V", "Clear marks", "take every mark away", has_marks, label="unmark"),
    _act("interrupt", "x", "Interrupt", "stop what its worker does; the worker stays", can_be_interrupted),
    _act("stop", "X", "Stop", "end its worker, after you saw how; worktree and transcript stay", can_be_ended),
    _act("open", "o", "Open in the browser", "open the pull request, else the issue", has_url, label="open"),
    _act("copy", "y", "Copy", "copy the id", a_row),
    _look("detail", "space", "Detail", "the worker's screen, the issue, why", a_target_or_group, label="detail"),
    _look("why", "e", "Explain", "why this is the next step, and what says so", a_target),
    _look("log", "l", "Log", "what was done here", a_target),
    _look("filter", "slash", "Filter", "show only rows that hold a text", label="filter"),
    _program("new", "n", "New issue", "add an issue, and dispatch it if you like", has_project, label="new"),
    _program("clean", "W", "Clean", "remove what merged issues have left, after you saw what", has_project),
    _program("autopilot", "A", "Autopilot", "have your config.toml's actions done; again: let it end", may_fly),
    _program("autopilot_pause", "P", "Pause the autopilot", "nothing new starts; again: it goes on", flies),
    _program("pause", "p", "Pause", "stop reading, or take it up again"),
    _program("refresh", "r", "Refresh", "ask every source now"),
    _program("diagnostics", "D", "Diagnostics", "what reading takes and costs, and in which order it is done"),
    _program("palette", "ctrl+p", "Palette", "every command by name", label="all"),
    _program("help", "question_mark", "Help", "what the keys do", label="help"),
    _program("quit", "q", "Quit", "leave; the workers go on"),
    _move("down", "j down", "Down", "the next row"),
    _move("up", "k up", "Up", "the row before"),
    _move("next_needing", "tab", "Next that needs you", "the next row that waits for you, around the end"),
    _move("top", "g home", "Top", "the first row"),
    _move("bottom", "G end", "Bottom", "the last row"),
    _move("page_down", "pagedown", "Page down", "a screen further"),
    _move("page_up", "pageup", "Page up", "a screen back"),
    _move("fold", "left", "Fold the group", "show only how many rows the group has"),
    _move("unfold", "right", "Open the group", "show the rows of a folded group"),
    _move("cancel", "escape", "Show all", "end the filter"),
)
BY_ID: Mapping[str, Command] = {command.id: command for command in COMMANDS}
# In the order of the footer; the step that the row suggests stands before them.
FOOTER = ("answer", "dispatch", "attach", "detail", "open", "new", "filter", "palette")

_SHOWN_KEYS = {
    "space": "space",
    "slash": "/",
    "question_mark": "?",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "left": "left",
    "right": "right",
    "escape": "esc",
}


def bindings(commands: tuple[Command, ...] = COMMANDS) -> list[Binding]:
    """Return the key bindings of the commands, their ids being the commands', so that each can be remapped."""
    made: list[Binding] = []
    for command in commands:
        if command.id == "choose":
            made += [
                Binding(key, f"run('choose', {key})", f"choose {key}", id=f"choose.{key}", show=False)
                for key in command.keys
            ]
            continue
        made.append(
            Binding(
                ",".join(command.keys),
                f"run('{command.id}')",
                command.name,
                id=command.id,
                show=bool(command.label),
                tooltip=command.help,
                system=command.id == "palette",
            )
        )
    return made


def shown_key(key: str, enter: str) -> str:
    """Return a key as the board shows it; `enter` is the glyph for that one."""
    return enter if key == "enter" else _SHOWN_KEYS.get(key, key)


def shown_keys(keymap: Mapping[str, str], enter: str) -> dict[str, str]:
    """Return the first key of each command as it is shown, remapped ones as the keymap says."""
    return {
        command.id: shown_key(keymap.get(command.id, ",".join(command.keys)).split(",")[0].strip(), enter)
        for command in COMMANDS
    }
