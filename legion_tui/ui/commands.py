"""Every command of the board, declared once: keys, footer, palette and help are made of this."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from textual.binding import Binding

from legion_tui.present.board import Group, Row
from legion_tui.present.steps import browser_url, step_of
from legion_tui.state import Snapshot, Worker
from legion_tui.state.standing import GROUNDED, Standing
from legion_tui.state.workers import RUNNING


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a command would act on: the snapshot, and the selected row or folded group."""

    snapshot: Snapshot
    row: Row | None = None
    group: Group | None = None
    marked: tuple[Row, ...] = ()
    autopilot: Standing = GROUNDED


Reason = Callable[[Context], str]


class Section(StrEnum):
    """Under which heading the help lists a command."""

    ACT = "Act on the row"
    LOOK = "Look closer"
    MOVE = "Move"
    PROGRAM = "The program"


def always(context: Context) -> str:
    """No reason not to."""
    return ""


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


def _a_row(context: Context) -> str:
    if context.row is not None:
        return ""
    return "that is a folded group: enter opens it" if context.group else "no row is selected"


def _a_target(context: Context) -> str:
    if reason := _a_row(context):
        return reason
    return "" if context.row and context.row.target else "this record could not be read: y copies where it is"


def _a_target_or_group(context: Context) -> str:
    return "" if context.group is not None else _a_target(context)


def _asks(context: Context) -> str:
    if reason := _a_target(context):
        return reason
    question = context.row.question if context.row else None
    if question is None:
        return f"{_shown(context)} asks nothing"
    return question.unanswerable


def _has_choices(context: Context) -> str:
    if reason := _asks(context):
        return reason
    question = context.row.question if context.row else None
    return "" if question and question.items and question.items[0].options else f"{_shown(context)} offers no choice"


def _has_step(context: Context) -> str:
    if context.group is not None:
        return ""
    if reason := _a_row(context):
        return reason
    if context.row is None or step_of(context.row).command:
        return ""
    issue = context.row.issue
    return f"nothing to do for {_shown(context)} now: {issue.decision.why}" if issue else "nothing to do here"


def _dispatchable(context: Context) -> str:
    if reason := _a_target(context):
        return reason
    row = context.row
    if row is None or isinstance(row.subject, Worker):
        return "a session of the machine belongs to no issue"
    worker = row.worker
    return f"a worker is live on {row.shown_id}" if worker is not None and worker.live else ""


def _has_pane(context: Context) -> str:
    if reason := _a_target(context):
        return reason
    worker = context.row.worker if context.row else None
    if worker is None:
        return f"{_shown(context)} has no worker to attach to"
    return "" if worker.pane else f"the worker of {_shown(context)} has no tmux pane"


def _has_live_worker(context: Context) -> str:
    if reason := _a_target(context):
        return reason
    worker = context.row.worker if context.row else None
    return "" if worker is not None and worker.live else f"no worker is live on {_shown(context)}"


def _can_be_told(context: Context) -> str:
    # Of several, the dialog says who can be.
    return "" if context.marked else _one_can_be_told(context)


def _can_take_back(context: Context) -> str:
    if context.marked:
        return "" if any(row.queued for row in context.marked) else "no message waits for what is marked"
    if reason := _a_target(context):
        return reason
    return "" if context.row and context.row.queued else f"no message waits for the worker of {_shown(context)}"


def _has_marks(context: Context) -> str:
    return "" if context.marked else "nothing is marked"


def _one_can_be_told(context: Context) -> str:
    if reason := _has_live_worker(context):
        return reason
    worker = context.row.worker if context.row else None
    if worker is not None and worker.asking:
        return f"{_shown(context)} asks something: answer it first"
    return _has_pane(context)


def _can_be_interrupted(context: Context) -> str:
    if reason := _one_can_be_told(context):
        return reason
    worker = context.row.worker if context.row else None
    if worker is None or worker.state in RUNNING:
        return ""
    return f"the worker of {_shown(context)} is {worker.state}: there is nothing to interrupt"


def _has_project(context: Context) -> str:
    return "" if context.snapshot.project else "there is no project here; `legion-tui init` makes one"


def _may_fly(context: Context) -> str:
    return _has_project(context) or context.autopilot.forbidden


def _flies(context: Context) -> str:
    if reason := _may_fly(context):
        return reason
    return "" if context.autopilot.flies else f"the autopilot is {context.autopilot.flight}: there is nothing to pause"


def _has_url(context: Context) -> str:
    if reason := _a_target(context):
        return reason
    return "" if browser_url(context.row) else f"{_shown(context)} has no https address"


def _shown(context: Context) -> str:
    return context.row.shown_id if context.row else ""


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
    _act("answer", "a", "Answer", "answer what its worker asks", _asks, label="answer"),
    _act("choose", "1 2 3 4 5 6 7 8 9", "Choose", "open the question, that choice marked", _has_choices),
    _act("advance", "enter", "Do the next step", "run the suggested action, after you saw what it does", _has_step),
    _act("dispatch", "d", "Dispatch", "start or resume the worker of the issue", _dispatchable, label="dispatch"),
    _act("attach", "t", "Attach", "go to the worker's window", _has_pane, label="attach"),
    _act("message", "m", "Message", "tell its worker something, or all that are marked", _can_be_told),
    _act("take_back", "M", "Take back", "take back the messages that wait for its worker", _can_take_back),
    _act("mark", "v", "Mark", "mark the row for a message to several, or unmark it", _a_target),
    _act("unmark", "V", "Clear marks", "take every mark away", _has_marks, label="unmark"),
    _act("interrupt", "x", "Interrupt", "stop what its worker does; the worker stays", _can_be_interrupted),
    _act("stop", "X", "Stop", "end its worker, after you saw how; worktree and transcript stay", _has_live_worker),
    _act("open", "o", "Open in the browser", "open the pull request, else the issue", _has_url, label="open"),
    _act("copy", "y", "Copy", "copy the id", _a_row),
    _look("detail", "space", "Detail", "the worker's screen, the issue, why", _a_target_or_group, label="detail"),
    _look("why", "e", "Explain", "why this is the next step, and what says so", _a_target),
    _look("log", "l", "Log", "what was done here", _a_target),
    _look("filter", "slash", "Filter", "show only rows that hold a text", label="filter"),
    _program("new", "n", "New issue", "add an issue, and dispatch it if you like", _has_project, label="new"),
    _program("clean", "W", "Clean", "remove what merged issues have left, after you saw what", _has_project),
    _program("autopilot", "A", "Autopilot", "have your config.toml's actions done; again: let it end", _may_fly),
    _program("autopilot_pause", "P", "Pause the autopilot", "nothing new starts; again: it goes on", _flies),
    _program("pause", "p", "Pause", "stop reading, or take it up again"),
    _program("refresh", "r", "Refresh", "ask every source now"),
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
