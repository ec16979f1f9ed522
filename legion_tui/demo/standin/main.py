"""The program: options, start-up dialogs, and the loop over keyboard, clock, signals and guard."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from legion_tui.demo.standin import startup
from legion_tui.demo.standin.args import VERSION, BadArgumentsError, Options, parse
from legion_tui.demo.standin.dialog import Took
from legion_tui.demo.standin.keys import ESCAPE_WAIT_SECONDS, Keys
from legion_tui.demo.standin.scenario import Scenario
from legion_tui.demo.standin.screen import Terminal, View, frame
from legion_tui.demo.standin.session import Session
from legion_tui.demo.standin.transcript import transcripts

# Between the status `idle` and the prompt of the command line being taken, as measured.
_ARGV_PROMPT_SECONDS = 0.07


class Inputs:
    """Waits for keyboard, signals and the guard at once, without polling."""

    def __init__(self, guard: str) -> None:
        """Watch the named pipe `guard`: its end means that nobody needs this process any more."""
        self.keys = Keys()
        self.resized = False
        self.continued = False
        self.ended_by: int | None = None
        self.orphaned = False
        self._reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in (signal.SIGWINCH, signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGCONT):
            signal.signal(number, lambda _number, _frame: None)
        self._guard = -1
        if guard:
            try:
                self._guard = os.open(guard, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
                self.orphaned = os.read(self._guard, 1) == b""
            except BlockingIOError:
                pass
            except OSError:
                self.orphaned = True

    def wait(self, until: float | None) -> list[str]:
        """Return the events of the keyboard until then; signals and the guard's end are kept in the attributes."""
        timeout = None if until is None else max(0.0, until - time.monotonic())
        if self.keys.waiting:
            timeout = ESCAPE_WAIT_SECONDS
        watched = [0, self._reader, *([self._guard] if self._guard >= 0 else [])]
        ready = select.select(watched, [], [], timeout)[0]
        if self._guard in ready:
            self.orphaned = True
        if self._reader in ready:
            for number in os.read(self._reader, 512):
                self._signalled(number)
        if 0 in ready:
            return self._read()
        return self.keys.expire() if self.keys.waiting and not ready else []

    def _read(self) -> list[str]:
        try:
            data = os.read(0, 65536)
        except OSError:
            data = b""
        if not data:
            # The terminal is gone.
            self.ended_by = self.ended_by or signal.SIGHUP
        return self.keys.feed(data)

    def _signalled(self, number: int) -> None:
        if number == signal.SIGWINCH:
            self.resized = True
        elif number == signal.SIGCONT:
            self.continued = True
        else:
            self.ended_by = number


def main(argv: Sequence[str]) -> int:
    """Run the stand-in and return its exit status."""
    try:
        options = parse(argv)
    except BadArgumentsError as error:
        return _refuse(str(error))
    if options.version:
        sys.stdout.write(f"{VERSION} (Claude Code)\n")
        return 0
    chosen = os.environ.get("CLAUDE_CONFIG_DIR")
    config = Path(chosen) if chosen else Path.home() / ".claude"
    if options.session_id and not options.resume and _used(config, options.session_id):
        return _refuse(f"Error: Session ID {options.session_id} is already in use.")
    if options.resume and not transcripts(config, options.resume):
        return _refuse(f"No conversation found with session ID: {options.resume}")
    if not os.isatty(0):
        return _refuse("Error: Input must be provided either through stdin or as a prompt argument when using --print")
    terminal = Terminal(full=not os.environ.get("CLAUDE_CODE_DISABLE_ALTERNATE_SCREEN"))
    inputs = Inputs(os.environ.get("LEGION_DEMO_GUARD", ""))
    terminal.raw()
    try:
        return _program(options, config, terminal, inputs)
    finally:
        terminal.leave()


