"""Every command of the board and of the inbox, declared once: keys, footer, palette and help are made of this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.binding import Binding

from legion_tui.ui.command import Command, act, look, move, program
from legion_tui.ui.reasons import (
    a_row,
    a_target,
    a_target_or_group,
    asks,
    asks_alike,
    can_be_ended,
    can_be_interrupted,
    can_be_told,
    can_link,
    can_sleep,
    can_take_back,
    can_undo,
    dispatchable,
    flies,
    has_choices,
    has_filters,
    has_marks,
    has_pane,
    has_project,
    has_step,
    has_url,
    may_fly,
)

COMMANDS: tuple[Command, ...] = (
    act("answer", "a", "Answer", "answer what its worker asks", asks, label="answer"),
    act("choose", "1 2 3 4 5 6 7 8 9", "Choose", "open the question, that choice marked", has_choices),
    act("advance", "enter", "Do the next step", "run the suggested action, after you saw what it does", has_step),
    act(
        "dispatch",
        "d",
        "Dispatch",
        "start or resume its worker, or those of all marked",
        dispatchable,
        label="dispatch",
    ),
    act("attach", "t", "Attach", "go to the worker's window", has_pane, label="attach"),
    act("message", "m", "Message", "tell its worker something, or all that are marked", can_be_told),
    act("take_back", "M", "Take back", "take back the messages that wait for its worker", can_take_back),
    act("mark", "v", "Mark", "mark the row for what is done to several, or unmark it", a_target),
    act("unmark", "V", "Clear marks", "take every mark away", has_marks, label="unmark"),
    act(
        "snooze",
        "z",
        "Snooze",
        "out of sight for a while, all that are marked too; again: awake",
        can_sleep,
        label="snooze",
    ),
    act("link", "L", "Link", "a session to an issue, whose worker it is then; on that issue: unlink", can_link),
    act("interrupt", "x", "Interrupt", "stop what its worker does; the worker stays", can_be_interrupted),
    act("stop", "X", "Stop", "end its worker, after you saw how; worktree and transcript stay", can_be_ended),
    act("open", "o", "Open in the browser", "open the pull request, else the issue", has_url, label="open"),
    act("copy", "y", "Copy", "copy the id", a_row),
    look("detail", "space", "Detail", "the worker's screen, the issue, why", a_target_or_group, label="detail"),
    look("inbox", "i", "Inbox", "all that waits for your answer, what waits longest first", label="inbox"),
    look("why", "e", "Explain", "why this is the next step, and what says so", a_target),
    look("log", "l", "Log", "what was done here", a_target),
    look(
        "filter", "slash", "Filter", "only rows that hold words, or terms such as is:ready -ci:failing", label="filter"
    ),
    look("filters", "F", "Saved filters", "one of those in your config.toml", has_filters),
    look("sort", "s", "Sort", "the order of the rows within their groups"),
    look("by_status", "b", "By status", "the board by where issues stand; again: by what needs you"),
    look("compact", "c", "Compact", "one line for every row; again: what is asked under those that ask"),
    look("goto", "number_sign", "Go to", "a row by its id, its number or a piece of its title"),
    program("new", "n", "New issue", "add an issue, and dispatch it if you like", has_project, label="new"),
    program("undo", "u", "Undo", "take the last change of status or labels back, for 20 s", can_undo, label="undo"),
    program("clean", "W", "Clean", "remove what merged issues have left, after you saw what", has_project),
    program("autopilot", "A", "Autopilot", "have your config.toml's actions done; again: let it end", may_fly),
    program("autopilot_pause", "P", "Pause the autopilot", "nothing new starts; again: it goes on", flies),
    program("pause", "p", "Pause", "stop reading, or take it up again"),
    program("refresh", "r", "Refresh", "ask every source now"),
    program("diagnostics", "D", "Diagnostics", "what reading takes and costs, and in which order it is done"),
    program("palette", "ctrl+p", "Palette", "every command by name", label="all"),
    program("help", "question_mark", "Help", "what the keys do", label="help"),
    program("manual", "f1", "Manual", "what the screen shows, what each state means, and what can be done"),
    program("quit", "q", "Quit", "leave; the workers go on"),
    move("down", "j down", "Down", "the next row"),
    move("up", "k up", "Up", "the row before"),
    move("next_needing", "tab", "Next that needs you", "the next row that waits for you, around the end"),
    move("top", "g home", "Top", "the first row"),
    move("bottom", "G end", "Bottom", "the last row"),
    move("page_down", "pagedown", "Page down", "a screen further"),
    move("page_up", "pageup", "Page up", "a screen back"),
    move("fold", "left", "Fold the group", "show only how many rows the group has"),
    move("unfold", "right", "Open the group", "show the rows of a folded group"),
    move("cancel", "escape", "Show all", "end the filter"),
)

_ON_BOARD = {command.id: command for command in COMMANDS}


def _also(*ids: str) -> tuple[Command, ...]:
    """Return commands that do elsewhere what they do on the board, by the same keys."""
    return tuple(_ON_BOARD[id] for id in ids)


INBOX_COMMANDS: tuple[Command, ...] = (
    *_also("answer", "choose"),
    act("inbox.open", "enter", "Open the question", "answer it, or read all of it", asks),
    act("inbox.alike", "A", "Answer all alike", "give all that ask the very same one answer, after a look", asks_alike),
    *_also("attach", "snooze"),
    look("inbox.further", "ctrl+d J", "Scroll what is asked", "a part further, where it stands beside the list"),
    look("inbox.back", "ctrl+u K", "Scroll back", "a part back"),
    *_also("down", "up", "top", "bottom", "page_down", "page_up", "refresh", "palette", "help"),
    program("leave", "escape q i", "Leave", "back to the board", label="board"),
)
BY_ID: Mapping[str, Command] = _ON_BOARD | {command.id: command for command in INBOX_COMMANDS}
# In the order of the footer; the step that the row suggests stands before them.
FOOTER = ("answer", "dispatch", "attach", "undo", "detail", "inbox", "open", "new", "filter", "palette")
INBOX_FOOTER = ("answer", "attach", "snooze", "leave", "palette")

_SHOWN_KEYS = {
    "space": "space",
    "slash": "/",
    "number_sign": "#",
    "question_mark": "?",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "left": "left",
    "right": "right",
    "escape": "esc",
}


def bindings(commands: Sequence[Command] = COMMANDS) -> list[Binding]:
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
        for command in BY_ID.values()
    }
