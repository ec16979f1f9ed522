"""`projects/<folder>/<session>.jsonl`: the agent's own record, in its shapes and at its pace."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from legion_tui.demo.standin.args import VERSION
from legion_tui.demo.standin.status import milliseconds

Record = dict[str, Any]
# Lines reach the disk together, this long after the first of them came to be.
FLUSH_SECONDS = 0.1
MODEL = "claude-opus-5-5"


def new_id() -> str:
    """Return a random UUID (version 4)."""
    digits = bytearray(os.urandom(16))
    digits[6] = digits[6] & 0x0F | 0x40
    digits[8] = digits[8] & 0x3F | 0x80
    text = digits.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def project_folder(cwd: str) -> str:
    """Return the name of the folder that a working directory's transcripts are in."""
    name = re.sub(r"[^A-Za-z0-9]", "-", cwd)
    return name if len(name) <= 200 else f"{name[:200]}-{_hash(cwd)}"


def transcripts(config: Path, session_id: str) -> list[Path]:
    """Return the files of that session, wherever they are."""
    return sorted((config / "projects").glob(f"*/{session_id}.jsonl"))


def branch(cwd: str) -> str:
    """Return the branch that is checked out there, `HEAD` where none is, empty outside a repository."""
    for folder in (Path(cwd), *Path(cwd).parents):
        mark = folder / ".git"
        if mark.is_file():
            mark = Path(mark.read_text(encoding="utf-8").partition(":")[2].strip())
        if (mark / "HEAD").is_file():
            reference = (mark / "HEAD").read_text(encoding="utf-8").strip()
            return reference.removeprefix("ref: refs/heads/") if reference.startswith("ref: ") else "HEAD"
    return ""


def read(path: Path) -> Iterator[Record]:
    """Yield the records of a transcript; a line that is no record is passed over."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if isinstance(record, dict):
                yield record


class Transcript:
    """Appends records in batches. `due` is the monotonic time at which `flush` is to be called, or None."""

    def __init__(
        self,
        path: Path,
        *,
        session_id: str,
        cwd: str,
        branch: str,
        name: str = "",
        parent: str | None = None,
        agent_id: str = "",
    ) -> None:
        """Create nothing: the file comes to be with the first prompt. `agent_id`: it is a sub-agent's."""
        self.path = path
        self.session_id = session_id
        self.cwd = cwd
        self.mode = "default"
        self.due: float | None = None
        self.count = 0
        self.branch = branch
        self._agent = {"isSidechain": True, "agentId": agent_id} if agent_id else {"isSidechain": False}
        self._name = name
        self._parent = parent
        self._pending: list[Record] = []
        self._prompt = ""

    def prompt(self, text: str, *, prompt_id: str, index: int, source: str) -> None:
        """Record a prompt; the file is there at once, its lines a moment later."""
        self._prompt = text
        opening = self._modes()
        if not self.path.exists():
            self._append([{**record, "sessionId": self.session_id} for record in opening])
        uuid = new_id()
        self._queue(
            {
                "type": "file-history-snapshot",
                "messageId": uuid,
                "snapshot": {"messageId": uuid, "trackedFileBackups": {}, "timestamp": timestamp()},
                "isSnapshotUpdate": False,
            }
        )
        self.add(
            {
                "promptId": prompt_id,
                "type": "user",
                "message": {"role": "user", "content": text},
                "permissionMode": self.mode,
                "origin": {"kind": "human"},
                "promptSource": source,
                "turnOrigin": "human",
                "turnPosition": {"promptIndex": index, "turnIndex": index},
            },
            uuid=uuid,
        )
        self.add({"attachment": {"type": "date", "date": timestamp()[:10]}, "type": "attachment"})

    def add(self, record: Mapping[str, Any], *, uuid: str = "") -> str:
        """Queue a record of the conversation and return its uuid."""
        uuid = uuid or new_id()
        self._queue(
            {
                "parentUuid": self._parent,
                **self._agent,
                **record,
                "uuid": uuid,
                "timestamp": timestamp(),
                "session_id": self.session_id,
                "userType": "external",
                "entrypoint": "cli",
                "cwd": self.cwd,
                "sessionId": self.session_id,
                "version": VERSION,
                "gitBranch": self.branch,
            }
        )
        self._parent = uuid
        self.count += 1
        return uuid

    def ended(self, milliseconds_taken: int, *, waiting_for: int = 0) -> None:
        """Queue the end of a turn that was finished, but for so many agents in the background."""
        record = {"type": "system", "subtype": "turn_duration", "durationMs": milliseconds_taken}
        agents = {"pendingBackgroundAgentCount": waiting_for} if waiting_for else {}
        self.add({**record, "messageCount": self.count, **agents, "isMeta": False})

    def compacted(self, milliseconds_taken: int) -> None:
        """Queue the boundary of a compaction and the summary that follows it."""
        size = {"preTokens": 168_000, "postTokens": 21_000, "durationMs": milliseconds_taken}
        self.add(
            {
                "type": "system",
                "subtype": "compact_boundary",
                "content": "Conversation compacted",
                "isMeta": False,
                "level": "info",
                "compactMetadata": {"trigger": "auto", **size},
                "logicalParentUuid": self._parent,
            }
        )
        text = "This session is being continued from a previous conversation that ran out of context."
        self.add({"type": "user", "message": {"role": "user", "content": text}, "isCompactSummary": True})

    def note(self, record: Mapping[str, Any]) -> None:
        """Queue a record that is no part of the conversation: it has no uuid."""
        self._queue({**record, "sessionId": self.session_id})

    def flush(self, *, last: bool = False) -> None:
        """Write what is queued and the lines that the agent repeats after each batch; `last` leaves those out."""
        self.due = None
        pending, self._pending = self._pending, []
        if not pending:
            return
        if not last:
            repeated = [
                {"type": "last-prompt", "lastPrompt": self._prompt[:200], "leafUuid": self._parent},
                *self._modes(),
                {"type": "atis-latch", "atis": ""},
            ]
            pending += [{**record, "sessionId": self.session_id} for record in repeated]
        self._append(pending)

    def _modes(self) -> list[Record]:
        named = [{"type": "custom-title", "customTitle": self._name}, {"type": "agent-name", "agentName": self._name}]
        return [
            *(named if self._name else []),
            {"type": "mode", "mode": "normal"},
            {"type": "permission-mode", "permissionMode": self.mode},
        ]

    def _queue(self, record: Record) -> None:
        self._pending.append(record)
        if self.due is None:
            self.due = time.monotonic() + FLUSH_SECONDS

    def _append(self, records: list[Record]) -> None:
        lines = "".join(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n" for record in records)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(lines)
        except OSError:
            # The whole folder is being removed, or somebody put something else there: an agent works on without.
            return


def timestamp() -> str:
    """Return the time as a record holds it."""
    now = milliseconds()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now // 1000)) + f".{now % 1000:03d}Z"


def _hash(text: str) -> str:
    """Return the 32-bit string hash in base 36 that tells long folder names apart."""
    value = 0
    for char in text:
        value = (value * 31 + ord(char)) & 0xFFFFFFFF
    value = abs(value - (1 << 32) if value >= 1 << 31 else value)
    digits = ""
    while value:
        value, digit = divmod(value, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits or "0"
