"""Claude Code without a screen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from legion_tui.agents.claude_code import stream
from legion_tui.agents.claude_code.final import finished_answer
from legion_tui.agents.claude_code.hook import Left, headless_settings
from legion_tui.agents.claude_code.launch import headless_argv_of
from legion_tui.agents.claude_code.paths import config_folder, environment_for, find_transcript, is_session_id
from legion_tui.agents.claude_code.questions import question_of
from legion_tui.agents.claude_code.transcript import ToolUse
from legion_tui.agents.headless import Asked, HeadlessLaunch, Heard, Pending, Unsupported
from legion_tui.state.questions import Channel, Question

# The last turn of a session is looked for in so much of its transcript's end.
_TAIL_BYTES = 8 * 1024 * 1024


class HeadlessClaudeCode:
    """Implements `Headless`."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None, *, spool: Path) -> None:
        """Take the agent's folder (`~/.claude`), what an agent needs in its environment to use it, and the spool."""
        self._folder = folder
        self._environment = dict(environment or {})
        self._spool = spool

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], home: Path, *, spool: Path) -> HeadlessClaudeCode:
        """Return the adapter for the folder that an agent of this user would use."""
        folder = config_folder(environ, home)
        return cls(folder, environment_for(folder, home), spool=spool)

    def argv(self, launch: HeadlessLaunch) -> tuple[str, ...]:
        """Return the exact command line, without a shell."""
        return headless_argv_of(launch)

    def environment(self) -> Mapping[str, str]:
        """Return what the agent needs in its environment to use the files that are read here."""
        return dict(self._environment)

    def settings(self, *, reads: Path, refused: tuple[str, ...], changes: bool, tracker: bool = False) -> bytes:
        """Return what a settings file holds: a fence around what it may run; it may read below `reads` unasked."""
        settings = headless_settings(self._spool, reads=reads, refused=refused, changes=changes, tracker=tracker)
        return json.dumps(settings, indent=2).encode()

    def told(self, prompt: str) -> bytes:
        """Return the line by which it is told a prompt."""
        return stream.told(prompt)

    def heard(self, line: bytes) -> tuple[Heard, ...]:
        """Return what a line of its output tells. Never raises."""
        return stream.heard(line)

    def question(self, asked: Asked, session_id: str, at: datetime) -> Question:
        """Return what it asks, with the id that the board gives it."""
        given = json.dumps(asked.tool_input).encode()
        use = ToolUse(id=asked.tool_use_id, name=asked.tool_name, message_id="", input=given, at=at)
        return replace(question_of(use, None, session_id=session_id), channel=Channel.HOOK)

    def leave(self, asked: Asked, session_id: str) -> Pending:
        """Leave the question where the board and `answer` look for it. Blocks; OSError."""
        return Left(
            self._spool,
            session_id=session_id,
            tool_use_id=asked.tool_use_id,
            tool_name=asked.tool_name,
            tool_input=asked.tool_input,
            suggestions=asked.suggestions,
        )

    def answered(self, asked: Asked, decision: Mapping[str, Any]) -> bytes:
        """Return the line by which an answer that was taken is given to it."""
        return stream.answered(asked, decision)

    def unsupported(self, asked: Unsupported) -> bytes:
        """Return the line by which it is told that nobody here gives that."""
        return stream.unsupported(asked)

    def finished_answer(self, session_id: str, since: datetime) -> str | None:
        """Return the answer that the transcript shows as finished after `since`, or None. Blocks; OSError."""
        path = find_transcript(self._folder / "projects", session_id) if is_session_id(session_id) else None
        if path is None:
            return None
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL_BYTES))
            lines = file.read().split(b"\n")
        return finished_answer(lines[1:] if size > _TAIL_BYTES else lines, since)
