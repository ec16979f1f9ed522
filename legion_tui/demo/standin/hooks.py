"""PermissionRequest hooks, run beside the dialog as the agent runs them: whoever is first decides."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from legion_tui.demo.standin.dialog import Outcome
from legion_tui.demo.standin.results import Given
from legion_tui.demo.standin.transcript import Transcript

_EVENT = "PermissionRequest"


def ask(
    settings: Sequence[Path], call: Mapping[str, Any], *, log: Transcript, environ: Mapping[str, str]
) -> Asking | None:
    """Start the hooks that these settings name for a call (`tool_name`, `tool_input`); None where they name none."""
    commands = hook_commands(settings)
    if not commands:
        return None
    about = {
        "session_id": log.session_id,
        "transcript_path": str(log.path),
        "cwd": log.cwd,
        "permission_mode": log.mode,
        "hook_event_name": _EVENT,
    }
    return Asking(commands, {**about, **call, **_suggestions(call)}, cwd=log.cwd, environ=environ)


def _suggestions(call: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rules that would allow a command for good, as the agent suggests them."""
    command = call["tool_input"].get("command") if call["tool_name"] == "Bash" else None
    if not command:
        return {}
    rules = [{"toolName": "Bash", "ruleContent": str(command)}]
    return {
        "permission_suggestions": [
            {"type": "addRules", "rules": rules, "behavior": "allow", "destination": "localSettings"}
        ]
    }


def hook_commands(files: Sequence[Path]) -> list[str]:
    """Return the commands that these settings name for the event, each once; a file that is missing names none."""
    commands: list[str] = []
    for file in files:
        try:
            settings = json.loads(file.read_text(encoding="utf-8"))
            entries = settings.get("hooks", {}).get(_EVENT, [])
            commands += [hook["command"] for entry in entries for hook in entry["hooks"]]
        except (OSError, ValueError, AttributeError, KeyError, TypeError):
            continue
    return list(dict.fromkeys(commands))


class Asking:
    """The hooks that were asked about one call. The agent leaves the losers running; so does this."""

    def __init__(
        self, commands: Sequence[str], payload: Mapping[str, Any], *, cwd: str, environ: Mapping[str, str]
    ) -> None:
        """Start them all; `payload` goes to each one's standard input."""
        self.tool = str(payload["tool_name"])
        self.tool_input: Mapping[str, Any] = payload["tool_input"]
        self._running: list[subprocess.Popen[bytes]] = []
        for command in commands:
            # A file, because a pipe could be full before anybody reads it.
            with tempfile.TemporaryFile() as given:
                given.write(json.dumps(payload).encode())
                given.seek(0)
                self._running.append(
                    subprocess.Popen(
                        ["/bin/sh", "-c", command],
                        cwd=cwd,
                        env={**environ, "CLAUDECODE": "1", "CLAUDE_PID": str(os.getpid())},
                        stdin=given,
                        stdout=subprocess.PIPE,
                        stderr=subprocess.DEVNULL,
                    )
                )

    @property
    def waits(self) -> bool:
        """Whether any of them still runs."""
        return bool(self._running)

    def poll(self) -> Outcome | None:
        """Return the outcome of the first hook that decided; None while none has."""
        for process in list(self._running):
            if process.poll() is None:
                continue
            self._running.remove(process)
            output = process.stdout.read() if process.stdout is not None else b""
            if process.stdout is not None:
                process.stdout.close()
            outcome = outcome_of(output, self.tool, self.tool_input)
            if outcome is not None:
                return outcome
        return None

    def forget(self) -> None:
        """Let go of those that have ended; the others leave by themselves."""
        for process in self._running:
            process.poll()
            if process.stdout is not None:
                process.stdout.close()
        self._running.clear()


def outcome_of(output: bytes, tool: str, tool_input: Mapping[str, Any]) -> Outcome | None:
    """Return what a hook's output decides; None where it decides nothing, as an allow without what it takes."""
    decision: Mapping[str, Any] = {}
    with contextlib.suppress(ValueError, KeyError, TypeError):
        decision = json.loads(output)["hookSpecificOutput"]["decision"]
    match decision.get("behavior"):
        case "deny" if decision.get("interrupt"):
            return Outcome("stop", by_hook=True)
        case "deny":
            return Outcome("reject", words=str(decision.get("message") or ""), by_hook=True)
        case "allow":
            return _allowed(decision, tool, tool_input)
    return None


def _allowed(decision: Mapping[str, Any], tool: str, tool_input: Mapping[str, Any]) -> Outcome | None:
    updated = decision.get("updatedInput")
    permissions = decision.get("updatedPermissions") or []
    mode = next((one["mode"] for one in permissions if one.get("type") == "setMode"), "")
    if tool == "AskUserQuestion":
        if not isinstance(updated, dict) or "answers" not in updated:
            return None
        given = [_given(question, updated) for question in tool_input["questions"]]
        return Outcome("accept", given=given, by_hook=True)
    if tool == "ExitPlanMode":
        return Outcome("accept", choice=mode or "default", by_hook=True) if isinstance(updated, dict) else None
    choice = "auto" if mode == "auto" else "edits" if mode == "acceptEdits" else "always" if permissions else "once"
    return Outcome("accept", choice=choice, by_hook=True)


def _given(question: Mapping[str, Any], updated: Mapping[str, Any]) -> Given:
    text = str(question["question"])
    answer = str(updated["answers"].get(text, ""))
    notes = (updated.get("annotations") or {}).get(text) or {}
    labels = {str(option["label"]) for option in question["options"]}
    # Several labels come as one string; only for a single one is it known that it is none of own words.
    chosen = Given([answer]) if answer in labels or question.get("multiSelect") else Given(text=answer)
    chosen.note, chosen.preview = str(notes.get("notes") or ""), str(notes.get("preview") or "")
    return chosen
