"""The agent's files, read again only where they changed. Blocks; one instance at a time in one thread."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from legion_tui.agents.claude_code.fold import has_a_prompt, read_lines
from legion_tui.agents.claude_code.paths import find_transcript, is_session_id, transcript_beside
from legion_tui.agents.claude_code.status_file import StatusFile, parse_status
from legion_tui.agents.claude_code.transcript import Transcript
from legion_tui.agents.tails import Tail

_MOST_STATUS_BYTES = 256 * 1024
# A session without a transcript is looked for in all folders again after this time.
SEARCH_EVERY_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Said:
    """A status file's newest readable version, and what is wrong with the file now."""

    status: StatusFile
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A transcript's state; None before there is one. `whole`: read from its first line."""

    transcript: Transcript | None = None
    whole: bool = False
    problem: str = ""


class Files:
    """`sessions/*.json` and `projects/*/*.jsonl` of one agent folder."""

    def __init__(self, folder: Path, seconds: Callable[[], float] = time.monotonic) -> None:
        """Read nothing yet."""
        self._sessions = folder / "sessions"
        self._projects = folder / "projects"
        self._seconds = seconds
        self._statuses: dict[str, tuple[tuple[int, int, int], Said]] = {}
        self._tails: dict[str, Tail] = {}
        self._told: dict[str, Told] = {}
        self._searched: dict[str, float] = {}

    def statuses(self) -> tuple[Said, ...]:
        """Return what every status file says; no folder is no file. OSError where the folder cannot be read."""
        found: dict[str, tuple[tuple[int, int, int], Said]] = {}
        try:
            with os.scandir(self._sessions) as entries:
                for entry in entries:
                    if entry.name.endswith(".json"):
                        self._status(entry, found)
        except (FileNotFoundError, NotADirectoryError):
            pass
        self._statuses = found
        return tuple(said for _, said in found.values())

    def _status(self, entry: os.DirEntry[str], found: dict[str, tuple[tuple[int, int, int], Said]]) -> None:
        known = self._statuses.get(entry.name)
        try:
            facts = entry.stat()
            seen = (facts.st_ino, facts.st_size, facts.st_mtime_ns)
            if known is not None and known[0] == seen:
                found[entry.name] = known
                return
            status = parse_status(_read(entry.path))
            if status is None:
                # It is written in place: the second half is there a moment later.
                status = parse_status(_read(entry.path))
            problem = "" if status is not None else "the newest version is torn"
        except FileNotFoundError:
            return
        except OSError as error:
            status, seen, problem = None, (0, 0, 0), error.strerror or str(error)
        if status is not None and entry.name == f"{status.pid}.json":
            found[entry.name] = (seen, Said(status))
        elif known is not None:
            # Asked again in the next cycle: nothing of this version was believed.
            found[entry.name] = ((0, 0, 0), Said(known[1].status, problem))

    def transcript(self, session_id: str, cwd: str = "") -> Told:
        """Return a session's transcript as it is now; `cwd` is where its process says that it works."""
        tail = self._tails.get(session_id) or self._find(session_id, cwd)
        if tail is None:
            return Told()
        grown = tail.read()
        told = self._told.get(session_id, Told())
        if grown.error and not Path(tail.path).exists():
            # It moved with its session, or is gone.
            self._tails.pop(session_id, None)
            self._searched.pop(session_id, None)
        if grown.anew or grown.lines or grown.error != told.problem:
            before = None if grown.anew else told.transcript
            transcript = read_lines(grown.lines, before) if grown.anew or grown.lines else before
            told = self._told[session_id] = Told(transcript, grown.whole, grown.error)
        return told

    def _find(self, session_id: str, cwd: str) -> Tail | None:
        if not is_session_id(session_id):
            return None
        path: Path | None = transcript_beside(self._projects, cwd, session_id) if cwd else None
        if path is None or not path.exists():
            path = None
            now = self._seconds()
            if now - self._searched.get(session_id, -SEARCH_EVERY_SECONDS) >= SEARCH_EVERY_SECONDS:
                self._searched[session_id] = now
                path = find_transcript(self._projects, session_id)
        if path is None:
            return None
        tail = self._tails[session_id] = Tail(path, has_a_prompt)
        return tail

    def has_transcript(self, session_id: str) -> bool:
        """Whether that session has a transcript, wherever it is."""
        if not is_session_id(session_id):
            return False
        return find_transcript(self._projects, session_id) is not None

    def forget_but(self, session_ids: Iterable[str]) -> None:
        """Drop what is known of all other sessions."""
        kept = set(session_ids)
        for known in (self._tails, self._told, self._searched):
            for session_id in known.keys() - kept:
                del known[session_id]


def _read(path: str) -> bytes:
    with Path(path).open("rb") as file:
        return file.read(_MOST_STATUS_BYTES)
