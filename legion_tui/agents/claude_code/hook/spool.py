"""Our side of the spool: which hooks wait, and handing one an answer. Blocks."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from legion_tui.agents.claude_code.hook.decision import Request
from legion_tui.agents.claude_code.hook.program import ANSWER, REQUEST, VERSION, WAKE
from legion_tui.processes import ProcessFacts, process_facts

# The origin of what a client without a screen asks.
HEADLESS = "headless"
# Between a process's start and its first look at the clock; clocks of files and processes differ by less.
_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A hook that waits; `tool_use_id` is empty until it knows for which call of the transcript it does."""

    id: str
    folder: Path
    pid: int
    session_id: str
    tool_use_id: str
    request: Request = field(repr=False)
    since: datetime
    origin: str = ""

    @property
    def certain(self) -> bool:
        """Whether it is known for certain that the agent waits for this: it said so itself, over its own pipe."""
        return self.origin == HEADLESS and bool(self.tool_use_id)


class _Wire(msgspec.Struct):
    version: int
    id: str
    pid: int
    session_id: str
    tool_name: str
    tool_input: dict[str, Any]
    started_at: float
    tool_use_id: str | None = None
    origin: str = ""
    permission_suggestions: list[dict[str, Any]] = []


_decoder = msgspec.json.Decoder(_Wire)


class Spool:
    """The folder in which hooks leave their requests."""

    def __init__(self, folder: Path, facts: Callable[[int], ProcessFacts | None] = process_facts) -> None:
        """Read nothing yet; the hooks make the folder."""
        self._folder = folder
        self._facts = facts
        self._known: dict[str, tuple[tuple[int, int, int], Waiting]] = {}

    def waiting(self) -> tuple[Waiting, ...]:
        """Return the hooks that wait, oldest first; none in a folder that another user could write to."""
        found: dict[str, tuple[tuple[int, int, int], Waiting]] = {}
        try:
            facts = self._folder.lstat()
            if stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.getuid() and not facts.st_mode & 0o077:
                for name in sorted(os.listdir(self._folder)):  # noqa: PTH208  names are all that is needed
                    self._read(name, found)
        except OSError:
            pass  # no hook has run yet
        self._known = found
        return tuple(waiting for _, waiting in found.values())

    def _read(self, name: str, found: dict[str, tuple[tuple[int, int, int], Waiting]]) -> None:
        path = self._folder / name / REQUEST
        try:
            facts = path.stat()
            seen = (facts.st_ino, facts.st_size, facts.st_mtime_ns)
            known = self._known.get(name)
            if known is None or known[0] != seen:
                waiting = _parse(path.read_bytes(), path.parent)
                known = (seen, waiting) if waiting is not None and self._started(waiting) else None
        except OSError:
            return
        if known is not None and _lives(known[1].pid):
            found[name] = known

    def _started(self, waiting: Waiting) -> bool:
        """Whether the process is that hook, and not a later one of the same pid."""
        facts = self._facts(waiting.pid)
        return facts is not None and facts.started_at <= waiting.since.timestamp() + _START_SECONDS

    def give(self, waiting: Waiting, output: Mapping[str, Any]) -> bool:
        """Hand an answer to a hook; False where it has left, or another answer lies there already. OSError."""
        beside = waiting.folder / f".{ANSWER}.{secrets.token_hex(4)}"
        try:
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump({"id": waiting.id, "output": output}, file)
            # Unlike a rename, a link never takes another answer's place.
            (waiting.folder / ANSWER).hardlink_to(beside)
        except (FileNotFoundError, FileExistsError):
            return False
        finally:
            with contextlib.suppress(OSError):
                beside.unlink()
        _wake(waiting.folder / WAKE)
        return True

    def withdraw(self, waiting: Waiting) -> bool:
        """Take an answer back; False where the hook has taken it, or has left."""
        try:
            (waiting.folder / ANSWER).unlink()
        except OSError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class HookOffer:
    """An output for one hook. Implements `Offer`."""

    spool: Spool
    hook: Waiting
    output: Mapping[str, Any]

    def give(self) -> bool:
        """Hand it over."""
        return self.spool.give(self.hook, self.output)

    def withdraw(self) -> bool:
        """Take it back."""
        return self.spool.withdraw(self.hook)


def _parse(data: bytes, folder: Path) -> Waiting | None:
    try:
        wire = _decoder.decode(data)
        since = datetime.fromtimestamp(wire.started_at, UTC)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError, OverflowError, OSError):
        return None
    if wire.version != VERSION or wire.id != folder.name or wire.pid <= 0:
        return None
    suggestions: Sequence[Mapping[str, Any]] = tuple(wire.permission_suggestions)
    return Waiting(
        id=wire.id,
        folder=folder,
        pid=wire.pid,
        session_id=wire.session_id,
        tool_use_id=wire.tool_use_id or "",
        request=Request(tool_name=wire.tool_name, tool_input=wire.tool_input, suggestions=suggestions),
        since=since,
        origin=wire.origin,
    )


def _wake(pipe: Path) -> None:
    """Save the hook from sleeping on; without it, it looks by itself a moment later."""
    try:
        descriptor = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno not in (errno.ENXIO, errno.ENOENT):
            raise
        return
    with contextlib.suppress(BlockingIOError):
        os.write(descriptor, b"\n")
    os.close(descriptor)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False  # gone, or no process of this user's
    return True
