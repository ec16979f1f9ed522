"""A session: its files, its screen, and the turn that runs."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from legion_tui.demo.standin import blocks
from legion_tui.demo.standin.args import Options
from legion_tui.demo.standin.composer import Composer
from legion_tui.demo.standin.delays import compact
from legion_tui.demo.standin.dialog import Dialog
from legion_tui.demo.standin.history import open_log, show_again
from legion_tui.demo.standin.keyboard import Keyboard
from legion_tui.demo.standin.scenario import Scenario
from legion_tui.demo.standin.screen import View
from legion_tui.demo.standin.settings_menu import SettingsMenu
from legion_tui.demo.standin.status import StatusFile
from legion_tui.demo.standin.transcript import MODEL, Transcript, new_id
from legion_tui.demo.standin.turn import Turn
from legion_tui.demo.standin.voice import Usage
from legion_tui.demo.standin.waits import Play, Show, Sleep, Until, Wait

if TYPE_CHECKING:
    from legion_tui.demo.standin.hooks import Asking

# A dialog is held back until nobody has typed for so long.
_DRAFT_QUIET_SECONDS = 1.5
_PROBE_SECONDS = 0.05
_SPINNER = "·✢✳✶✻✽"


class Session:
    """Everything between the keyboard and the files. `wake_at` is when `advance` is next to be called."""

    def __init__(
        self, options: Options, *, config: Path, environ: Mapping[str, str], scenario: Scenario, cwd: str, full: bool
    ) -> None:
        """Write the status file, still without a status."""
        session_id = options.resume or options.session_id or new_id()
        self.cwd = cwd
        self.model = options.model or ""
        self.view = View(name=options.name or "", mode=options.permission_mode, full=full)
        self.view.add(blocks.header(cwd, full=full))
        self.composer = Composer()
        self.keyboard = Keyboard(self)
        self.usage = Usage()
        self.background_shells = 0
        self.exit_code: int | None = None
        self._config = config
        self._environ = environ
        self._scenario = scenario
        self._name = options.name or ""
        self._prompts = 0
        self._turn: Turn | None = None
        self._play: Play | None = None
        self._wait: Wait | None = None
        self._wake_at: float | None = None
        self._held = False
        self._queue: list[str] = []
        self._started = time.time()
        self.settings = [config / "settings.json", *([Path(options.settings)] if options.settings else [])]
        self.log = self._open_log(session_id)
        self.status = StatusFile(config, environ, session_id=session_id, cwd=cwd, name=self._name)
        self.set_mode(options.permission_mode)

    # -- what a turn asks of it

    @property
    def pace(self) -> float:
        """How long the model takes before each thing it does, in seconds."""
        return self._scenario.pace_seconds

    @property
    def busy(self) -> bool:
        """Whether a turn runs."""
        return self._turn is not None

    def gate(self, name: str) -> Callable[[], bool | None]:
        """Return a probe that is true once a file of that name is in the folder of gates."""
        folder = self._environ.get("LEGION_DEMO_GATES", "")
        return lambda: True if not folder or (Path(folder) / name).exists() else None

    def expand(self, argv: list[str]) -> list[str]:
        """Return a scenario's command with what it leaves open filled in."""
        values = {"{python}": sys.executable, "{issue}": self._environ.get("LEGION_ISSUE", "")}
        return [values.get(word, word) for word in argv]

    def write_plan(self, text: str) -> Path:
        """Write a plan where the agent keeps its plans, and return the file."""
        folder = self._config / "plans"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.log.session_id[:8]}-plan.md"
        path.write_text(text, encoding="utf-8")
        return path

    def ask_hooks(self, tool: str, tool_input: Mapping[str, Any]) -> Asking | None:
        """Start the hooks that the settings of this moment name for a call; None where they name none."""
        from legion_tui.demo.standin.hooks import ask

        call = {"tool_name": tool, "tool_input": tool_input}
        return ask(self.settings, call, log=self.log, environ=self._environ)

    def set_mode(self, mode: str) -> None:
        """Change the permission mode."""
        self.view.mode = self.log.mode = mode

    # -- the clock

    @property
    def wake_at(self) -> float | None:
        """The monotonic time of the next thing to do, None while nothing is."""
        times = [self._wake_at, self.log.due, self.keyboard.wake_at]
        if isinstance(self._wait, Show) and self._wait.asking is not None and self._wait.asking.waits:
            times.append(time.monotonic() + _PROBE_SECONDS)
        if self._held:
            times.append(self.composer.typed_at + _DRAFT_QUIET_SECONDS)
        if self._turn is not None and not isinstance(self._wait, Show):
            # The spinner turns once a second.
            times.append(time.monotonic() // 1 + 1)
        return min((t for t in times if t is not None), default=None)

    def advance(self) -> None:
        """Do what is due."""
        now = time.monotonic()
        if self.log.due is not None and now >= self.log.due:
            self.log.flush()
        if self._held and now >= self.composer.typed_at + _DRAFT_QUIET_SECONDS:
            self._held = False
            self.keyboard.dialog_released()
            self._show()
        if self._wake_at is not None and now >= self._wake_at:
            self._wake_at = None
            self._continue()
        self._ask()
        self.keyboard.advance(now)
        self._spin()

    def _ask(self) -> None:
        """Close the dialog, shown or held back, that a hook has decided."""
        show = self._wait
        outcome = show.asking.poll() if isinstance(show, Show) and show.asking is not None else None
        if isinstance(show, Show) and outcome is not None:
            self._held = False
            show.dialog.finish(outcome)
            self.close_dialog(show.dialog)

    def _spin(self) -> None:
        turn = self._turn
        if turn is None or isinstance(self._wait, Show):
            self.view.spinner = "  Waiting for permission…" if self._held else ""
            return
        took = time.monotonic() - turn.started
        tokens = turn.voice.tokens
        counts = f" ({blocks.duration(took)} · ↓ {tokens} tokens)" if tokens or took >= 3 else ""
        self.view.spinner = turn.spinner or f"{_SPINNER[int(took) % len(_SPINNER)]} {turn.verb}…{counts}"

    # -- prompts

    def idle(self) -> None:
        """Say that nothing runs."""
        self.status.set("shell" if self.background_shells else "idle")

    def enter(self) -> None:
        """Submit what stands in the box; while a turn runs it is queued."""
        if not self.composer.text.strip():
            return
        text = self.composer.take()
        self.view.draft = ""
        if text.strip() == "/config":
            self._open_menu()
            return
        if self._turn is None:
            self.submit(text)
            return
        self._queue.append(text)
        self.log.note({"type": "queue-operation", "operation": "enqueue", "content": text})
        self.view.hint = "Press up to edit queued messages"
        self.view.add(blocks.prompt(text))
        self.view.add(blocks.result("Queued · ctrl+x ctrl+s to send now"), glued=True)

    def submit(self, text: str, *, source: str = "typed") -> None:
        """Start a turn with this prompt; a command of the agent's own is run instead."""
        if text.strip() in ("/exit", "/quit"):
            self.exit_code = 0
            return
        if text.strip() == "/clear":
            self._clear()
            return
        self.view.hint = ""
        self.view.busy = True
        self.status.set("busy")
        self.view.add(blocks.prompt(text))
        prompt_id = new_id()
        if text.strip() == "/compact":
            # No prompt of the conversation, and no turn of it.
            self._turn = Turn(self, (), prompt_id=prompt_id, prompt=text)
            self._play = compact(self._turn, self._scenario.compacts)
        else:
            self._prompts += 1
            self.log.prompt(text, prompt_id=prompt_id, index=self._prompts, source=source)
            steps = self._scenario.steps(text, session_id=self.log.session_id)
            self._turn = Turn(self, steps, prompt_id=prompt_id, prompt=text)
            self._play = self._turn.play()
        self._continue()

    # -- the turn

    def _continue(self, value: Any = None) -> None:
        """Let the turn run until it waits again or is over."""
        if self._play is None:
            return
        if isinstance(self._wait, Until):
            value = self._wait.probe()
            if value is None:
                self._wake_at = time.monotonic() + _PROBE_SECONDS
                return
        try:
            self._wait = self._play.send(value)
        except StopIteration:
            self._over()
            return
        if isinstance(self._wait, Show):
            self._open_dialog(self._wait.dialog)
        else:
            self._wake_at = time.monotonic() + (self._wait.seconds if isinstance(self._wait, Sleep) else 0)

    def _open_dialog(self, dialog: Dialog) -> None:
        quiet_at = self.composer.typed_at + _DRAFT_QUIET_SECONDS
        self._held = bool(self.composer.text) and time.monotonic() < quiet_at
        if not self._held:
            self._show()
        self.status.set("waiting", dialog.waiting_for)

    def _show(self) -> None:
        if isinstance(self._wait, Show):
            self.view.dialog = self._wait.dialog

    def close_dialog(self, dialog: Dialog) -> None:
        """Go on with the outcome of a dialog."""
        if isinstance(self._wait, Show) and self._wait.asking is not None:
            self._wait.asking.forget()
        self.view.dialog = None
        self.keyboard.dialog_closed()
        self._wait = None
        self.status.set("busy")
        self._continue(dialog.outcome)

    def _open_menu(self) -> None:
        self.view.menu = SettingsMenu()
        if self._turn is None:
            self.status.set("waiting", self.view.menu.waiting_for)

    def close_menu(self) -> None:
        """Show again what was under the menu."""
        self.view.menu = None
        if self._turn is None:
            self.idle()

    def interrupt(self) -> None:
        """Stop the turn that runs, if any."""
        turn, play = self._turn, self._play
        if turn is None or play is None:
            return
        play.close()
        if not turn.interrupt():
            # Nothing came out: the prompt goes back into the box.
            self.view.blocks.pop()
            self.composer.text = self.view.draft = self.composer.text or turn.prompt
        self._over()

    def _over(self) -> None:
        self._play = self._turn = self._wait = self._wake_at = None
        self._held = False
        self.keyboard.turn_over()
        self.view.busy = False
        if self.exit_code is not None:
            return
        if self._queue:
            self.log.note({"type": "queue-operation", "operation": "dequeue"})
            self.submit(self._queue.pop(0), source="queued")
            return
        self.idle()

    # -- beginnings and ends

    def resume(self) -> None:
        """Show what was said in this session before."""
        self._scenario.resume()
        self._prompts += show_again(self.log, self.view)

    def close(self, *, record: bool) -> None:
        """Remove the status file, after the last records of a session that ends cleanly."""
        if record:
            self.log.flush()
            if self.log.path.exists():
                taken = int((time.time() - self._started) * 1000)
                self.log.note(self.usage.cost(self.model or MODEL, milliseconds=taken))
                self.log.flush(last=True)
        self.status.remove()

    def _clear(self) -> None:
        """Go on in a new session under the same pid."""
        self.log.flush(last=True)
        session_id = new_id()
        self.log = self._open_log(session_id)
        self.log.mode = self.view.mode
        self.view.blocks[:] = [blocks.header(self.cwd, full=self.view.full)]
        self.view.glued.clear()
        self.status.change_session(session_id)

    def _open_log(self, session_id: str) -> Transcript:
        return open_log(self._config, session_id, cwd=self.cwd, name=self._name)
