"""One turn: plays the steps of a scenario and leaves the agent's records and screen behind, step by step."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from legion_tui.demo.standin import blocks, decisions, delays, rules, sub_agent
from legion_tui.demo.standin.errors import api_error
from legion_tui.demo.standin.transcript import new_id
from legion_tui.demo.standin.voice import Voice
from legion_tui.demo.standin.waits import Play, Sleep, Until

if TYPE_CHECKING:
    from legion_tui.demo.standin.session import Session

Step = Mapping[str, Any]
# Steps that call a tool: what is said right before one belongs to the same message.
_TOOLS = frozenset({"agent", "ask", "tool", "plan", "run", "work"})
_VERBS = ("Brewing", "Churning", "Cogitating", "Forging", "Galloping", "Hashing", "Pondering", "Whirring")
_DONE_VERBS = ("Baked", "Brewed", "Churned", "Cogitated", "Cooked", "Crunched", "Sautéed", "Worked")
_NO_OUTPUT = "(Bash completed with no output)"
_CONFIGURED = {"decision": "accept", "source": "config"}
_BY_RULE = {
    "toolDenialKind": "permission-rule",
    "permissionDecision": {"decision": "reject", "source": "config", "reasonType": "subcommandResults"},
}


class Turn:
    """Plays steps. `play` yields what it waits for; `interrupt` records an Escape at any point in between."""

    def __init__(self, session: Session, play: Sequence[Step], *, prompt_id: str, prompt: str) -> None:
        """Start the clock."""
        self.session = session
        self.view = session.view
        self.voice = Voice(session.log, session.usage, model=session.model, prompt_id=prompt_id)
        self.prompt = prompt
        self.started = time.monotonic()
        self.verb = _VERBS[int(prompt_id[:4], 16) % len(_VERBS)]
        # Replaces the usual line while it is not empty.
        self.spinner = ""
        # The last answer, as `{answer}` in what is said next.
        self.answer = ""
        # What works in the background: its task, and a probe that is true once it is done.
        self.agents: dict[str, Callable[[], bool | None]] = {}
        self._done_verb = _DONE_VERBS[int(prompt_id[4:8], 16) % len(_DONE_VERBS)]
        self._steps = play
        self._produced = False
        self._over = False

    @property
    def pace(self) -> float:
        """How long the model takes before each thing it does, in seconds."""
        return self.session.pace

    @property
    def milliseconds(self) -> int:
        """How long it has taken."""
        return int((time.monotonic() - self.started) * 1000)

    def play(self) -> Play:
        """Do all steps; the turn ends with its duration unless a step ended it otherwise."""
        yield Sleep(self.pace)
        yield from self.steps(self._steps)
        self.end()

    def steps(self, steps: Sequence[Step]) -> Play:
        """Do these steps, or as many as there are until the turn is over."""
        for i, step in enumerate(steps):
            if self._over:
                return
            if "say" in step:
                self._say(str(step["say"]).replace("{answer}", self.answer))
                if i + 1 < len(steps) and _TOOLS.isdisjoint(steps[i + 1]):
                    yield Sleep(self.pace)
            else:
                yield from self._one(step)

    def _one(self, step: Step) -> Play:
        longer = {
            "agent": lambda: sub_agent.start(self, step),
            "agents": lambda: delays.wait_for_agents(self, step),
            "ask": lambda: decisions.ask(self, step),
            "compact": lambda: delays.compact(self, step),
            "gate": lambda: self._gate(str(step["gate"])),
            "pause": lambda: self._pause(float(step["pause"])),
            "plan": lambda: decisions.plan(self, step),
            "repeat": lambda: self._repeat(step),
            "retry": lambda: delays.retry(self, step),
            "run": lambda: self._run(step),
            "tool": lambda: self._tool(step),
            "work": lambda: self._work(step),
        }
        at_once = {"crash": self._crash, "error": self._fail, "exit": self._exit, "shell": self._shell}
        name = next((name for name in step if name in longer or name in at_once), None)
        if name is None:
            raise ValueError(f"no such step: {', '.join(step)}")
        if name in at_once:
            at_once[name](step)
        else:
            self._produced = self._produced or name in _TOOLS
            yield from longer[name]()

    # -- steps

    def _say(self, text: str) -> None:
        self.voice.say(text)
        self.view.add(blocks.said(text))
        self._produced = True

    def _pause(self, seconds: float) -> Play:
        yield Sleep(seconds)

    def _gate(self, name: str) -> Play:
        yield Until(self.session.gate(name))

    def _repeat(self, step: Step) -> Play:
        for _ in range(int(step["repeat"])):
            yield from self.steps(step["steps"])

    def _work(self, step: Step) -> Play:
        """Call the tools of the step in turn until its time is over."""
        end = time.monotonic() + float(step["work"])
        calls = step["calls"]
        n = 0
        while not self._over and (n < len(calls) or time.monotonic() < end):
            yield from self._tool(calls[n % len(calls)])
            n += 1

    def _tool(self, step: Step) -> Play:
        name, tool_input = str(step["tool"]), dict(step["input"])
        call = self.voice.call(name, tool_input)
        title, command = _title(name, tool_input)
        self.view.add(blocks.running(title, command) if command else blocks.titled(title))
        refusal = rules.refusal(self.session.settings, name, tool_input)
        if refusal:
            self.voice.give(call, refusal, _BY_RULE, error=True)
            lines = [f"$ {command or title}", "1 action not run · permission denied"]
            self.view.change(blocks.titled("Did not run 1 call", lines, bullet=False))
            return
        decision, words = _CONFIGURED, ""
        if step.get("permit") and not rules.allows(self.session.settings, name, tool_input):
            permitted = yield from decisions.permit(self, call, step, command or title)
            if permitted is None:
                return
            decision, words = permitted
        yield Sleep(float(step.get("seconds", self.pace)))
        self._done(call, name, title, str(step.get("result", "")), decision)
        if words:
            self.voice.add_words(words)
            self.view.add(blocks.prompt(words))

    def _run(self, step: Step) -> Play:
        """Run a real command in the working directory, with this process's environment."""
        from legion_tui.demo.standin.command import Command

        argv = self.session.expand([str(word) for word in step["run"]])
        program = Path(argv[0]).name
        shown = " ".join([program, *argv[1:]]).replace(f"{program} -m legion_tui", "legion-tui")
        call = self.voice.call("Bash", {"command": shown, "description": f"Run {program}"})
        self.view.add(blocks.running(f"Running {program}", shown))
        command = Command(argv, cwd=self.session.cwd)
        try:
            code, output = yield Until(command.poll)
        finally:
            command.kill()
        self._done(call, "Bash", shown, output, _CONFIGURED, error=bool(code))

    def _done(self, call: str, name: str, title: str, text: str, decision: object, *, error: bool = False) -> None:
        extra = {"toolUseResult": _outcome(name, text), "permissionDecision": decision}
        self.voice.give(call, text or _NO_OUTPUT, extra, error=error)
        self.view.change(_ran(name, title, text))

    def _shell(self, step: Step) -> None:
        self.session.background_shells = int(step["shell"])

    def _crash(self, _step: Step) -> None:
        self.session.log.flush()
        os.kill(os.getpid(), signal.SIGKILL)

    def _exit(self, step: Step) -> None:
        self.end()
        self.session.exit_code = int(step["exit"])

    def _fail(self, step: Step) -> None:
        """End the turn with an API error; no duration is recorded then, as measured."""
        self.voice.complete("end_turn")
        error = api_error(str(step["error"]), str(step.get("text", "")))
        self.session.log.add(error.record(new_id()))
        self.view.add(blocks.result(error.shown) if error.under else blocks.said(error.shown), glued=error.under)
        self.view.hint = error.hint
        self._over = True

    # -- ends

    def end(self) -> None:
        """End the turn as one that is done, unless it is over."""
        if self._over:
            return
        self._over = True
        self.voice.complete("end_turn")
        self.session.log.ended(self.milliseconds)
        self.view.add(blocks.finished(self._done_verb, self.milliseconds / 1000))

    def stopped(self) -> None:
        """End the turn as one whose tool a person refused."""
        self._over = True
        self.voice.stopped(tool=True)

    def interrupt(self) -> bool:
        """Record an Escape; False where nothing came out yet, and so nothing is recorded."""
        self._over = True
        if not self._produced:
            return False
        self.voice.stop()
        self.view.add(blocks.result("Interrupted · What should Claude do instead?"), glued=True)
        return True


