"""The ledger's records: one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from legion_tui.state.text import clean_line

# Raised when a reader of the version before could misread a record.
SCHEMA = 1


class Phase(StrEnum):
    """An intent is written before its effect, its outcome after; a note stands by itself."""

    INTENT = "intent"
    OUTCOME = "outcome"
    NOTE = "note"


class Kind(StrEnum):
    """What was done."""

    DISPATCH = "dispatch"
    PROMPT = "prompt"
    PARK = "park"
    ADVANCE = "advance"
    UNDO = "undo"
    LINK = "link"
    UNLINK = "unlink"
    ANSWER = "answer"
    LABELS = "labels"
    MESSAGE = "message"
    QUEUE = "queue"
    INTERRUPT = "interrupt"
    STOP = "stop"
    RESUME = "resume"
    CLEAN = "clean"
    COMMENT = "comment"
    MERGE = "merge"
    LIFE = "life"
    REQUEST = "request"
    RUN = "run"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One record. An outcome has the id of its intent. `by` tells who wrote it: user, program, pid, started."""

    id: str
    phase: Phase
    kind: str
    at: datetime
    issue: str = ""
    by: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The entry in one line, without its time; data of foreign origin is cleaned."""
        data = dict(self.data)
        if self.kind == Kind.LIFE:
            step = f"{data.get('from') or 'new'} → {data.get('to')}"
            line = " ".join(part for part in (self.issue, str(data.get("mode", "")), "worker", step) if part)
            why = ", ".join(str(data[name]) for name in ("reason", "evidence") if data.get(name))
            return clean_line(f"{line}: {why}" if why else line, limit=2000)
        outcome, reason = data.pop("outcome", ""), data.pop("reason", "")
        parts = [self.issue, self.kind, outcome or ("begun" if self.phase is Phase.INTENT else "")]
        facts = ", ".join(f"{name} {_word(value)}" for name, value in data.items() if value not in ("", None, []))
        line = " ".join(part for part in parts if part)
        line = f"{line} ({facts})" if facts else line
        return clean_line(f"{line}: {reason}" if reason else line, limit=2000)


def _word(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def encode(entry: Entry) -> bytes:
    """Return the entry as its line, with the line end."""
    record = {
        "v": SCHEMA,
        "id": entry.id,
        "phase": entry.phase.value,
        "kind": str(entry.kind),
        "at": entry.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "issue": entry.issue,
        "by": dict(entry.by),
        "data": dict(entry.data),
    }
    return json.dumps(record, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> Entry | None:
    """Return the entry of a line, None where it is none that this version can read."""
    try:
        record = json.loads(line)
        if record["v"] != SCHEMA:
            return None
        at = datetime.fromisoformat(record["at"])
        entry = Entry(
            id=record["id"],
            phase=Phase(record["phase"]),
            kind=record["kind"],
            at=at,
            issue=record["issue"],
            by=record["by"],
            data=record["data"],
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    words = all(isinstance(word, str) for word in (entry.id, entry.kind, entry.issue))
    tables = isinstance(entry.by, dict) and isinstance(entry.data, dict)
    return entry if words and tables and at.tzinfo is not None else None
