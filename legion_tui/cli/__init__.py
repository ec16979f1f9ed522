"""The commands, and the only place that puts the parts together."""

from __future__ import annotations

import importlib
import io
import os
import sys
import traceback
from collections.abc import Sequence

from legion_tui.cli.arguments import Run, parse_arguments
from legion_tui.cli.commands import COMMANDS, DASHBOARD
from legion_tui.errors import LegionError

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; what went wrong is one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A title in another script must not end a command in a terminal that cannot show it.
            stream.reconfigure(errors="replace")
    options = parse_arguments(COMMANDS, sys.argv[1:] if argv is None else argv)
    try:
        import anyio

        from legion_tui.cli.context import Context

        command = options.command or DASHBOARD
        run: Run = importlib.import_module(command.module).run
        code = anyio.run(run, Context.of(options, os.environ), options)
        _leave_a_stuck_terminal(code)
        return code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has seen enough. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001  the outermost edge: every error becomes a line and an exit code
        return _tell(error, verbose=options.verbose)


def _leave_a_stuck_terminal(code: int) -> None:
    """End here and now where a terminal takes nothing: Python's own end would wait for it to take the rest."""
    terminal = sys.modules.get("legion_tui.ui.terminal")
    if terminal is not None and terminal.PatientWriter.left_waiting:
        os._exit(code)


def _tell(error: BaseException, *, verbose: bool) -> int:
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    if verbose:
        traceback.print_exception(error)
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(error, LegionError):
        sys.stderr.write(f"legion-tui: {error}\n")
        return error.exit_code
    hint = "" if verbose else "; run it again with -v for the whole story"
    sys.stderr.write(f"legion-tui: unexpected {type(error).__name__}: {error}{hint}\n")
    return 1
