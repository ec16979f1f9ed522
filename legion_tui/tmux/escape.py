"""Arguments made inert for tmux: what goes in is what the command, or the program in the window, receives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

from legion_tui.errors import TmuxError

# One message of a client to its server holds 16 KB of arguments; a command read from a file may be longer.
_ARGV_BYTES = 16_000
_SOURCE_BYTES = 30_000
# tmux leaves `#[` and a run of `#` before a `[` as they are, for its styles; every other `#` is halved.
_HASHES = re.compile(r"#+(?!#)(?!\[)")


class Form(Enum):
    """How a command reaches tmux: as a process's arguments, or as text for `source-file -`."""

    ARGV = "argv"
    SOURCE = "source"


def literal(text: str) -> str:
    """Return `text` for an argument that a command expands as a format, where `#(command)` would run.

    Measured: `new-session -s`, `-n` and `-c` of `new-session` and `new-window`.
    """
    return _HASHES.sub(lambda run: run[0] * 2, text)


def escape(argument: str, form: Form) -> str:
    r"""Return `argument` so that tmux takes it as it is, wherever it does not expand formats (see `literal`).

    As process arguments a final `;` would end the command. In text everything stands in single quotes, but a
    line end, after which tmux would drop white space. Raises TmuxError for NUL and for what is no UTF-8.
    """
    if "\0" in argument:
        raise TmuxError("not passed to tmux", "an argument holds a NUL character")
    try:
        argument.encode()
    except UnicodeEncodeError as error:
        raise TmuxError("not passed to tmux", "an argument is no valid Unicode text") from error
    if form is Form.ARGV:
        return f"{argument[:-1]}\\;" if argument.endswith(";") else argument
    return "'" + argument.replace("'", r"'\''").replace("\r", r"'\r'").replace("\n", r"'\n'") + "'"


def as_argv(commands: Sequence[Sequence[str]]) -> list[str]:
    """Return several commands as one process's arguments; an error in one drops those after it."""
    argv: list[str] = []
    for command in commands:
        if argv:
            argv.append(";")
        argv += [escape(argument, Form.ARGV) for argument in command]
    _check_length(sum(len(argument.encode()) + 1 for argument in argv), _ARGV_BYTES)
    return argv


def as_source(commands: Sequence[Sequence[str]]) -> str:
    """Return several commands as one line for `source-file -`; an error drops the rest of its line only."""
    line = " ; ".join(" ".join(escape(argument, Form.SOURCE) for argument in command) for command in commands)
    _check_length(len(line.encode()), _SOURCE_BYTES)
    return f"{line}\n"


def _check_length(size: int, most: int) -> None:
    if size > most:
        raise TmuxError(
            "too long for tmux",
            f"a command of {size} bytes, at most {most} are taken",
            "put long text into a file and name the file",
        )