def _program(options: Options, config: Path, terminal: Terminal, inputs: Inputs) -> int:
    cwd = str(Path.cwd())
    due = startup.Startup(config, options, os.environ, cwd)
    for name, dialog in due.dialogs():
        if not _ask(dialog, terminal, inputs):
            ended = _ended(inputs)
            terminal.leave(startup.NOT_TRUSTED if name == "trust" and ended is None else "")
            return 1 if ended is None else ended
        due.accepted(name)
    full = not os.environ.get("CLAUDE_CODE_DISABLE_ALTERNATE_SCREEN")
    scenario = Scenario.load(os.environ.get("LEGION_DEMO_SCENARIO", ""))
    session = Session(options, config=config, environ=os.environ, scenario=scenario, cwd=cwd, full=full)
    try:
        code = _loop(options, session, terminal, inputs)
    finally:
        # A process that nobody guards leaves no records: its folder is about to be removed.
        session.close(record=not inputs.orphaned)
    resumable = session.log.path.exists() and not inputs.orphaned
    farewell = f"\nResume this session with:\nclaude --resume {session.log.session_id}\n" if resumable else ""
    terminal.leave(farewell)
    return code


def _loop(options: Options, session: Session, terminal: Terminal, inputs: Inputs) -> int:
    terminal.enter(f"✳ {options.name or 'Claude Code'}")
    if options.resume:
        session.resume()
    _paint(session.view, terminal)
    session.idle()
    prompt_at = time.monotonic() + _ARGV_PROMPT_SECONDS if options.prompt else None
    while session.exit_code is None:
        wake = min((t for t in (prompt_at, session.wake_at) if t is not None), default=None)
        events = inputs.wait(wake)
        ended = _ended(inputs)
        if ended is not None:
            return ended
        for event in events:
            if event == "ctrl+z":
                _suspend(options, session, terminal)
            else:
                session.keyboard.key(event)
        if prompt_at is not None and time.monotonic() >= prompt_at:
            prompt_at = None
            session.submit(options.prompt or "")
        session.advance()
        if inputs.resized:
            inputs.resized = False
            terminal.resize()
        _paint(session.view, terminal)
    return session.exit_code


def _ask(dialog: startup.StartupDialog, terminal: Terminal, inputs: Inputs) -> bool:
    """Show a start-up dialog and return whether it was accepted."""
    view = View(dialog=dialog, bare=True, full=False)
    _paint(view, terminal)
    while _ended(inputs) is None:
        for event in inputs.wait(None):
            if dialog.key("escape" if event == "ctrl+c" else event) is Took.DONE:
                return dialog.outcome is not None and dialog.outcome.verdict == "accept"
        if inputs.resized:
            inputs.resized = False
            terminal.resize()
        _paint(view, terminal)
    return False


def _ended(inputs: Inputs) -> int | None:
    """Return the exit status where something outside ended this process."""
    if inputs.orphaned:
        return 0
    return None if inputs.ended_by is None else 0 if inputs.ended_by == signal.SIGINT else 128 + inputs.ended_by


def _paint(view: View, terminal: Terminal) -> None:
    rows, cursor = frame(view, *terminal.size)
    terminal.paint(rows, cursor)


def _suspend(options: Options, session: Session, terminal: Terminal) -> None:
    """Stop as a job does; the status file keeps what it said."""
    session.log.flush()
    terminal.leave("\nClaude Code is suspended. Run `fg` to bring it back.\n")
    os.kill(os.getpid(), signal.SIGSTOP)
    terminal.raw()
    terminal.enter(f"✳ {options.name or 'Claude Code'}")


def _used(config: Path, session_id: str) -> bool:
    """Whether a session of that id has records, or a process that says that it holds it."""
    if transcripts(config, session_id):
        return True
    for path in (config / "sessions").glob("*.json"):
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            os.kill(int(path.stem), 0)
        except (OSError, ValueError):
            continue
        if isinstance(record, dict) and record.get("sessionId") == session_id:
            return True
    return False


def _refuse(message: str) -> int:
    sys.stderr.write(message + "\n")
    return 1