def _title(name: str, tool_input: Mapping[str, Any]) -> tuple[str, str]:
    """Return a call's title and, for a command, the command."""
    if name == "Bash":
        command = str(tool_input.get("command") or "")
        return str(tool_input.get("description") or command), command
    if "file_path" in tool_input:
        file = Path(str(tool_input["file_path"])).name
        return f"{'Update' if name == 'Edit' else name}({file})", ""
    return f"{name}({tool_input.get('pattern') or tool_input.get('url') or ''})", ""


def _ran(name: str, title: str, text: str) -> blocks.Block:
    """Return how a call looks once it is done."""
    if name == "Read":
        return blocks.titled("Read 1 file", bullet=False)
    if name == "Bash" and not text:
        return blocks.titled("Ran 1 shell command", bullet=False)
    lines = text.rstrip("\n").split("\n")
    shown = lines if len(lines) <= 4 else [*lines[:3], f"… +{len(lines) - 3} lines (ctrl+o to expand)"]
    return blocks.titled(title, ["\n".join(shown)] if text else [])


def _outcome(name: str, text: str) -> dict[str, Any]:
    if name == "Bash":
        return {"stdout": text, "stderr": "", "interrupted": False, "isImage": False, "noOutputExpected": not text}
    return {"type": "text", "content": text}
